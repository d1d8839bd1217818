"""Rules of paper are taken away, and no stroke of a digit with them."""

from __future__ import annotations

import numpy as np
import pytest

from tenfold.data.page.find_ink import Ink
from tenfold.data.page.find_lines import Lines, find_lines

SHAPE = (300, 400)


def line(row: float, slope: float = 0.0, thick: int = 2, shape: tuple[int, int] = SHAPE) -> np.ndarray:
    """A straight line across, at a row in the middle; it may leave the picture at the top or the bottom."""
    columns = np.arange(shape[1])
    mask = np.zeros(shape, bool)
    for offset in range(thick):
        rows = np.rint(row + slope * (columns - shape[1] // 2)).astype(int) + offset
        inside = (rows >= 0) & (rows < shape[0])
        mask[rows[inside], columns[inside]] = True
    return mask


def lines_of(amount: np.ndarray, even: bool = True) -> Lines | None:
    return find_lines(Ink(amount, np.zeros_like(amount), even))


def found_in(*masks: np.ndarray, even: bool = True) -> np.ndarray:
    """The lines that are surely no writing, among ink that fills masks."""
    lines = lines_of(np.where(np.any(masks, axis=0), np.uint8(255), np.uint8(0)), even)
    return lines.mask if lines is not None else np.zeros_like(masks[0])


@pytest.mark.parametrize("slope", [-0.25, -0.06, 0.0, 0.03, 0.2])
@pytest.mark.parametrize("turned", [False, True])
def test_rules_are_found_and_strokes_across_them_are_kept(slope: float, turned: bool) -> None:
    ruled = np.any([line(row, slope) for row in range(-60, 380, 50)], axis=0)  # some cut off a corner
    stroke = np.zeros_like(ruled)
    stroke[60:160, 200:210] = stroke[60:68, 150:210] = True  # a seven, as wide as a sixth of the page
    if turned:
        ruled, stroke = ruled.T, stroke.T
    found = found_in(ruled, stroke)
    assert (found & ruled).sum() > 0.93 * (ruled & ~stroke).sum()
    assert not (found & stroke & ~ruled).any()
    assert (stroke & ~found).sum() > 0.98 * stroke.sum()


def test_a_digit_is_no_rule() -> None:
    """A seven that fills the picture from edge to edge but for a margin."""
    seven = np.zeros((100, 80), bool)
    seven[10:13, 6:74] = seven[10:90, 50:53] = True
    assert not found_in(seven).any()
    assert not found_in(seven, even=False).any()


@pytest.mark.parametrize("width", [1, 2, 3])
def test_a_stroke_beside_a_margin_line_is_no_rule(width: int) -> None:
    """A one, thin and seven tenths as high as its picture, with a line of the paper beside it."""
    margin = line(10, 0.0, 1, (80, 100)).T
    one = np.zeros_like(margin)
    one[15:85, 40 : 40 + width] = True
    assert np.array_equal(found_in(margin, one), margin)


def test_a_stroke_that_lies_on_a_rule_is_kept() -> None:
    """The bar of a four, three times as thick as the rule."""
    ruled = line(100, 0.0, 1) | line(200, 0.0, 1)
    bar = np.zeros_like(ruled)
    bar[99:102, 100:160] = True
    found = found_in(ruled, bar)
    assert not (found & bar).any()
    assert (found & ruled).sum() == (ruled & ~bar).sum()


def test_rules_of_a_sheet_may_end_within_a_photo_of_it() -> None:
    """A margin line, forty times as long as thick; no stroke is so slender, unless in a drawing."""
    margin = line(100, 0.0, 2)
    margin[:, :60] = margin[:, -50:] = False
    assert np.array_equal(found_in(margin, even=False), margin)
    assert not found_in(margin).any()


def test_pale_rules_are_found_whole() -> None:
    amount = np.where(line(150), np.uint8(100), np.uint8(0))
    amount[:, 100:180][amount[:, 100:180] > 0] = 70  # paler in the light
    assert np.array_equal(lines_of(amount).mask, amount > 0)
