"""Fifteen ways to spoil an image of 28 x 28, after the list of MNIST-C.

Each takes ink (28, 28) in 0..1 and gives the same; the strength is such that people still read the digits
easily. Only the list is that of MNIST-C; definitions and strengths are our own.

References
----------
N. Mu, J. Gilmer, "MNIST-C: A Robustness Benchmark for Computer Vision", 2019, arXiv:1906.02337.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import affine_transform, convolve, gaussian_filter, map_coordinates, sobel

SIDE = 28
Ink = NDArray[np.float64]  # (28, 28), 0..1
Corruption = Callable[[Ink, Generator], Ink]


def shot_noise(ink: Ink, rng: Generator) -> Ink:
    """Few photons: each pixel a Poisson count."""
    photons = 12
    return rng.poisson(ink * photons) / photons


def impulse_noise(ink: Ink, rng: Generator) -> Ink:
    """Single pixels white or black."""
    hit, white = rng.random(ink.shape) < 0.08, rng.random(ink.shape) < 0.5
    return np.where(hit, white, ink)


def glass_blur(ink: Ink, rng: Generator) -> Ink:
    """Pixels exchanged with near ones, as behind rough glass."""
    y, x = np.mgrid[:SIDE, :SIDE] + gaussian_filter(rng.normal(0, 1.1, (2, SIDE, SIDE)), (0, 0.6, 0.6))
    return gaussian_filter(map_coordinates(ink, [y, x], order=1), 0.5)


def motion_blur(ink: Ink, rng: Generator) -> Ink:
    """The hand or the camera moved."""
    kernel = np.zeros((7, 7))
    kernel[3, 1:6] = 1
    angle = rng.uniform(0, 180)
    turned = np.asarray(Image.fromarray(kernel).rotate(angle, Image.Resampling.BILINEAR))
    return convolve(ink, turned / turned.sum(), mode="constant")


def shear(ink: Ink, rng: Generator) -> Ink:
    """Slanted to one side."""
    amount = rng.uniform(0.25, 0.45) * rng.choice([-1, 1])
    return _affine(ink, np.array([[1, 0], [amount, 1]]))


def scale(ink: Ink, rng: Generator) -> Ink:
    """Smaller: down to half of the size."""
    return _affine(ink, np.eye(2) * rng.uniform(1.5, 2.0))


def rotate(ink: Ink, rng: Generator) -> Ink:
    """Turned by 15 to 25 degrees."""
    angle = np.deg2rad(rng.uniform(15, 25) * rng.choice([-1, 1]))
    return _affine(ink, np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]))


def brightness(ink: Ink, rng: Generator) -> Ink:
    """A lighter ground, so that less is left between ink and paper."""
    return ink + rng.uniform(0.25, 0.5)


def translate(ink: Ink, rng: Generator) -> Ink:
    """Moved by up to six pixels to each side, as far as there is room."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    moves = [
        int(rng.integers(max(-6, -found[0]), min(6, SIDE - 1 - found[-1]), endpoint=True))
        for found in (rows, columns)
    ]
    return np.roll(ink, moves, axis=(0, 1))


def stripe(ink: Ink, rng: Generator) -> Ink:
    """A stripe in the middle in which dark and light are exchanged."""
    spoiled, first, width = ink.copy(), int(rng.integers(8, 12)), int(rng.integers(6, 10))
    spoiled[:, first : first + width] = 1 - spoiled[:, first : first + width]
    return spoiled


def fog(ink: Ink, rng: Generator) -> Ink:
    """Clouds of light before the image."""
    clouds = sum(
        weight * gaussian_filter(rng.standard_normal((SIDE, SIDE)), sigma, mode="wrap") * sigma
        for sigma, weight in ((2, 0.25), (4, 0.5), (8, 1.0))
    )
    clouds = (clouds - clouds.min()) / np.ptp(clouds)
    thick = rng.uniform(0.35, 0.55)
    return ink * (1 - thick * clouds) + thick * clouds


