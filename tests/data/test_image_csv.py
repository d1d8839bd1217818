"""CSV files of images: every form in which people have them, and which line and column are named."""

from __future__ import annotations

import gzip
import random
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfold.data import load_corpus, read_digit_csv, read_image_csv
from tenfold.data.csv_columns import Columns
from tenfold.data.csv_numbers import parse
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


# --- the forms in which people have the same table

LABELS = [3, 1, 4, 1, 5, 9, 2, 6]
SIDE = 4
PIXELS = np.random.default_rng(0).choice([0, 17, 102, 255], (len(LABELS), SIDE * SIDE))
PIXELS[:, 0] = PIXELS[:, -1] = 0  # the corners, as in MNIST
NAMES = [f"pixel{i}" for i in range(SIDE * SIDE)]


def table(
    header: list[str] | None = None,
    write: Callable[[int], str] = str,
    label_at: int = 0,
    separator: str = ",",
    labels: list[object] = LABELS,
    index: bool = False,
) -> str:
    """The table as text: where the label is, how a pixel is written, what separates."""
    lines = [] if header is None else [header]
    for i, (label, pixels) in enumerate(zip(labels, PIXELS.tolist(), strict=True)):
        values = [write(value) for value in pixels]
        values.insert(label_at, str(label))
        lines.append([*([str(i)] if index else []), *values])
    return "".join(separator.join(line) + "\n" for line in lines)


FORMS: dict[str, str] = {
    "as Kaggle writes it": table(["label", *NAMES]),
    "capital letters": table(["Label", *NAMES]),
    "no header": table(),
    "no header, label last": table(label_at=SIDE * SIDE),
    "OpenML: class last": table([*NAMES, "class"], label_at=SIDE * SIDE),
    "target in the middle": table([*NAMES[:5], "target", *NAMES[5:]], label_at=5),
    "pandas: an index column": table(["", "label", *NAMES], index=True),
    "pandas: an index column that was read again": table(["Unnamed: 0", "label", *NAMES], index=True),
    "an index column without a header": table(index=True),
    "pandas: columns without names": table([str(i) for i in range(SIDE * SIDE + 1)]),
    "floats after a division": table(["label", *NAMES], lambda value: f"{value}.0"),
    "labels as floats too": table(
        ["label", *NAMES], lambda v: f"{v}.0", labels=[f"{one}.0" for one in LABELS]
    ),
    "fractions of 0 to 1": table(["label", *NAMES], lambda value: repr(value / 255)),
    "small numbers as 1e-05": table(["label", *NAMES], lambda value: f"{value / 255:.6e}"),
    "quotes": table(['"label"', *(f'"{name}"' for name in NAMES)], lambda value: f'"{value}"'),
    "blanks": table(["label", *NAMES], separator=" ,  "),
    "semicolons": table(["label", *NAMES], separator=";"),
    "semicolons and decimal commas": table(
        ["label", *NAMES], lambda value: str(value / 255).replace(".", ","), separator=";"
    ),
    "tabs": table(["label", *NAMES], separator="\t"),
    "row x column": table(["label", *(f"{1 + i // 4}x{1 + i % 4}" for i in range(16))]),
    "CRLF": table(["label", *NAMES]).replace("\n", "\r\n"),
    "no line break at the end": table(["label", *NAMES]).removesuffix("\n"),
    "more columns": table(["label", *NAMES, "author"], lambda value: str(value)).replace(
        "\n", ",me\n"
    ).replace("author,me", "author"),
}  # fmt: skip


def check_table(images: np.ndarray, labels: np.ndarray | None) -> None:
    np.testing.assert_array_equal(images.reshape(-1, SIDE * SIDE), PIXELS)
    assert images.dtype == np.uint8
    assert images.shape[1:] == (SIDE, SIDE)
    assert labels.tolist() == LABELS


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_images(tmp_path: Path, form: str) -> None:
    path = tmp_path / "data.csv"
    path.write_text(FORMS[form], newline="")
    check_table(*read_digit_csv(path))


PACKED = {
    "data.csv": lambda text: text.encode(),
    "mark.csv": lambda text: text.encode("utf-8-sig"),
    "little.csv": lambda text: text.encode("utf-16"),
    "big.csv": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "data.csv.gz": lambda text: gzip.compress(text.encode()),
    "utf16.csv.gz": lambda text: gzip.compress(text.encode("utf-16")),
}


@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize("form", ["as Kaggle writes it", "semicolons", "CRLF"])
def test_every_encoding_gives_the_same_images(tmp_path: Path, name: str, form: str) -> None:
    (tmp_path / name).write_bytes(PACKED[name](FORMS[form]))
    check_table(*read_digit_csv(tmp_path / name))


