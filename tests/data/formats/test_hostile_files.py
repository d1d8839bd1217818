"""Small files of the other formats that would take long, or much memory, to decode."""

from __future__ import annotations

import io
import struct
import sys
import tracemalloc
import zlib
from contextlib import suppress

import numpy as np
import pytest
from PIL import Image

from tenfold.data import PictureLimits, picture_pages, read_picture
from tenfold.data.formats.limits import MAX_PAGES, MAX_STRIPS
from tenfold.errors import RangeError

LONG = pytest.mark.fault(
    "own pictures", "a small file that takes long to decode", "rejected after its parts are counted"
)
HUGE = pytest.mark.fault(
    "own pictures", "a small file that says it is huge", "rejected before memory is taken for it"
)


def tiff(tags: dict[int, tuple[int, list[int]]], rest: bytes = b"", next_page: int = 0) -> bytes:
    """A TIFF of given tags (type 3 or 4 and numbers); their values and ``rest`` follow."""
    entries, values = b"", b""
    at = 8 + 2 + 12 * len(tags) + 4
    for tag, (kind, numbers) in sorted(tags.items()):
        packed = struct.pack(f"<{len(numbers)}{'H' if kind == 3 else 'I'}", *numbers)
        entries += struct.pack("<HHI", tag, kind, len(numbers))
        if len(packed) <= 4:
            entries += packed.ljust(4, b"\0")
        else:
            entries += struct.pack("<I", at + len(values))
            values += packed
    head = b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", len(tags)) + entries
    return head + struct.pack("<I", next_page) + values + rest


def grey_tiff(width: int, height: int, *, strips: list[int], counts: list[int], rows: int, **other) -> bytes:
    tags = {
        256: (4, [width]), 257: (4, [height]), 258: (3, [8]), 259: (3, [other.pop("compression", 1)]),
        262: (3, [1]), 273: (4, strips), 277: (3, [1]), 278: (4, [rows]), 279: (4, counts),
    }  # fmt: skip
    return tiff(tags | other.pop("tags", {}), other.pop("rest", b""))


SIZES = {
    "gif": b"GIF89a" + struct.pack("<HH", 65_535, 65_535) + bytes(50),
    "gif whose frame is larger": b"GIF89a" + struct.pack("<HHBBB", 10, 10, 0, 0, 0)
    + b"," + struct.pack("<HHHHB", 0, 0, 20_000, 4_000, 0) + b"\x08\0;",
    "webp": b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0" + bytes(4) + b"\xff\x3f\0\xff\x3f\0",
    "webp, lossless": b"RIFF\x16\0\0\0WEBPVP8L\x0a\0\0\0/"
    + struct.pack("<I", 0x3FFF | 0x3FFF << 14) + bytes(5),
    "bmp": b"BM" + struct.pack("<IIIIiiHHIIiiII", 54, 0, 54, 40, 30_000, 30_000, 1, 24, 0, 0, 0, 0, 0, 0),
    "tiff": grey_tiff(60_000, 60_000, strips=[8], counts=[1], rows=60_000),
    "pgm": b"P5 60000 60000 255\n" + bytes(50),
}  # fmt: skip


@HUGE
@pytest.mark.parametrize("kind", SIZES)
def test_sizes_are_checked_before_memory_is_taken(kind: str, refused_in_one_line) -> None:
    tracemalloc.start()
    try:
        with refused_in_one_line(ValueError, r"at most 16 megapixels, found \d+ x \d+ pixels; scale it down"):
            read_picture(SIZES[kind])
        assert tracemalloc.get_traced_memory()[1] < 20e6
    finally:
        tracemalloc.stop()


@HUGE
@pytest.mark.parametrize("kind", ["bmp", "tiff", "pgm"])
def test_sides(kind: str, refused_in_one_line) -> None:
    """One row of a run-length encoded BMP may ask to skip 255 rows: 255 times its width."""
    wide = {
        "bmp": b"BM" + struct.pack("<IIIIiiHHIIiiII", 60, 0, 54, 40, 15_000_000, 1, 1, 8, 1, 6, 0, 0, 0, 0)
        + b"\0\2\xff\xff\0\1",
        "tiff": grey_tiff(15_000_000, 1, strips=[8], counts=[1], rows=1),
        "pgm": b"P5 15000000 1 255\n",
    }[kind]  # fmt: skip
    with refused_in_one_line(ValueError, "expected sides of at most 65535 pixels, found 15000000 x 1"):
        read_picture(wide)


@LONG
def test_strips_that_stand_for_many(refused_in_one_line) -> None:
    data = grey_tiff(100, 1000, strips=[400] * 1000, counts=[9000] * 1000, rows=1, rest=bytes(9000))
    with refused_in_one_line(ValueError, "found a damaged one"):
        read_picture(data)


@LONG
def test_strips_are_counted(refused_in_one_line) -> None:
    many = MAX_STRIPS + 1
    data = grey_tiff(1, many, strips=list(range(many)), counts=[1] * many, rows=1, rest=bytes(many))
    with refused_in_one_line(ValueError, f"a TIFF with at most {MAX_STRIPS} strips or tiles, found {many}"):
        read_picture(data)


