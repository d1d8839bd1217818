"""What is said of the trials of a search, in lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tenfold.runs.search import TrialResult


def line(done: TrialResult, top: TrialResult | None, trials: int) -> str:
    """Return one line for a finished trial."""
    leading = "" if top is None or top == done else f"; best: trial {top.number + 1}, {top.accuracy:.2%}"
    return f"trial {done.number + 1} of {trials}: {described(done)}{leading}"


def described(one: TrialResult) -> str:
    """Return a trial's accuracy and its values."""
    values = ", ".join(f"{name.removeprefix('recipe.')} {shown(x)}" for name, x in one.values.items())
    accuracy = "diverged" if one.accuracy is None else f"{one.accuracy:.2%} of the held-out images"
    ending = f", {one.state} after epoch {one.epochs}" if one.state == "stopped early" else ""
    return f"{accuracy}{ending} ({values})"


def shown(value: object) -> str:
    """Return a value with at most three significant digits."""
    return f"{value:.3g}" if isinstance(value, float) else str(value)
