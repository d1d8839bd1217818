"""Many pictures read: what is kept of them until the end, and a table that grows meanwhile."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from tenfold.backend.cpu.threads import available
from tenfold.errors import DataError
from tenfold.evaluate.predictions_csv import csv_text
from tenfold.evaluate.wording import plural
from tenfold.files import shown
from tenfold.interrupt import Stopped
from tenfold.runs.answers_table import AnswersTable
from tenfold.runs.picture_answers import AnsweredBatch, PictureAnswers
from tenfold.runs.picture_pool import answers
from tenfold.runs.reading_options import ReadingOptions

if TYPE_CHECKING:
    from tenfold.data.picture_paths import PictureFiles

Progress: TypeAlias = Callable[[int], AbstractContextManager[Callable[[int], None]]]


@dataclass(frozen=True)
class ManyPictures:
    """Pictures to read.

    Attributes
    ----------
    files : sequence of str
    reader : PictureAnswers
    settings : mapping
        For other processes, see `tenfold.runs.picture_worker.settings_of`.
    jobs : int
        How many processes.
    at_once : bool
        Whether to start these whatever there is to do.
    progress : callable
        Given the number of pictures, returns a context with what is told each number that was read.
    """

    files: Sequence[str]
    reader: PictureAnswers
    settings: Mapping[str, Any]
    jobs: int
    at_once: bool
    progress: Progress

    def read(self, say: Callable[[str], None]) -> ManyAnswers:
        """Read them; the lines of each batch are said, if they are wanted."""
        kept = ManyAnswers()
        with closing(self._answers(self.files)) as answered:
            for found in answered:
                kept.add(found)
                say(found.lines)
        return kept

    def read_into(self, path: Path, remark: Callable[[str], None]) -> ManyAnswers:
        """Read those that the table in a file does not have yet, and add them to it.

        Raises
        ------
        Stopped
            If a signal stops the program; the message says how to continue.
        """
        table = AnswersTable(path, self.reader.columns, self.reader.network)
        kept, total = ManyAnswers(), len(self.files)
        with table.resumed(self.files) as left:
            kept.count = before = total - len(left)
            if kept.count or table.changed:
                changed = (
                    f"; {table.changed:,} have changed since and are read again" if table.changed else ""
                )
                remark(f"{shown(path)}: {kept.count:,} of {total:,} pictures are done{changed}")
            try:
                with closing(self._answers(left)) as answered:
                    for found in answered:
                        table.add(found.rows)
                        kept.count += found.count
                        kept.errors += found.errors
            except KeyboardInterrupt as stopped:
                done_now = f"{before + table.added():,} of {total:,} pictures are in {shown(path)}"
                raise Stopped(
                    f"interrupted, {done_now}; the same command reads the others",
                    getattr(stopped, "number", signal.SIGINT),
                ) from stopped
        return kept

    def _answers(self, files: Sequence[str]) -> Generator[AnsweredBatch, None, None]:
        every = answers(files, self.reader, self.settings, self.jobs, at_once=self.at_once)
        with self.progress(len(files)) as done, closing(every):
            for found in every:
                yield found
                done(found.count)


def read_many(
    found: PictureFiles,
    wanted: ReadingOptions,
    reader: PictureAnswers,
    settings: Mapping[str, Any],
    jobs: int | None,
    progress: Progress,
    put: Callable[[str], None],
    remark: Callable[[str], None],
) -> tuple[list[str], list[str]]:
    """Read pictures in several processes, and write what is wanted; return what to say, and what failed.

    Parameters
    ----------
    jobs : int or None
        How many processes; by default one for each core, if there are many pictures.
    put, remark : callable
        Write to stdout, and tell how far an older table is.
    """
    pictures = ManyPictures(found.files, reader, settings, jobs or available(), jobs is not None, progress)
    lines = []
    if wanted.out is None:
        kept = pictures.read(put)
    else:
        kept = pictures.read_into(wanted.out, remark)
        lines = [f"{shown(wanted.out)}: {plural(kept.count, 'picture')}"]
    kept.add_problems(reader, found.problems)
    if wanted.as_json:
        put(kept.json)
    return [*lines, *wanted.write(kept.table(reader), put)], kept.errors


@dataclass
class ManyAnswers:
    """What is kept of many answers: of each the text that is wanted.

    Attributes
    ----------
    entries : list of str
        As JSON.
    rows : list of str
        Of a table.
    errors : list of str
    count : int
    """

    entries: list[str] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, found: AnsweredBatch) -> None:
        """Keep the texts."""
        self.count += found.count
        self.entries += found.entries
        self.rows.append(found.rows)
        self.errors += found.errors

    def add_problems(self, reader: PictureAnswers, problems: Sequence[tuple[str, DataError]]) -> None:
        """Keep why names led to no pictures."""
        for name, error in problems:
            self.errors.append(str(error))
            self.entries.append(json.dumps(reader.unreadable(name, error).entry, allow_nan=False))

    def table(self, reader: PictureAnswers) -> tuple[str, str] | None:
        """Return the text of a table, and what is in it; none without pictures."""
        if not self.count:
            return None
        return csv_text([reader.columns]) + "".join(self.rows), plural(self.count, "picture")

    @property
    def json(self) -> str:
        """One JSON object, the same as that of a few pictures."""
        return f'{{"files": [{", ".join(self.entries)}]}}\n'
