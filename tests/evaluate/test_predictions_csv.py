"""Tables of predictions: Kaggle's answer file, all probabilities, the digits of pictures."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest

from tenfold.evaluate import predictions_csv, readings_csv, submission_csv
from tenfold.predict import Digit, Reading


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("n", [0, 1, 300])
def test_an_answer_file_counts_from_one_in_the_order_of_the_images(n):
    digits = np.random.default_rng(0).integers(0, 10, n)
    lines = submission_csv(digits).split("\n")
    assert lines == ["ImageId,Label", *(f"{i + 1},{digit}" for i, digit in enumerate(digits)), ""]


@pytest.mark.parametrize("k", [2, 10, 26])
@pytest.mark.parametrize("labelled", [True, False])
def test_every_image_is_a_line_with_all_probabilities(k, labelled):
    rng = np.random.default_rng(0)
    p, labels = rng.dirichlet(np.ones(k), 20), rng.integers(0, k, 20)
    rows = read(predictions_csv("m", "d", p, labels=labels if labelled else None, split="validation"))
    assert [int(row["index"]) for row in rows] == list(range(20))
    assert [row["true"] for row in rows] == ([str(one) for one in labels] if labelled else [""] * 20)
    assert [int(row["predicted"]) for row in rows] == p.argmax(axis=1).tolist()
    assert {row["split"] for row in rows} == {"validation"}
    for row, wanted in zip(rows, p, strict=True):
        assert [float(row[f"p{digit}"]) for digit in range(k)] == pytest.approx(wanted.tolist(), rel=1e-5)


@pytest.mark.fault("trials and reports", "a name is <script> or =cmd", "escaped in HTML and CSV")
def test_formulas_are_defused():
    name = "=cmd|' /C calc'!A0"
    [row] = read(predictions_csv(name, name, np.array([[0.2, 0.8]])))
    assert row["model"] == row["dataset"] == "'" + name
    [row] = read(readings_csv(name, [(name, Reading("", (), "blank"))]))
    assert row["model"] == row["file"] == "'" + name


def test_pictures_have_a_line_a_digit_or_the_reason_why_there_is_none():
    p = tuple(np.eye(10)[3].tolist())
    digit = Digit(3, 1.0, p, (1, 2, 3, 4), None, np.zeros((28, 28), np.uint8))
    unsure = Digit(None, 1.0, p, (5, 6, 7, 8), "not sure", np.zeros((28, 28), np.uint8))
    readings = [("a.png", Reading("3?", (digit, unsure), None)), ("b.png", Reading("", (), "blank"))]
    first, second, none = read(readings_csv("m", readings))
    assert [first["place"], first["digit"], first["reason"], first["left"]] == ["1", "3", "", "1"]
    assert [second["place"], second["digit"], second["reason"]] == ["2", "", "not sure"]
    assert [none["file"], none["place"], none["digit"], none["reason"]] == ["b.png", "", "", "blank"]
    assert none["p0"] == ""
