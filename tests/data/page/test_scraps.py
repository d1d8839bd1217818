"""What the edge of a picture cuts off: scraps of neighbours, and digits of a picture cut tight."""

from __future__ import annotations

import pytest

from tenfold.data.page.components import Box, Mark
from tenfold.data.page.scraps import without_scraps

SHAPE = (100, 120)


def mark(left: int, top: int, width: int, height: int, area: int | None = None) -> Mark:
    return Mark(
        Box(left, top, left + width, top + height), (1,), width * height // 3 if area is None else area
    )


DIGIT = mark(40, 20, 40, 60)
SCRAPS = {
    "on the left": mark(0, 30, 12, 40),
    "on the right": mark(112, 30, 8, 40),
    "above": mark(50, 0, 30, 9),
    "below": mark(50, 92, 30, 8),
    "in a corner": mark(0, 0, 10, 10),
}
KEPT = {
    "free of the edge": mark(92, 70, 8, 8),
    "deep": mark(0, 30, 26, 40),
    "with much ink": mark(0, 10, 20, 80, 500),
}


@pytest.mark.parametrize("scrap", SCRAPS)
def test_what_the_edge_cuts_off_is_no_part_of_the_digit(scrap: str) -> None:
    assert without_scraps([SCRAPS[scrap], DIGIT], SHAPE) == [DIGIT]
    assert without_scraps([SCRAPS[scrap], DIGIT, mark(90, 20, 20, 60)], SHAPE) == [
        DIGIT,
        mark(90, 20, 20, 60),
    ]


def test_all_scraps_go_together() -> None:
    assert without_scraps([*SCRAPS.values(), DIGIT], SHAPE) == [DIGIT]


@pytest.mark.parametrize("kept", KEPT)
def test_other_marks_are_kept(kept: str) -> None:
    assert without_scraps([KEPT[kept], DIGIT], SHAPE) == [KEPT[kept], DIGIT]


@pytest.mark.parametrize("scrap", SCRAPS)
def test_in_a_picture_cut_tight_all_is_kept(scrap: str) -> None:
    """The largest mark touches the edge itself."""
    for largest in (mark(0, 20, 40, 60), mark(40, 0, 40, 100), mark(80, 20, 40, 60)):
        assert without_scraps([SCRAPS[scrap], largest], SHAPE) == [SCRAPS[scrap], largest]


def test_a_mark_that_is_alone_is_no_scrap() -> None:
    assert without_scraps([SCRAPS["above"]], SHAPE) == [SCRAPS["above"]]
    assert without_scraps([], SHAPE) == []
