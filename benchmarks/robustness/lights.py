"""How light falls on a page: illumination (h, w), 1 where the page is as bright as it is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Light = Callable[[tuple[int, int], Generator], NDArray[np.float64]]


def even(shape: tuple[int, int], rng: Generator) -> NDArray[np.float64]:
    """The same everywhere."""
    return np.ones(shape)


def gradient(shape: tuple[int, int], rng: Generator) -> NDArray[np.float64]:
    """A lamp at one side: the other has about half the light."""
    x, y = _plane(shape)
    angle = rng.uniform(0, 2 * np.pi)
    along = (x * np.cos(angle) + y * np.sin(angle)) / (abs(np.cos(angle)) + abs(np.sin(angle)))  # -1..1
    least = rng.uniform(0.4, 0.65)
    return least + (1.05 - least) * (along + 1) / 2


def shadow(shape: tuple[int, int], rng: Generator) -> NDArray[np.float64]:
    """The edge of a shadow, of a hand or a phone, across the page."""
    x, y = _plane(shape)
    angle, at = rng.uniform(0, 2 * np.pi), rng.uniform(-0.4, 0.4)
    edge = (x * np.cos(angle) + y * np.sin(angle) - at) / rng.uniform(0.02, 0.12)
    dark = rng.uniform(0.5, 0.75)
    return dark + (1 - dark) / (1 + np.exp(-edge))


def vignette(shape: tuple[int, int], rng: Generator) -> NDArray[np.float64]:
    """Corners darker than the middle."""
    x, y = _plane(shape)
    return np.asarray(1 - rng.uniform(0.25, 0.45) * (x**2 + y**2) / 1.4)


def flash(shape: tuple[int, int], rng: Generator) -> NDArray[np.float64]:
    """A bright spot, with the rest rather dark."""
    x, y = _plane(shape)
    u, v = rng.uniform(-0.8, 0.8, 2)
    spot = np.exp(-((x - u) ** 2 + (y - v) ** 2) / (2 * rng.uniform(0.25, 0.5) ** 2))
    return np.asarray(rng.uniform(0.62, 0.78) + 0.6 * spot)


LIGHTS: dict[str, Light] = {light.__name__: light for light in (even, gradient, shadow, vignette, flash)}


def _plane(shape: tuple[int, int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """x and y of every pixel, -1..1."""
    y, x = np.meshgrid(np.linspace(-1, 1, shape[0]), np.linspace(-1, 1, shape[1]), indexing="ij")
    return x, y
