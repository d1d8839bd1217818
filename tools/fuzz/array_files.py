"""NumPy's files: ``.npz`` archives, single arrays, and headers with random changes."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path

import numpy as np
from bounds import refused_in_one_line
from target import Target

from tenfold.data.array_files import read_npy, read_npz


def fuzz_arrays(data: bytes) -> None:
    """An archive or an array of any bytes; or an archive of ours with an array of these bytes."""
    kind, rest = data[:1], data[1:]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.npz"
        if kind > b"\xaa":
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("x.npy", rest)
                archive.writestr("y.npy", _array(np.arange(3)))
        else:
            path.write_bytes(rest)
        with refused_in_one_line():
            if kind > b"\x55":
                read_npz(path, "", "fuzzed")
            else:
                read_npy(path)


def _array(values: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, values)
    return stream.getvalue()


def array_seeds() -> list[bytes]:
    """Three images as an array and in archives, and floats in the order of columns."""
    images = np.arange(3 * 36, dtype=np.uint8).reshape(3, 6, 6)
    stream = io.BytesIO()
    np.savez_compressed(stream, x_train=images, y_train=np.arange(3))
    floats = np.asfortranarray(images / 255)
    return [
        b"\0" + _array(images),
        b"\0" + _array(floats),
        b"\x60" + stream.getvalue(),
        b"\xff" + _array(images),
        b"\xff" + _array(floats),
    ]


ARRAYS = Target(fuzz_arrays, array_seeds)
