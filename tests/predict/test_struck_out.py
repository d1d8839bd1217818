"""Digits that are struck out: left out of the text, not of the account."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from tests.drawn_pictures import Known, ellipse, near, rings

from tenfold.predict import Reader
from tenfold.predict.struck_out import is_struck_out

SIDE = 120
Y, X = np.mgrid[:SIDE, :SIDE]
Points = list[tuple[float, float]]


def strokes(*lines: Points, pen: float = 6) -> np.ndarray:
    """Straight strokes through points (x, y)."""
    ink = np.zeros((SIDE, SIDE), bool)
    for line in lines:
        for start, end in itertools.pairwise(line):
            ink |= near(X, Y, start, end) <= pen / 2
    return ink


ZERO = ellipse(X, Y, 60, 60, 44, 70, 6)
SEVEN = strokes([(38, 28), (82, 28), (52, 94)])
EIGHT = ellipse(X, Y, 60, 42, 36, 36, 6) | ellipse(X, Y, 60, 75, 42, 40, 6)
STRUCK = {
    "two strokes": strokes([(10, 104), (110, 16)], [(10, 16), (110, 104)]),
}
WHOLE = {
    "0": ZERO,
    "7": SEVEN,
    "8": EIGHT,
    "1": strokes([(60, 20), (56, 100)]),
    "4": strokes([(50, 20), (34, 66), (86, 66)], [(72, 44), (66, 100)]),
    "a crossed 7": SEVEN | strokes([(52, 62), (80, 58)]),
    "A": strokes([(20, 100), (60, 20), (100, 100)], [(38, 72), (82, 72)]),
    "E": strokes([(90, 20), (30, 20), (30, 100), (90, 100)], [(30, 60), (80, 60)]),
    "H": strokes([(30, 20), (30, 100)], [(90, 20), (90, 100)], [(30, 60), (90, 60)]),
    "K": strokes([(30, 20), (30, 100)], [(90, 20), (30, 62), (90, 100)]),
    "M": strokes([(20, 100), (28, 20), (60, 80), (92, 20), (100, 100)]),
    "N": strokes([(25, 100), (25, 20), (95, 100), (95, 20)]),
    "T": strokes([(20, 20), (100, 20)], [(60, 20), (60, 100)]),
    "V": strokes([(20, 20), (60, 100), (100, 20)]),
    "W": strokes([(10, 20), (35, 100), (60, 40), (85, 100), (110, 20)]),
    "X": strokes([(20, 20), (100, 100)], [(100, 20), (20, 100)]),
    "Z": strokes([(25, 20), (95, 20), (25, 100), (95, 100)]),
    "+": strokes([(20, 60), (100, 60)], [(60, 20), (60, 100)]),
}


def cut(ink: np.ndarray, times: int = 1) -> np.ndarray:
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    inside = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] * np.uint8(255)
    return inside.repeat(times, axis=0).repeat(times, axis=1)


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("strike", STRUCK)
@pytest.mark.parametrize("digit", ["0", "7", "8"])
def test_a_digit_under_strokes_is_struck_out(digit: str, strike: str, times: int) -> None:
    assert is_struck_out(cut(WHOLE[digit] | STRUCK[strike], times))


@pytest.mark.parametrize("pen", [4, 8, 14])
@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("mark", WHOLE)
def test_digits_letters_and_signs_are_not_struck_out(mark: str, times: int, pen: int) -> None:
    ink = WHOLE[mark]
    if pen != 6:
        from scipy.ndimage import distance_transform_edt

        ink = distance_transform_edt(~ink) <= (pen - 6) / 2 if pen > 6 else ink
    assert not is_struck_out(cut(ink, times))


@pytest.mark.parametrize("strike", STRUCK)
def test_a_struck_digit_is_a_mark_without_text(strike: str) -> None:
    page = np.zeros((SIDE, 3 * SIDE), bool)
    for i in range(3):
        page[:, i * SIDE : (i + 1) * SIDE] = ZERO | STRUCK[strike] if i == 1 else ZERO
    reading = Reader(Known(rings)).read(np.where(page, np.uint8(0), np.uint8(255)))
    assert (reading.text, reading.reason) == ("00", None)
    [struck] = [mark for mark in reading.marks if mark.kind == "struck out"]
    assert struck.text == ""
    assert SIDE <= struck.box[0] < struck.box[0] + struck.box[2] <= 2 * SIDE


def test_nothing_but_what_is_struck_out_is_not_sure() -> None:
    page = ZERO | STRUCK["two strokes"]
    reading = Reader(Known(rings)).read(np.where(page, np.uint8(0), np.uint8(255)))
    assert (reading.text, reading.digits, reading.reason) == ("", (), "not sure")
    assert [mark.kind for mark in reading.marks] == ["struck out"]
