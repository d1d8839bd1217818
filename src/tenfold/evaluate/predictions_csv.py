"""The predictions of every image as a table: Kaggle's answer file, or all probabilities."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tenfold.errors import ConfigError
from tenfold.evaluate.classes import Classes
from tenfold.evaluate.probability_columns import (
    class_cells,
    class_columns,
    probability_cells,
    probability_columns,
)
from tenfold.files import open_regular, shown
from tenfold.train.history import csv_cell

if TYPE_CHECKING:
    from tenfold.predict import Reading

_OURS = (b"ImageId,Label", b"model,", b"file,text,", b"file,class,")  # how our tables begin
_BOX = ("left", "top", "width", "height")


def check_no_other_file(path: Path | None) -> None:
    """Refuse to write a table over anything but an older table: it may be what is to be read.

    Raises
    ------
    ConfigError
    """
    if path is None or not os.path.lexists(path):
        return
    try:
        with open_regular(path, ConfigError) as stream:
            ours = stream.read(16).startswith(_OURS)
    except ConfigError:
        ours = False
    if not ours:
        raise ConfigError(
            f"--csv: expected a new file or an older table of predictions, got {shown(path)}, which is "
            "something else; name another file"
        )


def submission_csv(digits: NDArray[np.integer]) -> str:
    """The answer file of Kaggle's Digit Recognizer: the images counted from 1, in their order.

    Parameters
    ----------
    digits : integers (n,)
        The digits read, from ``Model.predict``.

    Examples
    --------
    >>> submission_csv(np.array([2, 0]))
    'ImageId,Label\\n1,2\\n2,0\\n'
    """
    rows = (f"{number},{int(digit)}\n" for number, digit in enumerate(digits, start=1))
    return "ImageId,Label\n" + "".join(rows)


def predictions_csv(
    model: str,
    dataset: str,
    probabilities: NDArray[np.floating[Any]],
    *,
    labels: NDArray[np.integer] | None = None,
    split: str = "test",
    class_names: Sequence[str] | None = None,
) -> str:
    """One line an image, in their order: where it is from, true class, predicted class, all probabilities.

    Parameters
    ----------
    model, dataset : str
        Names that a spreadsheet would take for a formula are defused with an apostrophe.
    probabilities : floats (n, k)
    labels : integers (n,), optional
        True classes; their column is empty where they are not known.
    split : str
        What the images are: ``"train"``, ``"test"``, ...
    class_names : sequence of str, optional
        Names other than their numbers have columns of their own.

    Examples
    --------
    >>> print(predictions_csv("nn1l", "two", np.array([[0.75, 0.25]])).splitlines()[1])
    nn1l,two,test,0,,0,0.75,0.25
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    classes = Classes.named(probabilities.shape[1], class_names)
    head = [csv_cell(name) for name in (model, dataset, split)]
    columns = ["model", "dataset", "split", "index", *class_columns(classes)]
    writer.writerow([*columns, *probability_columns(classes)])
    for i, row in enumerate(probabilities):
        true = None if labels is None else int(labels[i])
        cells = class_cells(classes, true, int(np.argmax(row)))
        writer.writerow([*head, i, *cells, *probability_cells(row)])
    return text.getvalue()


def readings_csv(model: str, readings: Iterable[tuple[str, Reading]], digits: int = 10) -> str:
    """One line for each digit of each picture; a picture without digits has one line with the reason.

    Parameters
    ----------
    model : str
    readings : iterable of (str, Reading)
        The name of each picture, and what was read in it.
    digits : int
        How many probabilities there are.
    """
    rows = [row for name, reading in readings for row in reading_rows(model, name, reading, digits)]
    return csv_text([reading_columns(digits), *rows])


def reading_columns(digits: int = 10) -> list[str]:
    """Heads of `reading_rows`."""
    return ["model", "file", "place", "digit", "reason", *_BOX, *(f"p{digit}" for digit in range(digits))]


def reading_rows(model: str, name: str, reading: Reading, digits: int = 10) -> list[list[Any]]:
    """The lines of one picture; see `readings_csv`."""
    head = [csv_cell(model), csv_cell(name)]
    if not reading.digits:
        return [[*head, "", "", csv_cell(reading.reason), *[""] * (len(_BOX) + digits)]]
    return [
        [
            *(*head, place, csv_cell(digit.digit), csv_cell(digit.reason), *digit.box),
            *probability_cells(digit.probabilities),
        ]
        for place, digit in enumerate(reading.digits, start=1)
    ]


def csv_text(rows: Iterable[Sequence[Any]]) -> str:
    """The text of a table."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
