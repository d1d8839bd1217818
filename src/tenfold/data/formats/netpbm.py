"""Portable bitmaps, greymaps and pixmaps: PBM, PGM and PPM, binary or as text.

Pillow reads those that are text, or have other than 8 bits, pixel by pixel in Python.

References
----------
netpbm, "PGM format specification" and its siblings.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tenfold.data.formats.limits import PictureLimits, check_sides, damaged

if TYPE_CHECKING:
    from PIL import Image

_GAP = rb"(?:[ \t\r\n]|#[^\n]*\n)"  # white space, or a comment up to the end of its line
_HEAD = re.compile(rb"P([1-6])%b+(\d{1,9})%b+(\d{1,9})" % (_GAP, _GAP))
_MOST = re.compile(rb"%b+(\d{1,5})" % _GAP)
_COMMENT = re.compile(rb"#[^\n]*")
_LARGEST = 65_535


def open_netpbm(data: bytes, name: str, limits: PictureLimits) -> Image.Image:
    """Return a picture of 8 bits a channel, or a grey one of 16.

    Raises
    ------
    DataError
        If it is damaged or too large.
    """
    from PIL import Image

    head = _HEAD.match(data, 0, 4096)
    if head is None:
        raise damaged(name)
    kind, width, height = (int(group) for group in head.groups())
    limits.check_size((width, height), name)
    check_sides((width, height), name)
    channels = 3 if kind in (3, 6) else 1
    if kind in (1, 4):
        return Image.fromarray(_bits(data, head.end(), kind, (height, width), name))
    most = _MOST.match(data, head.end(), head.end() + 4096)
    if most is None or not 1 <= (largest := int(most[1])) <= _LARGEST:
        raise damaged(name)
    limits.check_unpacked((width, height), channels * (8 if largest < 256 else 16), name)
    shape = (height, width) if channels == 1 else (height, width, channels)
    count = height * width * channels
    if kind < 4:
        values = _numbers(data[most.end() :], count, name)
    else:
        values = _binary(data[most.end() + 1 :], np.dtype("u1" if largest < 256 else ">u2"), count, name)
    return Image.fromarray(_levels(values, largest, name).reshape(shape))


def _levels(values: npt.NDArray[Any], largest: int, name: str) -> npt.NDArray[np.uint8]:
    """Scale values to 0-255, by a table of all that they may be."""
    if largest == 255:
        return values.astype(np.uint8)
    if values.max(initial=0) > largest:
        raise damaged(name)
    table: npt.NDArray[np.uint8] = np.rint(np.arange(largest + 1) * (255 / largest)).astype(np.uint8)
    return np.take(table, values)


def _binary(rest: bytes, dtype: np.dtype[Any], count: int, name: str) -> npt.NDArray[Any]:
    if len(rest) < count * dtype.itemsize:
        raise damaged(name)
    return np.frombuffer(rest, dtype, count)


def _numbers(text: bytes, count: int, name: str) -> npt.NDArray[np.uint16]:
    """Return numbers that are written as text."""
    words = _COMMENT.sub(b"", text).split(maxsplit=count)[:count]
    if len(words) < count or not all(map(bytes.isdigit, words)) or len(max(words, key=len)) > 5:
        raise damaged(name)
    values = np.array(words).astype(np.int64)
    if values.max(initial=0) > _LARGEST:
        raise damaged(name)
    return values.astype(np.uint16)


def _bits(data: bytes, at: int, kind: int, shape: tuple[int, int], name: str) -> npt.NDArray[np.uint8]:
    """Return a picture of black (1) and white (0)."""
    height, width = shape
    if kind == 4:
        row = -(-width // 8)
        packed = _binary(data[at + 1 :], np.dtype("u1"), row * height, name)
        ink = np.unpackbits(packed.reshape(height, row), axis=1)[:, :width]
    else:
        digits = np.frombuffer(_COMMENT.sub(b"", data[at:]), np.uint8)
        digits = digits[(digits == ord("0")) | (digits == ord("1"))][: height * width]
        if len(digits) < height * width:
            raise damaged(name)
        ink = (digits - ord("0")).reshape(shape)
    return np.where(ink, np.uint8(0), np.uint8(255))
