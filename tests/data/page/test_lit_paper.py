"""A sheet on a table, photographed: what lies around it is no ink, and takes nothing from the ink."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from tenfold.data import find_digits
from tenfold.data.page.find_ink import ink_views

SEVEN = (slice(60, 68), slice(90, 130)), (slice(60, 120), slice(122, 130))


def photo(table: int, sides: str, strip: int, ink: int = 90) -> np.ndarray:
    """A seven on a sheet of uneven brightness, with strips of a table beside it."""
    page = np.tile(np.linspace(215, 185, 220), (180, 1))
    for place in SEVEN:
        page[place] = ink
    for side in sides:
        edge = {"l": np.s_[:, :strip], "r": np.s_[:, -strip:], "t": np.s_[:strip], "b": np.s_[-strip:]}[side]
        page[edge] = table
    noise = np.random.default_rng(7).normal(0, 1.5, page.shape)
    return np.clip(gaussian_filter(page, 0.5) + noise, 0, 255).astype(np.uint8)


def assert_one_digit(page: np.ndarray) -> None:
    """Only the seven is taken for writing."""
    view = find_digits(page).view(0)
    assert view is not None
    [row] = view.rows
    [digit] = row.candidates
    box = (digit.box.left, digit.box.top, digit.box.width, digit.box.height)
    assert box == pytest.approx((90, 60, 40, 60), abs=1)


@pytest.mark.parametrize("strip", [4, 12, 20])
@pytest.mark.parametrize("table", [30, 60])
@pytest.mark.parametrize("sides", ["l", "rb", "ltr"])
def test_a_table_around_the_sheet_is_no_ink(table: int, sides: str, strip: int) -> None:
    found = next(ink_views(photo(table, sides, strip)), None)
    assert not found.even
    seven = np.zeros(found.amount.shape, bool)
    for place in SEVEN:
        seven[place] = True
    assert np.mean(found.amount[seven] >= 128) > 0.95  # the table does not make it faint
    assert_one_digit(photo(table, sides, strip))


@pytest.mark.parametrize("step", [40, 100])
def test_a_sharp_edge_between_two_papers_is_no_ink(step: int) -> None:
    page = np.tile(np.linspace(215, 185, 220), (180, 1))
    page[:, 150:] -= step
    for place in SEVEN:
        page[place] = 60
    assert_one_digit(page.astype(np.uint8))


def test_ink_beside_a_bright_spot_is_what_is_darker() -> None:
    """The spot of a lamp on even paper: lighter than it, but no light ink."""
    y, x = np.mgrid[:200, :200]
    page = 150 + 150 * np.exp(-((x - 100) ** 2 + (y - 120) ** 2) / (2 * 22**2))
    for place in SEVEN:
        page[place] = 70
    found = next(ink_views(np.clip(page, 0, 255).astype(np.uint8)), None)
    assert all(found.amount[place].min() >= 128 for place in SEVEN)
    assert np.count_nonzero(found.amount >= 128) < 1.2 * sum(found.amount[place].size for place in SEVEN)
