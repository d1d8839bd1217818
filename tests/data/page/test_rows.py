"""The order in which a person reads: rows from top to bottom, each from left to right."""

from __future__ import annotations

import numpy as np
import pytest

from tenfold.data.page.components import Box, Mark
from tenfold.data.page.rows import in_rows, written_height

Places = list[list[tuple[int, int, int, int]]]

ROWS: dict[str, Places] = {
    "one": [[(10 + 50 * i, 20, 30, 60) for i in range(6)]],
    "one that climbs": [[(10 + 50 * i, 200 - 14 * i, 30, 40) for i in range(8)]],
    "one that falls": [[(10 + 50 * i, 20 + 14 * i, 30, 40) for i in range(8)]],
    "two that climb by more than their distance": [
        [(10 + 50 * i, 100 - 12 * i, 30, 40) for i in range(8)],
        [(20 + 50 * i, 160 - 12 * i, 30, 40) for i in range(8)],
    ],
    "two of different length": [
        [(10 + 50 * i, 20, 30, 60) for i in range(5)],
        [(35 + 50 * i, 110, 30, 60) for i in range(2)],
    ],
    "a column": [[(50, 20 + 90 * i, 30, 60)] for i in range(5)],
    "two columns": [[(50, 20 + 90 * i, 30, 60), (400, 24 + 90 * i, 30, 60)] for i in range(5)],
    "digits of different height": [
        [(10, 20, 30, 60), (60, 40, 30, 40), (110, 10, 30, 74), (160, 30, 30, 50)]
    ],
    "a stop and a comma": [
        [(10, 20, 30, 60), (46, 72, 8, 8), (60, 20, 30, 60), (96, 74, 7, 16), (110, 20, 30, 60)],
        [(10, 120, 30, 60), (60, 120, 30, 60)],
    ],
    "a stop below an upper row": [
        [(10, 20, 30, 60), (46, 74, 8, 8), (60, 20, 30, 60)],
        [(10, 110, 30, 60), (46, 164, 8, 8), (60, 110, 30, 60)],
    ],
    "dashes": [[(10, 45, 24, 6), (40, 20, 30, 60), (80, 47, 24, 6), (110, 20, 30, 60)]],
    "the bar of a 5": [[(20, 30, 30, 50), (45, 20, 25, 8), (90, 20, 30, 60)]],
    "a colon": [[(10, 20, 30, 60), (50, 35, 8, 8), (50, 64, 8, 8), (66, 20, 30, 60)]],
}


def marks(places: Places) -> list[Mark]:
    boxes = [box for row in places for box in row]
    return [
        Mark(Box(x, y, x + w, y + h), (i,), max(1, w * h // 3))
        for i, (x, y, w, h) in enumerate(boxes, start=1)
    ]


@pytest.mark.parametrize("case", ROWS)
@pytest.mark.parametrize("times", [1, 7])
def test_rows_are_found_in_any_order_of_their_marks(case: str, times: int) -> None:
    places = [[tuple(times * length for length in box) for box in row] for row in ROWS[case]]
    for seed in range(5):
        mixed = marks(places)
        np.random.default_rng(seed).shuffle(mixed)
        found = [[m.box for m in row.pieces] for row in in_rows(mixed)]
        assert [sorted((box.left, box.top, box.width, box.height) for box in row) for row in found] == [
            sorted(row) for row in places
        ]
        for row in found:
            middles = [box.left + box.right for box in row]
            assert middles == sorted(middles)


@pytest.mark.parametrize("case", ROWS)
def test_a_row_has_the_height_of_its_digits(case: str) -> None:
    for row, places in zip(in_rows(marks(ROWS[case])), ROWS[case], strict=True):
        heights = sorted(high for _, _, _, high in places)
        assert heights[len(heights) // 2 - 1 if len(heights) > 1 else 0] <= row.height <= heights[-1]


def test_the_height_of_the_writing_is_that_of_most_ink() -> None:
    digits = marks([[(10, 10, 30, 60), (60, 12, 30, 58)]])
    assert written_height(digits) in (58, 60)
    dots = marks([[(10 * i, 90, 4, 4) for i in range(20)]])
    assert written_height([*digits, *dots]) in (58, 60)
    assert written_height(digits[:1]) == 60
    dash = marks([[(10, 10, 200, 4)]])
    assert written_height([*digits, *dash]) in (58, 60)


def test_no_marks_are_no_rows() -> None:
    assert in_rows([]) == []
