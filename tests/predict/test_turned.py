"""Pages that lie on their side or upside down: found out by what can be read, and only if it is clear."""

from __future__ import annotations

import numpy as np
import pytest
from tests.drawn_pictures import Known

from tenfold.predict import Reader

TALL, WIDE = 60, 40


def upright(image: np.ndarray) -> tuple[int, float]:
    """A T that stands is a sure 7."""
    inked = image > 100
    rows, columns = inked.sum(axis=1), inked.sum(axis=0)
    top = np.flatnonzero(rows)[0]
    stands = rows.argmax() <= top + 4 and 10 <= columns.argmax() <= 17
    return 7, 0.05 if stands and rows.max() > 8 else 0.95


def page(count: int, rows: int = 1) -> np.ndarray:
    sheet = np.full((60 + 100 * rows, 60 + 62 * count), 255, np.uint8)
    for row in range(rows):
        for i in range(count):
            top, left = 40 + 100 * row, 40 + 62 * i
            sheet[top : top + 8, left : left + WIDE] = 0
            sheet[top : top + TALL, left + 16 : left + 24] = 0
    return sheet


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
@pytest.mark.parametrize(("count", "rows"), [(4, 1), (5, 2), (3, 3)])
def test_turned_pages_are_read_and_boxes_are_the_pictures(turns: int, count: int, rows: int) -> None:
    sheet = page(count, rows)
    picture = np.ascontiguousarray(np.rot90(sheet, turns))
    reading = Reader(Known(upright)).read(picture)
    assert reading.text == "\n".join(["7" * count] * rows)
    assert reading.turned == 90 * (-turns % 4)
    assert reading.to_dict()["turned"] == reading.turned
    want = np.zeros((sheet.shape[0], sheet.shape[1], count * rows), bool)
    for i in range(count * rows):
        top, left = 40 + 100 * (i // count), 40 + 62 * (i % count)
        want[top : top + TALL, left : left + WIDE, i] = True
    want = np.rot90(want, turns)
    for i, digit in enumerate(reading.digits):
        left, top, width, height = digit.box
        found = np.zeros(picture.shape, bool)
        found[top : top + height, left : left + width] = True
        np.testing.assert_array_equal(found, want[..., i])


def test_what_is_upright_is_judged_once() -> None:
    known = Known(upright)
    assert Reader(known).read(page(4)).turned == 0
    assert known.asked == [4]


@pytest.mark.parametrize("count", [1, 2])
def test_few_marks_do_not_turn_a_page(count: int) -> None:
    """A 6 or a 9 reads in both ways."""
    reading = Reader(Known(upright)).read(np.rot90(page(count), 2).copy())
    assert (reading.text, reading.turned, reading.reason) == ("?" * count, 0, "not sure")


def test_a_page_of_no_digits_is_not_turned() -> None:
    reading = Reader(Known(lambda image: (7, 0.95))).read(page(5, 2))
    assert (reading.text, reading.turned) == ("?????\n?????", 0)


def test_specks_and_lines_of_a_turned_page_are_where_they_are() -> None:
    sheet = page(5, 2)
    sheet[240:243, 30:33] = 0
    sheet[120:122] = 0
    picture = np.ascontiguousarray(np.rot90(sheet, 2))
    reading = Reader(Known(upright)).read(picture)
    assert reading.turned == 180
    ink = picture == 0
    for mark in reading.marks:
        left, top, width, height = mark.box
        ink[top : top + height, left : left + width] = False
    assert not ink.any()
    assert sorted(mark.kind for mark in reading.marks) == ["digit"] * 10 + ["line", "speck"]
