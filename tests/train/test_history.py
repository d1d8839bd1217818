"""The history as dictionaries and as CSV."""

import csv

import pytest

from tenfold.train import EpochRow, History
from tenfold.train.history import COLUMNS, csv_cell

ROWS = [
    EpochRow(1, 1.5, 0.1 + 0.2, 0.9, 0.91, 0.3, 1e-3, 32),
    EpochRow(2, 1.4, 0.2, 0.95, None, None, 5e-4, 64),
]


def test_the_columns_are_those_that_other_parts_read():
    assert COLUMNS == (
        "epoch",
        "train_seconds",
        "train_loss",
        "train_accuracy",
        "validation_accuracy",
        "validation_loss",
        "learning_rate",
        "batch_size",
    )


def test_csv_gives_back_every_digit_and_leaves_empty_what_is_not_there(tmp_path):
    History(ROWS).write_csv(tmp_path / "history.csv", {"model": 'a "b", c'})
    with open(tmp_path / "history.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert float(rows[0]["train_loss"]) == 0.1 + 0.2
    assert rows[1]["validation_accuracy"] == ""
    assert rows[1]["batch_size"] == "64"
    assert rows[1]["model"] == 'a "b", c'


def test_what_is_no_validation_set_is_not_called_so():
    header = History(ROWS, held_out="test").to_csv().splitlines()[0]
    assert header.split(",")[4:6] == ["test_accuracy", "test_loss"]


@pytest.mark.fault("trials and reports", "a name is <script> or =cmd", "escaped in HTML and CSV")
def test_no_cell_is_taken_for_a_formula():
    assert [csv_cell(text) for text in ("=cmd", "+1", "-1", "@a", "\t=1", "\r=1", "a=1", "")] == [
        "'=cmd",
        "'+1",
        "'-1",
        "'@a",
        "'\t=1",
        "'\r=1",
        "a=1",
        "",
    ]
    assert csv_cell(-0.5) == "-0.5"
    assert csv_cell(None) == ""
    assert History(ROWS).to_csv({"=name": "=cmd"}).splitlines()[1].startswith("'=cmd,1,")
    assert History(ROWS).to_csv({"=name": "=cmd"}).startswith("'=name,")
