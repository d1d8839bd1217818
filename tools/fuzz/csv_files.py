"""CSV files of digits: any text, any lines under a valid header, and valid lines with changed values."""

from __future__ import annotations

import tempfile

import numpy as np
from bounds import refused_in_one_line
from target import Target

from tenfold.data import read_digit_csv

HEADER = b"label," + b",".join(b"pixel%d" % i for i in range(784)) + b"\n"
ODD = (
    b"",
    b"256",
    b"-1",
    b"0.5",
    b"x",
    b"1e3",
    b" 1",
    b"007",
    b"=1",
    b'"1"',
    b"\xff",
    b"\0",
    b"1,1",
    b"1\n",
    b"1\r",
    b".5",
    b"0.25",
    b"1e-3",
    b"nan",
    b";",
)


def fuzz_csv(data: bytes) -> None:
    kind, rest = data[:1], data[1:]
    if kind > b"\x55":
        rest = HEADER + (rest if kind <= b"\xaa" else _lines(rest))
    with tempfile.NamedTemporaryFile() as file:
        file.write(rest)
        file.flush()
        with refused_in_one_line():
            _check(*read_digit_csv(file.name))


def _check(images: np.ndarray, labels: np.ndarray | None) -> None:
    """The result has square images or such of named rows and columns, and labels of 0 and more."""
    if images.dtype != np.uint8 or images.ndim != 3 or 0 in images.shape:
        raise RuntimeError(f"no images: {images.dtype}, {images.shape}")
    if labels is not None and (labels.shape != images.shape[:1] or labels.min() < 0):
        raise RuntimeError(f"no labels: {labels[:10]}")


def _lines(choices: bytes) -> bytes:
    """Three lines of which values are exchanged: by two bytes for the place and one for what comes there."""
    fields = [[b"7", *[b"%d" % (i % 256) for i in range(784)]] for _ in range(3)]
    for i in range(0, len(choices) - 2, 3):
        line, column = divmod(int.from_bytes(choices[i : i + 2], "big") % (3 * 785), 785)
        fields[line][column] = ODD[choices[i + 2] % len(ODD)]
    return b"\n".join(b",".join(line) for line in fields)


def csv_seeds() -> list[bytes]:
    """Three lines with labels and without, and some exchanges."""
    sound = HEADER + _lines(b"")
    unlabelled = b"\n".join(line.partition(b",")[2] for line in sound.splitlines())
    exchanged = [b"\xff" + bytes([0, place, what]) for place, what in ((0, 1), (9, 4), (200, 12))]
    small = b"".join(b"%d,%d,0,0.5,1\n" % (i % 3, i % 2) for i in range(4))  # fractions end at 1
    forms = [small, small.replace(b",", b";"), b"kind,a1,a2,a3,a4\n" + small, small.decode().encode("utf-16")]
    return [
        *(b"\0" + form for form in forms),
        b"\0" + sound,
        b"\0" + unlabelled,
        b"\x80" + _lines(b""),
        b"\xff",
        *exchanged,
    ]


CSV = Target(fuzz_csv, csv_seeds)
