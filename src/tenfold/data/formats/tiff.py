"""What a TIFF says about its strips, checked before one of them is decoded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tenfold.data.formats.limits import MAX_STRIPS, PictureLimits, at_most, check_sides, damaged
from tenfold.errors import DataError

if TYPE_CHECKING:
    from PIL.TiffImagePlugin import TiffImageFile

_COMPRESSION, _BITS, _SAMPLES, _ROWS, _TILE_WIDTH, _TILE_LENGTH = 259, 258, 277, 278, 322, 323
_OFFSETS, _COUNTS = (273, 324), (279, 325)
_JPEG = 7
_DECODED = (1, 2, 3, 4, 5, _JPEG, 8, 32_773, 32_946)  # none, CCITT, LZW, JPEG, deflate, PackBits
_START_OF_SCAN = b"\xff\xda"


def check_tiff(image: TiffImageFile, data: bytes, name: str, limits: PictureLimits) -> int:
    """Refuse a page that would take more work than its pixels and bytes account for.

    Returns
    -------
    int
        Bytes of its strips.

    Raises
    ------
    DataError
    """
    tags = image.tag_v2
    limits.check_size(image.size, name)
    check_sides(image.size, name)
    if tags.get(_COMPRESSION, 1) not in _DECODED:
        raise DataError(
            f"{name}: expected a TIFF without compression or with LZW, deflate, JPEG, PackBits or fax "
            "compression, found another one; save it as PNG"
        )
    offsets, counts = (_numbers(tags, kinds) for kinds in (_OFFSETS, _COUNTS))
    at_most(MAX_STRIPS, len(offsets), "a TIFF", "strips or tiles", name)
    if sum(counts) > len(data):  # one strip stands for many
        raise damaged(name)
    bits = _numbers(tags, (_BITS,)) or [1]
    limits.check_unpacked(image.size, max(bits) * int(tags.get(_SAMPLES, 1)), name)
    _check_part(image, data, name, limits)
    return sum(counts)


def _check_part(image: TiffImageFile, data: bytes, name: str, limits: PictureLimits) -> None:
    """Check the pixels of one strip or tile, and in how many scans they may come."""
    tags = image.tag_v2
    if _TILE_WIDTH in tags:
        part = int(tags[_TILE_WIDTH]), int(tags.get(_TILE_LENGTH, 0))
    else:
        part = image.width, min(image.height, int(tags.get(_ROWS, image.height)))
    limits.check_size(part, name)
    if tags.get(_COMPRESSION) == _JPEG:
        most = limits.scanned // (part[0] * part[1])
        at_most(most, data.count(_START_OF_SCAN), "a TIFF with JPEG compression", "scans", name)


def _numbers(tags: Any, kinds: tuple[int, ...]) -> list[int]:
    """Return the numbers of the first of some tags that is there."""
    found = next((tags[kind] for kind in kinds if kind in tags), ())
    return [int(one) for one in (found if isinstance(found, tuple) else (found,))]
