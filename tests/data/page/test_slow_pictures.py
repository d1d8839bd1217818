"""Pictures made to take long are refused before the work begins; their times are measured in tests/long."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import tenfold
from tenfold.data import BLANK, CLUTTER, TOO_LONG, find_digits, single_digit
from tenfold.data.page import components
from tenfold.data.page import find_digits as pages
from tenfold.data.page.candidates import Cutter
from tenfold.data.page.components import MOST, MOST_PIECES, Box, Mark, find_marks
from tenfold.data.page.find_digits import LONGEST
from tenfold.data.page.hough import SLOPES, Lines
from tenfold.data.page.page_layout import join_pieces, order_in_lines
from tenfold.data.page.ruled_lines import MOST_RUNS, find_ruled_lines

SLOW = pytest.mark.fault(
    "own pictures", "a small file that takes long to read", "reason `too many marks`, at once"
)


def drawn(mask: np.ndarray) -> np.ndarray:
    return np.where(mask, np.uint8(0), np.uint8(255))


def noise(share: float, height: int = 1700, width: int = 1700) -> np.ndarray:
    return np.random.default_rng(0).random((height, width)) < share


def dots(step: int, size: int = 1700) -> np.ndarray:
    mask = np.zeros((size, size), bool)
    mask[20:-20:step, 20:-20:step] = True
    return mask


# --- before the loops


@SLOW
def test_pieces_are_counted_before_each_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    amount = dots(12) * np.uint8(255)
    looked_at = []
    of = Box.of
    monkeypatch.setattr(components.Box, "of", classmethod(lambda _, where: looked_at.append(1) or of(where)))
    assert find_marks(amount) is None
    assert find_digits(255 - amount).reason == CLUTTER
    assert not looked_at
    few = dots(25) * np.uint8(255)
    assert 0.8 * MOST_PIECES < len(find_marks(few).marks) <= MOST_PIECES


@SLOW
@pytest.mark.parametrize("share", [0.2, 0.3, 0.5])
def test_noise_is_no_ruled_paper(share: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines are counted over 61 slopes for each thin piece of a column."""
    monkeypatch.setattr(
        "tenfold.data.page.ruled_lines.Lines", lambda *_: pytest.fail("lines were looked for")
    )
    assert find_ruled_lines(noise(share) * np.uint8(255)) is None
    assert find_ruled_lines(noise(share) * np.uint8(255), even=False) is None


@pytest.mark.fault("own pictures", "500 times as long as wide", "reason `too long and narrow`, at once")
@pytest.mark.parametrize("shape", [(60, 51_500), (4, 800_000), (4, 4 * LONGEST + 1)])
@pytest.mark.parametrize("turned", [False, True])
def test_what_is_too_long_is_not_looked_at(
    shape: tuple[int, int], turned: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "find_ink", lambda _: pytest.fail("ink was looked for"))
    strip = drawn(noise(0.05, *shape))
    page = find_digits(strip.T if turned else strip)
    assert (page.reason, page.lines, page.ink) == (TOO_LONG, (), None)
    assert single_digit(strip.T if turned else strip) is None


@pytest.mark.parametrize("shape", [(1, 1_000_000), (3, 5000), (5000, 1)])
def test_what_has_no_room_for_a_digit_is_blank(shape: tuple[int, int]) -> None:
    assert find_digits(drawn(noise(0.1, *shape))).reason == BLANK


def test_a_line_of_digits_may_be_as_long_as_the_bound() -> None:
    """Strokes 60 pixels high in a strip of 70 pixels and 500 times that, as many as are read."""
    strip = np.full((70, 70 * LONGEST), 255, np.uint8)
    strip[5:65, 20:26] = strip[5:65, -26:-20] = 0
    for left in range(100, 34_800, 74):
        strip[5:65, left : left + 6] = 0
    [line] = find_digits(strip).lines
    assert 400 < len(line) <= MOST


