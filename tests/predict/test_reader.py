"""From pages to readings: what is asked of the recogniser, and what becomes of its answers."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import tenfold
from tenfold.data import Candidate, Corpus, Lattice, Page, View, find_digits
from tenfold.data.page.components import Box, Mark
from tenfold.errors import DataError, DTypeError, ShapeError
from tenfold.predict import Predictions, Reader, Reading, read, shipped


class Fake:
    """A recogniser with known answers, which keeps what it was asked, call by call."""

    threshold = 0.5
    reads_digits = refuses = True

    def __init__(self, answer: Callable[[np.ndarray], tuple[int, float]]) -> None:
        self.answer = answer
        self.calls: list[np.ndarray] = []

    def predict(self, images: np.ndarray) -> Predictions:
        self.calls.append(images)
        answers = [self.answer(image) for image in images]
        rows = np.full((len(images), 10), 0.01)
        rows[np.arange(len(images)), [digit for digit, _ in answers]] = 0.91
        return Predictions(rows, np.array([doubt for _, doubt in answers], np.float64))


def by_level(image: np.ndarray) -> tuple[int, float]:
    """The digit is the level of the first pixel, the doubt that of the second, in hundredths."""
    return int(image[0, 0]), image[0, 1] / 100


def written(digit: int, doubt: int, place: int = 0, height: int = 60, until: int = 0) -> Candidate:
    """The mark at a place of a row, or all marks from there to another place."""
    last = until or place + 1
    image = np.zeros((28, 28), np.uint8)
    image[0, :2] = digit, doubt
    box = Box(10 + 50 * place, 70 - height, 50 * last, 70)
    marks = tuple(
        Mark(Box(10 + 50 * i, 70 - height, 50 + 50 * i, 70), (i + 1,), 99) for i in range(place, last)
    )
    return Candidate(place, last, box, np.full((height, box.width), 255, np.uint8), image, marks)


def page(*rows: tuple[Candidate, ...]) -> Page:
    """A picture in which each row is written on its own."""
    lattices = tuple(Lattice(row, max(one.last for one in row), 60.0) for row in rows)
    return Page(np.zeros((99, 99), np.uint8), _views=iter((View(rows=lattices),)))


def in_a_row(*judged: tuple[int, int]) -> tuple[Candidate, ...]:
    return tuple(written(digit, doubt, place) for place, (digit, doubt) in enumerate(judged))


def strokes(*at: int) -> np.ndarray:
    """A white sheet with upright strokes."""
    sheet = np.full((100, 300), 255, np.uint8)
    for left in at:
        sheet[20:80, left : left + 8] = 0
    return sheet


def test_lines_and_what_is_not_sure() -> None:
    reader = Reader(Fake(by_level))
    [reading] = reader.answer([page(in_a_row((4, 0), (7, 51), (2, 50)), in_a_row((9, 1)))])
    assert reading.text == "4?2\n9"
    assert [digit.digit for digit in reading.digits] == [4, None, 2, 9]
    assert [digit.reason for digit in reading.digits] == [None, "not sure", None, None]
    assert [digit.box[0] for digit in reading.digits] == [10, 60, 110, 10]
    assert all(digit.box[1:] == (10, 40, 60) for digit in reading.digits)
    assert all(digit.probability == 0.91 == max(digit.probabilities) for digit in reading.digits)
    assert reading.reason is None


def test_nothing_sure_is_a_reason() -> None:
    [reading] = Reader(Fake(by_level)).answer([page(in_a_row((4, 90), (7, 51)))])
    assert (reading.text, reading.reason) == ("??", "not sure")


WHOLE_OR_PARTS = {  # the doubt of two marks together, and of each; the height of the second
    "a whole that is sure, parts that are not": (10, (90, 90), 60, "8"),
    "a whole that is sure, a part that is not": (10, (5, 90), 60, "8"),
    "parts that are sure": (60, (5, 5), 60, "12"),
    "two that are sure in either way": (10, (5, 5), 60, "12"),
    "a bar that looks like a digit": (10, (5, 20), 20, "8"),
    "nothing that is sure": (90, (90, 90), 60, "??"),
}


@pytest.mark.parametrize("case", WHOLE_OR_PARTS)
def test_whole_or_parts(case: str) -> None:
    """The parts are a 2 and a 4; each mark is in the reading once, whatever it is."""
    doubt, (left, right), height, text = WHOLE_OR_PARTS[case]
    parts = written(2, left), written(4, right, 1, height)
    row = (parts[0], written(8, doubt, until=2), parts[1], written(3, 0, 2))
    [reading] = Reader(Fake(by_level)).answer([page(row)])
    assert reading.text == text.replace("12", "24") + "3"
    assert [mark.text for mark in reading.marks] == [*reading.text]


def test_a_mark_is_cut_if_its_parts_are_surer() -> None:
    """Two rings of one bridge: what is wider than high is no digit here."""

    def narrow(image: np.ndarray) -> tuple[int, float]:
        rows, columns = np.nonzero(image)
        return 6, 0.9 if np.ptp(columns) > np.ptp(rows) + 2 else 0.1

    sheet = np.full((120, 260), 255, np.uint8)
    y, x = np.mgrid[:120, :260]
    for middle in (60, 122):
        sheet[np.abs(np.hypot((x - middle) / 24, (y - 60) / 36) - 1) < 0.18] = 0
    sheet[56:64, 84:98] = 0
    fake = Fake(narrow)
    reading = Reader(fake).read(sheet)
    assert reading.text == "66"
    (_, _, first, _), (left, _, second, _) = (digit.box for digit in reading.digits)
    assert 85 <= left <= 97
    assert 45 <= first <= 65
    assert 45 <= second <= 65
    assert Reader(Fake(lambda image: (6, 0.9))).read(sheet).text == "?"
    assert Reader(Fake(lambda image: (6, 0.1 if narrow(image)[1] > 0.5 else 0.9))).read(sheet).text == "6"


def test_letters_are_not_cut() -> None:
    """Where most marks are no digits, a mark in doubt is not cut, whatever the network says of its parts."""

    def part(image: np.ndarray) -> tuple[int, float]:
        rows, columns = np.nonzero(image)
        return 6, 0.1 if 15 * np.ptp(columns) < 10 * np.ptp(rows) else 0.9

    sheet = np.full((120, 500), 255, np.uint8)
    for left in range(20, 420, 80):
        sheet[30:90, left : left + 8] = sheet[30:90, left + 40 : left + 48] = sheet[
            56:64, left : left + 48
        ] = 0
    reading = Reader(Fake(part)).read(sheet)
    assert (reading.text, reading.reason) == ("?????", "not sure")


@pytest.mark.parametrize(
    ("doubts", "text"),
    [((90, 90, 0), "??3"), ((90, 90, 90, 0, 0, 0), "???456"), ((90, 90, 90, 0, 0), "?????")],
)
def test_what_is_mostly_no_digit_has_none(doubts: tuple[int, ...], text: str) -> None:
    line = in_a_row(*((1 + i, doubt) for i, doubt in enumerate(doubts)))
    [reading] = Reader(Fake(by_level)).answer([page(line)])
    assert reading.text == text
    assert [digit.reason for digit in reading.digits] == [None if one != "?" else "not sure" for one in text]


def test_single_gives_the_likeliest_digit_and_says_when_it_is_doubted() -> None:
    def reading_of(doubt: float, **options: bool) -> Reading:
        return Reader(Fake(lambda image: (7, doubt))).read(strokes(20, 100), **options)

    assert (reading_of(0.9).text, reading_of(0.1).text) == ("??", "77")
    sure, doubted = reading_of(0.1, single=True), reading_of(0.9, single=True)
    assert [(one.text, one.reason, len(one.digits)) for one in (sure, doubted)] == [
        ("7", None, 1),
        ("7", "not sure", 1),
    ]
    blank = Reader(Fake(by_level)).read(np.full((50, 50), 200, np.uint8), single=True)
    assert (blank.text, blank.reason) == ("", "blank")


def several_pages(*sheets: np.ndarray) -> bytes:
    first, *others = map(Image.fromarray, sheets)
    buffer = io.BytesIO()
    first.save(buffer, "TIFF", save_all=True, append_images=others)
    return buffer.getvalue()


def test_the_rows_of_all_pages_are_read_in_order_and_told_apart() -> None:
    blank = np.full((50, 50), 200, np.uint8)
    file = several_pages(strokes(20), blank, strokes(20, 100))
    reader = Reader(Fake(lambda image: (1, 0.0)))
    whole = reader.read(file)
    assert (whole.text, whole.reason, len(whole.digits), len(whole.marks)) == ("1\n11", None, 3, 3)
    assert [page.text for page in whole.pages] == ["1", "", "11"]
    assert [page.reason for page in whole.pages] == [None, "blank", None]
    assert whole.digits == tuple(digit for page in whole.pages for digit in page.digits)
    assert whole.to_dict()["pages"] == [page.to_dict() for page in whole.pages]
    [again, alone] = reader.read_many([file, strokes(20)])
    assert (again.to_dict(), alone.pages) == (whole.to_dict(), ())
    assert reader.read(several_pages(blank, blank)).reason == "blank"
    assert Reader(Fake(lambda image: (1, 0.9))).read(several_pages(blank, strokes(20))).reason == "not sure"


def test_the_text_without_signs() -> None:
    reading = Reading("12/05/2024\n-3.5\n--\n?,7", (), None)
    assert reading.digits_text == "12052024\n35\n?7"


def test_all_pictures_are_judged_in_one_call() -> None:
    fake = Fake(lambda image: (1, 0.0))
    sheets = [strokes(20, 100, 200), np.zeros((50, 50), np.uint8), strokes(60)]
    assert [one.text for one in Reader(fake).read_many(sheets)] == ["111", "", "1"]
    assert [len(images) for images in fake.calls] == [4]


def test_blank_is_answered_without_the_recogniser() -> None:
    fake = Fake(by_level)
    reading = Reader(fake).read(np.full((28, 28), 200, np.uint8))
    assert reading.to_dict() == {
        "text": "",
        "digits": [],
        "reason": "blank",
        "marks": [],
        "turned": 0,
    }
    assert fake.calls == []
    assert Reader(fake).read_many([]) == []


def test_a_reading_is_json() -> None:
    reading = Reader(Fake(lambda image: (1, 0.0))).read(strokes(20))
    assert json.loads(json.dumps(reading.to_dict())) == {
        "text": "1",
        "digits": [{"digit": 1, "probability": 0.91, "box": [20, 20, 8, 60], "reason": None}],
        "reason": None,
        "marks": [{"box": [20, 20, 8, 60], "kind": "digit", "text": "1"}],
        "turned": 0,
    }
    assert reading.digits[0].image.shape == (28, 28)
    assert reading.digits[0].image.dtype == np.uint8


def test_every_way_to_give_a_picture_is_the_same(tmp_path: Path) -> None:
    sheet = strokes(20, 100)
    buffer = io.BytesIO()
    Image.fromarray(sheet).save(buffer, "PNG")
    (tmp_path / "a.png").write_bytes(buffer.getvalue())
    opaque = np.dstack([sheet, sheet, sheet, np.full_like(sheet, 255)])
    ways = [
        sheet,
        opaque[..., :3],
        opaque,
        Image.fromarray(sheet),
        buffer.getvalue(),
        tmp_path / "a.png",
        str(tmp_path / "a.png"),
    ]
    reader = Reader(Fake(lambda image: (1, 0.0)))
    found = [reader.read(way).to_dict() for way in ways]
    assert all(one == found[0] for one in found)
    assert found[0]["text"] == "11"


@pytest.mark.fault("own pictures", "an argument is not a picture", "rejected in one line")
@pytest.mark.parametrize(
    ("picture", "error", "words"),
    [
        (b"", DataError, r"picture: expected a picture \(PNG, .*\), found an empty file"),
        (b"\x89PNG\r\n\x1a\n", DataError, "picture: expected a complete picture, found a damaged one"),
        ("nowhere.png", DataError, "nowhere.png: expected a file, found nothing"),
        (np.array([["a"]]), DTypeError, "expected numbers, found <U1"),
        (np.zeros((5, 5, 2), np.uint8), ShapeError, r"\(h, w, 3\) or \(h, w, 4\), found \(5, 5, 2\)"),
        (np.zeros((0, 5), np.uint8), ShapeError, r"found \(0, 5\)"),
        (np.zeros((4001, 4000), np.uint8), DataError, "at most 16 megapixels, found 4000 x 4001 pixels"),
        (7, DTypeError, "expected a path, bytes, an open file, a Pillow image or an array, found int"),
    ],
)
def test_what_is_no_picture_is_refused(picture: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        Reader(Fake(by_level)).read(picture)


def test_a_file_is_decoded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL.PngImagePlugin import PngImageFile

    decoded: list[object] = []
    load = PngImageFile.load_end
    monkeypatch.setattr(PngImageFile, "load_end", lambda self: decoded.append(self) or load(self))
    for i in range(2):
        Image.fromarray(strokes(20 + i)).save(tmp_path / f"{i}.png")
    Reader(Fake(by_level)).read_many([tmp_path / "0.png", tmp_path / "1.png"])
    assert len(decoded) == 2


def test_read_is_public() -> None:
    assert tenfold.read is read
    assert read(strokes(20), Fake(lambda image: (7, 0.2))).text == "7"


def test_mnist_goes_in_as_it_is(corpus: Corpus) -> None:
    images = corpus.test.images
    for image in images:
        [row] = find_digits(image).view(0).rows
        [found] = row.candidates
        np.testing.assert_array_equal(found.image, image)


def test_specks_around_a_small_picture_do_not_matter(corpus: Corpus) -> None:
    """They make a digit seem too large; so it is asked for as it is, too."""
    images, rng = corpus.test.images[:40].copy(), np.random.default_rng(0)
    images[rng.random(images.shape) < 0.04] = 255
    [row] = find_digits(images[0]).view(0).rows
    _, as_it_is = row.candidates
    np.testing.assert_array_equal(as_it_is.image, images[0])
    texts = [reading.text for reading in Reader(shipped()).read_many(list(images))]
    right = sum(text == str(label) for text, label in zip(texts, corpus.test.labels[:40], strict=True))
    assert right >= 36
