"""Digits side by side on one picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PIL.Image import Image

    from tenfold.train.executor import HostArray

_SIDE, _GAP, _LINE = 84, 6, 18  # pixels: a digit's least side, the space between two, a line of text


def sheet(images: HostArray, columns: int, captions: Sequence[str] = ()) -> Image:
    """Return images in rows, white ink on black, each with its caption below.

    Parameters
    ----------
    images : uint8 array (n, h, w), ink high
    columns : int
    captions : sequence of str, optional
        One for each image, or none at all.
    """
    from PIL import Image, ImageDraw, ImageFont

    n, h, w = images.shape
    times = -(-_SIDE // max(h, w))
    line = _LINE if captions else 0
    rows = max(1, -(-n // columns))
    cell_w, cell_h = w * times + _GAP, h * times + line + _GAP
    picture = Image.new("L", (columns * cell_w + _GAP, rows * cell_h + _GAP), 255)
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(_LINE - 3)
    for i, image in enumerate(np.repeat(np.repeat(images, times, axis=1), times, axis=2)):
        left, top = _GAP + i % columns * cell_w, _GAP + i // columns * cell_h
        picture.paste(Image.fromarray(image), (left, top))
        if captions:
            draw.text((left + w * times / 2, top + h * times), captions[i], 0, font, anchor="ma")
    return picture


def samples(labels: HostArray, each: int) -> HostArray:
    """Return the indices of the first images of every digit, row by row, (m,).

    Examples
    --------
    >>> samples(np.array([1, 0, 1, 0, 1]), each=2).tolist()
    [1, 0, 3, 2]
    """
    by_digit = [np.flatnonzero(labels == digit) for digit in np.unique(labels)]
    rows = min(each, *map(len, by_digit))
    return np.stack([positions[:rows] for positions in by_digit], axis=1).ravel()


def worst(logits: HostArray, labels: HostArray, most: int) -> HostArray:
    """Return the indices of misclassified images, (m,): the worst first.

    Examples
    --------
    >>> logits = np.array([[3.0, 1.0], [3.0, 2.0], [0.0, 1.0]])
    >>> worst(logits, np.array([1, 1, 1]), most=2).tolist()
    [0, 1]
    """
    wrong = np.flatnonzero(logits.argmax(axis=1) != labels)
    missing = logits[wrong].max(axis=1) - logits[wrong, labels[wrong]]  # (m,)
    return wrong[np.argsort(-missing, kind="stable")][:most]
