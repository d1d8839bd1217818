"""Signs among digits: by their shape and place, whatever the network says of them."""

from __future__ import annotations

import numpy as np
import pytest
from tests.drawn_pictures import Known, Sheet, is_ring, rings, rings_and_strokes

from tenfold.predict import Reader

NUMBERS = ["0.0", "0,0", "00.00", "0-0", "-0", "-00.0", "0/0", "0/00/000", "0:0", "00:00", "0.000,00", "000"]


def drawn(text: str) -> np.ndarray:
    return Sheet(80 + 62 * len(text)).write(text).picture


@pytest.mark.parametrize("answer", [rings, rings_and_strokes])
@pytest.mark.parametrize("number", NUMBERS)
def test_signs_among_digits_are_read(number: str, answer) -> None:
    """Also if the network takes a slash for a 1."""
    reading = Reader(Known(answer)).read(drawn(number))
    assert reading.text == number
    assert reading.digits_text == "".join(one for one in number if one == "0")
    kinds = ["digit" if one == "0" else "sign" for one in number]
    assert [(mark.kind, mark.text) for mark in reading.marks] == list(zip(kinds, number, strict=True))
    assert len(reading.digits) == number.count("0")
    lefts = [mark.box[0] for mark in reading.marks]
    assert lefts == sorted(lefts)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("times", [0.5, 4])
def test_the_size_of_the_picture_does_not_matter(number: str, times: float) -> None:
    page = drawn(number)
    other = page.repeat(4, axis=0).repeat(4, axis=1) if times == 4 else page[::2, ::2]
    assert Reader(Known(rings)).read(255 - other).text == number


@pytest.mark.parametrize("sign", ["|", "(", ")", "=", "+"])
@pytest.mark.parametrize("answer", [rings, rings_and_strokes])
def test_other_signs_are_unknown(sign: str, answer) -> None:
    """A bar is no sure 1, whatever the network says."""
    reading = Reader(Known(answer)).read(drawn(f"00{sign}00"))
    assert reading.text == "00?00"
    assert [mark.kind for mark in reading.marks] == ["digit", "digit", "unknown", "digit", "digit"]
    assert [digit.digit for digit in reading.digits] == [0, 0, None, 0, 0]


def test_brackets_around_a_number_are_unknown() -> None:
    assert Reader(Known(rings_and_strokes)).read(drawn("(00)")).text == "?00?"


@pytest.mark.parametrize("picture", [".", ",", ":", ". .", "/", "-"])
def test_signs_without_digits_are_not_read(picture: str) -> None:
    reading = Reader(Known(rings)).read(drawn(picture))
    assert set(reading.text) <= {"?", "\n"}
    assert not any(mark.kind == "sign" for mark in reading.marks)


@pytest.mark.parametrize(("text", "read"), [("0.", "0"), (".0", "0"), ("00 .", "00")])
def test_a_dot_before_or_after_a_number_is_a_speck(text: str, read: str) -> None:
    reading = Reader(Known(rings)).read(drawn(text))
    assert reading.text == read
    assert sorted(mark.kind for mark in reading.marks) == ["digit"] * len(read) + ["speck"]


def test_a_dot_in_the_middle_of_the_height_is_no_stop() -> None:
    page = Sheet(300).write("0").box(8, 8, 30).write("0").picture
    assert Reader(Known(rings)).read(page).text in ("00", "0?0")


def test_an_upright_stroke_as_high_as_the_digits_is_a_1() -> None:
    page = Sheet(400).write("0").box(6, 60).write("0").line(6, 60, 0).write("0").picture
    assert Reader(Known(rings_and_strokes)).read(page).text == "01010"


def test_a_digit_that_is_sure_is_no_sign() -> None:
    """A small 7 low in the row; only a 1 may be a comma or a stroke."""
    page = Sheet(300).write("0").box(16, 26).write("0").picture
    assert Reader(Known(lambda image: rings(image) if rings(image)[1] < 0.5 else (7, 0.1))).read(
        page
    ).text in ("070", "0?0")


def test_a_comma_that_resembles_a_digit_is_a_comma() -> None:
    """Networks say that commas are 7s; no digit is so low."""
    answer = Known(lambda image: (0, 0.03) if is_ring(image) else (7, 0.02))
    assert Reader(answer).read(drawn("0,00,0")).text == "0,00,0"


def test_a_dot_a_little_smaller_than_the_pen_is_wide_is_read() -> None:
    page = Sheet(300).ring(30, 45, 4).box(3, 3).ring(30, 45, 4).picture
    assert Reader(Known(rings)).read(page).text == "0.0"


