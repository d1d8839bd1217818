"""``tenfold predict FILE...``: pictures, or CSV files of digits, to digits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tenfold.cli import output
from tenfold.cli.options import Data, Json
from tenfold.cli.table_file import Table, refuse_other_file, write_table

if TYPE_CHECKING:
    from tenfold.predict import Reader, Reading, Recogniser
    from tenfold.runs.image_predictions import Images, Predicted
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
        typer.Option(help="The run to predict with, or zoo:NAME; by default the network that comes along."),
    ] = None,
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
            help="In the table of --csv, also where it would be Kaggle's answer file: ImageId,Label.",
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Read the digits in each picture or CSV file, and say how sure that is."""
    from tenfold.cli.predict_pictures import answer_test_image, data_to_predict
    from tenfold.runs.image_predictions import from_corpus

    given = files or []
    _check(given, test_index, show, table, with_probabilities)
    drawings: Sequence[Path | None] = [None] * len(given) if show is None else _drawings(given, show)
    recogniser, record, name = _recogniser(run)
    if not as_json:
        output.remark(f"read by {name}")
    answers = _Answers(recogniser, as_json)
    for file, drawing in zip(given, drawings, strict=True):
        answers.add_file(file, drawing)
    if test_index is not None:
        answers.entries.append(answer_test_image(answers.reader, record, test_index, source, as_json))
    elif not given:
        for images in from_corpus(data_to_predict(record, source, as_json)):
            answers.add_images(images)
    if table is not None:
        model = "shipped" if record is None else str(record.model)
        answers.write_table(table, model, probabilities=with_probabilities)
    answers.finish()


@dataclass
class _Answers:
    """What was read, in the order of the command."""

    recogniser: Recogniser
    quiet: bool
    entries: list[dict[str, Any]] = field(default_factory=list)
    readings: list[tuple[str, Reading]] = field(default_factory=list)
    predicted: list[Predicted] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)  # said when the table is written

    @property
    def reader(self) -> Reader:
        from tenfold.predict import Reader

        return Reader(self.recogniser)

    def add_file(self, file: Path, drawing: Path | None) -> None:
        """Read a picture or a CSV file; one that cannot be read has an error."""
        from tenfold.cli.predict_pictures import answer_picture
        from tenfold.data import is_digit_csv
        from tenfold.errors import DataError
        from tenfold.runs.image_predictions import from_csv

        if is_digit_csv(file):
            try:
                self.add_images(from_csv(file))
            except DataError as error:
                self.entries.append({"file": str(file), "error": str(error)})
            return
        entry, reading = answer_picture(self.reader, file, drawing, self.quiet)
        self.entries.append(entry)
        self.readings.append((str(file), reading))

    def add_images(self, images: Images) -> None:
        """Predict images that are as networks take them."""
        from tenfold.runs.image_predictions import predicted

        found = predicted(self.recogniser, images)
        self.lines += found.lines()
        self.entries.append(found.to_dict())
        self.predicted.append(found)

    def finish(self) -> None:
        """Say what was read, and what could not be."""
        from tenfold.errors import DataError

        if self.quiet:
            output.emit({"files": self.entries})
        else:
            for line in self.lines:
                output.say(line)
        faults = [entry["error"] for entry in self.entries if "error" in entry]
        for fault in faults:
            output.error(fault)
        if faults:
            raise typer.Exit(DataError.exit_code)

    def write_table(self, path: Path, model: str, *, probabilities: bool) -> None:
        """Write what was read as a table; nothing, if nothing could be read."""
        from tenfold.evaluate import readings_csv
        from tenfold.runs.image_predictions import table

        if self.predicted:
            text, what = table(self.predicted, model, probabilities=probabilities)
        elif self.readings:
            text, what = readings_csv(model, self.readings), f"{len(self.readings):,} pictures"
        else:
            return
        write_table(path, text)
        self.lines.append(f"{path}: {what}")


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
    from tenfold.errors import ConfigError

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


def _recogniser(run: Path | None) -> tuple[Recogniser, Record | None, str]:
    """Return who reads, the record of its run if it is one, and what to call it."""
    from tenfold.predict import Recogniser, shipped

    if run is None:
        return shipped(), None, "the network that comes with tenfold"
    from tenfold.predict import find_run
    from tenfold.runs.record import read_record
    from tenfold.zoo import load_model

    folder = find_run(run)
    record = read_record(folder)
    name = f"{record.model} of {run} ({record.dataset})"
    return Recogniser.of(load_model(folder)), record, name


def _drawings(files: list[Path], show: Path) -> Sequence[Path]:
    """Return where the steps of each file are drawn; several files are numbered, for names may be alike."""
    from tenfold.errors import ConfigError
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
                f"--show: expected a place beside the pictures, got {shown(path)}, which is one of them; "
                "name another folder"
            )
    return paths
