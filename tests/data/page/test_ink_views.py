"""Digits cut to their box: ink and paper are told apart although ink touches every edge of the picture."""

from __future__ import annotations

import numpy as np
import pytest

from tenfold.data import single_digit
from tenfold.data.page.find_ink import ink_views

SIZES = [2, 3, 8]


def ring(times: int) -> np.ndarray:
    """A 0 that touches all four sides, soft at its edges; ink from 0 to 1."""
    y, x = np.mgrid[: 10 * times, : 8 * times] + 0.5
    away = np.hypot((y - 5 * times) / 5, (x - 4 * times) / 4) - 0.8 * times
    return np.clip(1.5 - np.abs(away) * 5 / times, 0, 1)


def lit(ink: np.ndarray, paper: int, level: int, gradient: float) -> np.ndarray:
    height, width = ink.shape
    y, x = np.mgrid[:height, :width] / max(height, width)
    light = 1 - gradient * (x + y) / 2
    noise = np.random.default_rng(0).normal(0, 1.5 if gradient else 0, ink.shape)
    page = light * (paper * (1 - ink) + level * ink) + noise
    return np.clip(np.rint(page), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("gradient", [0.0, 0.2])
@pytest.mark.parametrize(("paper", "level"), [(255, 0), (200, 60), (0, 255), (70, 220)])
@pytest.mark.parametrize("times", SIZES)
def test_a_digit_that_touches_every_side(times: int, paper: int, level: int, gradient: float) -> None:
    ink = ring(times)
    found = next(ink_views(lit(ink, paper, level, gradient)), None)
    assert np.mean(found.amount[ink > 0.8] >= 128) > 0.95
    assert np.mean(found.amount[ink == 0] < 90) > 0.97


@pytest.mark.parametrize("times", SIZES)
@pytest.mark.parametrize("light", [False, True])
def test_a_digit_for_training_is_the_same_with_and_without_a_margin(times: int, light: bool) -> None:
    images = []
    for margin in (0, 20):
        ink = (255 * np.pad(ring(times), margin)).astype(np.uint8)
        images.append(single_digit(ink if light else 255 - ink).astype(float))
    assert np.abs(images[0] - images[1]).mean() < 3


@pytest.mark.parametrize("dark", [True, False])
def test_ink_may_cover_more_than_half_of_the_picture(dark: bool) -> None:
    y, x = np.mgrid[:60, :48] + 0.5
    ink = np.clip(1.9 - np.abs(np.hypot((y - 30) / 30, (x - 24) / 24) - 0.7) * 6, 0, 1)
    assert np.mean(ink >= 0.5) > 0.5
    found = next(ink_views(lit(ink, 220 if dark else 20, 20 if dark else 220, 0.0)), None)
    assert np.mean((found.amount >= 128) == (ink >= 0.5)) > 0.9


def test_further_views_are_computed_when_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    import tenfold.data.page.find_ink as module

    page = np.full((60, 60), 255, np.uint8)
    page[10:50, 20:26] = page[10:16, 20:44] = 0
    monkeypatch.setattr(module, "ink_on_lit_paper", lambda _: pytest.fail("computed"))
    monkeypatch.setattr(module, "smooth_paper", lambda _: pytest.fail("computed"))
    assert next(ink_views(page)).name == "plain"


def test_the_views_have_names_and_differ() -> None:
    names = [view.name for view in ink_views(lit(ring(8), 200, 60, 0.3), every=True)]
    assert names[0] == "smooth"
    assert "reversed" in names
    assert len(names) == len(set(names))
    assert list(ink_views(np.full((40, 40), 200, np.uint8))) == []
