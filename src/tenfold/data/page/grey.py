"""A picture of any mode brought to grey levels, upright, with transparency filled in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

_CLEAR = 128  # of 255; grey levels that spread so far are clear without a look at the colours
_MIDDLE = 127
_AT_ONCE = 1 << 20  # pixels

Grey = npt.NDArray[np.uint8]


def grey_levels(image: PillowImage) -> Grey:
    """Turn a picture upright and take its grey levels.

    Luminance, unless ink and paper are nearly alike in it (blue on black, red on green): then the
    channel in which they differ most.

    Parameters
    ----------
    image : PIL.Image.Image
        Of any mode that PNG and JPEG come in.

    Returns
    -------
    uint8 array (h, w)
    """
    from PIL import ImageOps

    if image.getexif().get(0x0112, 1) != 1:  # the camera was held otherwise
        image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):  # 16 bits a pixel; Pillow would clip them to 255
        return _eight_bits(np.asarray(image))
    if "transparency" in image.info:
        image = image.convert("RGBA")
    if "A" in image.getbands():
        return _filled(image)
    return np.asarray(_clearest(image))


def _eight_bits(deep: npt.NDArray[Any]) -> Grey:
    """Levels of 16 bits rounded to 8, some at a time: as int64, a whole picture takes 128 MB."""
    levels = deep.reshape(-1)
    grey = np.empty(levels.size, np.uint8)
    for start in range(0, levels.size, _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        grey[some] = np.clip((levels[some].astype(np.int64) + 128) // 257, 0, 255)
    return grey.reshape(deep.shape)


def _clearest(image: PillowImage) -> PillowImage:
    """Luminance, or the channel that differs twice as much within the picture; without regard to alpha."""
    if image.mode in ("L", "1", "F"):
        return image.convert("L")
    colour = image if image.mode in ("RGB", "RGBA") else image.convert("RGB")
    grey = colour.convert("L")
    [spread] = _spreads(grey)
    if spread >= _CLEAR:
        return grey
    spreads = _spreads(colour)[:3]
    widest = max(spreads)
    return colour.getchannel(spreads.index(widest)) if widest > 2 * spread else grey


def _spreads(image: PillowImage) -> list[int]:
    """From the darkest to the lightest, in each channel."""
    extrema = image.getextrema()
    each = extrema if isinstance(extrema[0], tuple) else (extrema,)
    return [highest - lowest for lowest, highest in cast("tuple[tuple[int, int], ...]", each)]


def _filled(image: PillowImage) -> Grey:
    """Transparent parts as paper.

    Where most is transparent, what is visible is ink: paper is dark behind light ink, light behind
    dark ink. Where little is (rounded corners, a cut-out sheet), it becomes what is visible most.
    """
    from PIL import Image

    alpha = image.getchannel("A")
    lowest, highest = cast("tuple[int, int]", alpha.getextrema())
    grey = _clearest(image if image.mode == "RGBA" else image.convert("RGB"))
    if lowest == 255:
        return np.asarray(grey)
    visible = alpha.point([255 * (level > highest // 2) for level in range(256)])
    seen = np.array(grey.histogram(visible))  # how often each grey level is visible
    count = int(seen.sum())
    if count == 0:
        return np.full((image.height, image.width), 255, np.uint8)
    usual = int(np.searchsorted(np.cumsum(seen), count / 2))  # their median
    if 2 * count > image.width * image.height:
        paper = usual
    else:
        paper = 0 if usual > _MIDDLE else 255
    return np.asarray(Image.composite(grey, Image.new("L", image.size, paper), alpha))
