"""Pictures that are said to hold one digit: one answer, whatever else is in them."""

from __future__ import annotations

import numpy as np
import pytest
from tests.drawn_pictures import PEN, Known, Sheet, ellipse, is_ring, rings

from tenfold.data import single_digit
from tenfold.predict import Reader

Y, X = np.mgrid[:140, :140]
ZERO = ellipse(X, Y, 70, 70, 50, 76, PEN)


def ink(*rectangles: tuple[int, int, int, int]) -> np.ndarray:
    page = np.zeros((140, 140), bool)
    for left, top, width, height in rectangles:
        page[top : top + height, left : left + width] = True
    return page


BESIDE = {
    "nothing": ink(),
    "a neighbour's scrap on the left": ellipse(X, Y, -8, 70, 40, 76, PEN),
    "a neighbour's scrap on the right": ellipse(X, Y, 146, 70, 40, 76, PEN),
    "scraps on both sides": ellipse(X, Y, -8, 70, 40, 76, PEN) | ellipse(X, Y, 148, 70, 40, 76, PEN),
    "a scrap of the row above": ink((50, 0, 34, 7)),
    "a full stop": ink((112, 100, 9, 9)),
    "a rule below": ink((0, 122, 140, 3)),
    "two rules": ink((0, 16, 140, 3), (0, 122, 140, 3)),
    "a frame": ink((6, 6, 128, 3), (6, 131, 128, 3), (6, 6, 3, 128), (131, 6, 3, 128)),
    "dirt": ink((10, 10, 3, 3), (120, 20, 4, 3), (20, 120, 3, 4)),
    "a dash": ink((102, 68, 24, 6)),
}


def drawn(mask: np.ndarray) -> np.ndarray:
    return np.where(mask, np.uint8(0), np.uint8(255))


@pytest.mark.parametrize("light", [False, True])
@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("beside", BESIDE)
def test_the_digit_is_read_whatever_is_beside_it(beside: str, times: int, light: bool) -> None:
    page = drawn(ZERO | BESIDE[beside]).repeat(times, axis=0).repeat(times, axis=1)
    reading = Reader(Known(rings)).read(255 - page if light else page, single=True)
    [digit] = reading.digits
    assert (reading.text, reading.reason, digit.digit) == ("0", None, 0)
    np.testing.assert_allclose(digit.box, np.array((45, 32, 50, 76)) * times, atol=2 * times)
    assert [mark.text for mark in reading.marks if mark.kind == "digit"] == ["0"]


WHATEVER = {
    "two digits": Sheet(200).write("00").ink,
    "a number": Sheet(400).write("00.0-0").ink,
    "a dash": ink((20, 66, 100, 8)),
    "a block": ink((30, 30, 80, 80)),
    "pieces": ink((40, 20, 8, 40), (40, 70, 8, 40), (80, 20, 8, 90)),
    "at the edge": ink((0, 0, 30, 140)),
}


@pytest.mark.parametrize("picture", WHATEVER)
@pytest.mark.parametrize("doubt", [0.1, 0.9])
def test_there_is_one_answer(picture: str, doubt: float) -> None:
    """With the reason if it is in doubt."""
    reading = Reader(Known(lambda image: (3, doubt))).read(drawn(WHATEVER[picture]), single=True)
    assert (reading.text, len(reading.digits)) == ("3", 1)
    assert reading.reason == (None if doubt < 0.5 else "not sure")
    assert reading.turned == 0


def test_a_digit_in_pieces_is_one_digit() -> None:
    broken = ZERO & ~ink((0, 60, 140, 8))
    reading = Reader(Known(rings)).read(drawn(broken), single=True)
    [digit] = reading.digits
    np.testing.assert_allclose(digit.box, (45, 32, 50, 76), atol=1)
    assert reading.text != ""


@pytest.mark.parametrize("beside", [one for one in BESIDE if one not in ("a full stop", "a dash")])
def test_training_pictures_are_cut_out_in_the_same_way(beside: str) -> None:
    """Without a network: scraps of neighbours, rules and dirt are left out of the 28 x 28 pixels."""
    image = single_digit(drawn(ZERO | BESIDE[beside]))
    assert image is not None
    assert is_ring(image)


@pytest.mark.parametrize("level", [0, 130, 255])
def test_blank_paper_has_no_digit(level: int) -> None:
    reading = Reader(Known(rings)).read(np.full((140, 140), level, np.uint8), single=True)
    assert (reading.text, reading.digits, reading.reason) == ("", (), "blank")
