"""The format of a file, by its first bytes; names and endings of files say nothing."""

from __future__ import annotations

from tenfold.data.formats.limits import NAMES, PictureLimits
from tenfold.errors import DataError

_STARTS = {
    b"\x89PNG\r\n\x1a\n": "png",
    b"\xff\xd8\xff": "jpeg",
    b"GIF87a": "gif",
    b"GIF89a": "gif",
    b"BM": "bmp",
    b"II*\0": "tiff",
    b"MM\0*": "tiff",
    b"II+\0": "tiff",
    b"MM\0+": "tiff",
    **{b"P%d" % kind + space: "pgm" for kind in range(1, 7) for space in (b" ", b"\t", b"\n", b"\r", b"#")},
}
_AVIF_BRANDS = (b"avif", b"avis")
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1")
_BRANDS = 30  # of a box `ftyp` that are looked at
_PDF_HEAD = 1024  # bytes; a PDF may begin after others
_OTHER_FILES = {
    b"\x89PNG": "a damaged PNG",
    b"\xff\xd8": "a damaged JPEG",
    b"GIF8": "a damaged GIF",
    b"\0\0\0\x0cJXL ": "a JPEG XL",
    b"\xff\x0a": "a JPEG XL",
    b"\0\0\0\x0cjP  ": "a JPEG 2000",
    b"8BPS": "a Photoshop file",
    b"\0\0\x01\0": "an icon",
    b"PK\x03\x04": "a ZIP archive or office document",
    b"<": "a text",
}


def format_of(data: bytes) -> str | None:
    """Return the format of a file, one of `FORMATS`; None for any other."""
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "webp"
    if data[4:8] == b"ftyp":
        return _format_of_brands(data)
    if b"%PDF-" in data[:_PDF_HEAD]:
        return "pdf"
    return next((kind for start, kind in _STARTS.items() if data.startswith(start)), None)


def check_format(data: bytes, name: str, limits: PictureLimits) -> str:
    """Return the format of a file.

    Raises
    ------
    DataError
        If it is not a picture, or one of a format that is not allowed.
    """
    kind = format_of(data)
    if kind in limits.formats:
        return kind
    expected = f"{name}: expected a picture ({limits.listed})"
    if kind is not None:
        raise DataError(f"{expected}, found a {NAMES[kind]}; convert it to PNG or JPEG, or allow this format")
    if _is_svg(data):
        raise DataError(f"{expected}, found an SVG drawing; export it as PNG")
    raise DataError(f"{expected}, found {_looks_like(data)}; save it as PNG or JPEG")


def _format_of_brands(data: bytes) -> str | None:
    """Return AVIF or HEIC, by the brands that a file of ISO's base media format names."""
    length = min(int.from_bytes(data[:4]), 8 + 4 * _BRANDS)
    brands = {data[8:12], *(data[i : i + 4] for i in range(16, length, 4))}
    if brands & set(_AVIF_BRANDS):
        return "avif"
    return "heic" if brands & set(_HEIC_BRANDS) else None


def _is_svg(data: bytes) -> bool:
    return data.lstrip()[:1] == b"<" and b"<svg" in data[:_PDF_HEAD]


def _looks_like(data: bytes) -> str:
    """Return the kind of another file, in words."""
    if not data:
        return "an empty file"
    return next((word for start, word in _OTHER_FILES.items() if data.startswith(start)), "something else")
