"""Files and images to digits, in the order in which they were given: as JSON, in words, as a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenfold.data import find_digits, is_digit_csv, read_picture
from tenfold.errors import ConfigError, DataError
from tenfold.evaluate.predictions_csv import csv_text
from tenfold.evaluate.wording import percent
from tenfold.files import shown
from tenfold.predict import Classified, Reader, Reading, Recogniser, classify, find_run, shipped
from tenfold.predict.classify import classify_images
from tenfold.predict.recogniser import SHIPPED
from tenfold.runs.image_predictions import Images, Predicted, from_csv, predicted, table
from tenfold.runs.models import Models
from tenfold.runs.opened import open_run
from tenfold.runs.picture_answers import Answer, PictureAnswers, class_line, modification
from tenfold.runs.record import Record
from tenfold.zoo import MODEL_FOLDER

if TYPE_CHECKING:
    from tenfold.data import Dataset, Page
    from tenfold.predict import Digit

_BAR = 20
_LIKELIEST = 10  # so many classes of a picture are shown


def recogniser_of(run: Path | None, models: Models | None = None) -> tuple[Recogniser, Record | None, str]:
    """Return the recogniser of a run or the one that comes with tenfold, the run's record, and a name."""
    if run is None:
        return shipped(), None, "the network that comes with tenfold"
    record, model = open_run(run, models)
    return Recogniser.of(model), record, f"{record.model} of {run} ({record.dataset})"


def identity(run: Path | None, model: str) -> str:
    """Return a model's name and a part of the checksum of its files, a run's or the built-in one's."""
    folder = SHIPPED if run is None else find_run(run) / MODEL_FOLDER
    sha = sha256()
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            sha.update(file.name.encode() + file.read_bytes())
    return f"{model} {sha.hexdigest()[:8]}"


@dataclass
class Answers:
    """What was read.

    Parameters
    ----------
    reader : PictureAnswers
    say : callable
        Told each line of a picture as soon as it is read, and whether it is a heading.
    """

    reader: PictureAnswers
    say: Callable[[str, bool], None]
    entries: list[dict[str, Any]] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)
    pictures: int = 0
    predicted: list[Predicted] = field(default_factory=list)

    def add_file(self, file: str) -> tuple[Page, Reading] | None:
        """Read a picture or a CSV file; what was found in a picture is returned, for a drawing of it.

        An entry of a file that cannot be read has an error.
        """
        try:
            if is_digit_csv(file):
                self.add_images(from_csv(Path(file)))
                return None
            if not self._recogniser.reads_digits:
                [found] = classify([file], self._recogniser)
                self._add(self.reader.of_class(file, found, modification(file)))
                self._say(class_lines(file, found), heading=True)
                return None
            page = find_digits(read_picture(file))
        except DataError as error:
            if is_digit_csv(file):
                self.entries.append({"file": file, "error": str(error)})
            else:
                self._add(self.reader.unreadable(file, error, modification(file)))
            return None
        [reading] = Reader(self._recogniser).answer([page])
        self._add(self.reader.of_reading(file, reading, modification(file)))
        self._say(reading_lines(file, reading), heading=bool(reading.digits))
        return page, reading

    def add_images(self, images: Images) -> None:
        """Predict images that are as networks take them."""
        found = predicted(self._recogniser, images)
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
        name = f"{test.name} test image {index}"
        if not self._recogniser.reads_digits:
            [found] = classify_images(test.images[index : index + 1], self._recogniser)
            true_class = test.class_names[true]
            self.entries.append(self.reader.of_class(name, found).entry | {"true_class": true_class})
            self._say(class_lines(name, found, f", the true class is {true_class}"), heading=True)
            return
        reading = Reader(self._recogniser).read(test.images[index])
        self.entries.append(self.reader.of_reading(name, reading).entry | {"true_digit": true})
        self._say(reading_lines(name, reading, f", the true digit is {true}"), heading=bool(reading.digits))

    @property
    def errors(self) -> list[str]:
        """Why files could not be read."""
        return [entry["error"] for entry in self.entries if "error" in entry]

    def table(self) -> tuple[str, str] | None:
        """Return what was read as the text of a table, and what is in it; none if nothing could be read."""
        if self.predicted:
            return table(self.predicted, self.reader.model, probabilities=self.reader.probabilities)
        if self.rows:
            return csv_text([self.reader.columns, *self.rows]), pictures_in_words(self.pictures)
        return None

    @property
    def _recogniser(self) -> Recogniser:
        return self.reader.recogniser

    def _add(self, answer: Answer) -> None:
        self.entries.append(answer.entry)
        self.rows += answer.rows
        self.pictures += 1

    def _say(self, lines: Sequence[str], *, heading: bool) -> None:
        for place, line in enumerate(lines):
            self.say(line, heading and place == 0)


def pictures_in_words(count: int) -> str:
    """Return how many pictures there are."""
    return f"{count:,} {'picture' if count == 1 else 'pictures'}"


def reading_lines(name: str, reading: Reading, truth: str = "") -> list[str]:
    """Return in words what was read: of one digit all probabilities, of several that of each."""
    if not reading.digits:
        return [f"{shown(name)}: no digit ({reading.reason}){truth}"]
    first, *others = reading.digits
    name = shown(name)
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
    classes = found.likeliest(_LIKELIEST)
    width = max(len(one) for one, _ in classes)
    bars = [
        f"  {one:<{width}}  {percent(probability):>9}  {'#' * round(_BAR * probability)}".rstrip()
        for one, probability in classes
    ]
    return [class_line(name, found) + truth, *bars]


def _named(digit: Digit) -> str:
    """A digit and how sure it is, or what it would be if it were sure."""
    likely = percent(digit.probability)
    if digit.digit is not None:
        return f"{digit.digit} ({likely})"
    best = max(range(10), key=digit.probabilities.__getitem__)
    return f"? ({digit.reason}; perhaps {best}, {likely})"
