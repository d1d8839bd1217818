"""Picture files to answers: each in a line of words, as JSON and as rows of a table."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tenfold.data import find_digits, kept_picture, read_picture
from tenfold.errors import DataError
from tenfold.evaluate.predictions_csv import csv_text, reading_columns, reading_rows
from tenfold.evaluate.wording import percent
from tenfold.files import shown
from tenfold.predict import UNKNOWN, UNSURE, Classified, Reader, Reading, Recogniser, fitted
from tenfold.predict.classify import classify_images
from tenfold.runs.image_predictions import classified_columns, classified_row
from tenfold.train.history import csv_cell

if TYPE_CHECKING:
    from tenfold.data.page.grey import Grey

UNREADABLE = "unreadable"
"""The reason for a file that is not a picture, or a damaged one."""
MOST_PIXELS = 16_000_000  # of pictures that are held until their digits are found
_PLACE, _REASON = "file", "reason"
_TEXT = (_PLACE, "text", "least_probability", _REASON, "network", "modified")
_CLASS = (_PLACE, "class", "probability", _REASON, "network", "modified")


@dataclass(frozen=True)
class Answer:
    """What was read in one picture.

    Attributes
    ----------
    file : str
    line : str
        In words, without the details.
    entry : dict
        As JSON.
    rows : list of list
        Of a table: one, or one for each digit where all probabilities are wanted.
    error : str or None
        Why it could not be read.
    """

    file: str
    line: str
    entry: dict[str, Any]
    rows: list[list[Any]]
    error: str | None = None


@dataclass(frozen=True)
class Wanted:
    """Which texts are wanted of many answers."""

    lines: bool = False
    entries: bool = False
    rows: bool = False


@dataclass(frozen=True)
class AnsweredBatch:
    """What is wanted of some answers, as text: so it passes from one process to another as it is.

    Attributes
    ----------
    count : int
    lines : str
        In words, of the pictures that could be read.
    entries : list of str
        As JSON.
    rows : str
        Of a table, as CSV.
    errors : list of str
        Why some could not be read.
    """

    count: int
    lines: str
    entries: list[str]
    rows: str
    errors: list[str]

    @classmethod
    def of(cls, answers: Sequence[Answer], wanted: Wanted) -> AnsweredBatch:
        """Return what is wanted of answers."""
        read = [one.line for one in answers if one.error is None]
        return cls(
            len(answers),
            "".join(f"{line}\n" for line in read) if wanted.lines else "",
            [json.dumps(one.entry, allow_nan=False) for one in answers] if wanted.entries else [],
            csv_text(row for one in answers for row in one.rows) if wanted.rows else "",
            [one.error for one in answers if one.error is not None],
        )

    def __add__(self, other: AnsweredBatch) -> AnsweredBatch:
        return AnsweredBatch(
            self.count + other.count,
            self.lines + other.lines,
            self.entries + other.entries,
            self.rows + other.rows,
            self.errors + other.errors,
        )


class PictureAnswers:
    """Reads picture files; one call of the network evaluates those that are given together.

    Parameters
    ----------
    recogniser : Recogniser
    model : str
        Its name in tables.
    network : str
        What tells it from other networks, see `tenfold.runs.answers.identity`.
    probabilities : bool
        Whether the rows have all probabilities.
    wanted : Wanted
        The texts of `batch`.
    """

    def __init__(
        self,
        recogniser: Recogniser,
        model: str,
        network: str = "",
        probabilities: bool = False,
        wanted: Wanted | None = None,
    ) -> None:
        self.recogniser, self.model, self.network = recogniser, model, network
        self.probabilities, self.wanted = probabilities, wanted or Wanted()

    @property
    def columns(self) -> list[str]:
        """The heads of the rows."""
        if not self.probabilities:
            return list(_TEXT if self.recogniser.reads_digits else _CLASS)
        if self.recogniser.reads_digits:
            return reading_columns()
        return classified_columns(self.recogniser.model.labels)

    def answer(self, files: Sequence[str]) -> list[Answer]:
        """Answer for each file, in their order; one that cannot be read has an error."""
        return list(self._read(files) if self.recogniser.reads_digits else self._classify(files))

    def batch(self, files: Sequence[str]) -> AnsweredBatch:
        """Answer for files, and return only the texts that are wanted."""
        return AnsweredBatch.of(self.answer(files), self.wanted)

    def of_reading(self, file: str, reading: Reading, modified: str = "") -> Answer:
        """Return the answer for a picture of digits."""
        least = min((digit.probability for digit in reading.digits), default=None)
        if self.probabilities:
            rows = reading_rows(self.model, shown(file), reading)
        else:
            likely = None if least is None else f"{least:.6g}"
            cells = shown(file), reading.text.replace("\n", " / "), likely, reading.reason
            rows = [[*map(csv_cell, (*cells, self.network)), modified]]
        return Answer(file, reading_line(file, reading), {_PLACE: file} | reading.to_dict(), rows)

    def of_class(self, file: str, found: Classified, modified: str = "") -> Answer:
        """Return the answer for a picture that was classified as a whole."""
        text = found.name if found.sure else UNKNOWN
        reason = None if found.sure else UNSURE
        if self.probabilities:
            rows = [classified_row(self.model, shown(file), found)]
        else:
            cells = shown(file), text, f"{found.probability:.6g}", reason, self.network
            rows = [[*map(csv_cell, cells), modified]]
        entry = {_PLACE: file} | Reading(text, (), reason).to_dict() | found.to_dict()
        return Answer(file, class_line(file, found), entry, rows)

    def unreadable(self, file: str, error: DataError, modified: str = "") -> Answer:
        """Return the answer for a file that cannot be read."""
        found = self.of_reading(file, Reading("", (), UNREADABLE), modified)
        rows = found.rows
        if not self.recogniser.reads_digits and self.probabilities:
            rows = []  # all columns are of classes
        return Answer(file, found.line, found.entry | {"error": str(error)}, rows, str(error))

    def _read(self, files: Sequence[str]) -> Iterator[Answer]:
        waiting: list[tuple[str, str, Grey | DataError]] = []
        pixels = 0
        for file in files:
            modified = modification(file)
            try:
                picture: Grey | DataError = read_picture(file)
            except DataError as error:
                picture = error
            waiting.append((file, modified, picture))
            pixels += 0 if isinstance(picture, DataError) else picture.size
            if pixels > MOST_PIXELS:
                yield from self._found(waiting)
                waiting, pixels = [], 0
        yield from self._found(waiting)

    def _found(self, waiting: Sequence[tuple[str, str, Grey | DataError]]) -> Iterator[Answer]:
        """Yield the answers; step by step for all pictures, which keeps the code of a step in the cache."""
        pages = [find_digits(picture) for _, _, picture in waiting if not isinstance(picture, DataError)]
        readings = iter(Reader(self.recogniser).answer(pages))
        for file, modified, picture in waiting:
            if isinstance(picture, DataError):
                yield self.unreadable(file, picture, modified)
            else:
                yield self.of_reading(file, next(readings), modified)

    def _classify(self, files: Sequence[str]) -> Iterator[Answer]:
        shape = self.recogniser.model.input_shape
        images: list[NDArray[np.uint8]] = []
        found: list[tuple[str, str, DataError | None]] = []
        for file in files:
            modified = modification(file)
            try:
                images.append(fitted(kept_picture(file), shape))
                found.append((file, modified, None))
            except DataError as error:
                found.append((file, modified, error))
        classes = iter(classify_images(np.stack(images), self.recogniser) if images else [])
        for file, modified, problem in found:
            if problem is None:
                yield self.of_class(file, next(classes), modified)
            else:
                yield self.unreadable(file, problem, modified)


def modification(file: str) -> str:
    """Return when a file was last changed, as ISO 8601 in UTC; empty if that cannot be found out."""
    try:
        return datetime.fromtimestamp(os.stat(file).st_mtime, UTC).isoformat()
    except (OSError, ValueError, OverflowError):
        return ""


def reading_line(file: str, reading: Reading) -> str:
    """Return in one line what was read, and the probability of the least sure digit."""
    if not reading.digits:
        return f"{shown(file)}: no digit ({reading.reason})"
    least = percent(min(digit.probability for digit in reading.digits))
    reason = f"{reading.reason}; " if reading.reason else ""
    return f"{shown(file)}: {reading.text.replace(chr(10), ' / ')} ({reason}{least})"


def class_line(file: str, found: Classified) -> str:
    """Return in one line how a picture was classified."""
    likely = percent(found.probability)
    text = f"{found.name} ({likely})" if found.sure else f"? ({UNSURE}; perhaps {found.name}, {likely})"
    return f"{shown(file)}: {text}"


def table_name(file: str) -> str:
    """Return a file's name as it stands in tables."""
    return csv_cell(shown(file))