@SLOW
def test_marks_within_one_another_are_no_writing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slanted strokes side by side, each of whose boxes holds most of its neighbours' ink."""
    monkeypatch.setattr(Cutter, "cut", lambda *_: pytest.fail("a mark was cut out"))
    mask = np.zeros((700, 1000), bool)
    rows = np.arange(600)
    for left in range(30, 650, 70):
        for thick in range(3):
            mask[50 + rows, left + rows // 2 + thick] = True
    page = find_digits(drawn(mask))
    assert (page.reason, page.lines) == (CLUTTER, ())


@SLOW
def test_wide_marks_are_cut_no_further_than_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    cuts = []
    written = Cutter.cut
    monkeypatch.setattr(Cutter, "cut", lambda *args: cuts.append(1) or written(*args))
    mask = np.zeros((1700, 1500), bool)
    for top in range(20, 1660, 40):  # each row of teeth is cut into about 35
        mask[top : top + 4, 20:540] = True
        mask[top : top + 24, 20:540:13] = True
        mask[top : top + 4, 700:1220] = mask[top : top + 24, 700:1220:13] = True
    assert find_digits(drawn(mask)).reason == CLUTTER
    assert 5 < len(cuts) < 60


@pytest.mark.parametrize(
    ("mask", "reason"), [(noise(0.3), "too many marks"), (noise(0.05, 60, 51_500), "too long and narrow")]
)
def test_the_reading_says_what_was_given_up(mask: np.ndarray, reason: str) -> None:
    reading = tenfold.read(drawn(mask))
    assert (reading.text, reading.digits, reading.reason, reading.marks) == ("", (), reason, ())


# --- what was made faster gives what it gave


def one_digit(one: Mark, other: Mark, height: float, pen: float) -> bool:
    """The rules for a pair of marks, one after the other."""
    across, down = one.box.gaps(other.box)
    whole = one.box.around(other.box)
    higher, lower = max(one.box.height, other.box.height), min(one.box.height, other.box.height)
    overlap = -across / min(one.box.width, other.box.width)
    reach = min(max(1.3 * pen, 0.08 * height), 0.15 * height)
    if across > reach or down > max(0.25 * height, 2 * reach):
        return False
    if lower >= 0.6 * height and -down >= 0.5 * lower:
        return overlap >= 0.8
    if overlap >= 0.5 and down <= pen and whole.height <= 2.2 * higher:
        return True
    if whole.height > 1.35 * height and whole.height > 1.15 * higher:
        return False
    if overlap >= 0.5 and down <= 0.25 * height:
        return True
    return lower < 0.5 * height and across <= reach and down <= 2 * reach


def scattered(seed: int, count: int = 40) -> list[Mark]:
    rng = np.random.default_rng(seed)
    places = rng.integers(0, 400, (count, 2))
    sizes = rng.integers(3, 60, (count, 2))
    return [
        Mark(Box(x, y, x + w, y + h), (i,), max(1, w * h // 3))
        for i, ((x, y), (w, h)) in enumerate(zip(places.tolist(), sizes.tolist(), strict=True), start=1)
    ]


@pytest.mark.parametrize("seed", range(20))
def test_pieces_are_joined_as_the_rules_say(seed: int) -> None:
    """One round of joining, pair by pair; then no pair is left that belongs together."""
    from tenfold.data.page import page_layout

    marks, height, pen = scattered(seed), 50.0, 3.0
    pairs = page_layout._pieces_of_one(marks, height, pen)
    want = {(i, j) for i in range(40) for j in range(i + 1, 40) if one_digit(marks[i], marks[j], height, pen)}
    assert len(pairs) == len(want)
    assert set(pairs) == want
    apart = [sum(max(gap, 0) for gap in marks[i].box.gaps(marks[j].box)) for i, j in pairs]
    assert apart == sorted(apart)
    wholes = join_pieces(marks, pen)
    assert sorted(label for mark in wholes for label in mark.labels) == list(range(1, 41))


@pytest.mark.parametrize("seed", range(20))
def test_each_mark_of_a_line_stands_beside_the_one_to_its_left(seed: int) -> None:
    lines = order_in_lines(scattered(seed))
    assert sorted(mark.labels[0] for line in lines for mark in line) == list(range(1, 41))
    for line in lines:
        for one, other in itertools.pairwise(line):
            assert one.box.left <= other.box.left
            assert -one.box.gaps(other.box)[1] >= 0.4 * min(one.box.height, other.box.height)
    middles = [np.mean([mark.box.top + mark.box.bottom for mark in line]) for line in lines]
    assert middles == sorted(middles)


def longest(rows: np.ndarray, columns: np.ndarray, shape: tuple[int, int], near: int) -> int:
    """The most points on any line, slope by slope and row by row."""
    best = 0
    for slope in SLOPES:
        inside = np.arange(shape[1]) - shape[1] // 2
        for at in range(-shape[1], shape[0] + shape[1]):
            path = at + slope * inside
            room = np.count_nonzero((path >= 0) & (path <= shape[0] - 1))
            count = np.count_nonzero(np.abs(np.rint(rows - slope * columns) - at) <= near)
            if room >= 0.12 * shape[1] + 2 and count >= 0.55 * (room + 2):
                best = max(best, count)
    return best


@pytest.mark.parametrize("shape", [(40, 60), (60, 40), (12, 200), (90, 25)])
def test_the_longest_line_has_most_points(shape: tuple[int, int]) -> None:
    """Three lines of points in others; against counting each line by itself."""
    rng = np.random.default_rng(1)
    across = np.arange(shape[1]) - shape[1] // 2
    rows = [0.3 * shape[0] + 0.02 * across, 0.6 * shape[0] + 0 * across, rng.uniform(0, shape[0], shape[1])]
    row = np.rint(np.concatenate(rows)).clip(0, shape[0] - 1)
    column = np.tile(across, 3)
    lines = Lines(shape, 1)
    lines.add(row, column)
    at, slope = lines.longest()
    count = np.count_nonzero(np.abs(np.rint(row - slope * column) - at) <= 1)
    assert count >= longest(row, column, shape, 1) > 0


@pytest.mark.parametrize("shape", [(300, 400), (2000, 30), (40, 3000)])
def test_points_that_are_taken_away_were_never_there(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(2)
    count = shape[0] * shape[1] // 6
    row, column = rng.integers(0, shape[0], count), rng.integers(0, shape[1], count) - shape[1] // 2
    less, once = Lines(shape, 1), Lines(shape, 1)
    less.add(row.astype(float), column)
    gone = np.abs(row - 0.1 * column - shape[0] / 2) < shape[0] / 8
    less.remove(row[gone].astype(float), column[gone])
    once.add(row[~gone].astype(float), column[~gone])
    assert less.longest() == once.longest()
    np.testing.assert_array_equal(less._banded, once._banded)
    less.remove(row[~gone].astype(float), column[~gone])
    assert less.longest() is None


def test_the_bound_on_rules_is_beyond_ruled_paper() -> None:
    """A hundred rules across a page of 1,700 pixels, with 2 % of noise."""
    mask = noise(0.02)
    mask[10::17] = True
    found = find_ruled_lines(mask * np.uint8(255))
    assert found is not None
    assert found[10::17].mean() > 0.9
    assert 1700 * 100 < MOST_RUNS
