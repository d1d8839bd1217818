"""Everything in a picture is accounted for, once."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from tests.drawn_pictures import HIGH, Known, Sheet, near, rings

from tenfold.predict import Reader, Reading


def letter(sheet: Sheet) -> Sheet:
    """An H."""
    left = sheet.at
    sheet.box(7, HIGH).at = left
    sheet.box(40, 7, 26).at = left + 33
    return sheet.box(7, HIGH)


def with_dirt(sheet: Sheet, *places: tuple[int, int]) -> Sheet:
    for top, left in places:
        sheet.ink[top : top + 3, left : left + 3] = True
    return sheet


def with_a_line(sheet: Sheet, top: int) -> Sheet:
    sheet.ink[top : top + 2] = True
    return sheet


def struck(sheet: Sheet) -> Sheet:
    """A 0 that is struck out."""
    left, base = sheet.at, sheet.baseline
    sheet.at += 14
    sheet.ring()
    y, x = np.mgrid[: sheet.ink.shape[0], : sheet.ink.shape[1]]
    for start, end in ((0, 66), (66, 0)):
        sheet.ink |= near(x, y, (left, base + 3 - start), (left + 68, base + 3 - end)) <= 2.5
    sheet.at += 14
    return sheet


def page_of_rows() -> Sheet:
    sheet = Sheet(300, 340, 90).write("000")
    sheet.at, sheet.baseline = 25, 190
    letter(sheet.write("0-"))
    sheet.at, sheet.baseline = 25, 290
    return sheet.write("0.0")


SCENES = {
    "digits": (Sheet(300).write("000"), {"digit": 3}),
    "signs": (Sheet(500).write("0.0,0-0:0"), {"digit": 5, "sign": 4}),
    "a letter": (letter(Sheet(300).write("00")), {"digit": 2, "unknown": 1}),
    "dirt": (with_dirt(Sheet(300).write("00"), (20, 20), (120, 250), (10, 200)), {"digit": 2, "speck": 3}),
    "a rule": (with_a_line(Sheet(500).write("0000"), 120), {"digit": 4, "line": 1}),
    "two rules": (with_a_line(with_a_line(Sheet(500).write("0000"), 120), 20), {"digit": 4, "line": 2}),
    "struck out": (struck(Sheet(300).write("00")), {"digit": 2, "struck out": 1}),
    "rows": (page_of_rows(), {"digit": 6, "sign": 2, "unknown": 1}),
    "nothing but dirt": (with_dirt(Sheet(300), (20, 20), (60, 90)), {"speck": 2}),
    "nothing": (Sheet(300), {}),
}


def kinds(reading: Reading) -> dict[str, int]:
    found = [mark.kind for mark in reading.marks]
    return {kind: found.count(kind) for kind in found}


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("light", [False, True])
def test_every_mark_has_its_kind_and_all_ink_is_in_a_box(scene: str, light: bool) -> None:
    sheet, want = SCENES[scene]
    reading = Reader(Known(rings)).read(255 - sheet.picture if light else sheet.picture)
    assert kinds(reading) == want
    left = sheet.ink.copy()
    for mark in reading.marks:
        x, y, wide, high = mark.box
        assert left[y : y + high, x : x + wide].any(), f"{mark} has no ink, or ink that another mark has"
        if mark.kind != "line":
            left[y : y + high, x : x + wide] = False
    for mark in reading.marks:
        if mark.kind == "line":
            x, y, wide, high = mark.box
            left[y : y + high, x : x + wide] = False
    assert not left.any()


@pytest.mark.parametrize("scene", SCENES)
def test_text_digits_and_marks_agree(scene: str) -> None:
    sheet, _ = SCENES[scene]
    reading = Reader(Known(rings)).read(sheet.picture)
    read = [mark for mark in reading.marks if mark.text]
    assert [*reading.text.replace("\n", "")] == [mark.text for mark in read]
    assert [*reading.digits_text.replace("\n", "")] == [
        "?" if one.digit is None else str(one.digit) for one in reading.digits
    ]
    assert [one.box for one in reading.digits] == [m.box for m in read if m.kind in ("digit", "unknown")]
    assert all(mark.kind in ("line", "speck", "struck out") for mark in reading.marks if not mark.text)
    first_left = next((i for i, mark in enumerate(reading.marks) if not mark.text), len(reading.marks))
    assert all(not mark.text for mark in reading.marks[first_left:])
    assert reading.to_dict()["marks"] == [mark.to_dict() for mark in reading.marks]


def test_a_large_picture_has_its_marks_in_its_own_pixels() -> None:
    """Scaled down by whole numbers before it is read."""
    sheet, want = SCENES["signs"]
    times = 12
    picture = sheet.picture.repeat(times, axis=0).repeat(times, axis=1)
    reading, small = (Reader(Known(rings)).read(one) for one in (picture, sheet.picture))
    assert kinds(reading) == want
    for mark, other in zip(reading.marks, small.marks, strict=True):
        np.testing.assert_allclose(mark.box, np.array(other.box) * times, atol=times)


@pytest.mark.parametrize("gap", [14, 24, 40])
@pytest.mark.parametrize("bar", [28, 34, 40, 46])
@pytest.mark.parametrize("digit", ["7", "5"])
def test_bars_of_digits_that_lie_in_one_line_are_no_dashed_line(digit: str, bar: int, gap: int) -> None:
    """As in numbers that are drawn by program; without its bar, a 7 would be a sure 1."""
    y, x = np.mgrid[:160, :700]
    points = {
        "7": [(0, 40), (bar, 40), (0.35 * bar, 110)],
        "5": [(bar, 40), (0, 40), (0, 68), (bar, 75), (bar, 100), (0, 110)],
    }[digit]
    ink = np.zeros((160, 700), bool)
    for left in range(30, 30 + 6 * (bar + gap), bar + gap):
        for start, end in itertools.pairwise(points):
            ink |= near(x, y, (left + start[0], start[1]), (left + end[0], end[1])) <= 3
    reading = Reader(Known(lambda image: (int(digit), 0.1))).read(np.where(ink, np.uint8(0), np.uint8(255)))
    assert (reading.text, kinds(reading)["digit"]) == (6 * digit, 6)
