"""The number of pixels of a picture, from its header alone: an estimate of the work to read it."""

from __future__ import annotations

_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8"
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # markers that the size follows
_SEGMENTS = 100  # a photo has a dozen before its size
_UNKNOWN = 1 << 32  # stands for a size that is not found


def pixel_count(picture: bytes) -> int:
    """Return width times height as a PNG or JPEG file states them.

    Any other file counts as large: the workers know more formats than this process should parse.
    """
    if picture.startswith(_PNG):
        return int.from_bytes(picture[16:20]) * int.from_bytes(picture[20:24])
    return _jpeg_pixel_count(picture) if picture.startswith(_JPEG) else _UNKNOWN


def _jpeg_pixel_count(picture: bytes) -> int:
    at = len(_JPEG)
    for _ in range(_SEGMENTS):
        marker, length = picture[at : at + 2], int.from_bytes(picture[at + 2 : at + 4])
        if len(marker) < 2 or marker[0] != 0xFF:
            break
        if marker[1] in _FRAMES:
            return int.from_bytes(picture[at + 5 : at + 7]) * int.from_bytes(picture[at + 7 : at + 9])
        at += 2 + length
    return _UNKNOWN
