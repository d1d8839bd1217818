"""Images side by side on one picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from PIL.Image import Image

    from tenfold.train.executor import HostArray

_SIDE, _GAP, _LINE = 84, 6, 18  # pixels: an image's least side, the space between two, a line of text


def sheet(images: HostArray, columns: int, captions: Sequence[str] = ()) -> Image:
    """Return images in rows, grey ones as white ink on black, each with its caption below.

    Parameters
    ----------
    images : uint8 array (n, h, w) or (n, h, w, c)
        Of more than three channels, the first three are shown; of two, the first.
    columns : int
    captions : sequence of str, optional
        One for each image, or none at all.
    """
    from PIL import Image, ImageDraw, ImageFont

    images = _shown(images)
    n, h, w = images.shape[:3]
    times = -(-_SIDE // max(h, w))
    line = _LINE if captions else 0
    rows = max(1, -(-n // columns))
    cell_w, cell_h = w * times + _GAP, h * times + line + _GAP
    mode, paper, ink = ("L", 255, 0) if images.ndim == 3 else ("RGB", (255, 255, 255), (0, 0, 0))
    picture = Image.new(mode, (columns * cell_w + _GAP, rows * cell_h + _GAP), paper)
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(_LINE - 3)
    for i, image in enumerate(np.repeat(np.repeat(images, times, axis=1), times, axis=2)):
        left, top = _GAP + i % columns * cell_w, _GAP + i // columns * cell_h
        picture.paste(Image.fromarray(image), (left, top))
        if captions:
            draw.text(
                (left + w * times / 2, top + h * times),
                _fitting(captions[i], cell_w, font),
                ink,
                font,
                anchor="ma",
            )
    return picture


def _shown(images: HostArray) -> HostArray:
    """Return grey images (n, h, w), or the three channels that are shown (n, h, w, 3)."""
    if images.ndim == 3:
        return images
    return images[..., :3] if images.shape[3] >= 3 else images[..., 0]


def _fitting(caption: str, width: int, font: Any) -> str:
    """Return as much of a caption as a cell has room for."""
    caption = caption.encode("utf-8", errors="replace").decode("utf-8")
    while len(caption) > 1 and font.getlength(caption) > width:
        caption = caption[:-2].rstrip() + "…"
    return caption


def samples(labels: HostArray, each: int, most: int = 20) -> HostArray:
    """Return the indices of the first images of every class, row by row, (m,); of many, of the first 20.

    Examples
    --------
    >>> samples(np.array([1, 0, 1, 0, 1]), each=2).tolist()
    [1, 0, 3, 2]
    """
    by_class = [np.flatnonzero(labels == one) for one in np.unique(labels)[:most]]
    rows = min(each, *map(len, by_class))
    return np.stack([positions[:rows] for positions in by_class], axis=1).ravel()


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
