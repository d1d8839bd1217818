"""Cuts through a mark: no ink is lost, and where digits touch there is one."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from tests.drawn_pictures import ellipse, near

from tenfold.data import Lattice
from tenfold.data.page.components import LOW, find_marks
from tenfold.data.page.lattice import lattice_of
from tenfold.data.page.rows import Row
from tenfold.data.page.seams import seams

Y, X = np.mgrid[:120, :260]


def bar(start: tuple[float, float], end: tuple[float, float], pen: float = 7) -> np.ndarray:
    return near(X, Y, start, end) <= pen / 2


def ring(across: float, wide: float = 44, high: float = 64) -> np.ndarray:
    return ellipse(X, Y, across, 60, wide, high, 7)


TOUCHING = {  # the ink of two digits
    "00": (ring(60), ring(100)),
    "00 with a bridge": (ring(60) | bar((80, 60), (96, 60)), ring(118)),
    "44": (
        bar((60, 30), (44, 68)) | bar((44, 68), (84, 68)) | bar((70, 50), (70, 92)),
        bar((112, 30), (96, 68)) | bar((84, 68), (136, 68)) | bar((122, 50), (122, 92)),
    ),
    "77 that lean": (
        bar((40, 30), (82, 30)) | bar((82, 30), (56, 92)),
        bar((82, 34), (124, 34)) | bar((124, 34), (98, 92)),
    ),
    "01": (ring(60), bar((86, 28), (82, 92))),
}

OVERLAP = ("00", "01")  # they share ink, which no cut divides


def lattice(ink: np.ndarray, *, cut: bool = True) -> tuple[Lattice, np.ndarray]:
    """The lattice of one mark, and its ink with soft edges."""
    from scipy.ndimage import gaussian_filter

    amount = np.clip(gaussian_filter(255.0 * ink, 0.7) * 1.2, 0, 255).astype(np.uint8)
    marks = find_marks(amount)
    [mark] = marks.marks
    return lattice_of(Row((mark,), 64.0), marks, amount, cut=cut), amount


@pytest.mark.parametrize("case", TOUCHING)
def test_both_sides_of_a_cut_are_the_mark(case: str) -> None:
    """Pixel by pixel: each is in one of the sides, and in no more."""
    one, other = TOUCHING[case]
    found, amount = lattice(one | other)
    by_nodes = {(part.first, part.last): part for part in found.candidates}
    whole = by_nodes[0, found.end]
    pairs = [
        (by_nodes[0, i], by_nodes[i, found.end])
        for i in range(1, found.end)
        if (0, i) in by_nodes and (i, found.end) in by_nodes
    ]
    assert pairs
    for pair in pairs:
        sheet = np.zeros(amount.shape, int)
        for part in pair:
            assert part.is_part
            assert part.image.any()
            sheet[part.box.slices] += np.where(part.ink >= LOW, part.ink, 0)
        np.testing.assert_array_equal(sheet, np.where(amount >= LOW, amount, 0))
        assert pair[0].area + pair[1].area == whole.area
        assert pair[0].cut is None
        assert pair[1].cut >= 0


@pytest.mark.parametrize("case", TOUCHING)
def test_there_is_a_cut_where_digits_touch(case: str) -> None:
    """One of the parts on each side has nearly all ink of its digit and little of the other."""
    one, other = TOUCHING[case]
    found, amount = lattice(one | other)
    for digit, rest, first in ((one & ~other, other & ~one, True), (other & ~one, one & ~other, False)):
        best = 0.0
        for part in found.candidates:
            if part.is_part and (part.first == 0) == first:
                own = np.zeros(amount.shape, bool)
                own[part.box.slices] = part.ink >= LOW
                best = max(best, (own & digit).sum() / digit.sum() - (own & rest).sum() / rest.sum())
        assert best > (0.9 if case not in OVERLAP else 0.65)


@pytest.mark.parametrize("case", TOUCHING)
@pytest.mark.parametrize("times", [1, 4])
def test_cuts_are_few_and_in_order(case: str, times: int) -> None:
    one, other = TOUCHING[case]
    ink = one | other
    columns, rows = np.flatnonzero(ink.any(axis=0)), np.flatnonzero(ink.any(axis=1))
    cut = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] * np.uint8(255)
    cut = cut.repeat(times, axis=0).repeat(times, axis=1)
    found = seams(cut, 64.0 * times)
    assert 0 < len(found) <= 30 * round(cut.shape[1] / (0.75 * 64 * times))
    middles = [one.columns.mean() for one in found]
    assert all(later > one - 4 * times for one, later in itertools.pairwise(middles))
    for one in found:
        assert one.columns.shape == (cut.shape[0],)
        assert one.columns.min() >= 0
        assert one.columns.max() < cut.shape[1] + 4 * times
        assert one.crossed >= 0


def test_a_mark_that_is_as_narrow_as_a_digit_is_not_cut_unless_asked_for() -> None:
    one = bar((60, 30), (60, 90))
    assert len(lattice(one)[0].candidates) == 1
    assert len(lattice(ring(60) | ring(100), cut=False)[0].candidates) == 1


def test_three_digits_have_a_part_between_two_cuts() -> None:
    found, _ = lattice(ring(60) | ring(100) | ring(140))
    between = [part for part in found.candidates if part.first > 0 and part.last < found.end]
    assert between
    assert min(abs((part.box.left + part.box.right) / 2 - 100) for part in between) < 8
