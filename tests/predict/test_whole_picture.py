"""All ink of a picture may be one digit: in pieces it is not read as several, and several stay several."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from PIL import Image, ImageDraw

import tenfold
from tenfold.data import find_digits

Points = list[tuple[float, float]]

IN_PIECES: dict[str, list[Points]] = {
    "0, two arcs": [
        [(44, 6), (24, 14), (12, 44), (14, 72), (28, 94), (40, 100)],
        [(56, 4), (74, 20), (80, 50), (70, 82), (56, 98)],
    ],
    "4, a cup and a stroke": [[(18, 8), (12, 52), (50, 56)], [(70, 4), (66, 60), (62, 130)]],
    "5, the bar on its own": [
        [(34, 6), (80, 6)],
        [(24, 16), (20, 52), (56, 48), (74, 72), (56, 98), (14, 96)],
    ],
    "7, the foot on its own": [[(10, 10), (76, 8), (58, 48)], [(50, 62), (34, 106)]],
}
SEVERAL: dict[str, list[Points]] = {
    "11": [[(10, 10), (10, 90)], [(50, 8), (48, 92)]],
    "17": [[(10, 10), (10, 90)], [(34, 12), (80, 10), (52, 92)]],
    "1\n1": [[(40, 0), (40, 70)], [(42, 100), (40, 170)]],
    "7\n7": [[(10, 2), (60, 0), (38, 70)], [(12, 102), (62, 100), (36, 172)]],
}


def drawn(lines: list[Points], pen: int, margin: int = 60) -> np.ndarray:
    """Ink on free paper."""
    corners = np.concatenate([np.array(line) for line in lines])
    width, height = (int(side) + 2 * margin for side in corners.max(axis=0))
    picture = Image.new("L", (width, height), 255)
    draw = ImageDraw.Draw(picture)
    for line in lines:
        moved = [(x + margin, y + margin) for x, y in line]
        draw.line(moved, fill=0, width=pen, joint="curve")
        for x, y in moved:
            draw.ellipse([x - pen / 2, y - pen / 2, x + pen / 2, y + pen / 2], fill=0)
    return np.asarray(picture)


@pytest.mark.parametrize(("name", "pen"), [*product(IN_PIECES, (6, 9))])
def test_a_digit_in_pieces_is_one_digit(name: str, pen: int) -> None:
    assert tenfold.read(drawn(IN_PIECES[name], pen)).text == name[0]


@pytest.mark.parametrize(("text", "pen"), [*product(SEVERAL, (6, 9))])
def test_several_digits_stay_several(text: str, pen: int) -> None:
    assert tenfold.read(drawn(SEVERAL[text], pen)).text == text


def test_all_ink_is_a_candidate_only_where_it_may_be_one_digit() -> None:
    few, many = drawn(SEVERAL["11"], 6), drawn([[(0, 30 * i), (60, 30 * i)] for i in range(13)], 6)
    wide = drawn([[(0, 0), (0, 60)], [(120, 0), (120, 60)]], 6)
    found = [find_digits(picture).view(0) for picture in (few, many, wide)]
    assert [view is not None and view.whole is not None for view in found] == [True, False, False]
