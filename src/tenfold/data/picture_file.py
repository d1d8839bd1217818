"""A picture from a file, from bytes or from memory, to grey levels; bounded before anything is decoded."""

from __future__ import annotations

import io
import os
import struct
import zlib
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from tenfold.data.files import read_bounded
from tenfold.data.page.grey import Grey, grey_levels
from tenfold.errors import DataError, DTypeError, ShapeError
from tenfold.files import shown

if TYPE_CHECKING:
    from PIL import Image

    Picture: TypeAlias = str | os.PathLike[str] | bytes | Image.Image | npt.NDArray[np.uint8]

MAX_PIXELS = 16_000_000
MAX_FILE = 64 << 20  # bytes; 16 megapixels of uncompressed RGB take 48 MB
MAX_SCANS = 100  # of a progressive JPEG, which has about 10; each goes over all pixels, and takes 31 bytes

_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_START_OF_SCAN = b"\xff\xda"
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
    TypeError,
    EOFError,
    LookupError,
    OverflowError,
    struct.error,
    zlib.error,
)


def read_picture(picture: Picture) -> Grey:
    """Read a PNG or JPEG picture as grey levels, upright, with transparency filled in.

    Parameters
    ----------
    picture : path, bytes, PIL.Image.Image or uint8 array
        A file, its bytes, or an image in memory: (h, w), (h, w, 3) or (h, w, 4), of at most 16
        megapixels.

    Returns
    -------
    uint8 array (h, w)
        0-255, as the picture has them; see `grey_levels` for colours.

    Raises
    ------
    DataError
        If it is not PNG or JPEG, is damaged, or has more than 16 megapixels or 100 scans.
    DTypeError, ShapeError
        If an array is of another kind.

    Examples
    --------
    >>> import numpy as np
    >>> from tenfold.data import read_picture
    >>> read_picture(np.zeros((40, 30, 3), np.uint8)).shape
    (40, 30)
    """
    if isinstance(picture, np.ndarray):
        return _from_array(picture)
    if isinstance(picture, bytes):
        return _decode(picture, "picture")
    if isinstance(picture, (str, os.PathLike)):
        return _decode(read_bounded(picture, MAX_FILE), shown(picture))
    if not hasattr(picture, "getexif"):
        raise DTypeError(
            f"picture: expected a path, bytes, a Pillow image or an array, found {type(picture).__name__}; "
            "give one of these"
        )
    _check_size(picture.size, "picture")
    return _grey(picture, "picture")


def _from_array(array: npt.NDArray[Any]) -> Grey:
    if array.dtype != np.uint8:
        raise DTypeError(f"picture: expected uint8 0-255, found {array.dtype}; do not scale it beforehand")
    if array.ndim not in (2, 3) or array.shape[2:] not in ((), (3,), (4,)) or array.size == 0:
        raise ShapeError(
            f"picture: expected the shape (h, w), (h, w, 3) or (h, w, 4), found {array.shape}; reshape it"
        )
    _check_size((array.shape[1], array.shape[0]), "picture")
    if array.ndim == 2:
        return array
    from PIL import Image

    return grey_levels(Image.fromarray(np.ascontiguousarray(array)))


def _decode(data: bytes, name: str) -> Grey:
    """The picture in these bytes, whose size is checked before any pixel is decoded."""
    from PIL.JpegImagePlugin import JpegImageFile
    from PIL.PngImagePlugin import PngImageFile

    # By their own classes: `Image.open` would look through all formats, for every picture anew.
    opener = next((kind for start, kind in _OPENERS.items() if data.startswith(start)), None)
    if opener is None:
        raise DataError(f"{name}: expected a PNG or JPEG picture, found {_looks_like(data)}; convert it")
    if opener == "JPEG":
        _check_scans(data, name)
    try:
        image: Image.Image = {"PNG": PngImageFile, "JPEG": JpegImageFile}[opener](io.BytesIO(data))
    except _DAMAGE as error:
        raise _damaged(name) from error
    with image:
        _check_size(image.size, name)
        return _grey(image, name)


_OPENERS = {_PNG: "PNG", _JPEG: "JPEG"}


def _grey(image: Image.Image, name: str) -> Grey:
    try:
        return grey_levels(image)
    except _DAMAGE as error:
        raise _damaged(name) from error


def _damaged(name: str) -> DataError:
    return DataError(f"{name}: expected a whole picture, found a damaged one; save it again")


def _check_size(size: tuple[int, int], name: str) -> None:
    width, height = size
    if width * height > MAX_PIXELS:
        raise DataError(
            f"{name}: expected at most 16 megapixels, found {width} x {height} pixels; make it smaller"
        )
    if width * height == 0:
        raise _damaged(name)


def _check_scans(data: bytes, name: str) -> None:
    scans = data.count(_START_OF_SCAN)  # in coded pixels, 0xff comes with 0x00 or as a marker
    if scans > MAX_SCANS:
        raise DataError(f"{name}: expected a JPEG of at most {MAX_SCANS} scans, found {scans}; save it again")


def _looks_like(data: bytes) -> str:
    """A word for what the file is instead."""
    if not data:
        return "an empty file"
    return next((word for start, word in _STARTS.items() if data.startswith(start)), "something else")