@LONG
def test_scans_in_a_tiff(refused_in_one_line) -> None:
    data = grey_tiff(4000, 4000, strips=[200], counts=[100], rows=4000, compression=7, rest=b"\xff\xda" * 60)
    with refused_in_one_line(ValueError, "a TIFF with JPEG compression with at most 18 scans, found 60"):
        read_picture(data)


@LONG
@pytest.mark.parametrize("compression", [6, 34_925, 50_000, 50_001])
def test_other_compressions_of_a_tiff(compression: int, refused_in_one_line) -> None:
    data = grey_tiff(10, 10, strips=[300], counts=[10], rows=10, compression=compression, rest=bytes(300))
    with refused_in_one_line(
        ValueError, "fax compression, found another one; save it as PNG|found a damaged one"
    ):
        read_picture(data)


@HUGE
def test_tags_that_each_are_the_whole_file() -> None:
    """Pillow keeps the bytes of each."""
    rest, count = bytes(1_000_000), 250_000
    tags = {
        256: (4, [10]), 257: (4, [10]), 258: (3, [8]), 259: (3, [1]), 262: (3, [1]), 273: (4, [8]),
        277: (3, [1]), 278: (4, [10]), 279: (4, [100]), **{40_000 + i: (4, [0]) for i in range(500)},
    }  # fmt: skip
    data = bytearray(tiff(tags, rest))
    for i in range(500):
        at = 10 + 12 * (9 + i)
        data[at + 4 : at + 12] = struct.pack("<II", count, 0)
    tracemalloc.start()
    try:
        with suppress(ValueError):  # newer versions of Pillow pass over such tags
            read_picture(bytes(data))
        assert tracemalloc.get_traced_memory()[1] < 20e6
    finally:
        tracemalloc.stop()


@LONG
def test_pages_are_counted(refused_in_one_line) -> None:
    frames = [Image.new("L", (4, 4)) for _ in range(MAX_PAGES + 1)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "TIFF", save_all=True, append_images=frames[1:])
    with refused_in_one_line(ValueError, f"a TIFF with at most {MAX_PAGES} pages, found {MAX_PAGES + 1}"):
        read_picture(buffer.getvalue())


def test_pages_in_a_circle_end() -> None:
    data = bytearray(grey_tiff(4, 4, strips=[8], counts=[16], rows=4, rest=bytes(50)))
    data[10 + 12 * 9 : 14 + 12 * 9] = struct.pack("<I", 8)
    assert len(list(picture_pages(bytes(data)))) == 1


@LONG
def test_text_of_a_greymap_is_read_by_the_array() -> None:
    words = b"7 " * 1_000_000
    assert read_picture(b"P2 1000 1000 255\n" + words).shape == (1000, 1000)


# --- more megapixels


def test_more_megapixels_by_a_limit(refused_in_one_line) -> None:
    sheet = np.full((4001, 4000), 255, np.uint8)
    with refused_in_one_line(ValueError, "expected at most 16 megapixels, .*; scale it down, or allow more"):
        read_picture(sheet)
    assert read_picture(sheet, limits=PictureLimits(50)).shape == (4001, 4000)
    with refused_in_one_line(ValueError, "expected at most 0.5 megapixels, found 1000 x 1000"):
        read_picture(np.zeros((1000, 1000), np.uint8), limits=PictureLimits(0.5))
    for wrong in (0, -1, 51, float("nan")):
        with refused_in_one_line(RangeError, "max_megapixels: expected at most 50 and more than 0, got"):
            PictureLimits(wrong)


# --- PDF: a program that draws


def pdf(content: bytes, box: bytes = b"0 0 600 800") -> bytes:
    """A PDF of one page, whose content is packed."""
    packed = zlib.compress(content, 9)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[%b]/Contents 4 0 R>>" % box,
        b"<</Length %d/Filter/FlateDecode>>stream\n%b\nendstream" % (len(packed), packed),
    ]
    data, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, start=1):
        places.append(len(data))
        data += b"%d 0 obj\n%b\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 5\n0000000000 65535 f \n"
    return data + head + table + b"trailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % len(data)


@pytest.mark.skipif(sys.platform != "linux", reason="the limits are Linux's")
@pytest.mark.fault(
    "own pictures", "a PDF draws without end, or fills the memory", "its process is ended, one line"
)
@pytest.mark.parametrize("unit", [b"0 0 600 800 re f\n", b" " * 16])
def test_a_pdf_that_takes_too_much(unit: bytes, monkeypatch: pytest.MonkeyPatch, refused_in_one_line) -> None:
    monkeypatch.setattr("tenfold.data.formats.pdf.SECONDS", 1)
    monkeypatch.setattr("tenfold.data.formats.pdf.MEMORY", 64 << 20)
    assert read_picture(pdf(unit * 10)).shape == (2223, 1667)
    with refused_in_one_line(
        ValueError, "a PDF whose pages each take at most 1 seconds and 64 MB, found one"
    ):
        read_picture(pdf(unit * (100_000_000 // len(unit))))


@HUGE
def test_a_page_of_a_pdf_that_is_too_wide(refused_in_one_line) -> None:
    with refused_in_one_line(ValueError, "expected sides of at most 65535 pixels, found 2777777778 x 0"):
        read_picture(pdf(b"", b"0 0 1000000000 0.001"))
    assert read_picture(pdf(b"", b"0 0 1000000000 1000000000")).size <= 16e6  # drawn smaller
