"""What a model says of each image, and when it is not asked at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenfold.data import is_blank
from tenfold.zoo import Model

BLANK = "blank"


@dataclass(frozen=True)
class Prediction:
    """What a model says of one image.

    Attributes
    ----------
    source : str
        The file or test image it was.
    digit : int or None
        The likeliest digit; ``None`` where there is nothing to read.
    probability : float or None
        Of that digit.
    probabilities : tuple of float or None
        Of all ten digits, 0 to 9.
    reason : str or None
        Why there is no digit: ``"blank"``, or ``"unreadable"`` where a file is no picture.
    """

    source: str
    digit: int | None
    probability: float | None
    probabilities: tuple[float, ...] | None
    reason: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """As values that JSON can carry."""
        return {
            "source": self.source,
            "digit": self.digit,
            "probability": self.probability,
            "probabilities": None if self.probabilities is None else list(self.probabilities),
            "reason": self.reason,
        }


def answers(model: Model, images: NDArray[np.uint8], sources: list[str]) -> list[Prediction]:
    """Ask a model about images; blank ones are answered without it.

    Parameters
    ----------
    model : Model
    images : uint8 (n, 28, 28)
        Ink high.
    sources : list of str
        Where each came from.

    Returns
    -------
    list of Prediction
        In the order of the images.
    """
    blank = [is_blank(image) for image in images]
    written = np.flatnonzero(~np.array(blank, dtype=bool))
    rows = model.predict_proba(images[written]) if len(written) else np.zeros((0, 10))
    found = dict(zip(written.tolist(), rows, strict=True))
    return [
        _digit(source, found[i]) if i in found else Prediction(source, None, None, None, BLANK)
        for i, source in enumerate(sources)
    ]


def _digit(source: str, row: NDArray[np.float64]) -> Prediction:
    digit = int(np.argmax(row))
    return Prediction(source, digit, float(row[digit]), tuple(float(p) for p in row))
