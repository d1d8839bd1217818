"""Reads a picture (file, bytes or array), grey or in colour; limits are checked before it is decoded."""

from __future__ import annotations

import io
import os
import re
import struct
import warnings
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from tenfold.data.page.grey import Grey, grey_levels
from tenfold.data.picture_colours import kept_levels
from tenfold.errors import DataError, DTypeError, ShapeError
from tenfold.files import read_bounded, shown

if TYPE_CHECKING:
    from PIL import Image

    Convert: TypeAlias = Callable[[Image.Image], npt.NDArray[np.uint8]]
    Picture: TypeAlias = str | os.PathLike[str] | bytes | Image.Image | npt.NDArray[np.uint8]

MAX_PIXELS = 16_000_000
MAX_FILE = 64 << 20  # bytes; 16 megapixels of uncompressed RGB take 48 MB
MAX_SCANS = 100  # of a progressive JPEG; usual are 6 to 18, and a scan may take only 31 bytes
MAX_SCANNED = 18 * MAX_PIXELS  # pixels of all scans together; a CMYK JPEG has 18 scans of the whole picture
MAX_UNPACKED = 4 * MAX_PIXELS  # bytes of a PNG's pixels: 16 megapixels of RGBA, or 8 with 16 bits a channel
MAX_PROFILES = 4  # colour profiles of a PNG; usual is one, and Pillow decompresses each, up to 1 MB from 1 KB
MAX_READS = 100_000  # reads by Pillow, 3 for each chunk; a PNG of 64 MB in chunks of 8 KB needs 25,000

_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_START_OF_SCAN = b"\xff\xda"  # in encoded pixels, 0xff is followed by 0x00 or starts a marker
_PROFILE = b"iCCP"
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # of a PNG, by its colour type
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
_PILLOW = re.compile(r"PIL\.")
# Exceptions that Pillow's decoders raise on damaged data.
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
    """Read a PNG or JPEG picture as grey levels, upright, with transparent parts filled.

    Parameters
    ----------
    picture : path, bytes, PIL.Image.Image or uint8 array
        A file, its bytes, or an image in memory: (h, w), (h, w, 3) or (h, w, 4), of at most 16
        megapixels.

    Returns
    -------
    uint8 array (h, w)
        0-255; see `grey_levels` for the conversion of colours.

    Raises
    ------
    DataError
        If it is not PNG or JPEG, is damaged, has more than 16 megapixels, or has more scans, profiles or
        chunks than any real picture.
    DTypeError, ShapeError
        If an array has another dtype or shape.

    Examples
    --------
    >>> import numpy as np
    >>> from tenfold.data import read_picture
    >>> read_picture(np.zeros((40, 30, 3), np.uint8)).shape
    (40, 30)
    """
    if isinstance(picture, np.ndarray):
        return _from_array(picture)
    _ignore_metadata_warnings()
    if isinstance(picture, bytes):
        return _decode(picture, "picture", grey_levels)
    if isinstance(picture, (str, os.PathLike)):
        return _decode(read_bounded(picture, MAX_FILE, DataError), shown(picture), grey_levels)
    if not hasattr(picture, "getexif"):
        raise DTypeError(
            f"picture: expected a path, bytes, a Pillow image or an array, found {type(picture).__name__}; "
            "pass one of these"
        )
    _check_size(picture.size, "picture")
    return _levels(picture, "picture", grey_levels)


def kept_picture(picture: str | os.PathLike[str] | bytes, name: str = "") -> npt.NDArray[np.uint8]:
    """Read a PNG or JPEG picture as it is: upright, in colour unless it is grey, on white where transparent.

    Parameters
    ----------
    picture : path or bytes
    name : str
        Of bytes, for errors.

    Returns
    -------
    uint8 array (h, w) or (h, w, 3)

    Raises
    ------
    DataError
        As `read_picture`.
    """
    _ignore_metadata_warnings()
    if isinstance(picture, bytes):
        return _decode(picture, name or "picture", kept_levels)
    return _decode(read_bounded(picture, MAX_FILE, DataError), shown(picture), kept_levels)


