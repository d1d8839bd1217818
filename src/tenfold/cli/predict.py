"""``tenfold predict FILE...``: pictures to digits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tenfold.cli import output
from tenfold.cli.folders import writing_to
from tenfold.cli.options import Data, Json

if TYPE_CHECKING:
    from tenfold.cli.record import Record
    from tenfold.data import Page
    from tenfold.predict import Digit, Reader, Reading, Recogniser

_BAR = 20
_UNREADABLE = "unreadable"


def predict(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE...", help="PNG or JPEG: photo, scan or drawing.")
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
    as_json: Json = False,
) -> None:
    """Read the digits in each picture, and say how sure that is."""
    from tenfold.errors import ConfigError, DataError
    from tenfold.predict import Reader

    given = files or []
    if not given and test_index is None:
        raise ConfigError("expected a picture file or --test-index, got neither; name at least one file")
    if show is not None and show.suffix.lower() == ".png" and len(given) != 1:
        raise ConfigError(f"--show: expected a folder for {len(given)} pictures, got {show}; name a folder")
    drawings: Sequence[Path | None] = [None] * len(given) if show is None else _drawings(given, show)
    recogniser, record, name = _recogniser(run)
    if not as_json:
        output.remark(f"read by {name}")
    reader = Reader(recogniser)
    entries = [_file(reader, file, drawing, as_json) for file, drawing in zip(given, drawings, strict=True)]
    if test_index is not None:
        entries.append(_test_image(reader, record, test_index, source, as_json))
    if as_json:
        output.emit({"files": entries})
    faults = [entry["error"] for entry in entries if "error" in entry]
    for fault in faults:
        output.error(fault)
    if faults:
        raise typer.Exit(DataError.exit_code)


def _recogniser(run: Path | None) -> tuple[Recogniser, Record | None, str]:
    """Return who reads, the record of its run if it is one, and what to call it."""
    from tenfold.predict import Recogniser, shipped

    if run is None:
        return shipped(), None, "the network that comes with tenfold"
    from tenfold.cli.record import read_record
    from tenfold.predict import find_run
    from tenfold.zoo import load_model

    folder = find_run(run)
    record = read_record(folder)
    name = f"{record['model']} of {run} ({record['dataset']})"
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


def _file(reader: Reader, file: Path, drawing: Path | None, quiet: bool) -> dict[str, Any]:
    """Read one file and return its entry; one that cannot be read has an error."""
    from tenfold.data import find_digits, read_picture
    from tenfold.errors import DataError

    try:
        page = find_digits(read_picture(file))
    except DataError as error:
        return {"file": str(file), "text": "", "digits": [], "reason": _UNREADABLE, "error": str(error)}
    [reading] = reader.answer([page])
    if not quiet:
        _say(str(file), reading)
    if drawing is not None:
        _draw(page, reading, file, drawing)
    return {"file": str(file)} | reading.to_dict()


def _test_image(
    reader: Reader, record: Record | None, index: int, source: str | None, quiet: bool
) -> dict[str, Any]:
    """Read a test image, and return its entry with what it is."""
    from tenfold.cli import downloading
    from tenfold.cli.judging import same_data
    from tenfold.errors import ConfigError

    corpus = (
        downloading.load(source, quiet=quiet) if record is None else same_data(record, source, quiet=quiet)
    )
    test = corpus.test
    if index >= len(test):
        raise ConfigError(f"--test-index: expected 0 to {len(test) - 1}, got {index}; choose a smaller one")
    reading, name, true = (
        reader.read(test.images[index]),
        f"{test.name} test image {index}",
        int(test.labels[index]),
    )
    if not quiet:
        _say(name, reading, f", the true digit is {true}")
    return {"file": name} | reading.to_dict() | {"true_digit": true}


def _draw(page: Page, reading: Reading, file: Path, path: Path) -> None:
    """Write the picture of the steps."""
    from tenfold.evaluate import figures
    from tenfold.files import write_atomically

    picture = figures.png(figures.reading_steps(page, reading, file.name))
    with writing_to(path.parent, "--show"):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, picture)


def _say(name: str, reading: Reading, truth: str = "") -> None:
    """Print what was read: of one digit all probabilities, of several that of each."""
    if not reading.digits:
        output.say(f"{name}: no digit ({reading.reason}){truth}")
        return
    words = reading.text.replace("\n", " / ")
    first = reading.digits[0]
    if len(reading.digits) > 1:
        output.say(f"{name}: {words}{truth}", style="bold")
        for digit in reading.digits:
            left, top, width, height = digit.box
            output.say(f"  {_named(digit):<32}  {width} x {height} at {left}, {top}")
        return
    output.say(f"{name}: {_named(first)}{truth}", style="bold")
    for i, probability in enumerate(first.probabilities):
        output.say(f"  {i}  {output.percent(probability):>9}  {'#' * round(_BAR * probability)}".rstrip())


def _named(digit: Digit) -> str:
    """A digit and how sure it is, or what it would be if it were sure."""
    likely = output.percent(digit.probability)
    if digit.digit is not None:
        return f"{digit.digit} ({likely})"
    best = max(range(10), key=digit.probabilities.__getitem__)
    return f"? ({digit.reason}; perhaps {best}, {likely})"
