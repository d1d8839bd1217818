"""Picture files to predictions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tenfold.data import read_digit
from tenfold.predict.answer import Prediction, answers
from tenfold.zoo import Model


def read_pictures(paths: Sequence[Path | str]) -> NDArray[np.uint8]:
    """Read PNG or JPEG files as a model takes them; a blank sheet becomes an image without ink.

    Returns
    -------
    uint8 (n, 28, 28)
        Ink high.

    Raises
    ------
    DataError
        If one of them is not such a picture, or damaged; it is named.
    """
    if not paths:
        return np.zeros((0, 28, 28), np.uint8)
    return np.stack([read_digit(path) for path in paths])


def predict_file(model: Model, path: Path | str) -> Prediction:
    """Read one picture.

    Parameters
    ----------
    model : Model
        For instance from `tenfold.load_model`.
    path : path
        A PNG or JPEG file with one digit.

    Returns
    -------
    Prediction
        ``digit`` is ``None`` and ``reason`` ``"blank"`` where nothing is written.

    Raises
    ------
    DataError
        If it is not such a picture, or damaged.
    """
    image = read_pictures([path])
    return answers(model, image, [str(path)])[0]
