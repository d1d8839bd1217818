"""LeNet-5 in both, from equal weights: after 20 steps of AdamW the weights are still equal."""

from __future__ import annotations

import numpy as np
import pytest

from tenfold.nn import Conv2d, Dense, Flatten, MaxPool2d, ReLU, Sequential, SoftmaxCrossEntropy
from tenfold.optim import Adam

torch = pytest.importorskip("torch", reason="PyTorch is the referee")

STEPS, MINIBATCH = 20, 32


def ours(dtype):
    network = Sequential(
        {
            "conv1": Conv2d(1, 6, 5, padding=2),
            "relu1": ReLU(),
            "pool1": MaxPool2d(2),
            "conv2": Conv2d(6, 16, 5),
            "relu2": ReLU(),
            "pool2": MaxPool2d(2),
            "flatten": Flatten(),
            "fc1": Dense(400, 120),
            "relu3": ReLU(),
            "fc2": Dense(120, 84),
            "relu4": ReLU(),
            "fc3": Dense(84, 10),
        },
        input_shape=(28, 28, 1),
    )
    network.initialise(0, dtype)
    return network


class Theirs(torch.nn.Module):
    """The same network as PyTorch users write it, images (n, c, h, w)."""

    def __init__(self):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(1, 6, 5, padding=2)
        self.conv2 = torch.nn.Conv2d(6, 16, 5)
        self.fc1 = torch.nn.Linear(400, 120)
        self.fc2 = torch.nn.Linear(120, 84)
        self.fc3 = torch.nn.Linear(84, 10)

    def forward(self, x):
        x = torch.max_pool2d(torch.relu(self.conv1(x)), 2)
        x = torch.max_pool2d(torch.relu(self.conv2(x)), 2)
        x = torch.relu(self.fc1(x.flatten(1)))
        return self.fc3(torch.relu(self.fc2(x)))


def as_theirs(name, array):
    """Return one of our arrays in PyTorch's layout."""
    if array.ndim == 4:
        return array.transpose(3, 2, 0, 1)  # (kh, kw, c_in, c_out) -> (c_out, c_in, kh, kw)
    if name == "fc1.weight":  # its rows are pixels in the order (h, w, c), PyTorch's (c, h, w)
        array = array.reshape(5, 5, 16, 120).transpose(2, 0, 1, 3).reshape(400, 120)
    return array.T  # (c_in, c_out) -> (c_out, c_in)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-10), (np.float32, 1e-4)])
def test_twenty_steps_of_adamw(dtype, tolerance):
    network, loss, adam = ours(dtype), SoftmaxCrossEntropy(), Adam(1e-3, weight_decay=0.01)
    twin = Theirs().to(torch.float64 if dtype == np.float64 else torch.float32)
    start = {name: torch.tensor(as_theirs(name, array).copy()) for name, array in network.params.items()}
    twin.load_state_dict(start)
    adamw = torch.optim.AdamW(twin.parameters(), 1e-3, weight_decay=0.01)
    state, rng = adam.init(network.params), np.random.default_rng(1)

    for step in range(STEPS):
        images = rng.random((MINIBATCH, 28, 28, 1)).astype(dtype)
        labels = rng.integers(10, size=MINIBATCH)
        logits, backward = network.forward(images, training=True)
        value, loss_backward = loss.forward(logits, labels)
        _, grads = backward(loss_backward())
        params, state = adam.update(network.params, grads, state, rate=1e-3)

        adamw.zero_grad()
        twin_logits = twin(torch.tensor(images.transpose(0, 3, 1, 2).copy()))
        twin_loss = torch.nn.functional.cross_entropy(twin_logits, torch.tensor(labels))
        twin_loss.backward()
        assert value == pytest.approx(twin_loss.item(), rel=tolerance, abs=tolerance), step
        for name, tensor in twin.named_parameters():
            got, want = as_theirs(name, grads[name]), tensor.grad.numpy()
            np.testing.assert_allclose(got, want, rtol=tolerance, atol=tolerance, err_msg=f"{name}, {step}")
        adamw.step()
        network.assign(params)

    moved = 0.0
    for name, tensor in twin.named_parameters():
        got, want = as_theirs(name, network.params[name]), tensor.detach().numpy()
        assert got.dtype == dtype
        np.testing.assert_allclose(got, want, rtol=tolerance, atol=tolerance, err_msg=name)
        moved = max(moved, float(np.abs(want - start[name].numpy()).max()))
    assert moved > 0.005  # they did train