def test_the_only_file_of_a_zip_archive(tmp_path: Path, refused) -> None:
    path = tmp_path / "train.csv.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("train.csv", FORMS["as Kaggle writes it"])
        archive.writestr("__MACOSX/._train.csv", "?")
    check_table(*read_digit_csv(path))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("test.csv", "more")
    with refused(str(path), r"a ZIP archive with one CSV file, found train.csv, test.csv; unpack it"):
        read_digit_csv(path)
    path.write_bytes(path.read_bytes()[:300])
    with refused(str(path), "expected a ZIP archive, found a damaged one"):
        read_digit_csv(path)


def test_names_as_labels(tmp_path: Path) -> None:
    words = ["cat", "dog", "New York", "cat", "Ünder", "dog", "cat", "7"]
    (tmp_path / "pets.csv").write_text(table(["label", *NAMES], labels=words), encoding="utf-8")
    table_ = read_image_csv(tmp_path / "pets.csv")
    assert [one.decode() for one in table_.labels.tolist()] == words
    (tmp_path / "none.csv").write_text(table(None, labels=words, label_at=16), encoding="utf-8")
    assert read_image_csv(tmp_path / "none.csv").columns.label == 16
    corpus = load_corpus(tmp_path / "pets.csv")
    assert corpus.train.class_names == ("7", "New York", "cat", "dog", "Ünder")
    counts = np.bincount([*corpus.train.labels, *corpus.test.labels], minlength=5)
    assert counts.tolist() == [1, 1, 3, 2, 1]


def test_rectangular_images_by_the_names_of_columns(tmp_path: Path) -> None:
    names = [f"{r}x{c}" for r in range(1, 3) for c in range(1, 9)]
    (tmp_path / "wide.csv").write_text(table(["label", *names]))
    images, _ = read_digit_csv(tmp_path / "wide.csv")
    assert images.shape == (8, 2, 8)


