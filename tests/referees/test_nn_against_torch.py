"""Every layer and loss against PyTorch's, forward and backward, in float64 and float32."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tenfold.nn import (
    ELU,
    GELU,
    LAYERS,
    LOSSES,
    AvgPool2d,
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    LayerNorm,
    LeakyReLU,
    MaxPool2d,
    MeanSquaredError,
    OpenSetCrossEntropy,
    PartialConv2d,
    ReLU,
    Residual,
    Scale,
    ScaledTanh,
    Sigmoid,
    SiLU,
    SoftmaxCrossEntropy,
    Softplus,
    Tanh,
)

torch = pytest.importorskip("torch", reason="PyTorch is the referee")
F = torch.nn.functional

TOLERANCE = {np.float64: 1e-10, np.float32: 1e-4}


def channels_first(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of images (n, h, w, c) from PyTorch's, which takes (n, c, h, w)."""

    def of_images(x, **tensors):
        return function(x.permute(0, 3, 1, 2), **tensors).permute(0, 2, 3, 1)

    return of_images


def conv2d(**options):
    """Return PyTorch's convolution with our layout of the weight, (kh, kw, c_in, c_out)."""
    return channels_first(lambda x, weight, bias: F.conv2d(x, weight.permute(3, 2, 0, 1), bias, **options))


def batch_norm(x, weight, bias, running_mean, running_var, training=True):
    return F.batch_norm(x, running_mean, running_var, weight, bias, training, momentum=0.1, eps=1e-5)


def residual(x, **named):
    """The example of a block with a shortcut: two convolutions with tanh between, and a 1 x 1 convolution."""

    def conv(images, at, **options):
        return conv2d(**options)(images, weight=named[f"{at}.weight"], bias=named[f"{at}.bias"])

    return conv(torch.tanh(conv(x, "block.conv1", padding=1)), "block.conv2") + conv(x, "shortcut.conv")


TABLE = [[0, 1], [2], [0, 1, 2], [2, 0]]


def partial_conv(x, weight, bias):
    """Each output by a convolution of its own, over the channels that the table names."""
    images, maps, at = x.permute(0, 3, 1, 2), [], 0
    for output, seen in enumerate(TABLE):
        kernels = weight[:, :, at : at + len(seen)].permute(2, 0, 1)[None]
        maps.append(F.conv2d(images[:, seen], kernels, bias[output : output + 1]))
        at += len(seen)
    return torch.cat(maps, dim=1).permute(0, 2, 3, 1)