def spatter(ink: Ink, rng: Generator) -> Ink:
    """Drops of ink."""
    canvas = Image.new("L", (SIDE * 8, SIDE * 8))
    draw = ImageDraw.Draw(canvas)
    for _ in range(int(rng.integers(6, 14))):
        (x, y), r = rng.uniform(0, SIDE * 8, 2), rng.uniform(3, 10)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=255)
    return np.maximum(ink, np.asarray(canvas.reduce(8)) / 255 * 0.85)


def dotted_line(ink: Ink, rng: Generator) -> Ink:
    """A dotted line across."""
    (x, y), (u, v) = _ends(rng)
    at = np.linspace(0, 1, 10)[:, None]
    return _dots(ink, np.array([x, y]) * (1 - at) + np.array([u, v]) * at)


def zigzag(ink: Ink, rng: Generator) -> Ink:
    """A thin zigzag across."""
    (x, y), (u, v) = _ends(rng)
    at = np.linspace(0, 1, 11)[:, None]
    aside = np.array([v - y, x - u]) / np.hypot(u - x, v - y)
    points = np.array([x, y]) * (1 - at) + np.array([u, v]) * at
    points += np.where(np.arange(11) % 2, 1.6, -1.6)[:, None] * aside
    canvas = Image.new("L", (SIDE * 8, SIDE * 8))
    ImageDraw.Draw(canvas).line([tuple(p) for p in points * 8], fill=255, width=7)
    return np.maximum(ink, np.asarray(canvas.reduce(8)) / 255)


def canny_edges(ink: Ink, rng: Generator) -> Ink:
    """Only the outline, one pixel wide, as Canny's detector finds it: gradients thinned to their ridges."""
    smooth = gaussian_filter(ink, 1.0)
    dy, dx = sobel(smooth, axis=0), sobel(smooth, axis=1)
    size = np.hypot(dx, dy)
    y, x = np.mgrid[:SIDE, :SIDE]
    uy, ux = dy / np.maximum(size, 1e-9), dx / np.maximum(size, 1e-9)
    ahead, behind = (map_coordinates(size, [y + s * uy, x + s * ux], order=1) for s in (1, -1))
    return ((size >= ahead) & (size > behind) & (size > 0.25 * size.max())).astype(float)


CORRUPTIONS: dict[str, Corruption] = {
    corruption.__name__.replace("_", " "): corruption
    for corruption in (
        shot_noise,
        impulse_noise,
        glass_blur,
        motion_blur,
        shear,
        scale,
        rotate,
        brightness,
        translate,
        stripe,
        fog,
        spatter,
        dotted_line,
        zigzag,
        canny_edges,
    )
}


def corrupted(image: NDArray[np.uint8], corruption: Corruption, rng: Generator) -> NDArray[np.uint8]:
    """Return an image (28, 28), 0..255, spoiled."""
    return np.rint(np.clip(corruption(image / 255, rng), 0, 1) * 255).astype(np.uint8)


def _affine(ink: Ink, matrix: NDArray[np.float64]) -> Ink:
    """Ink moved about the middle; the matrix leads from the new place (y, x) to the old."""
    middle = np.full(2, (SIDE - 1) / 2)
    return affine_transform(ink, matrix, offset=middle - matrix @ middle, order=1)


def _ends(rng: Generator) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where a line across the image begins and ends, (x, y) each."""
    angle, off = rng.uniform(0, 2 * np.pi), rng.uniform(-5, 5)
    along, aside = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    middle = np.full(2, SIDE / 2) + off * aside
    return middle - 13 * along, middle + 13 * along


def _dots(ink: Ink, points: NDArray[np.float64]) -> Ink:
    canvas = Image.new("L", (SIDE * 8, SIDE * 8))
    draw = ImageDraw.Draw(canvas)
    for x, y in points * 8:
        draw.ellipse((x - 6, y - 6, x + 6, y + 6), fill=255)
    return np.maximum(ink, np.asarray(canvas.reduce(8)) / 255)
