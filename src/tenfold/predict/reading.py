"""The digits that were read in a picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenfold.pages.cells import cell, pictures

UNSURE = "not sure"
"""The reason if there is a mark that may not be a digit."""
UNKNOWN = "?"
"""The character in a reading's text for a rejected mark."""


@dataclass(frozen=True, eq=False)
class Digit:
    """One digit of a reading, or a mark that may be one.

    Attributes
    ----------
    digit : int or None
        0 to 9; None if it is not certain which, or whether it is a digit.
    probability : float
        Of the likeliest digit, given that it is one.
    probabilities : tuple of float
        Of all ten digits.
    box : tuple of int
        Left, top, width and height in pixels of the upright picture.
    reason : str or None
        Why it was rejected: ``"not sure"``.
    image : uint8 (28, 28)
        The input of the network, ink high.
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

    def _repr_html_(self) -> str:
        return pictures(self.image[None], [self._caption])

    @property
    def _caption(self) -> str:
        return f"{UNKNOWN if self.digit is None else self.digit} {100 * self.probability:.1f} %"


@dataclass(frozen=True, eq=False)
class Reading:
    """The digits of one picture.

    Attributes
    ----------
    text : str
        The digits in reading order, lines separated by a newline; ``?`` for a rejected mark.
    digits : tuple of Digit
        In the same order.
    reason : str or None
        Why there is no digit: ``"blank"``, ``"too many marks"`` for handwriting, ``"too long and
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

    def _repr_html_(self) -> str:
        title = f"Reading: {self.text}" if self.text else f"Reading: {self.reason}"
        if not self.digits:
            return cell(title)
        images = np.stack([digit.image for digit in self.digits])
        return cell(title, pictures(images, [digit._caption for digit in self.digits]))
