"""Pens: how much of each pixel a path covers.

Each pen takes paths in pixels, the height of a character, and where to draw; it returns coverage (h, w) in
0..1. Widths are given in heights, because people write larger with a thicker pen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter, gaussian_filter1d
from strokes import Path, evenly

Coverage = NDArray[np.float64]
Pen = Callable[[Sequence[Path], float, tuple[int, int], Generator], Coverage]
_FINER = 3  # drawn this much larger, then averaged, so that edges are smooth
_THINNEST = 1.3  # pixels; a thinner line could not be seen on a photo either


def ballpoint(paths: Sequence[Path], height: float, shape: tuple[int, int], rng: Generator) -> Coverage:
    """A thin line, a little lighter where the hand was quick."""
    width = rng.uniform(0.028, 0.05) * height
    return 0.92 * _stroked(paths, [_pressed(path, width, 0.15, rng) for path in paths], shape)


def felt_tip(paths: Sequence[Path], height: float, shape: tuple[int, int], rng: Generator) -> Coverage:
    """An even line of middle width with round ends."""
    width = rng.uniform(0.055, 0.095) * height
    return _stroked(paths, [np.full(len(path), width) for path in paths], shape)


def fountain(paths: Sequence[Path], height: float, shape: tuple[int, int], rng: Generator) -> Coverage:
    """A nib: broad across its edge, thin along it, with darker ends."""
    width, nib = rng.uniform(0.05, 0.085) * height, np.deg2rad(rng.uniform(20, 55))
    widths = []
    for path in paths:
        dx, dy = np.gradient(gaussian_filter1d(path, 2, axis=0), axis=0).T
        across = np.abs(np.sin(np.arctan2(dy, dx) + nib))
        widths.append(width * (0.4 + 0.6 * gaussian_filter1d(across, 3)))
    return 0.95 * _stroked(paths, widths, shape)


def pencil(paths: Sequence[Path], height: float, shape: tuple[int, int], rng: Generator) -> Coverage:
    """A soft grey line that the grain of the paper breaks."""
    width = rng.uniform(0.035, 0.06) * height
    line = _stroked(paths, [_pressed(path, width, 0.2, rng) for path in paths], shape)
    return _grained(line, rng, least=0.45) * rng.uniform(0.72, 0.95)


def marker(paths: Sequence[Path], height: float, shape: tuple[int, int], rng: Generator) -> Coverage:
    """A broad line."""
    width = rng.uniform(0.11, 0.16) * height
    return _stroked(paths, [np.full(len(path), width) for path in paths], shape)


def chalk(paths: Sequence[Path], height: float, shape: tuple[int, int], rng: Generator) -> Coverage:
    """A dusty line of changing width."""
    width = rng.uniform(0.05, 0.09) * height
    line = _stroked(paths, [_pressed(path, width, 0.2, rng) for path in paths], shape)
    dust = 0.12 * gaussian_filter(line, 0.04 * height)
    return np.clip(_grained(line, rng, least=0.3) * 0.9 + dust, 0, 1)


def mouse(paths: Sequence[Path], height: float, shape: tuple[int, int], rng: Generator) -> Coverage:
    """Straight pieces between the few places where a clumsy mouse was seen, with hard edges."""
    width = np.clip(rng.uniform(0.03, 0.10) * height, 2, None)
    pieces = [evenly(path, step=rng.uniform(0.05, 0.10) * height) for path in paths]
    pieces = [piece + rng.normal(0, 0.008 * height, piece.shape) for piece in pieces]
    return _drawn(pieces, [np.full(len(piece), width) for piece in pieces], shape, finer=1) > 0.5


def finger(paths: Sequence[Path], height: float, shape: tuple[int, int], rng: Generator) -> Coverage:
    """A broad, smooth line, as on a tablet."""
    width = rng.uniform(0.08, 0.15) * height
    smooth = [gaussian_filter1d(path, 3, axis=0, mode="nearest") for path in paths]
    return _stroked(smooth, [np.full(len(path), width) for path in smooth], shape)


PENS: dict[str, Pen] = {
    pen.__name__.replace("_", " "): pen
    for pen in (ballpoint, felt_tip, fountain, pencil, marker, chalk, mouse, finger)
}


def _pressed(path: Path, width: float, amount: float, rng: Generator) -> NDArray[np.float64]:
    """Widths (n,) that change slowly, by ``amount`` of the width."""
    slow = gaussian_filter1d(rng.standard_normal(len(path)), 12, mode="nearest") * 6.5
    return width * np.clip(1 + amount * slow, 0.6, 1.5)


def _grained(line: Coverage, rng: Generator, least: float) -> Coverage:
    """The line where the paper's grain let it through; ``least`` is what stays in the hollows."""
    grain = gaussian_filter(rng.standard_normal(line.shape), 0.8) * 2.6
    return line * np.clip(0.75 + 0.35 * grain, least, 1)


def _stroked(
    paths: Sequence[Path], widths: Sequence[NDArray[np.float64]], shape: tuple[int, int]
) -> Coverage:
    return _drawn(paths, widths, shape, finer=_FINER)


def _drawn(
    paths: Sequence[Path], widths: Sequence[NDArray[np.float64]], shape: tuple[int, int], *, finer: int
) -> Coverage:
    """A round tip of the given widths led along the paths; coverage (h, w)."""
    large = Image.new("L", (shape[1] * finer, shape[0] * finer))
    draw = ImageDraw.Draw(large)
    for path, width in zip(paths, widths, strict=True):
        points, radii = path * finer, np.maximum(width, _THINNEST) * finer / 2
        for (x, y), r in zip(points, radii - 0.5, strict=True):  # Pillow draws the last pixel too
            draw.ellipse((x - r, y - r, x + r, y + r), fill=255)
        for (x, y), (u, v), r in zip(points, points[1:], radii, strict=False):
            draw.line((x, y, u, v), fill=255, width=max(1, round(2 * r)))
    small = large.reduce(finer) if finer > 1 else large
    return np.asarray(small, dtype=np.float64) / 255
