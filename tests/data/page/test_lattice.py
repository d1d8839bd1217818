"""Candidates of a row: marks, neighbours together, and no ink that is not theirs."""

from __future__ import annotations

import numpy as np
import pytest

from tenfold.data import Lattice, find_digits


def page(*boxes: tuple[int, int, int, int], shape: tuple[int, int] = (120, 500)) -> np.ndarray:
    sheet = np.full(shape, 255, np.uint8)
    for left, top, width, height in boxes:
        sheet[top : top + height, left : left + width] = 0
    return sheet


def rows(sheet: np.ndarray) -> tuple[Lattice, ...]:
    view = find_digits(sheet).view(0)
    assert view is not None
    return view.rows


@pytest.mark.parametrize("seed", range(30))
def test_candidates_hold_the_ink_of_their_marks_and_the_marks_all_ink(seed: int) -> None:
    """Rectangles of any size along a row, near one another and far."""
    rng = np.random.default_rng(seed)
    boxes, left = [], 20
    while left < 400:
        width, height = int(rng.integers(6, 40)), int(rng.integers(20, 70))
        boxes.append((left, 100 - height, width, height))
        left += width + int(rng.choice([4, 10, 25, 40]))
    found = rows(page(*boxes))
    ink = np.zeros((120, 500), int)
    for row in found:
        chains = {}
        for one in row.candidates:
            assert 0 <= one.first < one.last <= row.end
            assert one.last - one.first <= 6
            assert one.image.shape == (28, 28)
            assert one.image.any()
            assert one.ink.shape == (one.box.height, one.box.width)
            assert one.area == sum(mark.area for mark in one.marks)
            assert len(one.marks) == one.last - one.first
            assert not one.is_part
            chains[one.first, one.last] = one
        assert len(chains) == len(row.candidates)
        for i in range(row.end):
            alone = chains[i, i + 1]
            ink[alone.box.slices] += alone.ink > 0
    np.testing.assert_array_equal(ink, page(*boxes) == 0)


def test_far_marks_are_not_proposed_together() -> None:
    boxes = [(20 + 60 * i, 30, 20, 60) for i in range(7)]
    [row] = rows(page(*boxes))
    assert len(row.candidates) == row.end == 7


def test_near_marks_are_proposed_together_up_to_the_width_of_a_digit() -> None:
    boxes = [(20 + 24 * i, 30, 16, 60) for i in range(7)]
    [row] = rows(page(*boxes))
    widest = max(one.box.width for one in row.candidates)
    assert row.end == 7
    assert 40 <= widest <= 1.3 * 60
    assert len(row.candidates) > 7


def test_there_are_at_most_six_candidates_for_each_mark() -> None:
    """Whatever is near: what the network is asked stays in proportion to the marks."""
    rng = np.random.default_rng(0)
    boxes = [(10 + 8 * i, int(rng.integers(20, 50)), 4, int(rng.integers(20, 50))) for i in range(60)]
    found = rows(page(*boxes))
    assert sum(len(row.candidates) for row in found) <= 6 * sum(row.end for row in found)
