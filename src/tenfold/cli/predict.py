"""``tenfold predict FILE...``: pictures, or CSV files of digits, to digits."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tenfold.cli import output
from tenfold.cli.options import Data, Json, Network
from tenfold.cli.table_file import Table, refuse_other_file, write_table
from tenfold.errors import ConfigError, DataError
from tenfold.files import shown
from tenfold.files.named_folders import writing_to

if TYPE_CHECKING:
    from tenfold.data import Corpus, Page
    from tenfold.data.picture_paths import PictureFiles
    from tenfold.predict import Reading
    from tenfold.runs.answers import Answers
    from tenfold.runs.picture_answers import PictureAnswers, Wanted
    from tenfold.runs.record import Record

_STDOUT = Path("-")


def predict(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FILE|FOLDER|PATTERN|-...",
            help="PNG or JPEG: photo, scan or drawing; a folder, with all below it; a pattern in quotes "
            "('many/*.png', 'many/**/*.png'); - for names on stdin, one a line; or a CSV file of digits, as "
            "Kaggle's test.csv.",
        ),
    ] = None,
    run: Annotated[
        Path | None,
        typer.Option(help="The run to predict with, or zoo:NAME; by default the built-in network."),
    ] = None,
    network: Network = None,
    test_index: Annotated[
        int | None, typer.Option("--test-index", min=0, help="A test image of the run's data, or of MNIST.")
    ] = None,
    source: Data = None,
    show: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR|FILE.png",
            help="Draw every step that was taken: a PNG for each picture, NAME-steps.png in DIR.",
        ),
    ] = None,
    table: Table = None,
    with_probabilities: Annotated[
        bool,
        typer.Option(
            "--probabilities",
            help="Write all probabilities into the file of --csv: of pictures a line for each digit; of a "
            "CSV file they replace Kaggle's submission file (ImageId,Label).",
        ),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE.csv",
            help="Write a line for each picture as soon as it is read. The same command continues after a "
            "kill: what is done is left alone, changed pictures are read again.",
        ),
    ] = None,
    details: Annotated[
        bool, typer.Option("--details", help="Of many pictures too, print each digit with its position.")
    ] = False,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs", min=1, help="Processes that read many pictures; by default one for each core."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Read the digits in each picture or CSV file, and say how sure that is.

    Of many pictures each has one line. A run on other images than digits gives the class of each picture.
    """
    from tenfold.data.picture_paths import find_picture_files, listed
    from tenfold.runs.answers import Answers, identity, recogniser_of
    from tenfold.runs.image_predictions import from_corpus
    from tenfold.runs.models import Models
    from tenfold.runs.picture_answers import PictureAnswers
    from tenfold.runs.picture_worker import settings_of

    found = find_picture_files(listed(files or [], sys.stdin))
    wanted = _Options(table, out, show, as_json, details, test_index)
    _check(found, wanted, with_probabilities, named=bool(files))
    drawings = [None] * len(found.files) if show is None else _drawings(list(map(Path, found.files)), show)
    recogniser, record, name = recogniser_of(run, Models.of(network))
    if show is not None and not recogniser.reads_digits:
        raise ConfigError(
            f"--show: expected a network that reads digits, got {name}, which takes a picture as a whole; "
            "leave it out"
        )
    if not as_json:
        output.remark(f"read by {name}")
    for note in found.notes():
        output.remark(f"note: {note}")
    model = "shipped" if record is None else record.model
    identified = identity(run, model) if found.files and (table is not None or out is not None) else ""
    reader = PictureAnswers(recogniser, model, identified, with_probabilities, wanted.texts)
    if wanted.many(found):
        _read_many(found, wanted, reader, settings_of(run, network or (), reader), jobs)
        return
    answers = Answers(reader, _nothing if as_json or table == _STDOUT else _say)
    for file, drawing in zip(found.files, drawings, strict=True):
        read = answers.add_file(file)
        if drawing is not None and read is not None:
            _draw(*read, Path(file), drawing)
    if test_index is not None:
        answers.add_test_image(_data(record, source, as_json).test, test_index)
    elif not files:  # data that are named may be others than the run's
        for images in from_corpus(_data(record if source is None else None, source, as_json)):
            answers.add_images(images)
    _finish(answers, wanted, found.problems)


@dataclass(frozen=True)
class _Options:
    """What the options ask for."""

    table: Path | None
    out: Path | None
    show: Path | None
    as_json: bool
    details: bool
    test_index: int | None

    @property
    def texts(self) -> Wanted:
        """What is wanted of each of many pictures."""
        from tenfold.runs.picture_answers import Wanted

        rows = self.table is not None or self.out is not None
        return Wanted(lines=not rows and not self.as_json, entries=self.as_json, rows=rows)

    @property
    def one_by_one(self) -> bool:
        """Whether more than a line is said of each picture."""
        return self.show is not None or self.details or self.test_index is not None

    def many(self, found: PictureFiles) -> bool:
        """Whether only pictures are read, each in one line."""
        few = len(found.files) == 1 and not found.problems and self.out is None
        nothing = not found.files and not found.problems
        return not (few or nothing or self.one_by_one or found.tables)


