"""Small files that would take long, or much memory, to decode; and what Pillow says while it decodes."""

from __future__ import annotations

import io
import struct
import threading
import tracemalloc
import warnings
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tenfold.data import read_picture
from tenfold.data.formats.limits import MAX_PROFILES, MAX_READS, MAX_SCANS, USUAL
from tenfold.data.page.grey import grey_levels

LONG = pytest.mark.fault(
    "own pictures", "a small file that takes long to decode", "rejected after its parts are counted"
)
REMARKS = pytest.mark.fault("own pictures", "strange metadata", "read, no warnings in terminal or log")


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(extra: bytes = b"", packed: bytes | None = None) -> bytes:
    """A white picture of 100 x 100 with chunks before its pixels, which are given as chunks or made."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 100, 100, 8, 0, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress((b"\0" + b"\xff" * 100) * 100)) if packed is None else packed
    return b"\x89PNG\r\n\x1a\n" + header + extra + pixels + chunk(b"IEND", b"")


def jpeg(segments: bytes = b"") -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (100, 100), 255).save(buffer, "JPEG")
    data = buffer.getvalue()
    return data[:2] + segments + data[2:]


def progressive(side: int, scans: int) -> bytes:
    """A grey JPEG whose last scan comes again and again."""
    buffer = io.BytesIO()
    Image.new("L", (side, side), 128).save(buffer, "JPEG", progressive=True)
    head, *bodies = buffer.getvalue().removesuffix(b"\xff\xd9").split(b"\xff\xda")
    bodies += bodies[-1:] * (scans - len(bodies))
    return b"\xff\xda".join([head, *bodies]) + b"\xff\xd9"


@LONG
def test_scans_are_fewer_in_larger_pictures(refused_in_one_line) -> None:
    """Each goes over all pixels; a progressive JPEG has 6 to 18, by its colours."""
    assert USUAL.scanned // USUAL.pixels >= 18
    assert read_picture(progressive(1000, MAX_SCANS)).shape == (1000, 1000)
    assert read_picture(progressive(4000, 18)).shape == (4000, 4000)
    expected = "expected a JPEG of 4000 x 4000 pixels with at most 18 scans, found 19; save it again"
    with refused_in_one_line(ValueError, expected):
        read_picture(progressive(4000, 19))


@LONG
def test_profiles_of_a_png(refused_in_one_line) -> None:
    """Of one KB each, and of one MB as soon as Pillow looks at them."""
    profile = chunk(b"iCCP", b"mine\0\0" + zlib.compress(bytes(1 << 20)))
    assert read_picture(png(MAX_PROFILES * profile)).shape == (100, 100)
    with refused_in_one_line(ValueError, "a PNG with at most 4 colour profiles, found 900; save it again"):
        read_picture(png(900 * profile))


@LONG
@pytest.mark.parametrize(
    ("colour", "most"), [(0, 16_000_000), (2, 10_666_666), (4, 16_000_000), (6, 8_000_000)]
)
def test_pixels_of_16_bits(colour: int, most: int, refused_in_one_line) -> None:
    """Each byte of a pixel is predicted from its neighbours; a file of 400 KB may hold 128 MB of them."""
    bits = 16 * {0: 1, 2: 3, 4: 2, 6: 4}[colour]
    for width in (most // 2000, most // 2000 + 1):
        rows = zlib.compress(bytes(1 + width * bits // 8) * 2000)
        header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, 2000, 16, colour, 0, 0, 0))
        data = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
        if width * 2000 <= most:
            assert read_picture(data).shape == (2000, width)
        elif bits > 32:
            with refused_in_one_line(
                ValueError, f"at most 64000000 bytes of pixels, .* of {bits} bits; save"
            ):
                read_picture(data)


MANY = MAX_READS + 1
PARTS = {
    "empty comments": lambda: jpeg(b"\xff\xfe\0\2" * MANY),
    "fill bytes": lambda: jpeg(b"\xff" * MANY),
    "junk": lambda: jpeg(b"\xff\0" * MANY),
    "texts": lambda: png(chunk(b"tEXt", b"") * MANY),
    "unknown chunks": lambda: png(chunk(b"quAk", b"") * MANY),
    "chunks of no pixels": lambda: png(packed=chunk(b"IDAT", b"") * MANY),
    "chunks after the pixels": lambda: png(
        packed=png()[33:-12] + chunk(b"quAk", b"") * MANY,
    ),
}


@LONG
@pytest.mark.parametrize("what", PARTS)
def test_parts_of_a_file(what: str, refused_in_one_line) -> None:
    with refused_in_one_line(ValueError, "at most 33333 chunks or segments, found more; save it again"):
        read_picture(PARTS[what]())


def test_a_png_in_many_chunks_is_read() -> None:
    """Some programs write chunks of a few KB: 10,000 are 64 MB and more."""
    packed = zlib.compress((b"\0" + b"\xff" * 100) * 100, 0)
    pixels = b"".join(chunk(b"IDAT", packed[i : i + 1]) for i in range(len(packed)))
    assert read_picture(png(packed=pixels)).shape == (100, 100)


# --- memory


def test_every_level_of_16_bits_is_rounded() -> None:
    levels = np.arange(65536, dtype=np.uint16)
    found = grey_levels(Image.fromarray(levels.reshape(256, 256)))
    np.testing.assert_array_equal(found.ravel(), np.rint(levels / 257).astype(np.uint8))


@pytest.mark.parametrize("level", [-5, 70_000])
def test_32_bits_are_clipped(level: int) -> None:
    deep = Image.fromarray(np.full((2, 2), level, np.int32))
    assert np.unique(grey_levels(deep)).tolist() == [0 if level < 0 else 255]


@pytest.mark.fault("own pictures", "16 megapixels of 16 bits", "read in under 350 MB")
def test_16_bits_take_no_more_than_their_pixels() -> None:
    """The array of 32 MB twice, for Pillow puts it together from blocks, and the grey levels; not int64."""
    deep = Image.fromarray(np.full((4000, 4000), 40_000, np.uint16))
    tracemalloc.start()
    try:
        grey_levels(deep)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 110e6


# --- remarks


def odd_exif(orientation: int = 1) -> bytes:
    """A JPEG whose EXIF has two values where one is expected, and points beyond its end."""
    entries = [
        struct.pack(">HHII", 0x10F, 3, 2, 0),
        struct.pack(">HHIHH", 0x112, 3, 1, orientation, 0),
        struct.pack(">HHII", 0x11A, 5, 1, 60_000),
    ]
    tiff = b"MM\0*\0\0\0\x08" + struct.pack(">H", len(entries)) + b"".join(entries) + bytes(4)
    body = b"Exif\0\0" + tiff
    return jpeg(b"\xff\xe1" + struct.pack(">H", 2 + len(body)) + body)


def odd_animation() -> bytes:
    return png(chunk(b"acTL", bytes(8)))


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All warnings, as a program hears them whose filters say "default"."""
    said: list[str] = []
    monkeypatch.setattr(warnings, "showwarning", lambda message, *_, **__: said.append(str(message)))
    return said


