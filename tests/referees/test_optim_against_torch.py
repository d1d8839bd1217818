"""Every optimiser against PyTorch's over many steps."""

from __future__ import annotations

import numpy as np
import pytest

from tenfold.optim import OPTIMIZERS, SGD, Adam, RMSprop

torch = pytest.importorskip("torch", reason="PyTorch is the referee")

STEPS, RATE, DECAY = 200, 0.01, 0.1

# ours, PyTorch's; its SGD and RMSprop know no decoupled decay, so that it is done by hand below
CASES = [
    (SGD(RATE), lambda p: torch.optim.SGD(p, RATE)),
    (SGD(RATE, momentum=0.9), lambda p: torch.optim.SGD(p, RATE, momentum=0.9)),
    (SGD(RATE, momentum=0.9, nesterov=True), lambda p: torch.optim.SGD(p, RATE, momentum=0.9, nesterov=True)),
    (SGD(RATE, momentum=0.9, weight_decay=DECAY), lambda p: torch.optim.SGD(p, RATE, momentum=0.9)),
    (RMSprop(RATE), lambda p: torch.optim.RMSprop(p, RATE, alpha=0.9, eps=1e-8)),
    (RMSprop(RATE, rho=0.5, eps=1e-3), lambda p: torch.optim.RMSprop(p, RATE, alpha=0.5, eps=1e-3)),
    (RMSprop(RATE, weight_decay=DECAY), lambda p: torch.optim.RMSprop(p, RATE, alpha=0.9, eps=1e-8)),
    (Adam(RATE), lambda p: torch.optim.Adam(p, RATE)),
    (Adam(RATE, 0.8, 0.95, 1e-3), lambda p: torch.optim.Adam(p, RATE, betas=(0.8, 0.95), eps=1e-3)),
    (Adam(RATE, weight_decay=DECAY), lambda p: torch.optim.AdamW(p, RATE, weight_decay=DECAY)),
]


def test_every_optimizer_has_its_referee():
    assert {ours.kind for ours, _ in CASES} == set(OPTIMIZERS)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-10), (np.float32, 1e-4)])
@pytest.mark.parametrize(("ours", "build"), CASES, ids=[repr(ours) for ours, _ in CASES])
def test_many_steps_with_a_changing_rate(ours, build, dtype, tolerance):
    rng = np.random.default_rng(0)
    params = {
        "weight": rng.standard_normal((4, 3)).astype(dtype),
        "bias": rng.standard_normal(3).astype(dtype),
    }
    tensors = {name: torch.tensor(p, requires_grad=True) for name, p in params.items()}
    theirs, state = build(tensors.values()), ours.init(params)
    decays_itself = isinstance(theirs, torch.optim.AdamW)
    for step in range(STEPS):
        rate = RATE * (1 + step % 3)
        grads = {name: rng.standard_normal(p.shape).astype(dtype) for name, p in params.items()}
        theirs.param_groups[0]["lr"] = rate
        for name, tensor in tensors.items():
            tensor.grad = torch.tensor(grads[name])
            if not decays_itself:
                tensor.data *= 1 - rate * ours.weight_decay
        theirs.step()
        params, state = ours.update(params, grads, state, rate)
        for name, tensor in tensors.items():
            np.testing.assert_allclose(
                params[name],
                tensor.detach().numpy(),
                rtol=tolerance,
                atol=tolerance,
                err_msg=f"{name}, {step}",
            )
    assert state.step == STEPS
