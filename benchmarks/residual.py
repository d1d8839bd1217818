"""The residual network on colour images of 32 x 32, next to PyTorch: one process each, in turn."""

from __future__ import annotations

from fresh import fresh
from rounds import Spread, ratio
from rows import Found, Row, Target
from settings import Settings

NAME, MINIBATCHES = "resnet-cifar10", (64, 128)
EPOCH = 50_000


def residual(cores: int, settings: Settings) -> Found:
    """Time training at both minibatches; in each process the median of several pieces after a warm one."""
    found = Found()
    for minibatch in MINIBATCHES:
        ours, theirs = [], []
        for _ in range(settings.rounds):
            for script, seconds in (("residual.py", ours), ("residual_pytorch.py", theirs)):
                pieces, _ = fresh(script, "4", str(minibatch), str(cores))
                seconds.append(EPOCH * Spread.over(pieces).median)
        found.rows.append(
            Row(
                *("residual", f"{NAME} ({minibatch})", Spread.over(ours), Spread.over(theirs)),
                *(ratio(theirs, ours), Target("ratio", at_least=1.5), "PyTorch"),
                note="channels last; timed on made-up images",
            )
        )
        found.timings.append(
            {"what": "residual", "minibatch": minibatch, "seconds": ours, "other_seconds": theirs}
        )
    return found