def test_signs_of_two_rows_are_measured_by_their_own_row() -> None:
    sheet = Sheet(500, 260, 90).write("00.00")
    sheet.at, sheet.baseline = 25, 210
    page = sheet.write("0/0-0").picture
    assert Reader(Known(rings)).read(page).text == "00.00\n0/0-0"


def steep(text: str, right: int = 16, top: int = 63) -> np.ndarray:
    """Slashes that are hardly longer than the digits, and lean little: alone, they would be 1s."""
    sheet = Sheet(80 + 62 * len(text))
    for one in text:
        if one == "1":
            sheet.box(6, 60)
        else:
            sheet.line(right, top, 0, 6) if one == "/" else sheet.write(one)
    return sheet.picture


@pytest.mark.parametrize("date", ["10/01/1000", "01/10/00", "11/1/10", "10/10/1101"])
def test_two_strokes_that_make_a_date_are_slashes(date: str) -> None:
    assert Reader(Known(rings_and_strokes)).read(steep(date)).text == date


@pytest.mark.parametrize("number", ["0/01/10101", "00/00/1000", "10/1", "0/0/000"])
def test_strokes_like_slashes_that_make_no_date_are_digits(number: str) -> None:
    reading = Reader(Known(rings_and_strokes)).read(steep(number, right=8, top=60))
    assert reading.text == number.replace("/", "1")


@pytest.mark.parametrize("number", ["1011011000", "0110110", "10110110"])
def test_upright_1s_where_a_date_would_have_slashes_are_digits(number: str) -> None:
    assert Reader(Known(rings_and_strokes)).read(steep(number)).text == number


@pytest.mark.parametrize("high", [78, 84, 92])
def test_an_upright_bar_higher_than_the_digits_is_no_1_and_no_slash(high: int) -> None:
    page = Sheet(400).write("00").box(5, high, -9).write("00").picture
    assert Reader(Known(rings_and_strokes)).read(page).text == "00?00"


def hollow(image: np.ndarray) -> tuple[int, float]:
    """A ring is a sure 0, also with something beside it."""
    inked = image > 100
    return (0, 0.01) if inked.mean() > 0.1 and not inked[12:16, 12:16].any() else (8, 0.97)


@pytest.mark.parametrize("text", ["0.0", "00,0", "0-0", "0:0", "00:00"])
def test_signs_as_close_as_the_pen_is_wide_are_no_part_of_the_digit(text: str) -> None:
    """Also if the network would read the digit and the sign together as this digit."""
    page = Sheet(300)
    for one in text:
        page.write(one).at -= 10
    assert Reader(Known(hollow)).read(page.picture).text == text


@pytest.mark.parametrize("pen", [2, 3])
def test_the_dot_of_a_fine_pen_is_read(pen: int) -> None:
    page = Sheet(300).ring(pen=pen).box(pen, pen).ring(pen=pen).picture
    assert Reader(Known(rings)).read(page).text == "0.0"


def test_many_dots_of_that_size_are_dirt() -> None:
    page = Sheet(300).ring(pen=3).box(3, 3).ring(pen=3).picture
    rng = np.random.default_rng(0)
    for y, x in zip(rng.integers(5, 135, 20), rng.integers(5, 295, 20), strict=True):
        page[y : y + 3, x : x + 3] = 0
    assert "." not in Reader(Known(rings)).read(page).text


@pytest.mark.parametrize("gap", [12, 20, 30])
def test_the_dots_of_a_dotted_line_are_no_stops(gap: int) -> None:
    page = Sheet(400).write("0000").picture
    for left in range(4, 396, gap):
        page[101:104, left : left + 4] = 0
    assert Reader(Known(rings)).read(page).text == "0000"


@pytest.mark.parametrize("lean", [-8, 0, 8])
def test_a_colon_of_slanting_writing(lean: int) -> None:
    page = Sheet(300).write("0 0").picture
    for top, left in ((52, 100 + lean), (86, 100)):
        page[top : top + 8, left : left + 8] = 0
    assert Reader(Known(rings)).read(page).text == "0:0"


def test_small_dots_of_a_colon_are_no_part_of_the_digit() -> None:
    page = Sheet(400).ring(28).ring(28)
    page.at -= 12
    page.box(5, 5, 36).at -= 5 + 18
    page.box(5, 5, 10).at -= 12
    much = Known(lambda image: (0, 0.01) if np.mean(image > 100) > 0.08 else (8, 0.97))
    assert Reader(much).read(page.ring(28).ring(28).picture).text == "00:00"
