"""The pixels of a picture of any mode as they are: grey or in colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tenfold.data.page.grey import grey_levels
from tenfold.data.picture_arrays import picture_levels

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage


_ALIASES = {"La": "LA", "RGBa": "RGBA", "HSV": "RGB"}  # modes that few of Pillow's operations take


def usual_mode(image: PillowImage) -> PillowImage:
    """Return a picture in a mode that the conversions know: the rare ones are converted.

    Parameters
    ----------
    image : PIL.Image.Image
        Of any mode. Floats are 0 to 1, or 0 to 255.
    """
    if image.mode in _ALIASES:
        return image.convert(_ALIASES[image.mode])
    if image.mode == "LAB":
        return image.getchannel("L")
    if image.mode == "F":
        from PIL import Image

        return Image.fromarray(picture_levels(np.asarray(image)))
    return image


def kept_levels(image: PillowImage) -> npt.NDArray[np.uint8]:
    """Turn a picture upright, put it on white where it is transparent, and take its pixels.

    Parameters
    ----------
    image : PIL.Image.Image
        Of any mode that PNG and JPEG come in.

    Returns
    -------
    uint8 array (h, w) or (h, w, 3)
        Grey if red, green and blue are equal everywhere.
    """
    from PIL import Image, ImageOps

    if image.mode.startswith("I"):  # 16 bits a pixel
        return grey_levels(image)
    if image.getexif().get(0x0112, 1) != 1:  # the camera was rotated
        image = ImageOps.exif_transpose(image)
    if "A" in image.getbands() or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    if image.mode in ("L", "1"):
        return np.array(image.convert("L"))
    colour = np.array(image.convert("RGB"))  # (h, w, 3)
    red, green, blue = (colour[..., channel] for channel in range(3))
    return np.ascontiguousarray(red) if (red == green).all() and (red == blue).all() else colour
