"""All ink of a picture may be one digit: in pieces it is not read as several, and several stay several."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw
from scipy.ndimage import label
from tests.drawn_pictures import Known

import tenfold
from tenfold.data import find_digits
from tenfold.predict import Reader

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


def one_if_together(doubt: float) -> Known:
    """A mark is a sure 6; several marks in one image are a 4, with this doubt."""

    def answer(image: np.ndarray) -> tuple[int, float]:
        return (4, doubt) if label(image > 100, np.ones((3, 3)))[1] > 1 else (6, 0.01)

    return Known(answer)


@pytest.mark.parametrize("text", SEVERAL)
@pytest.mark.parametrize("doubt", [0.005, 0.06, 0.09, 0.3, 0.9])
def test_a_little_doubt_of_the_whole_makes_them_several(text: str, doubt: float) -> None:
    apart = "".join("6" if one.isdecimal() else one for one in text)
    found = Reader(one_if_together(doubt)).read(drawn(SEVERAL[text], 6)).text
    assert found == ("4" if doubt < 0.01 else apart)


def test_a_network_that_rejects_nothing_is_not_asked_for_the_whole() -> None:
    known = one_if_together(0.005)
    known.refuses = False
    assert Reader(known).read(drawn(SEVERAL["7\n7"], 6)).text == "6\n6"


@pytest.mark.parametrize("name", IN_PIECES)
def test_the_built_in_network_reads_a_digit_in_pieces(name: str) -> None:
    assert tenfold.read(drawn(IN_PIECES[name], 6)).text == name[0]


@pytest.mark.parametrize("text", SEVERAL)
def test_the_built_in_network_reads_several(text: str) -> None:
    assert tenfold.read(drawn(SEVERAL[text], 6)).text == text


def test_all_ink_is_a_candidate_only_where_it_may_be_one_digit() -> None:
    few, many = drawn(SEVERAL["11"], 6), drawn([[(0, 30 * i), (60, 30 * i)] for i in range(13)], 6)
    wide = drawn([[(0, 0), (0, 60)], [(120, 0), (120, 60)]], 6)
    found = [find_digits(picture).view(0) for picture in (few, many, wide)]
    assert [view is not None and view.whole is not None for view in found] == [True, False, False]
