"""The compiled search for runs and chains, compared with its definition in plain Python."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pytest

from tenfold.backend.drawing.line_pieces import chains_across

SHAPES = [(1, 1), (1, 40), (40, 1), (7, 8), (8, 7), (23, 65), (60, 64)]


def mask_of(shape: tuple[int, int], ink: float, seed: int) -> np.ndarray:
    """A mask of random rectangles, as blots and strokes are, and random pixels of paper in them."""
    rng = np.random.default_rng(seed)
    mask = np.zeros(shape, bool)
    for _ in range(round(ink * 20)):
        y, x = rng.integers(0, shape)
        mask[y : y + rng.integers(1, 6), x : x + rng.integers(1, 20)] = True
    return mask & (rng.random(shape) > 0.1)


def closed(row: list[bool], gap: int) -> list[bool]:
    """Fill the stretches of paper between ink that are short enough."""
    stretches = [(ink, len(list(some))) for ink, some in groupby(row)]
    inner = range(1, len(stretches) - 1)
    return [
        ink or (i in inner and length <= gap)
        for i, (ink, length) in enumerate(stretches)
        for _ in range(length)
    ]


def runs_of(mask: np.ndarray, gap: int, thick: int) -> list[tuple[int, int, int]]:
    """Column, first and last row of the vertical runs that are thin, column by column."""
    rows = np.array([closed(row.tolist(), gap) for row in mask])
    found = []
    for x in range(mask.shape[1]):
        y = 0
        for ink, some in groupby(rows[:, x].tolist()):
            length = len(list(some))
            if ink and length <= thick:
                found.append((x, y, y + length - 1))
            y += length
    return found


def chains_of(runs: list[tuple[int, int, int]]) -> list[int]:
    """The chain of each run: runs with the same last one, numbered as they come."""
    at = {(x, first): i for i, (x, first, _) in enumerate(runs)}

    def last(i: int) -> int:
        x, first, bottom = runs[i]
        for down in (0, 1, -1):
            after = at.get((x + 1, first + down))
            if after is not None and abs(runs[after][2] - bottom) <= 1:
                return last(after)
        return i

    numbers: dict[int, int] = {}
    return [numbers.setdefault(last(i), len(numbers)) for i in range(len(runs))]


@pytest.mark.parametrize("ink", [0.0, 0.3, 2.0])
@pytest.mark.parametrize("shape", SHAPES)
def test_runs_chains_and_sums(shape: tuple[int, int], ink: float) -> None:
    for seed in range(5):
        mask, gap, thick = mask_of(shape, ink, seed), seed + 1, 3 + seed
        runs, chains, ends, sums = chains_across(mask, gap, thick)
        expected = runs_of(mask, gap, thick)
        assert list(zip(*runs.tolist(), strict=True)) == expected
        assert chains.tolist() == chains_of(expected)
        for number, (own_ends, own) in enumerate(zip(ends.T, sums.T, strict=True)):
            x, first, last = runs[:, chains == number].astype(float)
            thickness = last - first + 1
            alike = thickness <= thickness.mean() + 1
            x_alike, y = x[alike], ((first + last) / 2)[alike]
            assert own_ends.tolist() == [x[0], x[-1]]
            fit = [alike.sum(), x_alike.sum(), y.sum(), x_alike @ x_alike, x_alike @ y, y @ y]
            assert own == pytest.approx([len(x), thickness.mean(), *fit])


def test_ink_that_stays_to_the_last_row_and_column() -> None:
    mask = np.zeros((5, 9), bool)
    mask[3:, 4:] = True
    runs, chains, ends, _ = chains_across(mask, 2, 2)
    assert runs.tolist() == [[4, 5, 6, 7, 8], [3] * 5, [4] * 5]
    assert (set(chains.tolist()), ends.tolist()) == ({0}, [[4], [8]])


def test_more_runs_than_there_was_room_for() -> None:
    mask = np.zeros((400, 3), bool)
    mask[::2] = True
    runs, _, ends, _ = chains_across(mask, 1, 1)
    assert runs.shape == (3, 600)
    assert ends.shape == (2, 200)