# name -> (layer, shape of one input, the same in PyTorch)
CASES = {
    "dense": (Dense(7, 5), (7,), lambda x, weight, bias: x @ weight + bias),
    "conv2d": (Conv2d(2, 3, 3), (8, 7, 2), conv2d()),
    "conv2d, lenet": (Conv2d(1, 6, 5, padding=2), (28, 28, 1), conv2d(padding=2)),
    "conv2d, even": (
        Conv2d(2, 3, (2, 4), stride=(2, 3), padding=(1, 2)),
        (9, 8, 2),
        conv2d(stride=(2, 3), padding=(1, 2)),
    ),
    "conv2d, same": (Conv2d(3, 2, 5, padding="same"), (6, 7, 3), conv2d(padding="same")),
    "conv2d, groups": (
        Conv2d(4, 6, 3, stride=2, padding=1, groups=2),
        (8, 7, 4),
        conv2d(stride=2, padding=1, groups=2),
    ),
    "conv2d, depthwise": (Conv2d(3, 3, 3, groups=3), (6, 7, 3), conv2d(groups=3)),
    "global_avg_pool2d": (GlobalAvgPool2d(), (5, 4, 3), lambda x: x.mean(dim=(1, 2))),
    "layer_norm": (LayerNorm(5), (5,), lambda x, weight, bias: F.layer_norm(x, (5,), weight, bias)),
    "layer_norm, images": (
        LayerNorm(3),
        (4, 2, 3),
        lambda x, weight, bias: F.layer_norm(x, (3,), weight, bias),
    ),
    "residual": (*Residual.examples()["shortcut"], residual),
    "max_pool2d": (MaxPool2d(2), (7, 6, 3), channels_first(lambda x: F.max_pool2d(x, 2))),
    "max_pool2d, overlapping": (
        MaxPool2d(3, stride=2),
        (8, 9, 2),
        channels_first(lambda x: F.max_pool2d(x, 3, 2)),
    ),
    "max_pool2d, padding": (
        MaxPool2d(3, stride=2, padding=1),
        (8, 9, 2),
        channels_first(lambda x: F.max_pool2d(x, 3, 2, padding=1)),
    ),
    "max_pool2d, ceil_mode": (
        MaxPool2d(2, padding="same"),
        (7, 5, 3),
        channels_first(lambda x: F.max_pool2d(x, 2, ceil_mode=True)),
    ),
    "avg_pool2d, padding": (
        AvgPool2d((3, 2), stride=2, padding=(1, 0)),
        (8, 9, 2),
        channels_first(lambda x: F.avg_pool2d(x, (3, 2), 2, padding=(1, 0), count_include_pad=False)),
    ),
    "avg_pool2d, ceil_mode": (
        AvgPool2d(2, padding="same"),
        (7, 5, 3),
        channels_first(lambda x: F.avg_pool2d(x, 2, ceil_mode=True)),
    ),
    "avg_pool2d": (AvgPool2d(2), (7, 6, 3), channels_first(lambda x: F.avg_pool2d(x, 2))),
    "avg_pool2d, overlapping": (
        AvgPool2d((3, 2), stride=(1, 2)),
        (6, 7, 2),
        channels_first(lambda x: F.avg_pool2d(x, (3, 2), (1, 2))),
    ),
    "partial_conv2d": (PartialConv2d(3, TABLE, (3, 2)), (6, 5, 3), partial_conv),
    "scale": (Scale(3), (4, 2, 3), lambda x, weight, bias: x * weight + bias),
    "scaled_tanh": (ScaledTanh(), (11,), lambda x: 1.7159 * torch.tanh(2 / 3 * x)),
    "flatten": (Flatten(), (3, 4, 2), lambda x: x.flatten(1)),
    "relu": (ReLU(), (4, 3, 2), F.relu),
    "leaky_relu": (LeakyReLU(0.1), (11,), lambda x: F.leaky_relu(x, 0.1)),
    "tanh": (Tanh(), (11,), torch.tanh),
    "sigmoid": (Sigmoid(), (11,), torch.sigmoid),
    "gelu": (GELU(), (11,), lambda x: F.gelu(x, approximate="tanh")),
    "silu": (SiLU(), (11,), F.silu),
    "softplus": (Softplus(), (11,), F.softplus),
    "elu": (ELU(0.3), (11,), lambda x: F.elu(x, 0.3)),
    "batch_norm": (BatchNorm(5), (5,), batch_norm),
    "batch_norm, images": (BatchNorm(3), (4, 5, 3), channels_first(batch_norm)),
}
WITHOUT_A_COUNTERPART = {"dropout"}  # its random numbers are ours: see the test below

LOSS_CASES = {
    "softmax_cross_entropy": (SoftmaxCrossEntropy(), F.cross_entropy),
    "softmax_cross_entropy, smoothed": (
        SoftmaxCrossEntropy(0.1),
        lambda logits, labels: F.cross_entropy(logits, labels, label_smoothing=0.1),
    ),
    "open_set_cross_entropy": (
        OpenSetCrossEntropy(),
        lambda logits, labels: F.cross_entropy(F.pad(logits, (0, 1)), labels),
    ),
    "mean_squared_error": (
        MeanSquaredError(),
        lambda logits, labels: F.mse_loss(logits, F.one_hot(labels, logits.shape[1]).to(logits.dtype)),
    ),
}


def agree(got, want, dtype, what):
    assert got.dtype == dtype, what
    tolerance = TOLERANCE[dtype]
    np.testing.assert_allclose(got, want.detach().numpy(), rtol=tolerance, atol=tolerance, err_msg=what)


def test_every_layer_and_loss_has_its_referee():
    assert {layer.kind for layer, _, _ in CASES.values()} | WITHOUT_A_COUNTERPART == set(LAYERS)
    assert {loss.kind for loss, _ in LOSS_CASES.values()} == set(LOSSES)


def drawn(rng, numbers, shape):
    return rng.standard_normal(shape) if numbers == "any" else rng.integers(-1, 2, shape)


