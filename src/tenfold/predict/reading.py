"""The digits that were read in a picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tenfold.pages.cells import cell, pictures

UNSURE = "not sure"
"""The reason if there is a mark that may not be a digit."""
UNKNOWN = "?"
"""The character in a reading's text for a rejected mark."""
SIGNS = ".,-/:"
"""The signs that are read among digits."""

Kind = Literal["digit", "sign", "unknown", "line", "speck", "struck out"]


@dataclass(frozen=True)
class Mark:
    """Something in a picture, whether it was read or not.

    Attributes
    ----------
    box : tuple of int
        Left, top, width and height in pixels of the upright picture.
    kind : str
        ``"digit"``, ``"sign"``, ``"unknown"``, ``"line"`` (ruled, a frame), ``"speck"`` or ``"struck out"``.
    text : str
        What it adds to the reading's text: ``"7"``, ``"."``, ``"?"`` or nothing.
    """

    box: tuple[int, int, int, int]
    kind: Kind
    text: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the values as JSON."""
        return {"box": list(self.box), "kind": self.kind, "text": self.text}


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
    """The digits of one picture, and everything else that is in it.

    Attributes
    ----------
    text : str
        Digits and signs in reading order, lines separated by a newline; ``?`` for a rejected mark.
    digits : tuple of Digit
        Digits and rejected marks in the same order, without signs.
    reason : str or None
        Why there is no digit: ``"blank"``, ``"too many marks"`` for handwriting, ``"too long and
        narrow"``, or ``"not sure"``.
    marks : tuple of Mark
        Everything in the picture: what was read, in reading order, then lines, specks, what is struck out.
    turned : int
        By how many degrees, anticlockwise, the picture was turned before it was read: 0, 90, 180 or 270.
    """

    text: str
    digits: tuple[Digit, ...]
    reason: str | None
    marks: tuple[Mark, ...] = ()
    turned: int = 0

    @property
    def digits_text(self) -> str:
        """The text without signs."""
        lines = ("".join(one for one in line if one not in SIGNS) for line in self.text.split("\n"))
        return "\n".join(filter(None, lines))

    def to_dict(self) -> dict[str, Any]:
        """Return the values as JSON."""
        return {
            "text": self.text,
            "digits": [digit.to_dict() for digit in self.digits],
            "reason": self.reason,
            "marks": [mark.to_dict() for mark in self.marks],
            "turned": self.turned,
        }

    def _repr_html_(self) -> str:
        title = f"Reading: {self.text}" if self.text else f"Reading: {self.reason}"
        if not self.digits:
            return cell(title)
        images = np.stack([digit.image for digit in self.digits])
        return cell(title, pictures(images, [digit._caption for digit in self.digits]))
