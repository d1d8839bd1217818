"""Further ways to see a picture: none of them makes a digit of paper, of a line or of a word."""

from __future__ import annotations

import numpy as np
import pytest
from tests.drawn_pictures import GAP, Known, Sheet, rings, rings_and_strokes

from tenfold.data import Candidate, Lattice, Page, View, find_digits
from tenfold.data.page.components import Box, Mark
from tenfold.data.page.find_ink import Ink, ink_views
from tenfold.predict import Reader


def dim(page: np.ndarray) -> np.ndarray:
    """The page with a shadow to the right."""
    return (page * np.linspace(1, 0.6, page.shape[1])).astype(np.uint8)


@pytest.mark.parametrize("light", [lambda page: page, dim])
@pytest.mark.parametrize("text", ["0", "+", "(", "00/0"])
def test_further_views_do_not_see_paper_as_ink(text: str, light) -> None:
    page = light(Sheet(300).write(text).picture)
    for ink in ink_views(page):
        sides = (ink.amount[0], ink.amount[-1], ink.amount[:, 0], ink.amount[:, -1])
        assert all(np.mean(side > 128) < 0.8 for side in sides)


@pytest.mark.parametrize("text", ["+", "(", "="])
def test_paper_beside_a_mark_that_is_no_digit_is_no_1(text: str) -> None:
    def slab(image: np.ndarray) -> tuple[int, float]:
        inked = image > 100
        return (1, 0.02) if inked[:, inked.any(axis=0)].mean() > 0.9 else (8, 0.97)

    page = dim(Sheet(200).write(text).picture)
    assert not any(one.digit is not None for one in Reader(Known(slab)).read(page).digits)


@pytest.mark.parametrize("unknown", [True, False])
def test_a_rule_from_edge_to_edge_beside_a_mark_is_no_1(unknown: bool) -> None:
    page = Sheet(220).write("+" if unknown else "0").picture
    page[:, 120:122] = 0
    reading = Reader(Known(rings_and_strokes)).read(page)
    assert reading.text == ("?" if unknown else "0")


def test_a_line_that_is_the_bar_of_a_digit_is_given_back() -> None:
    """With its bar it is a digit, without it none."""
    page = np.full((100, 100), 255, np.uint8)
    page[20:26, 2:98] = page[20:90, 50:56] = 0
    views = [view for place in range(9) if (view := find_digits(page).view(place)) is not None]
    assert any(
        one.box.width > 90 and one.box.height > 60 for v in views for r in v.rows for one in r.candidates
    )


def seen(name: str, level: int, *, ruled: bool = False) -> View:
    """A view with one mark, whose image is of one level: 28 x 28 pixels, as digits are."""
    grey = np.zeros((60, 60), np.uint8)
    ink = Ink(grey, grey, even=name == "plain", name=name)
    box = Box(10, 5, 30, 45)
    image = np.full((28, 28), level, np.uint8)
    candidate = Candidate(0, 1, box, image, image, (Mark(box, (1,), 400),))
    lines = np.ones((60, 60), bool) if ruled else None
    return View(ink, lines, (Lattice((candidate,), 1, 40.0),), marks=None)


@pytest.mark.parametrize(
    ("first", "other", "text"),
    [
        ((1, 0.001), (4, 0.001), "4"),  # an edge of a shadow, or a digit without its bar
        ((1, 0.001), (4, 0.2), "1"),
        ((7, 0.2), (4, 0.001), "4"),
        ((7, 0.2), (4, 0.1), "7"),
        ((7, 0.001), (4, 0.0), "7"),  # sure: no other view is asked for
        ((1, 0.001), (7, 0.9), "1"),
    ],
)
@pytest.mark.parametrize(("name", "ruled"), [("lit", False), ("smooth", False), ("plain", True)])
@pytest.mark.parametrize("single", [False, True])
def test_a_lone_1_or_a_doubtful_digit_in_difficult_light_gives_way_to_a_sure_digit(
    first: tuple[int, float], other: tuple[int, float], text: str, name: str, ruled: bool, single: bool
) -> None:
    answers = {100: first, 200: other}
    page = Page(np.zeros((60, 60), np.uint8), _views=iter((seen(name, 100, ruled=ruled), seen("lit", 200))))
    page.single = single
    [reading] = Reader(Known(lambda image: answers[int(image[0, 0])])).answer([page])
    assert reading.text == text


def test_on_even_paper_without_lines_no_other_view_is_asked_for() -> None:
    page = Page(np.zeros((60, 60), np.uint8), _views=iter((seen("plain", 100), seen("lit", 200))))
    known = Known(lambda image: (1, 0.2) if image[0, 0] == 100 else (4, 0.0))
    [reading] = Reader(known).answer([page])
    assert (reading.text, known.asked) == ("1", [1])


@pytest.mark.parametrize("doubt", [0.02, 0.45])
def test_a_mark_alone_is_cut_only_into_digits_that_are_sure(doubt: float) -> None:
    sheet = Sheet(220).ring()
    sheet.at -= GAP - 4
    page = sheet.ring().picture
    page[68:71, 60:72] = 0  # a bridge between two rings

    def answer(image: np.ndarray) -> tuple[int, float]:
        return (0, doubt) if rings(image)[1] < 0.5 else (8, 0.97)

    reading = Reader(Known(answer)).read(page)
    assert reading.text == ("00" if doubt < 0.2 else "?")


def test_flat_strokes_are_no_page_of_1s_on_its_side() -> None:
    page = np.full((300, 300), 255, np.uint8)
    for top in (40, 110, 180):
        for left in (40, 130, 220):
            page[top : top + 6, left : left + 40] = 0
    reading = Reader(Known(rings_and_strokes)).read(page)
    assert (reading.turned, set(reading.text) <= {"?", "\n"}) == (0, True)
