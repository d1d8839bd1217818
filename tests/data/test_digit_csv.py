"""CSV files of digits: what is read, and which line and column are named."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfold.data import read_digit_csv
from tenfold.data.digit_csv import _numbers
from tenfold.errors import DataError

HEADER = ["label", *(f"pixel{i}" for i in range(784))]


def csv(rows: list[list[object]], header: list[str] = HEADER, end: str = "\n") -> str:
    return "".join(",".join(map(str, line)) + end for line in [header, *rows])


def row(label: int, seed: int = 0) -> list[object]:
    return [label, *random.Random(seed).choices(range(256), k=784)]


def changed(line: int, column: int, value: object) -> str:
    """Five sound lines, with one value replaced; lines and columns count from 1, the header is line 1."""
    rows = [row(i, i) for i in range(5)]
    rows[line - 2][column - 1] = value
    return csv(rows)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last_end", [True, False])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_reads_labelled(tmp_path: Path, end: str, last_end: bool, mark: str) -> None:
    rows = [row(i, i) for i in range(10)]
    text = mark + csv(rows, end=end)
    (tmp_path / "train.csv").write_text(
        text if last_end else text.removesuffix(end), encoding="utf-8", newline=""
    )
    images, labels = read_digit_csv(tmp_path / "train.csv")
    assert labels.tolist() == list(range(10))
    assert labels.dtype == np.int64
    assert images.shape == (10, 28, 28)
    assert images.reshape(10, 784).tolist() == [line[1:] for line in rows]


def test_reads_unlabelled(tmp_path: Path) -> None:
    rows = [row(0, i)[1:] for i in range(3)]
    (tmp_path / "test.csv").write_text(csv(rows, HEADER[1:]))
    images, labels = read_digit_csv(tmp_path / "test.csv")
    assert labels is None
    assert images.reshape(3, 784).tolist() == rows


def test_quoted_header(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text(csv([row(3)], [f'"{name}"' for name in HEADER]))
    assert read_digit_csv(tmp_path / "train.csv")[1].tolist() == [3]


def test_lines_across_block_borders(tmp_path: Path) -> None:
    """Some 3,200 lines, over the 4 MiB that are read at once; a fault in the last is still placed."""
    rng = np.random.default_rng(0)
    table = rng.integers(0, 256, (2_000, 785))
    table[:, 0] %= 10
    text = csv(table.tolist())
    assert len(text) > 5 << 20
    (tmp_path / "train.csv").write_text(text)
    images, labels = read_digit_csv(tmp_path / "train.csv")
    np.testing.assert_array_equal(images.reshape(-1, 784), table[:, 1:])
    np.testing.assert_array_equal(labels, table[:, 0])
    table[1_999, 400] = 256
    (tmp_path / "train.csv").write_text(csv(table.tolist()))
    with pytest.raises(DataError, match=r"line 2001, column 401 \(pixel399\): .* found '256'"):
        read_digit_csv(tmp_path / "train.csv")


SOUND = csv([row(i, i) for i in range(5)])
FAULTS = {
    "empty": ("", "expected a header, found an empty first line"),
    "only a header": (csv([]), "found only the header"),
    "no header": (csv([row(1)], row(5)), r"line 1: expected a header 'label,pixel0,...', found numbers"),
    "783 columns": (csv([], HEADER[:783]), "line 1: expected 785 columns, or 784 without labels, found 783"),
    "a pixel too few": (
        csv([], HEADER[:784]),
        "line 1: expected a label and 784 pixels, found a label and 783",
    ),
    "label last": (csv([], [*HEADER[1:], "label"]), "line 1, column 1: expected 'label', found 'pixel0'"),
    "html": ("<!DOCTYPE html>\n<html>", "line 1: expected 785 columns, or 784 without labels, found 1"),
    "256": (changed(4, 7, 256), r"line 4, column 7 \(pixel5\): expected a whole number 0-255, found '256'"),
    "1000": (changed(4, 7, 1000), r"line 4, column 7 \(pixel5\): .* found '1000'"),
    "negative": (changed(2, 2, -1), r"line 2, column 2 \(pixel0\): .* found '-1'"),
    "decimal": (changed(3, 785, "0.5"), r"line 3, column 785 \(pixel783\): .* found '0.5'"),
    "letter": (changed(6, 3, "x"), r"line 6, column 3 \(pixel1\): .* found 'x'"),
    "missing value": (changed(6, 3, ""), r"line 6, column 3 \(pixel1\): .* found ''"),
    "space": (changed(6, 3, " 1"), r"line 6, column 3 \(pixel1\): .* found ' 1'"),
    "formula": (changed(6, 3, "=cmd|' /C calc'!A0"), r"column 3 \(pixel1\): .* found \"=cmd"),
    "long": (changed(6, 3, "9" * 5000), r"column 3 \(pixel1\): .* found '99999999999999999999\.\.\.'"),
    "zero byte": (changed(6, 3, "\0"), r"column 3 \(pixel1\): .* found '\\x00'"),
    "other digits": (changed(6, 3, "\u0663"), r"column 3 \(pixel1\): .* found"),
    "label 10": (changed(5, 1, 10), r"line 5, column 1 \(label\): expected a digit 0-9, found '10'"),
    "label empty": (changed(5, 1, ""), r"line 5, column 1 \(label\): expected a digit 0-9, found ''"),
    "one value too many": (csv([row(1), [*row(2), 0]]), "line 3: expected 785 columns, found 786"),
    "one value too few": (
        csv([row(1), row(2)[:-1], [*row(3), 0]]),
        "line 3: expected 785 columns, found 784",
    ),
    "cut off": (SOUND[:-20], "line 6: expected 785 columns, found 7"),
    "empty line": (csv([row(1)]) + "\n" + csv([row(1)]), "line 3: expected 785 columns, found an empty line"),
    "empty line at the end": (SOUND + "\n", "line 7: expected 785 columns, found an empty line"),
    "endless line": (csv([]) + "0," * (5 << 20), "line 2: expected under 65536 characters, found more"),
}


@pytest.mark.fault(
    "data",
    "a CSV file has a wrong header, a wrong value, or lines too short or too long",
    "the first bad line and column are named",
)
@pytest.mark.parametrize("fault", FAULTS)
def test_the_first_bad_line_and_column_are_named(tmp_path: Path, refused, fault: str) -> None:
    text, words = FAULTS[fault]
    path = tmp_path / "train.csv"
    path.write_text(text, encoding="utf-8")
    with refused(str(path), words):
        read_digit_csv(path)


@pytest.mark.fault(
    "data",
    "a CSV file has a wrong header, a wrong value, or lines too short or too long",
    "the first bad line and column are named",
)
def test_the_first_of_two_faults_is_named(tmp_path: Path, refused) -> None:
    rows = [row(i, i) for i in range(5)]
    rows[1][700], rows[1][8], rows[4][0] = 999, 300, 77
    (tmp_path / "train.csv").write_text(csv(rows))
    with refused(str(tmp_path / "train.csv"), r"line 3, column 9 \(pixel7\): .* found '300'"):
        read_digit_csv(tmp_path / "train.csv")


@pytest.mark.fault(
    "data",
    "a file is replaced by a folder, a named pipe, a device or a loop of links",
    "one line that names the file, exit 3",
)
def test_directory(tmp_path: Path, refused) -> None:
    with refused(str(tmp_path), "expected a file, found a folder"):
        read_digit_csv(tmp_path)


def slowly(text: bytes, columns: int) -> list[list[int]] | None:
    """What `_numbers` must give, value by value."""
    table = []
    for line in text.removesuffix(b"\n").split(b"\n"):
        fields = line.split(b",")
        good = all(
            1 <= len(field) <= 3 and not field.strip(b"0123456789") and int(field) < 256 for field in fields
        )
        if len(fields) != columns or not good:
            return None
        table.append([int(field) for field in fields])
    return table


@given(
    st.lists(
        st.lists(
            st.integers(0, 260).map(str) | st.sampled_from(["", "00", "007", "1\n", "-1", " "]),
            min_size=2,
            max_size=3,
        ),
        min_size=1,
        max_size=4,
    )
)
def test_fast_parser_against_a_slow_one(rows: list[list[str]]) -> None:
    text = "".join(",".join(line) + "\n" for line in rows).encode()
    fast, slow = _numbers(text, 3), slowly(text, 3)
    assert (None if fast is None else fast.tolist()) == slow


@given(st.lists(st.lists(st.integers(0, 255), min_size=3, max_size=3), min_size=1, max_size=20))
def test_sound_lines_are_parsed(rows: list[list[int]]) -> None:
    text = "".join(",".join(map(str, line)) + "\n" for line in rows).encode()
    assert _numbers(text, 3).tolist() == rows
