"""Pictures: any bytes, PNGs with valid checksums around any content, and arrays."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator

import numpy as np
from bounds import refused_in_one_line
from PIL import Image
from target import Target

from tenfold.data import Page, find_digits, read_picture
from tenfold.predict.reader import MOST_VIEWS

MOST_PIXELS = 60_000  # of a picture made from an input: time is better spent on many small ones


def fuzz_picture(data: bytes) -> None:
    """Any bytes, a PNG with valid checksums around any header and pixels, or an array."""
    kind, rest = data[:1], data[1:]
    with refused_in_one_line():
        if kind <= b"\x55":
            grey = read_picture(rest)
        elif kind <= b"\xaa":
            grey = read_picture(_png(rest))
        else:
            grey = read_picture(_array(rest))
        if grey.size > MOST_PIXELS:
            grey = np.ascontiguousarray(grey[:200, :300])
        _check_page(find_digits(grey), grey)


def _check_page(page: Page, grey: np.ndarray) -> None:
    """Look at every view: the images of its candidates, and all boxes."""
    for place in range(MOST_VIEWS):
        if (view := page.view(place)) is None:
            return
        shape = np.rot90(grey, view.turned).shape
        candidates = [one for row in view.rows for one in row.candidates]
        for one in candidates:
            if one.image.shape != (28, 28) or not one.image.any():
                raise RuntimeError(f"not an image of a digit: {one.image.shape}, {one.image.max()}")
        for box in [*(one.box for one in candidates), *(box for box, _ in view.left)]:
            if not (0 <= box.left < box.right <= shape[1] and 0 <= box.top < box.bottom <= shape[0]):
                raise RuntimeError(f"a box outside the picture of {shape}: {box}")


def _png(data: bytes) -> bytes:
    width, height, depth, colour, interlace = struct.unpack(">HHBBB", data[:7].ljust(7, b"\1"))
    header = struct.pack(">IIBBBBB", width % 400, height % 200, depth % 17, colour % 7, 0, 0, interlace % 2)
    chunks = [
        (b"IHDR", header),
        (b"PLTE", data[7:19]),
        (b"tRNS", data[19:23]),
        (b"IDAT", zlib.compress(data[7:])),
    ]
    if colour % 7 != 3:
        chunks = [chunk for chunk in chunks if chunk[0] not in (b"PLTE", b"tRNS")]
    parts = [
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in [*chunks, (b"IEND", b"")]
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _array(data: bytes) -> np.ndarray:
    """Pixels of a few levels in runs, so that strokes, edges and blank sheets occur."""
    height, width = (1 + value for value in struct.unpack(">BB", data[:2].ljust(2, b"\x1b")))
    pixels = np.frombuffer(data[2:] or b"\0", np.uint8)
    runs = np.repeat(pixels, 1 + (pixels % 7).astype(int) ** 2)
    return np.resize(runs, (height, width))


def picture_seeds() -> list[bytes]:
    """A stroke in every format and several modes, and arrays."""
    y, x = np.mgrid[:40, :36]
    stroke = np.where((np.abs(x - 18 - (y - 20) / 6) < 3) & (y > 6) & (y < 34), 20, 230).astype(np.uint8)
    found = []
    for mode in ("L", "RGB", "RGBA", "LA", "P", "1", "CMYK"):
        for kind in ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM"):
            buffer = io.BytesIO()
            try:
                Image.fromarray(stroke).convert(mode).save(buffer, kind)
            except (OSError, ValueError):  # this kind has no such mode
                continue
            found.append(b"\0" + buffer.getvalue())
    found += [b"\0" + data for data in _compressed(stroke)]
    rows = np.pad(stroke, ((0, 0), (1, 0)))  # each begins with the number of its filter, none
    found.append(b"\x80" + struct.pack(">HHBBB", 36, 40, 8, 0, 0) + rows.tobytes())
    found.append(b"\xff" + struct.pack(">BB", 39, 35) + stroke.tobytes())
    return found


def _compressed(stroke: np.ndarray) -> Iterator[bytes]:
    """Yield the stroke as a TIFF of every compression, as text, and in formats of other decoders."""
    image = Image.fromarray(stroke)
    ways = [
        ("TIFF", {"compression": name}) for name in ("tiff_lzw", "tiff_adobe_deflate", "jpeg", "packbits")
    ]
    for kind, options in [*ways, ("AVIF", {}), ("PDF", {})]:
        buffer = io.BytesIO()
        image.save(buffer, kind, **options)
        yield buffer.getvalue()
    yield b"P2 36 40 255\n" + " ".join(map(str, stroke.ravel())).encode()


PICTURE = Target(fuzz_picture, picture_seeds)
