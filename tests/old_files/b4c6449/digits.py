"""Writes the folder ``digits``: 240 training and 60 test images of seven-segment digits."""

import gzip
import struct
from pathlib import Path

import numpy as np

SEGMENTS = [
    (0, 0, 0, 8),
    (0, 0, 8, 0),
    (0, 8, 8, 8),
    (8, 0, 8, 8),
    (8, 0, 16, 0),
    (8, 8, 16, 8),
    (16, 0, 16, 8),
]
LIT = ["012456", "25", "02346", "02356", "1235", "01356", "013456", "025", "0123456", "012356"]


def drawn(digit, rng):
    image = np.zeros((28, 28), np.uint8)
    down, right, width = rng.integers(3, 7), rng.integers(6, 10), rng.integers(2, 4)
    for segment in LIT[digit]:
        top, left, bottom, end = SEGMENTS[int(segment)]
        image[down + top : down + bottom + width, right + left : right + end + width] = 255
    return image


def write(path, array):
    header = struct.pack(">I", 0x800 + array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    path.write_bytes(gzip.compress(header + array.tobytes(), mtime=0))


def write_folder():
    Path("digits").mkdir()
    for name, n, seed in (("train", 240, 0), ("t10k", 60, 1)):
        rng = np.random.default_rng(seed)
        labels = (np.arange(n) % 10).astype(np.uint8)
        write(Path(f"digits/{name}-images-idx3-ubyte.gz"), np.stack([drawn(digit, rng) for digit in labels]))
        write(Path(f"digits/{name}-labels-idx1-ubyte.gz"), labels)
