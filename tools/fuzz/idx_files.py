"""IDX files, plain or gzipped by us."""

from __future__ import annotations

import gzip
import tempfile

from bounds import refused_in_one_line
from target import Target

from tenfold.data import read_idx_images, read_idx_labels
from tenfold.data.idx import idx_header


def fuzz_idx(data: bytes) -> None:
    """An IDX file, plain, or gzipped by us; as images and as labels."""
    content = data[1:] if data[:1] <= b"\xaa" else gzip.compress(data[1:], 1)
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        for read in (read_idx_images, read_idx_labels):
            with refused_in_one_line():
                read(file.name)


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


IDX = Target(fuzz_idx, idx_seeds)
