"""Strips along whole edges of a picture, flush with the edge or turned a little."""

import numpy as np
import pytest

from tenfold.data.page.edge_strips import edge_strips

HEIGHT, WIDTH = 120, 300
CORNERS = 2  # pixels at the ends of a turned strip


def strip_below(slope: float, deep: int = 10) -> np.ndarray:
    """Return ink (h, w) with a strip along the last rows, ``slope`` pixels away from the edge at one end."""
    ink = np.zeros((HEIGHT, WIDTH), bool)
    away = np.abs(slope) * np.linspace(0, 1, WIDTH)[:: 1 if slope > 0 else -1]
    rows = np.arange(HEIGHT)[:, None]
    ink[(rows >= HEIGHT - deep - away) & (rows < HEIGHT - away)] = True
    return ink


def with_digits(ink: np.ndarray, top: int = 40, bottom: int = 80) -> np.ndarray:
    """Add three upright strokes."""
    out = ink.copy()
    for left in (60, 140, 220):
        out[top:bottom, left : left + 8] = True
    return out


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("slope", [0, 1.5, -1.5, 2.5, -2.5])
def test_a_strip_is_found_on_each_side(turns: int, slope: float) -> None:
    """Also where the picture was turned by so little that there is paper between the strip and the edge."""
    alone = strip_below(slope)
    mask, boxes = edge_strips(np.rot90(with_digits(alone), turns))
    assert len(boxes) == 1
    assert np.count_nonzero(mask ^ np.rot90(alone, turns)) <= CORNERS


def test_two_strips_are_found() -> None:
    """Above and below, each turned."""
    both = strip_below(2.5) | np.rot90(strip_below(-2.5), 2)
    mask, boxes = edge_strips(with_digits(both))
    assert len(boxes) == 2
    assert np.count_nonzero(mask ^ both) <= 2 * CORNERS


@pytest.mark.parametrize("slope", [2.5, -2.5])
def test_a_digit_in_a_tight_picture_is_no_strip(slope: float) -> None:
    """A 1 at the edge that leans, next to digits of its height."""
    across = strip_below(slope)  # the 1, in a picture that lies on its side
    across[20:60, 2:-2] = True
    mask, boxes = edge_strips(across)
    assert not mask.any()
    assert boxes == ()


@pytest.mark.parametrize("slope", [0, 2.5, -2.5])
def test_lines_across_the_page_do_not_hide_a_strip(slope: float) -> None:
    """Ruled paper above the dark end of a scan."""
    page = with_digits(strip_below(slope))
    page[82] = page[20] = True
    mask, _ = edge_strips(page)
    assert np.count_nonzero(mask ^ strip_below(slope)) <= CORNERS


@pytest.mark.parametrize("high", [0.6, 0.9])
def test_a_1_that_leans_next_to_a_digit_is_no_strip(high: float) -> None:
    """A tight picture on its side; the digit is more than half as high as the 1."""
    across = strip_below(2.5)
    rows = np.arange(HEIGHT)[:, None]
    columns = np.arange(WIDTH)
    end = round(high * WIDTH)
    across |= (rows >= 30) & (rows < 80) & (columns >= 5) & (columns < end)
    mask, boxes = edge_strips(across)
    assert not mask.any()
    assert boxes == ()


@pytest.mark.parametrize("share", [0.2, 0.5])
def test_noise_along_an_edge_is_no_strip(share: float) -> None:
    """Each column of it begins with ink near the edge, but at no common depth."""
    noise = np.random.default_rng(0).random((400, 400)) < share
    assert not edge_strips(noise)[0].any()
