"""Converts a picture of any mode to grey levels: upright, with transparent parts filled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

_CLEAR = 128  # of 255; with this much contrast, luminance is used without checking the channels
_MIDDLE = 127
_AT_ONCE = 1 << 20  # pixels

Grey = npt.NDArray[np.uint8]


def grey_levels(image: PillowImage) -> Grey:
    """Turn a picture upright and take its grey levels.

    Luminance, unless ink and paper differ little in it (blue on black, red on green): then the channel with
    the largest contrast.

    Parameters
    ----------
    image : PIL.Image.Image
        Of any mode that PNG and JPEG come in.

    Returns
    -------
    uint8 array (h, w)
    """
    from PIL import ImageOps

    if image.getexif().get(0x0112, 1) != 1:  # the camera was rotated
        image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):  # 16 bits a pixel; Pillow would clip them to 255
        return _eight_bits(np.asarray(image))
    if "transparency" in image.info:
        image = image.convert("RGBA")
    if "A" in image.getbands():
        return _filled(image)
    return np.asarray(_clearest(image))


def _eight_bits(deep: npt.NDArray[Any]) -> Grey:
    """Round levels of 16 bits to 8, in blocks: as int64 a whole picture would take 128 MB."""
    levels = deep.reshape(-1)
    grey = np.empty(levels.size, np.uint8)
    for start in range(0, levels.size, _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        grey[some] = np.clip((levels[some].astype(np.int64) + 128) // 257, 0, 255)
    return grey.reshape(deep.shape)


def _clearest(image: PillowImage) -> PillowImage:
    """Return luminance, or a channel with more than twice its contrast; alpha is ignored."""
    if image.mode in ("L", "1", "F"):
        return image.convert("L")
    colour = image if image.mode in ("RGB", "RGBA") else image.convert("RGB")
    grey = colour.convert("L")
    [contrast] = _contrasts(grey)
    if contrast >= _CLEAR:
        return grey
    contrasts = _contrasts(colour)[:3]
    widest = max(contrasts)
    return colour.getchannel(contrasts.index(widest)) if widest > 2 * contrast else grey


def _contrasts(image: PillowImage) -> list[int]:
    """Return the difference of lightest and darkest level, for each channel."""
    extrema = image.getextrema()
    each = extrema if isinstance(extrema[0], tuple) else (extrema,)
    return [highest - lowest for lowest, highest in cast("tuple[tuple[int, int], ...]", each)]


def _filled(image: PillowImage) -> Grey:
    """Fill transparent parts with the level of paper.

    If most of the picture is transparent, the visible part is ink: the fill is black behind light ink and
    white behind dark ink. If little is transparent (rounded corners), the fill is the median visible level.
    """
    from PIL import Image

    alpha = image.getchannel("A")
    lowest, highest = cast("tuple[int, int]", alpha.getextrema())
    grey = _clearest(image if image.mode == "RGBA" else image.convert("RGB"))
    if lowest == 255:
        return np.asarray(grey)
    visible = alpha.point([255 * (level > highest // 2) for level in range(256)])
    seen = np.array(grey.histogram(visible))  # histogram of the visible grey levels
    count = int(seen.sum())
    if count == 0:
        return np.full((image.height, image.width), 255, np.uint8)
    usual = int(np.searchsorted(np.cumsum(seen), count / 2))  # the median level
    if 2 * count > image.width * image.height:
        paper = usual
    else:
        paper = 0 if usual > _MIDDLE else 255
    return np.asarray(Image.composite(grey, Image.new("L", image.size, paper), alpha))
