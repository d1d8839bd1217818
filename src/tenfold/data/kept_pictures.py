"""Pictures as they are, brought to one size where they differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from tenfold.errors import DataError

Size = tuple[int, int]
"""Height and width."""
Pixels = npt.NDArray[np.uint8]  # (h, w) grey, or (h, w, 3)

STANDARD = (32, 32)
"""Pictures of different sizes are brought to this height and width, unless another is named."""
LARGEST = 1024  # pixels of a side


def size_of(text: str) -> Size | None:
    """Return height and width from a text such as ``64x48``; None if it is another text.

    Examples
    --------
    >>> size_of("64x48"), size_of("label")
    ((64, 48), None)
    """
    height, _, width = text.lower().partition("x")
    sides = [int(side) for side in (height, width) if side.isascii() and side.isdigit() and len(side) < 5]
    return (sides[0], sides[1]) if len(sides) == 2 and all(1 <= side <= LARGEST for side in sides) else None


def to_one_shape(
    parts: Sequence[Sequence[Pixels]], where: str, notify: Callable[[str], None], size: Size | None = None
) -> list[npt.NDArray[np.uint8]]:
    """Return each part's pictures as one array, all of one height, width and number of channels.

    Pictures of one size stay as they are. Others are scaled until they cover `STANDARD`, or the given size,
    and cut to it around the centre. They are grey if all are.

    Parameters
    ----------
    parts : sequence of sequence of uint8 array (h, w) or (h, w, 3)
    where : str
        Starts messages.
    notify : callable
        Called with one line if pictures are scaled.
    size : (int, int), optional
        Height and width.

    Returns
    -------
    list of uint8 array (n, h, w) or (n, h, w, 3)

    Raises
    ------
    DataError
        If there are no pictures.
    """
    sizes = Counter(picture.shape[:2] for part in parts for picture in part)
    if not sizes:
        raise DataError(f"{where}: expected pictures, found none; put PNG or JPEG files there")
    target = size or (next(iter(sizes)) if len(sizes) == 1 else STANDARD)
    scaled = sum(count for found, count in sizes.items() if found != target)
    if scaled and size is None:
        (usual, _), *_ = sizes.most_common(1)
        notify(
            f"{where}: pictures of {len(sizes)} sizes, mostly {usual[0]} x {usual[1]}: brought to "
            f"{target[0]} x {target[1]} (another size: {where}:HEIGHTxWIDTH)"
        )
    grey = all(picture.ndim == 2 for part in parts for picture in part)
    return [_stacked(part, target, grey) for part in parts]


def _stacked(pictures: Sequence[Pixels], size: Size, grey: bool) -> npt.NDArray[np.uint8]:
    shape = size if grey else (*size, 3)
    images = np.empty((len(pictures), *shape), np.uint8)
    for image, picture in zip(images, pictures, strict=True):
        fitting = picture if picture.shape[:2] == size else _fitted(picture, size)
        image[:] = fitting if grey or fitting.ndim == 3 else fitting[..., np.newaxis]
    images.setflags(write=False)
    return images


def _fitted(picture: Pixels, size: Size) -> Pixels:
    """Scale a picture until it covers the size, and cut it around the centre."""
    from PIL import Image, ImageOps

    return np.asarray(ImageOps.fit(Image.fromarray(picture), (size[1], size[0]), Image.Resampling.BILINEAR))