@REMARKS
@pytest.mark.parametrize("action", ["error", "always"])
@pytest.mark.parametrize("make", [odd_exif, odd_animation])
def test_odd_metadata_is_passed_over(make, action: str, heard: list[str], capfd) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter(action)
        assert read_picture(make()).shape == (100, 100)
        assert read_picture(Image.open(io.BytesIO(make()))).shape == (100, 100)
    assert heard == []
    assert capfd.readouterr() == ("", "")


@REMARKS
def test_pictures_read_in_threads_change_no_filter_of_others(heard: list[str]) -> None:
    """Each thread reads; meanwhile the program's own warnings are still heard."""
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        read_picture(odd_exif())
        before = list(warnings.filters)
        threads = [
            threading.Thread(target=lambda: [read_picture(odd_exif()) for _ in range(30)]) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for i in range(200):
            warnings.warn(f"mine {i}", UserWarning, stacklevel=1)
        for thread in threads:
            thread.join()
        assert list(warnings.filters) == before
    assert heard == [f"mine {i}" for i in range(200)]


def others() -> Iterator[bytes]:
    packed = ("tiff_lzw", "tiff_adobe_deflate", "jpeg", "packbits", "raw")
    ways = [("TIFF", {"compression": name}) for name in packed]
    for kind, options in [*ways, *((kind, {}) for kind in ("GIF", "BMP", "WEBP", "AVIF", "PDF"))]:
        buffer = io.BytesIO()
        Image.new("L", (60, 60), 200).save(buffer, kind, **options)
        yield buffer.getvalue()


@REMARKS
def test_damaged_pictures_write_nothing_to_the_terminal(capfd, tmp_path: Path) -> None:
    """Libraries in C write to the file descriptor itself."""
    rng = np.random.default_rng(0)
    sound = [jpeg(), png(), progressive(100, 6), odd_exif(6), *others()]
    for i in range(600):
        data = bytearray(sound[i % len(sound)])
        for place in rng.integers(2, len(data), 3):
            data[place] = rng.integers(256)
        try:
            read_picture(bytes(data))
        except ValueError:
            continue
    assert capfd.readouterr() == ("", "")
