"""What becomes of a page (h, w, 3), 0..1, on its way through a camera or a scanner."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from papers import Colours
from PIL import Image
from scipy.ndimage import gaussian_filter

Camera = Callable[[Colours, float, Generator], Colours]  # page, height of a character in pixels


def straight(page: Colours, height: float, rng: Generator) -> Colours:
    """As it is."""
    return page


def turned(page: Colours, height: float, rng: Generator) -> Colours:
    """Turned by up to 15 degrees, the page going on beyond the picture."""
    h, w = page.shape[:2]
    angle = np.deg2rad(rng.uniform(5, 15) * rng.choice([-1, 1]))
    centre = np.array([w / 2, h / 2])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return _warped(page, [centre + turn @ (corner - centre) for corner in _corners(w, h)])


def oblique(page: Colours, height: float, rng: Generator) -> Colours:
    """Seen from one side: what is far away is smaller."""
    h, w = page.shape[:2]
    return _warped(page, [c + rng.uniform(-0.09, 0.09, 2) * (w, h) for c in _corners(w, h)])


def on_a_table(page: Colours, height: float, rng: Generator) -> Colours:
    """The sheet with a piece of a dark table next to it, on one to three sides."""
    h, w = page.shape[:2]
    wood = np.array([[0.30, 0.20, 0.13], [0.12, 0.12, 0.13], [0.24, 0.25, 0.29]][rng.integers(3)])
    sides = rng.permutation(4)[: rng.integers(1, 4)]
    add = [int(rng.uniform(0.04, 0.16) * (h, h, w, w)[side]) if side in sides else 0 for side in range(4)]
    table = np.ones((h + add[0] + add[1], w + add[2] + add[3], 3)) * wood
    table += 0.02 * gaussian_filter(rng.standard_normal(table.shape[:2]), (1, 14))[..., None] * 5
    table[add[0] : add[0] + h, add[2] : add[2] + w] = page
    tilted = _corners(table.shape[1], table.shape[0])
    return _warped(table, [c + rng.uniform(-0.015, 0.015, 2) * (w, h) for c in tilted])


def blurred(page: Colours, height: float, rng: Generator) -> Colours:
    """Out of focus, or shaken a little."""
    sigma = rng.uniform(0.02, 0.045) * height
    shaken = (sigma, sigma * rng.uniform(0.5, 1.0), 0)
    return gaussian_filter(page, shaken if rng.random() < 0.5 else (shaken[1], shaken[0], 0))


def grainy(page: Colours, height: float, rng: Generator) -> Colours:
    """Noise of a sensor in the dark: more where there is more light, and somewhat coloured."""
    amount = rng.uniform(0.03, 0.08)
    common, coloured = rng.standard_normal(page.shape[:2])[..., None], rng.standard_normal(page.shape)
    return page * 0.85 + amount * (0.4 + np.sqrt(page)) * (0.8 * common + 0.4 * coloured)


def scanned(page: Colours, height: float, rng: Generator) -> Colours:
    """One bit a pixel, as a fax or a scanner's text mode leaves it."""
    return np.ones_like(page) * (page.mean(axis=2, keepdims=True) > rng.uniform(0.5, 0.65))


CAMERAS: dict[str, Camera] = {
    camera.__name__: camera for camera in (straight, turned, oblique, on_a_table, blurred, grainy, scanned)
}


def _corners(w: float, h: float) -> list[NDArray[np.float64]]:
    return [np.array(corner, dtype=float) for corner in ((0, 0), (w, 0), (w, h), (0, h))]


def _warped(page: Colours, seen: list[NDArray[np.float64]]) -> Colours:
    """The page with its corners where ``seen`` says; beyond its edge it goes on like its edge."""
    h, w = page.shape[:2]
    pad = int(0.35 * max(h, w))
    wide = np.pad(page, ((pad, pad), (pad, pad), (0, 0)), mode="reflect" if pad < min(h, w) else "edge")
    picture = Image.fromarray(np.rint(np.clip(wide, 0, 1) * 255).astype(np.uint8))
    matrix = _homography(seen, [corner + pad for corner in _corners(w, h)])
    out = picture.transform((w, h), Image.Transform.PERSPECTIVE, matrix, Image.Resampling.BICUBIC)
    return np.asarray(out) / 255


def _homography(source: list[NDArray[np.float64]], target: list[NDArray[np.float64]]) -> list[float]:
    """The eight numbers that lead four points to four others, as Pillow wants them."""
    rows, right = [], []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    return [float(value) for value in np.linalg.solve(np.array(rows), np.array(right))]
