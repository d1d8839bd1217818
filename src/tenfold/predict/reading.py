"""What was read in a picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

UNSURE = "not sure"
"""The reason where something is written, and it may be no digit."""
UNKNOWN = "?"
"""What stands in a reading's text for a digit that is not named."""


@dataclass(frozen=True, eq=False)
class Digit:
    """One digit of a reading, or a place where there may be one.

    Attributes
    ----------
    digit : int or None
        0 to 9; None where it is not sure which, or whether it is a digit at all.
    probability : float
        Of the likeliest of the ten, given that it is one.
    probabilities : tuple of float
        Of all ten.
    box : tuple of int
        Left, top, width and height in pixels of the upright picture.
    reason : str or None
        Why it is not named: ``"not sure"``.
    image : uint8 (28, 28)
        What the network saw, ink high.
    """

    digit: int | None
    probability: float
    probabilities: tuple[float, ...] = field(repr=False)
    box: tuple[int, int, int, int]
    reason: str | None
    image: NDArray[np.uint8] = field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the values as JSON."""
        return {
            "digit": self.digit,
            "probability": self.probability,
            "box": list(self.box),
            "reason": self.reason,
        }


@dataclass(frozen=True, eq=False)
class Reading:
    """All that was read in one picture.

    Attributes
    ----------
    text : str
        The digits in the order of reading, lines separated by a newline; ``?`` for one that is not sure.
    digits : tuple of Digit
        In the same order.
    reason : str or None
        Why none is named: ``"blank"``, ``"too many marks"`` to be handwriting, ``"too long and
        narrow"``, or ``"not sure"``.
    """

    text: str
    digits: tuple[Digit, ...]
    reason: str | None

    def to_dict(self) -> dict[str, Any]:
        """Return the values as JSON."""
        return {
            "text": self.text,
            "digits": [digit.to_dict() for digit in self.digits],
            "reason": self.reason,
        }
