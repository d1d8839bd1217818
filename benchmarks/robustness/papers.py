"""Papers: colours (h, w, 3) in 0..1, with grain and printed lines.

The height of a character in pixels tells how large the page is, so that lines are as far apart as on real
paper.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

Colours = NDArray[np.float64]  # (h, w, 3)
Paper = Callable[[tuple[int, int], float, Generator], Colours]


def screen(shape: tuple[int, int], height: float, rng: Generator) -> Colours:
    """Pure white, as a drawing program has it."""
    return np.ones((*shape, 3))


def white(shape: tuple[int, int], height: float, rng: Generator) -> Colours:
    """Plain paper as a camera sees it."""
    return _sheet(shape, rng.uniform(0.86, 0.97) * np.array([1, 1, 0.985]), 0.006, rng)


def grey(shape: tuple[int, int], height: float, rng: Generator) -> Colours:
    """Grey paper, or white paper in poor light."""
    return _sheet(shape, np.full(3, rng.uniform(0.50, 0.72)), 0.010, rng)


def recycled(shape: tuple[int, int], height: float, rng: Generator) -> Colours:
    """Brownish grey with fibres and specks."""
    sheet = _sheet(shape, rng.uniform(0.70, 0.84) * np.array([1, 0.96, 0.88]), 0.02, rng)
    fibres = gaussian_filter(rng.standard_normal(shape), (0.6, 2.5)) + gaussian_filter(
        rng.standard_normal(shape), (2.5, 0.6)
    )
    specks = gaussian_filter((rng.random(shape) < 0.0006).astype(float), 0.9)
    return np.clip(sheet + (0.05 * fibres - 1.2 * specks)[..., None], 0, 1)


def yellow(shape: tuple[int, int], height: float, rng: Generator) -> Colours:
    """A sticky note."""
    return _sheet(shape, np.array([0.97, rng.uniform(0.85, 0.94), rng.uniform(0.42, 0.66)]), 0.006, rng)


def ruled(shape: tuple[int, int], height: float, rng: Generator) -> Colours:
    """Lines about as far apart as the writing is high, with a margin line at times."""
    sheet = white(shape, height, rng)
    apart, first = height * rng.uniform(1.05, 1.5), rng.uniform(0, 1)
    _print_lines(sheet, np.arange(first * apart, shape[0], apart), 0, height, rng)
    if rng.random() < 0.3:
        _print_lines(sheet, np.array([0.06 * shape[1]]), 1, height, rng, (0.85, 0.35, 0.4))
    return sheet


def squared(shape: tuple[int, int], height: float, rng: Generator) -> Colours:
    """Squares: the writing is one or two of them high."""
    sheet = white(shape, height, rng)
    apart = height / rng.choice([0.9, 1.8])
    for axis in (0, 1):
        at = np.arange(rng.uniform(0, 1) * apart, shape[axis], apart)
        _print_lines(sheet, at, axis, height, rng)
    return sheet


def blackboard(shape: tuple[int, int], height: float, rng: Generator) -> Colours:
    """A wiped board: dark green or black, with clouds of old chalk."""
    colour = np.array([[0.16, 0.27, 0.22], [0.13, 0.13, 0.14]][rng.integers(2)])
    clouds = gaussian_filter(rng.standard_normal(shape), (0.06 * shape[0], 0.16 * shape[1]))
    clouds = 0.07 * (clouds - clouds.min()) / np.ptp(clouds)
    return np.clip(_sheet(shape, colour, 0.012, rng) + clouds[..., None], 0, 1)


PAPERS: dict[str, Paper] = {
    paper.__name__: paper for paper in (screen, white, grey, recycled, yellow, ruled, squared, blackboard)
}


def _sheet(shape: tuple[int, int], colour: NDArray[np.float64], grain: float, rng: Generator) -> Colours:
    """An even colour with grain, and slow unevenness."""
    fine = gaussian_filter(rng.standard_normal(shape), 0.7) * 2
    sheet: Colours = np.clip(colour + grain * fine[..., None], 0, 1)
    return sheet


def _print_lines(
    sheet: Colours,
    at: NDArray[np.float64],
    axis: int,
    height: float,
    rng: Generator,
    colour: tuple[float, float, float] | None = None,
) -> None:
    """Print thin lines across ``axis``, pale blue or grey unless told otherwise."""
    tints = [(0.62, 0.74, 0.90), (0.74, 0.74, 0.76), (0.66, 0.80, 0.78)]
    tint = np.array(tints[rng.integers(len(tints))] if colour is None else colour)
    width = max(1, round(rng.uniform(0.008, 0.02) * height))
    for position in at.astype(int):
        lines = [slice(None), slice(None)]
        lines[axis] = slice(position, position + width)
        sheet[tuple(lines)] *= tint
