"""``tenfold predict FILE...``: pictures, or CSV files of digits, to digits."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tenfold.cli import output
from tenfold.cli.options import Data, Json, Network
from tenfold.cli.table_file import Table, refuse_other_file, write_table
from tenfold.errors import ConfigError, DataError
from tenfold.files.named_folders import writing_to

if TYPE_CHECKING:
    from tenfold.data import Corpus, Page
    from tenfold.predict import Reading
    from tenfold.runs.answers import Answers
    from tenfold.runs.record import Record


def predict(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FILE...",
            help="PNG or JPEG: photo, scan or drawing; or a CSV file of digits, as Kaggle's test.csv.",
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
            help="Write the probabilities into the file of --csv, even if it would otherwise be Kaggle's "
            "submission file (ImageId,Label).",
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Read the digits in each picture or CSV file, and say how sure that is.

    A run on other images than digits gives the class of each picture.
    """
    from tenfold.runs.answers import Answers, recogniser_of
    from tenfold.runs.image_predictions import from_corpus
    from tenfold.runs.models import Models

    given = files or []
    _check(given, test_index, show, table, with_probabilities)
    drawings: Sequence[Path | None] = [None] * len(given) if show is None else _drawings(given, show)
    recogniser, record, name = recogniser_of(run, Models.of(network))
    if show is not None and not recogniser.reads_digits:
        raise ConfigError(
            f"--show: expected a network that reads digits, got {name}, which takes a picture as a whole; "
            "leave it out"
        )
    if not as_json:
        output.remark(f"read by {name}")
    answers = Answers(recogniser, _nothing if as_json else _say)
    for file, drawing in zip(given, drawings, strict=True):
        found = answers.add_file(file)
        if drawing is not None and found is not None:
            _draw(*found, file, drawing)
    if test_index is not None:
        answers.add_test_image(_data(record, source, as_json).test, test_index)
    elif not given:  # data that are named may be others than the run's
        for images in from_corpus(_data(record if source is None else None, source, as_json)):
            answers.add_images(images)
    lines = [line for one in answers.predicted for line in one.lines()]
    if table is not None:
        model = "shipped" if record is None else record.model
        if (made := answers.table(model, probabilities=with_probabilities)) is not None:
            write_table(table, made[0])
            lines.append(f"{table}: {made[1]}")
    _finish(answers, lines, as_json=as_json)


def _finish(answers: Answers, lines: Sequence[str], *, as_json: bool) -> None:
    """Say what was read, and what could not be."""
    if as_json:
        output.emit({"files": answers.entries})
    else:
        for line in lines:
            output.say(line)
    for error in answers.errors:
        output.error(error)
    if answers.errors:
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


def _check(
    given: Sequence[Path],
    test_index: int | None,
    show: Path | None,
    table: Path | None,
    with_probabilities: bool,
) -> None:
    """Refuse options that do not go together.

    Raises
    ------
    ConfigError
    """
    from tenfold.data import is_digit_csv

    if not given and test_index is None and table is None:
        raise ConfigError(
            "expected a picture, a CSV file or --test-index, got none of them; name at least one file"
        )
    if with_probabilities and table is None:
        raise ConfigError("--probabilities: expected --csv FILE to write them to, got none; name a file")
    if table is not None and test_index is not None:
        raise ConfigError("--csv: expected files or a whole data set, got --test-index; leave one out")
    folder = next((file for file in given if file.is_dir()), None)
    if table is not None and folder is not None:
        raise ConfigError(
            f"{folder}: expected pictures or CSV files, got a folder; "
            f"name a whole data set with --data {folder}"
        )
    tables = [file for file in given if is_digit_csv(file)]
    if tables and show is not None:
        raise ConfigError(f"--show: expected pictures only, got {tables[0]}; leave one out")
    if table is not None and tables and len(tables) < len(given):
        raise ConfigError(
            f"--csv: expected pictures or CSV files, got both, such as {tables[0]}; use two commands"
        )
    if show is not None and show.suffix.lower() == ".png" and len(given) != 1:
        raise ConfigError(f"--show: expected a folder for {len(given)} pictures, got {show}; name a folder")
    refuse_other_file(table)


def _drawings(files: list[Path], show: Path) -> Sequence[Path]:
    """Return where the steps of each file are drawn; several files are numbered, for names may be alike."""
    from tenfold.files import shown

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