@pytest.mark.parametrize("numbers", ["any", "many equal ones"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", CASES)
def test_layers(name, dtype, numbers):
    layer, shape, torch_forward = CASES[name]
    rng = np.random.default_rng(0)
    layer.initialise(rng, dtype)
    layer.params = {what: rng.normal(0.5, 1, p.shape).astype(dtype) for what, p in layer.params.items()}
    x = drawn(rng, numbers, (5, *shape)).astype(dtype)

    inputs = {what: torch.tensor(p, requires_grad=True) for what, p in layer.params.items()}
    state = {what: torch.tensor(p) for what, p in layer.state.items()}
    torch_x = torch.tensor(x, requires_grad=True)
    want = torch_forward(torch_x, **inputs, **state)
    dy = rng.standard_normal(want.shape).astype(dtype)
    want.backward(torch.tensor(dy))

    y, backward = layer.forward(x, training=True)
    dx, grads = backward(dy)
    agree(y, want, dtype, "y")
    agree(dx, torch_x.grad, dtype, "dx")
    assert grads.keys() == inputs.keys()
    for what, tensor in inputs.items():
        agree(grads[what], tensor.grad, dtype, what)
    for what, tensor in state.items():
        agree(layer.state[what], tensor, dtype, what)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("shape", [(5,), (3, 4, 5)])
def test_batch_norm_outside_training(shape, dtype):
    layer, rng = BatchNorm(5), np.random.default_rng(0)
    layer.params = {what: rng.normal(1, 1, 5).astype(dtype) for what in ("weight", "bias")}
    layer.state = {
        "running_mean": rng.normal(0, 1, 5).astype(dtype),
        "running_var": rng.random(5).astype(dtype),
    }
    x = rng.standard_normal((2, *shape)).astype(dtype)
    dy = rng.standard_normal(x.shape).astype(dtype)
    inputs = {what: torch.tensor(p, requires_grad=True) for what, p in layer.params.items()}
    torch_x = torch.tensor(x, requires_grad=True)
    flat = torch_x.reshape(-1, 5)
    state = {what: torch.tensor(p) for what, p in layer.state.items()}
    want = batch_norm(flat, **inputs, **state, training=False).reshape(x.shape)
    want.backward(torch.tensor(dy))
    y, backward = layer.forward(x)
    dx, grads = backward(dy)
    agree(y, want, dtype, "y")
    agree(dx, torch_x.grad, dtype, "dx")
    for what, tensor in inputs.items():
        agree(grads[what], tensor.grad, dtype, what)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_dropout_with_the_same_numbers_kept(dtype):
    x = np.random.default_rng(0).standard_normal((40, 30)).astype(dtype)
    y, backward = Dropout(0.25).forward(x, training=True, rng=np.random.default_rng(1))
    torch_x = torch.tensor(x, requires_grad=True)
    want = torch_x * torch.tensor(y != 0) / 0.75
    want.backward(torch.ones_like(want))
    agree(y, want, dtype, "y")
    agree(backward(np.ones_like(x))[0], torch_x.grad, dtype, "dx")


def test_ties_of_max_pool_go_where_pytorch_sends_them():
    x = np.random.default_rng(0).integers(0, 3, (20, 9, 8, 2)).astype(np.float64)
    for layer in (MaxPool2d(2), MaxPool2d(3, stride=2), MaxPool2d((2, 3), stride=1)):
        torch_x = torch.tensor(x, requires_grad=True)
        want = channels_first(lambda t, layer=layer: F.max_pool2d(t, layer.size, layer.stride))(torch_x)
        dy = np.random.default_rng(1).standard_normal(want.shape)
        want.backward(torch.tensor(dy))
        y, backward = layer.forward(x)
        agree(y, want, np.float64, "y")
        agree(backward(dy)[0], torch_x.grad, np.float64, "dx")


def test_nan_goes_where_pytorch_sends_it():
    x = np.random.default_rng(0).standard_normal((4, 8, 8, 1))
    x[np.random.default_rng(1).random(x.shape) < 0.1] = np.nan
    for layer, torch_forward in (
        (ReLU(), F.relu),
        (MaxPool2d(2), channels_first(lambda t: F.max_pool2d(t, 2))),
    ):
        torch_x = torch.tensor(x, requires_grad=True)
        want = torch_forward(torch_x)
        want.backward(torch.ones_like(want))
        y, backward = layer.forward(x)
        np.testing.assert_array_equal(y, want.detach().numpy())
        np.testing.assert_array_equal(backward(np.ones_like(y))[0], torch_x.grad.numpy())


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", LOSS_CASES)
@pytest.mark.parametrize("scale", [1, 30])
def test_losses(name, dtype, scale):
    loss, torch_loss = LOSS_CASES[name]
    rng = np.random.default_rng(0)
    logits, labels = (
        rng.normal(0, scale, (12, 10)).astype(dtype),
        rng.integers(10 + loss.extra_labels, size=12),
    )
    torch_logits = torch.tensor(logits, requires_grad=True)
    want = torch_loss(torch_logits, torch.tensor(labels))
    want.backward()
    value, backward = loss.forward(logits, labels)
    agree(value, want, dtype, "loss")
    agree(backward(), torch_logits.grad, dtype, "dlogits")
