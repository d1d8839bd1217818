"""What limits a comparison."""

from __future__ import annotations

from collections.abc import Sequence

from tenfold.evaluate.comparison.model_results import ModelResults
from tenfold.evaluate.wording import points

_SAMPLE = (
    "Evaluated on a sample, not on the 10,000 test images of MNIST; do not compare with published figures."
)
_PUBLISHED = "Choices were made as the authors of each model made them, which may be on the test images."
_MIXED = (
    "The models made their choices under different protocols, so that they are not compared on equal terms."
)


def warnings(models: Sequence[ModelResults]) -> list[tuple[str, str]]:
    """Say what must be known of the data and the protocols, each with what it is about."""
    protocols = {one.protocol for one in models if one.chooses}
    found = []
    if models[0].dataset == "mnist-5k":
        found.append(("mnist-5k", _SAMPLE))
    if len(protocols) > 1:
        found.append(("protocols differ", _MIXED + _gains(models)))
    elif protocols == {"published"}:
        found.append(("published protocol", _PUBLISHED + _gains(models)))
    return found


def _gains(models: Sequence[ModelResults]) -> str:
    """The effect of choosing on the test images, if it is known."""
    gains = [(one.name, one.mean(lambda trial: trial.protocol_gain)) for one in models]
    known = [f"{points(gain)} points to {name}" for name, gain in gains if gain is not None]
    return f" Choosing on the test images added {', '.join(known)}." if known else ""
