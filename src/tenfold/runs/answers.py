"""Files and images to digits, in the order in which they were given: as JSON, in words, as a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenfold.data import find_digits, is_digit_csv, read_picture
from tenfold.errors import ConfigError, DataError
from tenfold.evaluate import readings_csv
from tenfold.evaluate.wording import percent
from tenfold.predict import (
    UNKNOWN,
    UNSURE,
    Classified,
    Reader,
    Reading,
    Recogniser,
    classify,
    shipped,
)
from tenfold.predict.classify import classify_images
from tenfold.runs.image_predictions import Images, Predicted, classified_csv, from_csv, predicted, table
from tenfold.runs.models import Models
from tenfold.runs.opened import open_run
from tenfold.runs.record import Record

if TYPE_CHECKING:
    from tenfold.data import Dataset, Page
    from tenfold.predict import Digit

_BAR = 20
_LIKELIEST = 10  # so many classes of a picture are shown
_UNREADABLE = "unreadable"


def recogniser_of(run: Path | None, models: Models | None = None) -> tuple[Recogniser, Record | None, str]:
    """Return the recogniser of a run or the one that comes with tenfold, the run's record, and a name."""
    if run is None:
        return shipped(), None, "the network that comes with tenfold"
    record, model = open_run(run, models)
    return Recogniser.of(model), record, f"{record.model} of {run} ({record.dataset})"


@dataclass
class Answers:
    """What was read.

    Parameters
    ----------
    recogniser : Recogniser
    say : callable
        Told each line of a picture as soon as it is read, and whether it is a heading.
    """

    recogniser: Recogniser
    say: Callable[[str, bool], None]
    entries: list[dict[str, Any]] = field(default_factory=list)
    readings: list[tuple[str, Reading]] = field(default_factory=list)
    predicted: list[Predicted] = field(default_factory=list)
    classified: list[tuple[str, Classified]] = field(default_factory=list)

    def add_file(self, file: Path) -> tuple[Page, Reading] | None:
        """Read a picture or a CSV file; what was found in a picture is returned, for a drawing of it.

        An entry of a file that cannot be read has an error.
        """
        try:
            if is_digit_csv(file):
                self.add_images(from_csv(file))
                return None
            if not self.recogniser.reads_digits:
                [found] = classify([file], self.recogniser)
                self._add_class(str(file), found)
                return None
            page = find_digits(read_picture(file))
        except DataError as error:
            self._cannot_be_read(file, error)
            return None
        [reading] = Reader(self.recogniser).answer([page])
        self._add(str(file), reading)
        return page, reading

    def add_images(self, images: Images) -> None:
        """Predict images that are as networks take them."""
        found = predicted(self.recogniser, images)
        self.entries.append(found.to_dict())
        self.predicted.append(found)

    def add_test_image(self, test: Dataset, index: int) -> None:
        """Read a test image.

        Raises
        ------
        ConfigError
            If there is no such image.
        """
        if index >= len(test):
            raise ConfigError(
                f"--test-index: expected 0 to {len(test) - 1}, got {index}; choose a smaller one"
            )
        true = int(test.labels[index])
        if not self.recogniser.reads_digits:
            [found] = classify_images(test.images[index : index + 1], self.recogniser)
            name, true_class = f"{test.name} test image {index}", test.class_names[true]
            self._add_class(name, found, f", the true class is {true_class}", true_class=true_class)
            return
        reading = Reader(self.recogniser).read(test.images[index])
        self._add(f"{test.name} test image {index}", reading, f", the true digit is {true}", true_digit=true)

    @property
    def errors(self) -> list[str]:
        """Why files could not be read."""
        return [entry["error"] for entry in self.entries if "error" in entry]

    def table(self, model: str, *, probabilities: bool) -> tuple[str, str] | None:
        """Return what was read as the text of a table, and what is in it; none if nothing could be read."""
        if self.predicted:
            return table(self.predicted, model, probabilities=probabilities)
        if self.classified:
            return classified_csv(model, self.classified), f"{len(self.classified):,} pictures"
        if self.readings:
            return readings_csv(model, self.readings), f"{len(self.readings):,} pictures"
        return None

    def _cannot_be_read(self, file: Path, error: DataError) -> None:
        found: dict[str, Any] = {"file": str(file)}
        if not is_digit_csv(file):
            reading = Reading("", (), _UNREADABLE)
            self.readings.append((str(file), reading))
            found |= reading.to_dict()
        self.entries.append(found | {"error": str(error)})

    def _add_class(self, name: str, found: Classified, truth: str = "", **more: Any) -> None:
        """Add a picture that was classified as a whole; its text is the name of the class."""
        text = found.name if found.sure else UNKNOWN
        reading = Reading(text, (), None if found.sure else UNSURE)
        self.entries.append({"file": name} | reading.to_dict() | found.to_dict() | more)
        self.classified.append((name, found))
        for place, line in enumerate(class_lines(name, found, truth)):
            self.say(line, place == 0)

    def _add(self, name: str, reading: Reading, truth: str = "", **more: Any) -> None:
        self.entries.append({"file": name} | reading.to_dict() | more)
        self.readings.append((name, reading))
        for place, line in enumerate(reading_lines(name, reading, truth)):
            self.say(line, place == 0 and bool(reading.digits))


def reading_lines(name: str, reading: Reading, truth: str = "") -> list[str]:
    """Return in words what was read: of one digit all probabilities, of several that of each."""
    if not reading.digits:
        return [f"{name}: no digit ({reading.reason}){truth}"]
    first, *others = reading.digits
    if others:
        words = reading.text.replace("\n", " / ")
        lines = [f"{name}: {words}{truth}"]
        for digit in reading.digits:
            left, top, width, height = digit.box
            lines.append(f"  {_named(digit):<32}  {width} x {height} at {left}, {top}")
        return lines
    bars = [
        f"  {i}  {percent(probability):>9}  {'#' * round(_BAR * probability)}".rstrip()
        for i, probability in enumerate(first.probabilities)
    ]
    return [f"{name}: {_named(first)}{truth}", *bars]


def class_lines(name: str, found: Classified, truth: str = "") -> list[str]:
    """Return in words how a picture was classified: the class, and the likeliest ones."""
    likely = percent(found.probability)
    first = f"{found.name} ({likely})" if found.sure else f"? ({UNSURE}; perhaps {found.name}, {likely})"
    classes = found.likeliest(_LIKELIEST)
    width = max(len(one) for one, _ in classes)
    bars = [
        f"  {one:<{width}}  {percent(probability):>9}  {'#' * round(_BAR * probability)}".rstrip()
        for one, probability in classes
    ]
    return [f"{name}: {first}{truth}", *bars]


def _named(digit: Digit) -> str:
    """A digit and how sure it is, or what it would be if it were sure."""
    likely = percent(digit.probability)
    if digit.digit is not None:
        return f"{digit.digit} ({likely})"
    best = max(range(10), key=digit.probabilities.__getitem__)
    return f"? ({digit.reason}; perhaps {best}, {likely})"
