"""Numbers of any dtype as pixels, each image by itself: the answer must not depend on how a file is cut."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from tenfold.data.parts.part import Taken
from tenfold.errors import DataError


def levels(first: int, pixels: npt.NDArray[Any], where: str) -> Iterator[Taken]:
    """Yield images as uint8; one with other values than pixels is an error.

    Parameters
    ----------
    first : int
        The place of the first one in its file.
    pixels : array (b, h, w) or (b, h, w, c)
        uint8 0-255, other whole numbers of 0 to 255, fractions of 0 to 1, or bool. Unlike
        `tenfold.data.pixel_values`, nothing is concluded from the largest one: it differs from part to part.
    where : str
        Starts error messages.
    """
    if pixels.dtype in (np.uint8, np.bool_):
        yield first, pixels if pixels.dtype == np.uint8 else pixels.astype(np.uint8) * np.uint8(255)
        return
    most, kind = (1, "fractions of 0 to 1") if pixels.dtype.kind == "f" else (255, "numbers of 0 to 255")
    flat = pixels.reshape(len(pixels), -1)
    sound = (flat.min(axis=1) >= 0) & (flat.max(axis=1) <= most)  # (b,); NaN is not
    scaled = np.rint(np.where(_wide(sound, pixels), pixels, 0) * np.float32(255 // most)).astype(np.uint8)
    if sound.all():
        yield first, scaled
        return
    for place, is_sound in enumerate(sound):
        if is_sound:
            yield first + place, scaled[place : place + 1]
        else:
            low, high = flat[place].min(), flat[place].max()
            text = f"{where}: expected pixels as {kind} in image {first + place}, found {low:g} to {high:g}"
            yield first + place, DataError(f"{text}; rescale them, or save them as uint8")


def _wide(sound: npt.NDArray[np.bool_], pixels: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Return one value an image in a shape that fits pixels."""
    return sound.reshape(-1, *[1] * (pixels.ndim - 1))
