"""Throw damaged files at the readers for a while: only a TenfoldError may come out.

With atheris, where it is installed, inputs are led by what they reach in the code; without it they are
mutations of sound files. Either way a finding is written to a file that can be given back:

    python tools/fuzz.py picture --seconds 60
    python tools/fuzz.py idx --again crash-idx-3f2a
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import os
import struct
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import numpy as np
from PIL import Image

try:
    import atheris
except ImportError:
    atheris = None

with nullcontext() if atheris is None else atheris.instrument_imports(include=["tenfold"]):
    from tenfold.data import find_digits, read_idx_images, read_idx_labels, read_picture
    from tenfold.data.idx import idx_header
    from tenfold.errors import TenfoldError

LONGEST = 20_000  # bytes of an input
MOST_PIXELS = 60_000  # of a picture made from an input: time is better spent on many small ones


# --- what is fuzzed; the first byte of an input chooses how the others are used


def fuzz_picture(data: bytes) -> None:
    """A file as it is, a PNG with sound checksums around any header and pixels, or an array."""
    kind, rest = data[:1], data[1:]
    try:
        if kind <= b"\x55":
            grey = read_picture(rest)
        elif kind <= b"\xaa":
            grey = read_picture(_png(rest))
        else:
            grey = read_picture(_array(rest))
        if grey.size > MOST_PIXELS:
            grey = np.ascontiguousarray(grey[:200, :300])
        page = find_digits(grey)
    except TenfoldError as error:
        _one_line(error)
        return
    for line in page.lines:
        for digit in line:
            left, top, width, height = digit.box
            if digit.image.shape != (28, 28) or not digit.image.any():
                raise RuntimeError(f"no image of a digit: {digit.image.shape}, {digit.image.max()}")
            if (
                min(left, top) < 0
                or width < 1
                or left + width > grey.shape[1]
                or top + height > grey.shape[0]
            ):
                raise RuntimeError(f"a box beyond the picture of {grey.shape}: {digit.box}")


def fuzz_idx(data: bytes) -> None:
    """An IDX file, plain, or gzipped by us; as images and as labels."""
    content = data[1:] if data[:1] <= b"\xaa" else gzip.compress(data[1:], 1)
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        for read in (read_idx_images, read_idx_labels):
            try:
                read(file.name)
            except TenfoldError as error:
                _one_line(error)


def _one_line(error: TenfoldError) -> None:
    if "\n" in str(error) or not str(error):
        raise RuntimeError(f"an error that is not one line: {error!r}") from error


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


# --- sound inputs to begin with


def picture_seeds() -> list[bytes]:
    """A stroke as PNG and JPEG of several modes, and arrays."""
    y, x = np.mgrid[:40, :36]
    stroke = np.where((np.abs(x - 18 - (y - 20) / 6) < 3) & (y > 6) & (y < 34), 20, 230).astype(np.uint8)
    found = []
    for mode in ("L", "RGB", "RGBA", "LA", "P", "1", "CMYK"):
        for kind in ("PNG", "JPEG"):
            buffer = io.BytesIO()
            try:
                Image.fromarray(stroke).convert(mode).save(buffer, kind)
            except OSError:  # this kind has no such mode
                continue
            found.append(b"\0" + buffer.getvalue())
    rows = np.pad(stroke, ((0, 0), (1, 0)))  # each begins with the number of its filter, none
    found.append(b"\x80" + struct.pack(">HHBBB", 36, 40, 8, 0, 0) + rows.tobytes())
    found.append(b"\xff" + struct.pack(">BB", 39, 35) + stroke.tobytes())
    return found


def idx_seeds() -> list[bytes]:
    """Three images, and five labels, plain and gzipped."""
    images = idx_header((3, 28, 28)) + bytes(range(256)) * 9 + bytes(48)
    labels = idx_header((5,)) + bytes([0, 9, 4, 1, 7])
    return [
        b"\0" + images,
        b"\0" + labels,
        b"\xff" + images,
        b"\0" + gzip.compress(images),
        b"\0" + gzip.compress(labels),
    ]


TARGETS: dict[str, tuple[Callable[[bytes], None], Callable[[], list[bytes]]]] = {
    "picture": (fuzz_picture, picture_seeds),
    "idx": (fuzz_idx, idx_seeds),
}


# --- the two engines


def with_mutations(name: str, seconds: float, seed: int) -> int:
    """Change sound inputs at random until the time is over; return how many were tried."""
    target, seeds = TARGETS[name]
    rng = np.random.default_rng(seed)
    inputs, tried, end = seeds(), 0, time.monotonic() + seconds
    while time.monotonic() < end:
        data = _mutated(inputs[rng.integers(len(inputs))], rng)
        try:
            target(data)
        except Exception:
            path = Path(f"crash-{name}-{hashlib.sha256(data).hexdigest()[:8]}")
            path.write_bytes(data)
            print(f"{name}: {path} holds what did this", file=sys.stderr)
            raise
        tried += 1
    return tried


def _mutated(data: bytes, rng: np.random.Generator) -> bytes:
    """One to six changes: bytes and runs of them, numbers at the edges of their range, cuts, copies."""
    changed = bytearray(data)
    for _ in range(rng.integers(1, 7)):
        at = int(rng.integers(len(changed) or 1))
        length = int(rng.integers(1, 30))
        kind = rng.integers(6)
        if kind == 0:
            changed[at : at + 1] = rng.bytes(1)
        elif kind == 1:
            changed[at : at + length] = rng.bytes(length)
        elif kind == 2:
            changed[at : at + 4] = rng.choice(
                [b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\x10\0"]
            )
        elif kind == 3:
            del changed[at : at + length]
        elif kind == 4:
            changed[at:at] = changed[max(0, at - length) : at]
        else:
            del changed[at if rng.random() < 0.3 else len(changed) :]
    return bytes(changed[:LONGEST])


def with_atheris(name: str, seconds: float, seed: int) -> None:
    """Let atheris look for inputs that reach new code; it ends the process."""
    target, seeds = TARGETS[name]
    with tempfile.TemporaryDirectory() as folder:
        for i, data in enumerate(seeds()):
            Path(folder, str(i)).write_bytes(data)
        options = [f"-max_total_time={seconds:.0f}", f"-max_len={LONGEST}", f"-seed={seed}", "-timeout=30"]
        # atheris itself keeps 0.3 MB of each run (the same runs without it stay at 120 MB): no bound on all
        # memory, but one on what is asked for at once.
        options += ["-rss_limit_mb=0", "-malloc_limit_mb=1024"]
        atheris.Setup([sys.argv[0], *options, f"-artifact_prefix=crash-{name}-", folder], target)
        atheris.Fuzz()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--again", type=Path, help="a file that was written for a finding")
    parser.add_argument("--mutations", action="store_true", help="do without atheris")
    options = parser.parse_args()
    if options.again:
        TARGETS[options.target][0](options.again.read_bytes())
        return
    if atheris is not None and not options.mutations:
        with_atheris(options.target, options.seconds, options.seed)
        return
    tried = with_mutations(options.target, options.seconds, options.seed)
    print(f"{options.target}: {tried:,} mutations in {options.seconds:.0f} s, nothing but TenfoldError")


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
