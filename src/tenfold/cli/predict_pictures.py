"""Pictures to digits: each is read, answered in words and as JSON, and drawn if that is asked for."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenfold.cli import output
from tenfold.cli.folders import writing_to

if TYPE_CHECKING:
    from tenfold.data import Corpus, Page
    from tenfold.predict import Digit, Reader, Reading
    from tenfold.runs.record import Record

_BAR = 20
_UNREADABLE = "unreadable"


def answer_picture(
    reader: Reader, file: Path, drawing: Path | None, quiet: bool
) -> tuple[dict[str, Any], Reading]:
    """Read one file and return its entry and its reading; one that cannot be read has an error."""
    from tenfold.data import find_digits, read_picture
    from tenfold.errors import DataError
    from tenfold.predict import Reading

    try:
        page = find_digits(read_picture(file))
    except DataError as error:
        reading = Reading("", (), _UNREADABLE)
        return {"file": str(file)} | reading.to_dict() | {"error": str(error)}, reading
    [reading] = reader.answer([page])
    if not quiet:
        _say(str(file), reading)
    if drawing is not None:
        _draw(page, reading, file, drawing)
    return {"file": str(file)} | reading.to_dict(), reading


def data_to_predict(record: Record | None, source: str | None, quiet: bool) -> Corpus:
    """Return the data that ``--data`` names; by default those of the run, or MNIST."""
    from tenfold.cli.downloading import load
    from tenfold.runs.judging import same_data

    if record is None or source is not None:
        return load(source, quiet=quiet)
    return same_data(record, None, partial(load, quiet=quiet))


def answer_test_image(
    reader: Reader, record: Record | None, index: int, source: str | None, quiet: bool
) -> dict[str, Any]:
    """Read a test image, and return its entry with what it is."""
    from tenfold.cli import downloading
    from tenfold.errors import ConfigError
    from tenfold.runs.judging import same_data

    load = partial(downloading.load, quiet=quiet)
    corpus = load(source) if record is None else same_data(record, source, load)
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
