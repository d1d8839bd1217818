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
from tenfold.data import Candidate, Corpus, Page, find_digits
from tenfold.errors import DataError, DTypeError, ShapeError
from tenfold.predict import Predictions, Reader, Reading, read, shipped


class Fake:
    """A recogniser with known answers, which keeps what it was asked, call by call."""

    threshold = 0.5
    reads_digits = True

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


def written(digit: int, doubt: int, *parts: Candidate, touching: bool = True) -> Candidate:
    image = np.zeros((28, 28), np.uint8)
    image[0, :2] = digit, doubt
    return Candidate((digit, 2, 3, 4), image, parts, touching)


def page(*lines: tuple[Candidate, ...]) -> Page:
    return Page(np.zeros((9, 9), np.uint8), lines=lines)


def strokes(*at: int) -> np.ndarray:
    """A white sheet with upright strokes."""
    sheet = np.full((100, 300), 255, np.uint8)
    for left in at:
        sheet[20:80, left : left + 8] = 0
    return sheet


def test_lines_and_what_is_not_sure() -> None:
    reader = Reader(Fake(by_level))
    [reading] = reader.answer([page((written(4, 0), written(7, 51), written(2, 50)), (written(9, 1),))])
    assert reading.text == "4?2\n9"
    assert [digit.digit for digit in reading.digits] == [4, None, 2, 9]
    assert [digit.reason for digit in reading.digits] == [None, "not sure", None, None]
    assert [digit.box for digit in reading.digits] == [(4, 2, 3, 4), (7, 2, 3, 4), (2, 2, 3, 4), (9, 2, 3, 4)]
    assert all(digit.probability == 0.91 == max(digit.probabilities) for digit in reading.digits)
    assert reading.reason is None


def test_nothing_sure_is_a_reason() -> None:
    [reading] = Reader(Fake(by_level)).answer([page((written(4, 90), written(7, 51)))])
    assert (reading.text, reading.reason) == ("??", "not sure")


WHOLE_OR_PARTS = {
    "a sure whole is not cut": (10, True, (5, 5), "8"),
    "parts that are sure": (60, True, (5, 5), "12"),
    "a part that is not sure": (90, True, (5, 80), "?"),
    "parts that are doubted more": (60, True, (5, 70), "?"),
    "two that stand apart": (10, False, (5, 5), "12"),
    "two halves of one": (10, False, (5, 20), "8"),
}


@pytest.mark.parametrize("case", WHOLE_OR_PARTS)
def test_whole_or_parts(case: str) -> None:
    doubt, touching, (left, right), text = WHOLE_OR_PARTS[case]
    whole = written(8, doubt, written(1, left), written(2, right), touching=touching)
    [reading] = Reader(Fake(by_level)).answer([page((whole, written(3, 0)))])
    assert reading.text == text + "3"


@pytest.mark.parametrize(("touching", "text"), [(True, "?"), (False, "11")])
def test_two_strokes_that_touch_are_no_eleven(touching: bool, text: str) -> None:
    vee = written(8, 60, written(1, 5), written(1, 5), touching=touching)
    [reading] = Reader(Fake(by_level)).answer([page((vee,))])
    assert reading.text == text


@pytest.mark.parametrize(
    ("doubts", "text"),
    [((90, 90, 0), "??3"), ((90, 90, 90, 0, 0, 0), "???456"), ((90, 90, 90, 0, 0), "?????")],
)
def test_what_is_mostly_no_digit_has_none(doubts: tuple[int, ...], text: str) -> None:
    line = tuple(written(1 + i, doubt) for i, doubt in enumerate(doubts))
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
        (b"", DataError, "picture: expected a PNG or JPEG picture, found an empty file"),
        (b"\x89PNG\r\n\x1a\n", DataError, "picture: expected a complete picture, found a damaged one"),
        ("nowhere.png", DataError, "nowhere.png: expected a file, found nothing"),
        (np.zeros((5, 5)), DTypeError, "expected uint8 0-255, found float64"),
        (np.zeros((5, 5, 2), np.uint8), ShapeError, r"\(h, w, 3\) or \(h, w, 4\), found \(5, 5, 2\)"),
        (np.zeros((0, 5), np.uint8), ShapeError, r"found \(0, 5\)"),
        (np.zeros((4001, 4000), np.uint8), DataError, "at most 16 megapixels, found 4000 x 4001 pixels"),
        (7, DTypeError, "expected a path, bytes, a Pillow image or an array, found int"),
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
        [[found]] = find_digits(image).lines
        np.testing.assert_array_equal(found.image, image)
        assert not found.parts


def test_specks_around_a_small_picture_do_not_matter(corpus: Corpus) -> None:
    """They make a digit seem too large; so it is asked for as it is, too."""
    images, rng = corpus.test.images[:40].copy(), np.random.default_rng(0)
    images[rng.random(images.shape) < 0.04] = 255
    [[found]] = find_digits(images[0]).lines
    np.testing.assert_array_equal(found.parts[0].image, images[0])
    texts = [reading.text for reading in Reader(shipped()).read_many(list(images))]
    right = sum(text == str(label) for text, label in zip(texts, corpus.test.labels[:40], strict=True))
    assert right >= 36