def _read_many(
    found: PictureFiles, wanted: _Options, reader: PictureAnswers, settings: dict[str, Any], jobs: int | None
) -> None:
    """Read pictures in as many processes as there are cores, and write what is wanted."""
    from tenfold.backend.cpu.threads import available
    from tenfold.evaluate.predictions_csv import csv_text
    from tenfold.runs.answers import pictures_in_words
    from tenfold.runs.many_pictures import ManyPictures
    from tenfold.runs.picture_progress import shown_progress

    bar = sys.stderr.isatty() and not (reader.wanted.lines and sys.stdout.isatty())  # not among printed lines
    progress = partial(shown_progress, console=output.stderr() if bar else None, say=output.remark)
    at_once = jobs is not None
    pictures = ManyPictures(found.files, reader, settings, jobs or available(), at_once, progress)
    if wanted.out is not None:
        kept = pictures.read_into(wanted.out, output.remark)
        output.say(f"{shown(wanted.out)}: {pictures_in_words(kept.count)}")
    else:
        kept = pictures.read(output.put)
    kept.add_problems(reader, found.problems)
    if wanted.as_json:
        output.put(kept.json)
    if wanted.table is not None and kept.count:
        text = csv_text([reader.columns]) + "".join(kept.rows)
        for line in _write(wanted.table, text, pictures_in_words(kept.count)):
            (output.remark if wanted.as_json else output.say)(line)
    _end(kept.errors)


def _finish(answers: Answers, wanted: _Options, problems: Sequence[tuple[str, DataError]]) -> None:
    """Say what was read, and what could not be."""
    lines = [line for one in answers.predicted for line in one.lines()]
    if wanted.table is not None and (made := answers.table()) is not None:
        lines = [] if wanted.table == _STDOUT else lines
        lines += _write(wanted.table, *made)
    if wanted.as_json:
        output.emit({"files": answers.entries})
    for line in lines if not wanted.as_json else ():
        output.say(line)
    _end([*(str(error) for _, error in problems), *answers.errors])


def _write(table: Path, text: str, what: str) -> list[str]:
    """Write a table to its file or to stdout, and return what to say of it."""
    if table == _STDOUT:
        output.put(text)
        return []
    write_table(table, text)
    return [f"{shown(table)}: {what}"]


def _end(errors: Sequence[str]) -> None:
    for error in errors:
        output.error(error)
    if errors:
        raise typer.Exit(DataError.exit_code)


def _data(record: Record | None, source: str | None, quiet: bool) -> Corpus:
    """Return the data that ``--data`` names; by default those of the run, or MNIST."""
    from tenfold.cli import downloading
    from tenfold.runs.judging import same_data

    load = partial(downloading.load, quiet=quiet)
    return load(source) if record is None else same_data(record, source, load)


def _say(line: str, heading: bool) -> None:
    output.say(line, style="bold" if heading else None)


def _nothing(line: str, heading: bool) -> None:
    """Say nothing: JSON is printed at the end."""


def _draw(page: Page, reading: Reading, file: Path, path: Path) -> None:
    """Write the picture of the steps."""
    from tenfold.evaluate import figures
    from tenfold.files import write_atomically

    picture = figures.png(figures.reading_steps(page, reading, file.name))
    with writing_to(path.parent, "--show"):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, picture)


def _check(found: PictureFiles, wanted: _Options, with_probabilities: bool, *, named: bool) -> None:
    """Refuse options that do not go together.

    Raises
    ------
    ConfigError
    """
    table, show, out = wanted.table, wanted.show, wanted.out
    if not named and wanted.test_index is None and table is None:
        raise ConfigError(
            "expected a picture, a CSV file or --test-index, got none of them; name at least one file"
        )
    if with_probabilities and table is None:
        raise ConfigError("--probabilities: expected --csv FILE to write them to, got none; name a file")
    if table is not None and wanted.test_index is not None:
        raise ConfigError("--csv: expected files or a whole data set, got --test-index; leave one out")
    if table == _STDOUT and wanted.as_json:
        raise ConfigError("--csv -: expected stdout for the table alone, got --json; name a file")
    tables = found.tables
    if tables and show is not None:
        raise ConfigError(f"--show: expected pictures only, got {shown(tables[0])}; leave one out")
    if table is not None and tables and len(tables) < len(found.files):
        raise ConfigError(
            f"--csv: expected pictures or CSV files, got both, such as {shown(tables[0])}; use two commands"
        )
    if show is not None and show.suffix.lower() == ".png" and len(found.files) != 1:
        raise ConfigError(
            f"--show: expected a folder for {len(found.files)} pictures, got {show}; name a folder"
        )
    if out is not None and (tables or wanted.one_by_one or table is not None or wanted.as_json):
        raise ConfigError(
            "--out: expected pictures, and no other way to write the answers (--csv, --json, --show, "
            "--details, --test-index, CSV files), got some; leave one out"
        )
    refuse_other_file(None if table == _STDOUT else table)


def _drawings(files: list[Path], show: Path) -> Sequence[Path]:
    """Return where the steps of each file are drawn; several files are numbered, for names may be alike."""
    if show.suffix.lower() == ".png":
        paths = [show]
    elif len(files) == 1:
        paths = [show / f"{files[0].stem}-steps.png"]
    else:
        paths = [show / f"{number:03d}-{file.stem}-steps.png" for number, file in enumerate(files, start=1)]
    for path in paths:
        if any(path.exists() and file.exists() and path.samefile(file) for file in files):
            raise ConfigError(
                f"--show: expected a path other than the pictures, got {shown(path)}, which is one of them; "
                "name another folder"
            )
    return paths