def _from_array(array: npt.NDArray[Any]) -> Grey:
    if array.dtype != np.uint8:
        raise DTypeError(f"picture: expected uint8 0-255, found {array.dtype}; pass the unscaled pixels")
    if array.ndim not in (2, 3) or array.shape[2:] not in ((), (3,), (4,)) or array.size == 0:
        raise ShapeError(
            f"picture: expected the shape (h, w), (h, w, 3) or (h, w, 4), found {array.shape}; reshape it"
        )
    _check_size((array.shape[1], array.shape[0]), "picture")
    if array.ndim == 2:
        return array
    from PIL import Image

    return grey_levels(Image.fromarray(np.ascontiguousarray(array)))


class _Stream(io.BytesIO):
    """A file in memory with a limit on reads, because Pillow reads its chunks one by one, in Python."""

    def __init__(self, data: bytes, name: str) -> None:
        super().__init__(data)
        self._name = name
        self._left = MAX_READS

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next ``size`` bytes."""
        self._left -= 1
        if self._left < 0:
            raise DataError(
                f"{self._name}: expected a picture in at most {MAX_READS // 3} chunks or segments, "
                "found more; save it again"
            )
        return super().read(size)


def _decode(data: bytes, name: str, convert: Convert) -> npt.NDArray[np.uint8]:
    """Decode a picture; its size is checked before any pixel is decoded."""
    from PIL.JpegImagePlugin import JpegImageFile
    from PIL.PngImagePlugin import PngImageFile

    # Not by `Image.open`, which would try all formats for every picture.
    stream = _Stream(data, name)
    try:
        if data.startswith(_PNG):
            _at_most(MAX_PROFILES, data.count(_PROFILE), "a PNG", "colour profiles", name)
            image: Image.Image = PngImageFile(stream)
        elif data.startswith(_JPEG):
            image = JpegImageFile(stream)
        else:
            raise DataError(f"{name}: expected a PNG or JPEG picture, found {_looks_like(data)}; convert it")
    except DataError:
        raise
    except _DAMAGE as error:
        raise _damaged(name) from error
    with image:
        _check_size(image.size, name)
        if image.format == "JPEG":
            most = min(MAX_SCANS, MAX_SCANNED // (image.width * image.height))
            kind = f"a JPEG of {image.width} x {image.height} pixels"
            _at_most(most, data.count(_START_OF_SCAN), kind, "scans", name)
        else:
            _check_unpacked(image.size, depth=data[24], colour=data[25], name=name)
        return _levels(image, name, convert)


def _levels(image: Image.Image, name: str, convert: Convert) -> npt.NDArray[np.uint8]:
    try:
        return convert(image)
    except DataError:
        raise
    except _DAMAGE as error:
        raise _damaged(name) from error


def _damaged(name: str) -> DataError:
    return DataError(f"{name}: expected a complete picture, found a damaged one; save it again")


def _check_size(size: tuple[int, int], name: str) -> None:
    width, height = size
    if width * height > MAX_PIXELS:
        raise DataError(
            f"{name}: expected at most 16 megapixels, found {width} x {height} pixels; scale it down"
        )
    if width * height == 0:
        raise _damaged(name)


def _at_most(most: int, found: int, kind: str, parts: str, name: str) -> None:
    if found > most:
        raise DataError(f"{name}: expected {kind} with at most {most} {parts}, found {found}; save it again")


def _check_unpacked(size: tuple[int, int], depth: int, colour: int, name: str) -> None:
    unpacked = size[0] * size[1] * depth * _CHANNELS.get(colour, 1) // 8
    if unpacked > MAX_UNPACKED:
        raise DataError(
            f"{name}: expected at most {MAX_UNPACKED} bytes of pixels, found {size[0]} x {size[1]} pixels of "
            f"{depth * _CHANNELS.get(colour, 1)} bits; save it with 8 bits a channel, or scale it down"
        )


def _ignore_metadata_warnings() -> None:
    """Ignore Pillow's warnings about unusual metadata, which any file can cause.

    The filter stays: `warnings.catch_warnings` changes and restores the filters of all threads, which
    fails if several threads read. Pillow's other warnings, such as of too large pictures, are no
    `UserWarning`.
    """
    entry = ("ignore", None, UserWarning, _PILLOW, 0)
    if entry not in warnings.filters:
        warnings.filterwarnings("ignore", category=UserWarning, module=_PILLOW.pattern)


def _looks_like(data: bytes) -> str:
    """Return the kind of another file, in words."""
    if not data:
        return "an empty file"
    return next((word for start, word in _STARTS.items() if data.startswith(start)), "something else")
