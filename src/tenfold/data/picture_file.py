"""Reads a picture (file, bytes, array, image), grey or in colour; limits are checked before it is decoded."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

import numpy as np
import numpy.typing as npt

from tenfold.data.formats.decoding import damage_named, open_file
from tenfold.data.formats.limits import USUAL, PictureLimits
from tenfold.data.formats.opened import Opened
from tenfold.data.page.grey import Grey, grey_levels
from tenfold.data.picture_arrays import picture_levels
from tenfold.data.picture_colours import kept_levels, usual_mode
from tenfold.errors import DataError, DTypeError
from tenfold.files import read_bounded, shown

if TYPE_CHECKING:
    from PIL import Image

    Convert: TypeAlias = Callable[[Image.Image], npt.NDArray[np.uint8]]
    Picture: TypeAlias = (
        str | os.PathLike[str] | bytes | BinaryIO | Image.Image | npt.NDArray[Any] | Sequence[Sequence[Any]]
    )

_PILLOW = re.compile(r"PIL\.|pillow_heif\.")
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://|data:", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Sheet:
    """One page of a picture.

    Attributes
    ----------
    grey : uint8 (h, w)
    number : int
        From 1.
    count : int
        How many pages the file has.
    remarks : tuple of str
        What was left out, such as the other frames of an animation.
    """

    grey: Grey
    number: int = 1
    count: int = 1
    remarks: tuple[str, ...] = ()


def read_picture(picture: Picture, *, limits: PictureLimits = USUAL) -> Grey:
    """Read a picture as grey levels, upright, with transparent parts filled.

    Parameters
    ----------
    picture : path, bytes, open binary file, PIL.Image.Image or array
        PNG, JPEG, WebP, GIF, BMP, TIFF, PGM (PBM, PPM), AVIF, HEIC (extra ``heic``) or PDF (extra ``pdf``),
        recognised by its content; or an image in memory, see `tenfold.data.picture_arrays`.
    limits : PictureLimits
        By default at most 16 megapixels.

    Returns
    -------
    uint8 array (h, w)
        0-255; see `grey_levels` for the conversion of colours.

    Raises
    ------
    DataError
        If it is not a picture, is damaged, has several pages (see `picture_pages`), more pixels, or more
        scans, profiles, strips or chunks than any real picture has.
    DTypeError, ShapeError, RangeError
        If an array has another form.

    Examples
    --------
    >>> import numpy as np
    >>> from tenfold.data import read_picture
    >>> read_picture(np.zeros((40, 30, 3))).shape
    (40, 30)
    """
    sheet = next(picture_pages(picture, limits=limits))
    _check_single(sheet.count, picture)
    return sheet.grey


def picture_pages(picture: Picture, *, limits: PictureLimits = USUAL) -> Iterator[Sheet]:
    """Read the pages of a picture one by one: those of a TIFF or PDF; any other picture is one page.

    Parameters
    ----------
    picture, limits
        As for `read_picture`.

    Yields
    ------
    Sheet

    Raises
    ------
    DataError, DTypeError, ShapeError, RangeError
        As `read_picture`.
    """
    _ignore_metadata_warnings()
    if hasattr(picture, "getexif"):  # a Pillow image
        yield Sheet(_from_image(picture, limits))
        return
    found = _content(picture, limits)
    if found is None:
        yield Sheet(_from_array(picture, limits))
        return
    data, name = found
    opened = open_file(data, name, limits)
    pixels = 0
    for number in range(opened.count):
        levels = _levels(opened, number, name, limits, grey_levels)
        pixels += levels.size
        limits.check_pages(pixels, name)
        yield Sheet(levels, number + 1, opened.count, opened.remarks)


def kept_picture(
    picture: str | os.PathLike[str] | bytes, name: str = "", *, limits: PictureLimits = USUAL
) -> npt.NDArray[np.uint8]:
    """Read a picture as it is: upright, in colour unless it is grey, on white where transparent.

    Parameters
    ----------
    picture : path or bytes
    name : str
        Of bytes, for errors.
    limits : PictureLimits

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
        data, name = picture, name or "picture"
    else:
        data, name = _read(picture, limits)
    opened = open_file(data, name, limits)
    _check_single(opened.count, name)
    return _levels(opened, 0, name, limits, kept_levels)


def _check_single(pages: int, picture: Any) -> None:
    """Refuse a file with several pages where one picture is expected, so that none is lost."""
    if pages > 1:
        name = shown(picture) if isinstance(picture, (str, os.PathLike)) else "picture"
        raise DataError(f"{name}: expected one picture, found {pages} pages; save each in a file of its own")


def _content(picture: Any, limits: PictureLimits) -> tuple[bytes, str] | None:
    """Return the bytes of a file and its name; None for an image in memory.

    Raises
    ------
    DataError
    """
    if isinstance(picture, (bytes, bytearray, memoryview)):
        return bytes(picture), "picture"
    if isinstance(picture, (str, os.PathLike)):
        return _read(picture, limits)
    if not hasattr(picture, "read"):
        return None
    data = picture.read(limits.file_bytes + 1)
    if not isinstance(data, bytes):
        raise DTypeError(
            "picture: expected a file opened in binary mode, got one of text; use open(..., 'rb')"
        )
    if len(data) > limits.file_bytes:
        raise DataError(f"picture: expected at most {limits.file_bytes} bytes, found more; scale it down")
    return data, "picture"


def _read(path: str | os.PathLike[str], limits: PictureLimits) -> tuple[bytes, str]:
    if isinstance(path, str) and _ADDRESS.match(path):
        raise DataError(
            f"{shown(path[:80])}: expected a file, got an address; nothing is fetched: download it first"
        )
    return read_bounded(path, limits.file_bytes, DataError), shown(path)


def _from_array(picture: Any, limits: PictureLimits) -> Grey:
    if not hasattr(picture, "__array__") and not isinstance(picture, (list, tuple)):
        raise DTypeError(
            "picture: expected a path, bytes, an open file, a Pillow image or an array, "
            f"found {type(picture).__name__}; pass one of these"
        )
    array = picture_levels(picture)
    limits.check_size((array.shape[1], array.shape[0]), "picture")
    if array.ndim == 2:
        return array
    from PIL import Image

    return grey_levels(Image.fromarray(np.ascontiguousarray(array)))


def _from_image(image: Any, limits: PictureLimits) -> Grey:
    limits.check_size(image.size, "picture")
    with damage_named("picture"):
        return grey_levels(usual_mode(image))


def _levels(
    opened: Opened, number: int, name: str, limits: PictureLimits, convert: Convert
) -> npt.NDArray[np.uint8]:
    with damage_named(name):
        image = opened.page(number)
        levels = convert(usual_mode(image))
    limits.check_size((levels.shape[1], levels.shape[0]), name)
    return levels


def _ignore_metadata_warnings() -> None:
    """Ignore Pillow's warnings about unusual metadata, which any file can cause.

    The filter stays: `warnings.catch_warnings` changes and restores the filters of all threads, which
    fails if several threads read. Pillow's other warnings, such as of too large pictures, are no
    `UserWarning`.
    """
    entry = ("ignore", None, UserWarning, _PILLOW, 0)
    if entry not in warnings.filters:
        warnings.filterwarnings("ignore", category=UserWarning, module=_PILLOW.pattern)
