"""Rows of answers for pictures in files of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from tenfold.errors import DataError
from tenfold.files import shown
from tenfold.runs.picture_answers import Answer, PictureAnswers
from tenfold.runs.picture_pool import batches
from tenfold.runs.sharded.columns import CLASSES, DIGITS, Column, Row


class PictureRows:
    """Answers for pictures.

    Parameters
    ----------
    reader : PictureAnswers
    """

    def __init__(self, reader: PictureAnswers) -> None:
        self._reader = reader
        self._reads_digits = reader.recogniser.reads_digits

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of the rows."""
        return DIGITS if self._reads_digits else CLASSES

    def rows(self, files: Sequence[str], first: int) -> Iterator[Row]:
        """Yield one row for each picture; ``first`` is the place of the first one in the whole source.

        Raises
        ------
        DataError
            If none of several files is here, as on a machine that does not see their folder.
        """
        if len(files) > 1 and not any(map(os.path.lexists, files)):
            raise DataError(
                f"{shown(files[0])}: expected the pictures of the source, found none of {len(files):,}; name "
                "a folder that every machine sees by the same path"
            )
        index = first
        for batch in batches(files):
            for answer in self._reader.answer(batch):
                yield (index, shown(answer.file), *self._cells(answer), answer.error)
                index += 1

    def _cells(self, answer: Answer) -> Row:
        entry = answer.entry
        modified = answer.rows[0][-1] or None
        if self._reads_digits:
            least = min((digit["probability"] for digit in entry["digits"]), default=None)
            return entry["text"].replace("\n", " / ") or None, least, entry["reason"], modified
        likely = entry.get("probability")
        return entry["text"] or None, likely, entry["reason"], modified
