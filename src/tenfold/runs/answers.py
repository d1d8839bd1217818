"""Files and images to digits, in the order in which they were given: as JSON, in words, as a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tenfold.data import find_digits, is_digit_csv, picture_pages
from tenfold.errors import ConfigError, DataError
from tenfold.evaluate.predictions_csv import csv_text
from tenfold.evaluate.wording import percent, plural
from tenfold.files import shown
from tenfold.predict import Classified, Reader, Reading, Recogniser, classify, find_run, shipped
from tenfold.predict.classify import classify_images
from tenfold.predict.reading import joined
from tenfold.predict.recogniser import SHIPPED
from tenfold.runs.image_predictions import Images, Predicted, from_corpus, from_csv, predicted, table
from tenfold.runs.judging import Load, same_data
from tenfold.runs.models import Models
from tenfold.runs.opened import open_run
from tenfold.runs.picture_answers import Answer, PictureAnswers, class_line, modification
from tenfold.runs.reading_options import ReadingOptions
from tenfold.runs.record import Record
from tenfold.runs.step_drawings import draw, drawings
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


class OpenedReader(NamedTuple):
    """What reads pictures, the record of its run, and its name in words."""

    reader: PictureAnswers
    record: Record | None
    name: str


def open_reader(
    run: Path | None, networks: Sequence[str], wanted: ReadingOptions, files: Sequence[str]
) -> OpenedReader:
    """Return what reads files as it is wanted.

    Raises
    ------
    ConfigError
        If the network does not read digits, and an option needs one that does.
    """
    recogniser, record, name = recogniser_of(run, Models.of(networks))
    wanted.check_network(recogniser.reads_digits, name)
    model = "shipped" if record is None else record.model
    identified = identity(run, model) + wanted.way.label if files and wanted.texts.rows else ""
    options = wanted.probabilities, wanted.texts, wanted.way
    return OpenedReader(PictureAnswers(recogniser, model, identified, *options), record, name)


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

    def add_files(self, files: Sequence[str], show: Path | None) -> None:
        """Read pictures or CSV files, and draw the steps of the pictures if it is named where to."""
        paths = list(map(Path, files))
        for file, drawing in zip(paths, drawings(paths, show) if show else [None] * len(paths), strict=True):
            read = self.add_file(str(file))
            if drawing is not None and read is not None:
                draw(*read, file, drawing)

    def add_data(self, record: Record | None, source: str | None, index: int | None, load: Load) -> None:
        """Predict a test image of the network's data or of others; without an index, all images of others.

        Without a ``source``, these are MNIST's, or the run's if there is a ``record``.
        """
        if index is None:  # data that are named may be others than the run's
            record = record if source is None else None
        corpus = load(source) if record is None else same_data(record, source, load)
        if index is not None:
            self.add_test_image(corpus.test, index)
            return
        for images in from_corpus(corpus):
            self.add_images(images)

    def add_file(self, file: str) -> tuple[Page, Reading] | None:
        """Read a picture or a CSV file; what is on a picture's first page is returned, for a drawing of it.

        An entry of a file that cannot be read has an error.
        """
        try:
            if is_digit_csv(file):
                self.add_images(from_csv(Path(file)))
                return None
            if not self._recogniser.reads_digits:
                self._add_class(file)
                return None
            page, first, reading = self._read(file)
        except DataError as error:
            if is_digit_csv(file):
                self.entries.append({"file": file, "error": str(error)})
            else:
                self._add(self.reader.unreadable(file, error, modification(file)))
            return None
        self._add(self.reader.of_reading(file, reading, modification(file)))
        self._say(reading_lines(file, reading), heading=bool(reading.digits))
        return page, first

    def _add_class(self, file: str) -> None:
        [found] = classify([file], self._recogniser, limits=self.reader.way.limits)
        self._add(self.reader.of_class(file, found, modification(file)))
        self._say(class_lines(file, found), heading=True)

    def _read(self, file: str) -> tuple[Page, Reading, Reading]:
        """Return what was found on the first page, its reading, and that of all pages."""
        way, reader = self.reader.way, Reader(self._recogniser)
        sheets = picture_pages(file, limits=way.limits)
        sheet = next(sheets)
        page = find_digits(sheet.grey, single=way.single)
        [found] = reader.answer([page])
        first = replace(found, remarks=sheet.remarks)
        whole = joined([first, *reader.read_sheets(sheets, single=way.single)])
        return page, first, way.wanted(whole)

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
        read = Reader(self._recogniser).read(test.images[index], single=self.reader.way.single)
        reading = self.reader.way.wanted(read)
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
            return csv_text([self.reader.columns, *self.rows]), plural(self.pictures, "picture")
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


def reading_lines(name: str, reading: Reading, truth: str = "") -> list[str]:
    """Return in words what was read: of one digit all probabilities, of several that of each."""
    name, remarks = shown(name), [f"  {remark}" for remark in reading.remarks]
    if not reading.digits:
        return [f"{name}: no digit ({reading.reason}){truth}", *remarks]
    words = reading.text.replace("\n", " / ")
    if reading.pages:
        pages = [reading_lines(f"{name}, page {i}", page) for i, page in enumerate(reading.pages, start=1)]
        return [f"{name}: {words}{truth}", *chain(*pages)]
    first, *others = reading.digits
    if others or len(reading.text) > 1:  # one digit with a sign
        return [f"{name}: {words}{truth}", *map(_placed, reading.digits), *remarks]
    bars = [
        f"  {i}  {percent(probability):>9}  {'#' * round(_BAR * probability)}".rstrip()
        for i, probability in enumerate(first.probabilities)
    ]
    return [f"{name}: {_named(first)}{truth}", *bars, *remarks]


def _placed(digit: Digit) -> str:
    left, top, width, height = digit.box
    return f"  {_named(digit):<32}  {width} x {height} at {left}, {top}"


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
        reason = "" if digit.reason is None else f"{digit.reason}; "
        return f"{digit.digit} ({reason}{likely})"
    best = max(range(10), key=digit.probabilities.__getitem__)
    return f"? ({digit.reason}; perhaps {best}, {likely})"