def test_many_classes(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(table(["label", *NAMES], labels=[0, 1, 255, 256, 999, 1000, 30_000, 2]))
    assert read_digit_csv(tmp_path / "a.csv")[1].tolist() == [0, 1, 255, 256, 999, 1000, 30_000, 2]


AMBIGUOUS = {
    "two of the usual names": (
        table(["label", *NAMES, "class"], label_at=16, index=True),
        r"expected one column of labels, found 'label', 'class'; name it: (.*)",
        LABELS,
    ),
    "no header, both ends alike": (
        "".join(f"{i % 2},{'9,' * 14}8,{i % 3}\n" for i in range(6)),
        r"look alike; give (.*) or .*:last",
        [0, 1, 0, 1, 0, 1],
    ),
    "two columns that are no pixels": (
        table(["kind", *NAMES, "author"], label_at=16, index=True),
        r"found 'kind', 'author'; name it: (.*)",
        list(range(8)),
    ),
}


@pytest.mark.parametrize("case", AMBIGUOUS)
def test_an_ambiguous_label_column_is_refused_and_the_advice_works(
    tmp_path: Path, refused, case: str
) -> None:
    text, words, labels = AMBIGUOUS[case]
    path = tmp_path / "data.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=words) as caught:
        load_corpus(path)
    advice = re.search(words, str(caught.value))[1]
    corpus = load_corpus(advice)  # the advice, followed literally
    assert corpus.origin == advice
    assert len(corpus.train) + len(corpus.test) == len(labels)
    found = sorted([*corpus.train.labels.tolist(), *corpus.test.labels.tolist()])
    assert found == sorted(labels if case != "two of the usual names" else range(8))


def test_the_label_column_by_name(tmp_path: Path, refused) -> None:
    path = tmp_path / "data.csv"
    path.write_text(table(["label", *NAMES, "class"], label_at=16, index=True))
    assert sorted(load_corpus(f"{path}:class").test.labels.tolist()) in [[one] for one in LABELS]
    assert load_corpus(f"{path}:LAST").sha256 == load_corpus(f"{path}:class").sha256
    with refused(str(path), r"expected a column 'colour', found 'label', 'class'; name one of them"):
        load_corpus(f"{path}:colour")


SOUND = csv([row(i, i) for i in range(5)])
FAULTS = {
    "empty": ("", "expected a header, found an empty first line"),
    "only a header": (csv([]), "found only the header"),
    "783 columns": (
        csv([], HEADER[:783]),
        "a square number of pixels, such as 784, found 782 columns of pixels",
    ),
    "a pixel too few": (csv([], HEADER[:784]), "a square number of pixels, such as 784, found 783"),
    "html": ("<!DOCTYPE html>\n<html>", "expected a label and a square number of pixels, such as 784, found"),
    "256": (changed(4, 7, 256), r"line 4, column 7 \(pixel5\): expected a number 0-255, found '256'"),
    "1000": (changed(4, 7, 1000), r"line 4, column 7 \(pixel5\): .* found '1000'"),
    "negative": (changed(2, 2, -1), r"line 2, column 2 \(pixel0\): .* found '-1'"),
    "nan": (changed(3, 785, "nan"), r"line 3, column 785 \(pixel783\): .* found 'nan'"),
    "infinity": (changed(3, 785, "1e999"), r"line 3, column 785 \(pixel783\): .* found '1e999'"),
    "letter": (changed(6, 3, "x"), r"line 6, column 3 \(pixel1\): .* found 'x'"),
    "missing value": (changed(6, 3, ""), r"line 6, column 3 \(pixel1\): .* found ''"),
    "missing value beside a fraction": (
        changed(6, 3, "").replace(",0,", ",0.5,"),
        r"line 6, column 3 \(pixel1\): .* found ''",
    ),
    "formula": (changed(6, 3, "=cmd|' /C calc'!A0"), r"column 3 \(pixel1\): .* found \"=cmd"),
    "long": (changed(6, 3, "9" * 5000), r"column 3 \(pixel1\): .* found '99999999999999999999\.\.\.'"),
    "zero byte": (changed(6, 3, "\0"), r"column 3 \(pixel1\): .* found '\\x00'"),
    "other digits": (changed(6, 3, "\u0663"), r"column 3 \(pixel1\): .* found"),
    "fractions above 1": (
        changed(3, 785, "0.5"),
        "found fractions up to 255; divide them by 255, or round them",
    ),
    "label empty": (changed(5, 1, ""), "expected a label for each image, found none at position 3"),
    "numbers and names": (changed(5, 1, "cat").replace("\n0,", "\n44,"), "all numbers or all names"),
    "one value too many": (csv([row(1), [*row(2), 0]]), "line 3: expected 785 columns, found 786"),
    "one value too few": (
        csv([row(1), row(2)[:-1], [*row(3), 0]]),
        "line 3: expected 785 columns, found 784",
    ),
    "cut off": (SOUND[:-20], "line 6: expected 785 columns, found 7"),
    "empty line": (csv([row(1)]) + "\n" + csv([row(1)]), "line 3: expected 785 columns, found an empty line"),
    "empty line at the end": (SOUND + "\n", "line 7: expected 785 columns, found an empty line"),
    "endless line": (csv([]) + "0," * (5 << 20), "line 2: expected under 262144 characters, found more"),
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
    """What `parse` must give, value by value."""
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


THREE = Columns(("a", "b", "c"), header=False, label=None, aside=(), shape=(1, 3))


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
    slow = slowly(text, 3)
    if slow is None:
        with pytest.raises(DataError):
            parse(text, THREE, "x", 1)
    else:
        assert parse(text, THREE, "x", 1).pixels.tolist() == slow


@given(
    st.lists(
        st.lists(st.sampled_from(["0", "0.25", ".5", "1.", "1e-3", "255", "0.0"]), min_size=3, max_size=3),
        min_size=1,
        max_size=20,
    )
)
def test_fractions_are_what_python_reads(rows: list[list[str]]) -> None:
    text = "".join(",".join(line) + "\n" for line in rows).encode()
    found = parse(text, THREE, "x", 1).pixels
    np.testing.assert_array_equal(
        found, np.array([[float(one) for one in line] for line in rows], np.float32)
    )


@pytest.mark.parametrize(
    "names",
    [
        [f"pixel{i}" for i in (0, 1, 10, 11, 2, 3, 4, 5, 6)],
        [f"{c}x{r}" for r in (1, 2, 3) for c in (1, 2, 3)],
    ],
    ids=["sorted as text", "column by column"],
)
def test_columns_in_another_order_are_refused(tmp_path: Path, refused_in_one_line, names: list[str]) -> None:
    rows = [f"{i % 2},{','.join(map(str, range(i, i + 9)))}" for i in range(20)]
    (tmp_path / "data.csv").write_text("\n".join([",".join(["label", *names]), *rows]))
    with refused_in_one_line(
        DataError, "in the order of their numbers, found .* before .*; sort the columns"
    ):
        load_corpus(tmp_path / "data.csv")


def test_labels_that_are_not_utf_8_are_refused(tmp_path: Path, refused_in_one_line) -> None:
    rows = [f"{'éüx'[i % 3]},{','.join(['7'] * 9)}" for i in range(21)]
    head = ",".join(["label", *(f"pixel{i}" for i in range(9))])
    (tmp_path / "data.csv").write_bytes("\n".join([head, *rows]).encode("latin-1"))
    with refused_in_one_line(DataError, "expected UTF-8, found"):
        load_corpus(tmp_path / "data.csv")
