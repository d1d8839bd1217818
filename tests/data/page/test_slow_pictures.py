"""Pictures made to take long are refused before the work begins; their times are measured in tests/long."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import tenfold
from tenfold.data import BLANK, CLUTTER, TOO_LONG, View, find_digits, single_digit
from tenfold.data.page import components, lattice
from tenfold.data.page import find_digits as pages
from tenfold.data.page.components import MOST, MOST_PIECES, Box, Mark, find_marks
from tenfold.data.page.find_digits import LONGEST
from tenfold.data.page.find_ink import Ink
from tenfold.data.page.find_lines import find_lines, is_texture
from tenfold.data.page.rows import BESIDE, in_rows
from tenfold.data.page.straight_lines import MOST_RUNS

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


def seen(page: np.ndarray) -> View:
    view = find_digits(page).view(0)
    assert view is not None
    return view


# --- before the loops


@SLOW
def test_pieces_are_counted_before_each_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    amount = dots(12) * np.uint8(255)
    looked_at = []
    of = Box.of
    monkeypatch.setattr(components.Box, "of", classmethod(lambda _, where: looked_at.append(1) or of(where)))
    assert find_marks(amount) is None
    assert seen(255 - amount).reason == CLUTTER
    assert not looked_at
    few = dots(25) * np.uint8(255)
    assert 0.8 * MOST_PIECES < len(find_marks(few).marks) <= MOST_PIECES


@SLOW
@pytest.mark.parametrize("share", [0.2, 0.3, 0.5])
def test_noise_is_no_ruled_paper(share: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """No run of ink is chained to others."""
    monkeypatch.setattr(
        "tenfold.data.page.find_lines.straight_lines", lambda *_: pytest.fail("lines were looked for")
    )
    amount = noise(share) * np.uint8(255)
    assert is_texture(amount)
    for even in (True, False):
        assert find_lines(Ink(amount, np.zeros_like(amount), even)) is None


@pytest.mark.fault("own pictures", "500 times as long as wide", "reason `too long and narrow`, at once")
@pytest.mark.parametrize("shape", [(60, 51_500), (4, 800_000), (4, 4 * LONGEST + 1)])
@pytest.mark.parametrize("turned", [False, True])
def test_what_is_too_long_is_not_looked_at(
    shape: tuple[int, int], turned: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "ink_views", lambda _: pytest.fail("ink was looked for"))
    strip = drawn(noise(0.05, *shape))
    view = seen(strip.T if turned else strip)
    assert (view.reason, view.rows, view.ink) == (TOO_LONG, (), None)
    assert single_digit(strip.T if turned else strip) is None


@pytest.mark.parametrize("shape", [(1, 1_000_000), (3, 5000), (5000, 1)])
def test_what_has_no_room_for_a_digit_is_blank(shape: tuple[int, int]) -> None:
    assert seen(drawn(noise(0.1, *shape))).reason == BLANK


def test_a_line_of_digits_may_be_as_long_as_the_bound() -> None:
    """Strokes 60 pixels high in a strip of 70 pixels and 500 times that, as many as are read."""
    strip = np.full((70, 70 * LONGEST), 255, np.uint8)
    strip[5:65, 20:26] = strip[5:65, -26:-20] = 0
    for left in range(100, 34_800, 74):
        strip[5:65, left : left + 6] = 0
    [row] = seen(strip).rows
    assert 400 < sum(len(one.marks) == 1 for one in row.candidates) <= MOST
    assert len(row.candidates) < 7 * MOST


@SLOW
def test_marks_within_one_another_are_no_writing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slanted strokes side by side, each of whose boxes holds most of its neighbours' ink."""
    monkeypatch.setattr(lattice, "ink_of", lambda *_: pytest.fail("a mark was cut out"))
    mask = np.zeros((700, 1000), bool)
    rows = np.arange(600)
    for left in range(30, 650, 14):
        for thick in range(3):
            mask[50 + rows, left + rows // 2 + thick] = True
    view = seen(drawn(mask))
    assert (view.reason, view.rows) == (CLUTTER, ())


@SLOW
def test_wide_marks_have_no_more_cuts_than_digits_may_need(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eighty combs, each of forty teeth: the network is asked about few parts of each."""
    monkeypatch.setattr(pages, "find_lines", lambda _: None)  # the teeth would be combs
    mask = np.zeros((1700, 1500), bool)
    for top in range(20, 1660, 40):
        mask[top : top + 4, 20:540] = True
        mask[top : top + 24, 20:540:13] = True
        mask[top : top + 4, 700:1220] = mask[top : top + 24, 700:1220:13] = True
    view = seen(drawn(mask))
    wide = [(one, row.height) for row in view.rows for one in row.candidates if one.box.width > 400]
    for one, height in wide[:3]:
        cut = view.cut(one, height)
        assert cut is None or len(cut.candidates) < 100 * one.box.width / height


@SLOW
@pytest.mark.parametrize("mask", [dots(12), noise(0.3)], ids=["dots", "noise"])
def test_a_texture_is_not_seen_in_another_way(mask: np.ndarray) -> None:
    """Each further view costs time, and of a texture one of them may look like writing."""
    page = find_digits(drawn(mask))
    seen = [view for i in range(5) if (view := page.view(i)) is not None]
    assert [(view.reason, view.rows) for view in seen] == [(CLUTTER, ())] * len(seen)
    assert tenfold.read(drawn(mask)).reason == CLUTTER


@pytest.mark.parametrize(
    ("mask", "reason"), [(noise(0.3), "too many marks"), (noise(0.05, 60, 51_500), "too long and narrow")]
)
def test_the_reading_says_what_was_given_up(mask: np.ndarray, reason: str) -> None:
    reading = tenfold.read(drawn(mask))
    assert (reading.text, reading.digits, reading.reason, reading.marks) == ("", (), reason, ())


# --- what was made faster gives what it gave


def scattered(seed: int, count: int = 40) -> list[Mark]:
    rng = np.random.default_rng(seed)
    places = rng.integers(0, 400, (count, 2))
    sizes = rng.integers(3, 60, (count, 2))
    return [
        Mark(Box(x, y, x + w, y + h), (i,), max(1, w * h // 3))
        for i, ((x, y), (w, h)) in enumerate(zip(places.tolist(), sizes.tolist(), strict=True), start=1)
    ]


@pytest.mark.parametrize("seed", range(20))
def test_each_mark_is_in_one_row(seed: int) -> None:
    """Marks of any size anywhere: none is lost or taken twice, and rows run to the right and down."""
    rows = in_rows(scattered(seed))
    assert sorted(mark.labels[0] for row in rows for mark in row.pieces) == list(range(1, 41))
    for row in rows:
        middles = [mark.box.left + mark.box.right for mark in row.pieces]
        assert middles == sorted(middles)


@pytest.mark.parametrize("seed", range(20))
def test_each_digit_of_a_row_stands_beside_the_one_to_its_left(seed: int) -> None:
    """Marks of about one height that do not overlap; no rule joins or moves them."""
    rng = np.random.default_rng(seed)
    places = [(70 * i, 70 * j + int(rng.integers(0, 10))) for i in range(6) for j in range(5)]
    marks = [Mark(Box(x, y, x + 30, y + 50), (i,), 500) for i, (x, y) in enumerate(places, start=1)]
    rng.shuffle(marks)
    rows = in_rows(marks)
    for row in rows:
        for one, other in itertools.pairwise(row.pieces):
            assert -one.box.gaps(other.box)[1] >= BESIDE * 50
    middles = [np.mean([mark.box.top + mark.box.bottom for mark in row.pieces]) for row in rows]
    assert middles == sorted(middles)
    assert [len(row.pieces) for row in rows] == [6] * 5


def test_the_bound_on_lines_is_beyond_ruled_paper() -> None:
    """Ninety lines across a page of 1,700 pixels, with 2 % of noise."""
    mask = noise(0.02)
    mask[10::19] = True
    amount = mask * np.uint8(255)
    found = find_lines(Ink(amount, np.zeros_like(amount), even=True))
    assert found is not None
    assert found.mask[10::19].mean() > 0.9
    assert 1700 * 90 < MOST_RUNS
