"""One picture file, PNG or JPEG, to a grey image of 28 x 28 with the ink high."""

from __future__ import annotations

import io
import os
import struct
import warnings
import zlib
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tenfold.data.files import read_bounded
from tenfold.data.mnist_style import SIDE, mnist_style
from tenfold.errors import DataError
from tenfold.files import shown

if TYPE_CHECKING:
    from PIL import Image

MAX_PIXELS = 16_000_000
MAX_FILE = 64 << 20  # bytes; 16 megapixels of uncompressed RGB take 48 MB
MIN_CONTRAST = 32  # of 255; what differs less from the paper is no ink
NOISE = 0.2  # share of the darkest ink below which paper grain and JPEG ringing lie
_MIDDLE = 127

_STARTS = {
    b"GIF8": "a GIF",
    b"BM": "a BMP",
    b"%PDF": "a PDF",
    b"II*\0": "a TIFF",
    b"MM\0*": "a TIFF",
    b"RIFF": "a WebP",
    b"<": "a text",
    b"\x89PNG": "a damaged PNG",
    b"\xff\xd8": "a damaged JPEG",
}
# What Pillow's decoders raise on damaged data.
_DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    OverflowError,
    struct.error,
    zlib.error,
)

Grey = npt.NDArray[np.uint8]


class _TooManyPixels(Exception):
    """A header that promises more than `MAX_PIXELS`."""


def read_digit(path: str | os.PathLike[str]) -> Grey:
    """Read a picture of one digit and make it look like MNIST.

    The median of the border is the paper; ink is what is darker, or lighter, whichever goes further.
    A picture of 28 x 28 keeps its pixels, paper taken as 0 and the most that ink could differ from it
    as 255; any other is cut out, scaled and centred by `mnist_style`.

    Parameters
    ----------
    path : path
        A PNG or JPEG file of at most 16 megapixels.

    Returns
    -------
    uint8 array (28, 28)
        Ink high; a blank picture, see `is_blank`, gives zeros.

    Raises
    ------
    DataError
        If the file is not such a picture, or is damaged.
    """
    grey = read_picture(path)
    if is_blank(grey):
        return np.zeros((SIDE, SIDE), np.uint8)
    ink, most = _ink(grey)
    if grey.shape == (SIDE, SIDE):
        return np.rint(ink * 255 / most).astype(np.uint8)
    return mnist_style(np.where(ink < NOISE * ink.max(), 0, ink))


def is_blank(grey: Grey) -> bool:
    """Return whether nothing is written in a picture (h, w): no pixel differs enough from the paper.

    Examples
    --------
    >>> import numpy as np
    >>> is_blank(np.full((28, 28), 200, np.uint8))
    True
    """
    return max(_darker_and_lighter(grey)) < MIN_CONTRAST


def _paper(grey: Grey) -> float:
    """The median of the outermost pixels of (h, w)."""
    return float(np.median(np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])))


def _darker_and_lighter(grey: Grey) -> tuple[float, float]:
    """How far the pixels go to either side of the paper."""
    paper = _paper(grey)
    return paper - int(grey.min()), int(grey.max()) - paper


def _ink(grey: Grey) -> tuple[npt.NDArray[np.float64], float]:
    """How far each pixel (h, w) differs from the paper, on the ink's side, and how far it could."""
    paper = _paper(grey)
    darker, lighter = _darker_and_lighter(grey)
    if darker > lighter:
        return np.maximum(paper - grey, 0), paper
    return np.maximum(grey - paper, 0), 255 - paper


def read_picture(path: str | os.PathLike[str]) -> Grey:
    """Read a PNG or JPEG file as grey levels, upright, with transparency filled in.

    Returns
    -------
    uint8 array (h, w)
        Luminance 0-255, as the file has it.

    Raises
    ------
    DataError
        If the file is not PNG or JPEG, is damaged, or has more than 16 megapixels.
    """
    from PIL import Image, UnidentifiedImageError

    data = read_bounded(path, MAX_FILE)
    name = shown(path)
    try:
        return _decode(data)
    except (_TooManyPixels, Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise DataError(f"{name}: expected at most 16 megapixels, found {error}; make it smaller") from error
    except UnidentifiedImageError as error:
        raise DataError(
            f"{name}: expected a PNG or JPEG picture, found {_looks_like(data)}; convert it"
        ) from error
    except _DAMAGE as error:
        raise DataError(f"{name}: expected a whole picture, found a damaged one; save it again") from error


def _decode(data: bytes) -> Grey:
    """The picture in these bytes, whose size is checked before any pixel is decoded."""
    from PIL import Image, ImageOps

    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with Image.open(io.BytesIO(data), formats=["PNG", "JPEG"]) as image:
            width, height = image.size  # from the header
            if width * height > MAX_PIXELS:
                raise _TooManyPixels(f"{width} x {height} pixels")
            return _grey(ImageOps.exif_transpose(image))


def _grey(image: Image.Image) -> Grey:
    """Luminance of any mode that PNG and JPEG come in."""
    if image.mode.startswith("I"):  # 16 bits a pixel; Pillow would clip them to 255
        deep = np.asarray(image).astype(np.int64)
        return np.clip((deep + 128) // 257, 0, 255).astype(np.uint8)
    if "A" in image.mode or "transparency" in image.info:
        return _filled(np.asarray(image.convert("RGBA")))
    if image.mode == "CMYK":
        image = image.convert("RGB")
    return np.array(image.convert("L"))


def _filled(rgba: npt.NDArray[np.uint8]) -> Grey:
    """Transparent parts as paper: dark behind light ink, light behind dark ink."""
    colour, alpha = rgba[..., :3].astype(np.float64), rgba[..., 3] / 255  # (h, w, 3), (h, w)
    grey = colour @ np.array([0.299, 0.587, 0.114])  # ITU-R BT.601, as Pillow's own conversion
    visible = float(alpha.sum())
    ink = float((grey * alpha).sum()) / visible if visible else 0.0
    paper = 0.0 if ink > _MIDDLE else 255.0
    filled: Grey = np.rint(grey * alpha + paper * (1 - alpha)).astype(np.uint8)
    return filled


def _looks_like(data: bytes) -> str:
    """A word for what the file is instead."""
    if not data:
        return "an empty file"
    return next((word for start, word in _STARTS.items() if data.startswith(start)), "something else")
