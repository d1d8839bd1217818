"""The making of a picture: pen, ink, paper, light, camera, file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from cameras import CAMERAS
from files import FILES, alpha_png
from layout import Layout
from lights import LIGHTS
from numpy.random import Generator
from numpy.typing import NDArray
from papers import PAPERS, Colours
from pens import PENS, Coverage

Colour = tuple[float, float, float]
INKS: dict[str, tuple[Colour, ...]] = {
    "usual": ((0.05, 0.05, 0.07), (0.08, 0.12, 0.45), (0.10, 0.10, 0.30), (0.02, 0.02, 0.02)),
    "black": ((0.0, 0.0, 0.0),),
    "graphite": ((0.22, 0.22, 0.24),),
    "white": ((0.96, 0.96, 0.92),),
    "chalk": ((0.94, 0.94, 0.90), (0.96, 0.88, 0.55), (0.95, 0.75, 0.80)),
    "colours": (
        (0.80, 0.10, 0.12),
        (0.05, 0.48, 0.20),
        (0.50, 0.12, 0.60),
        (0.85, 0.40, 0.05),
        (0.05, 0.45, 0.75),
        (0.85, 0.15, 0.50),
    ),
}
DRY = {"pencil": "graphite", "chalk": "chalk"}  # a pen that brings its own ink


@dataclass(frozen=True)
class Scene:
    """What a kind of picture leaves to chance, each a name of the list after which it is called.

    Attributes
    ----------
    pens, inks, papers, lights, cameras, files : tuple of str
        One of each is drawn for a picture.
    height : (float, float)
        Of a character, in pixels; small ones are as frequent as large ones.
    """

    pens: tuple[str, ...] = ("ballpoint", "felt tip", "fountain", "pencil", "marker")
    inks: tuple[str, ...] = ("usual",)
    papers: tuple[str, ...] = ("white",)
    lights: tuple[str, ...] = ("even",)
    cameras: tuple[str, ...] = ("straight",)
    files: tuple[str, ...] = ("png", "jpeg")
    height: tuple[float, float] = (45, 160)

    def a_height(self, rng: Generator) -> float:
        """Return the height of a character in pixels."""
        return float(np.exp(rng.uniform(*np.log(self.height))))

    def picture(self, layout: Layout, height: float, rng: Generator) -> bytes:
        """Return the file that comes of strokes in pixels."""
        paths, shape = layout
        pen = one(self.pens, rng)
        coverage = PENS[pen](paths, height, shape, rng) if paths else np.zeros(shape)
        return self.taken(coverage, height, rng, pen=pen)

    def taken(
        self,
        coverage: Coverage,
        height: float,
        rng: Generator,
        *,
        pen: str = "",
        printed: Coverage | None = None,
        tint: NDArray[np.float64] | None = None,
    ) -> bytes:
        """Return the file that comes of ink (h, w) on paper on which lines of a colour may be printed."""
        colour = one(INKS[DRY.get(pen, one(self.inks, rng))], rng)
        page = PAPERS[one(self.papers, rng)](coverage.shape, height, rng)
        if printed is not None and tint is not None:
            page = page * (1 - printed[..., None] * (1 - tint))
        return self._saved(inked(page, coverage, colour), height, rng)

    def drawing(self, layout: Layout, height: float, rng: Generator) -> bytes:
        """Return ink on nothing: a PNG with an alpha channel."""
        paths, shape = layout
        coverage = PENS[one(self.pens, rng)](paths, height, shape, rng)
        return alpha_png(coverage, one(INKS[one(self.inks, rng)], rng))

    def negative(self, layout: Layout, height: float, rng: Generator) -> bytes:
        """Return light ink on a dark screen."""
        paths, shape = layout
        coverage = PENS[one(self.pens, rng)](paths, height, shape, rng)
        dark = PAPERS["screen"](shape, height, rng) * rng.uniform(0, 0.2, 3)
        return FILES[one(self.files, rng)](inked(dark, coverage, one(INKS["white"], rng)), rng)

    def _saved(self, page: Colours, height: float, rng: Generator) -> bytes:
        lit = page * LIGHTS[one(self.lights, rng)](page.shape[:2], rng)[..., None]
        seen = CAMERAS[one(self.cameras, rng)](lit, height, rng)
        return FILES[one(self.files, rng)](seen, rng)


T = TypeVar("T")
Take = Callable[[Scene, Layout, float, Generator], bytes]


def inked(page: Colours, coverage: Coverage, colour: Colour) -> Colours:
    """Return the page (h, w, 3) with ink where the pen covered it."""
    share = np.clip(coverage, 0, 1)[..., None]
    return page * (1 - share) + np.array(colour) * share


def one(choices: Sequence[T], rng: Generator) -> T:
    """Return one of them."""
    return choices[int(rng.integers(len(choices)))]
