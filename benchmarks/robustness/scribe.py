"""Single characters as coverage, cut to their ink: of MNIST's writers, or of one writer with one pen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from layout import Character
from numpy.random import Generator
from pens import PENS, Coverage
from PIL import Image
from scene import one
from writing import Writer, a_writer

from tenfold.data import Dataset

MNIST_HEIGHT = 20  # pixels of a digit in an image of MNIST
INK = 0.15  # of full coverage: less is the soft edge of a stroke
USUAL = ("ballpoint", "felt tip", "fountain", "marker")


@dataclass(frozen=True)
class Scribe:
    """Somebody who writes characters one by one.

    Attributes
    ----------
    writer : Writer
        Whose hand writes the signs, and the digits where no images are given.
    pen : str
        A name of `PENS`.
    seed : int
        Of the pen: it is as broad in each character.
    images : Dataset, optional
        MNIST images, which are shown in place of written digits.
    """

    writer: Writer
    pen: str
    seed: int
    images: Dataset | None = None

    def digit(self, digit: str, height: float, rng: Generator) -> Coverage:
        """Return a digit, as high as MNIST's writers make it where the images are theirs."""
        if self.images is not None:
            return copied(self.images, digit, height, rng)
        [character] = self.writer.digits(digit, rng)
        return self.drawn(character, height)

    def drawn(self, character: Character, height: float) -> Coverage:
        """Return strokes in heights as this pen draws them."""
        edge = 0.2 * height
        paths = [stroke * height + edge for stroke in character]
        w, h = np.ceil(np.max([path.max(axis=0) for path in paths], axis=0) + edge).astype(int)
        return cut(np.asarray(PENS[self.pen](paths, height, (h, w), np.random.default_rng(self.seed)), float))


def a_scribe(images: Dataset | None, rng: Generator, pens: tuple[str, ...] = USUAL) -> Scribe:
    """Return MNIST's writers if there are images, or else anybody; signs get a pen as broad as theirs."""
    pen = one(("felt tip", "marker") if images is not None else pens, rng)
    return Scribe(a_writer(rng), pen, int(rng.integers(2**32)), images)


def either(images: Dataset, rng: Generator) -> Scribe:
    """Return one or the other, equally often."""
    return a_scribe(images if rng.random() < 0.5 else None, rng)


def copied(images: Dataset, digit: str, height: float, rng: Generator) -> Coverage:
    """Return an image of the digit, enlarged so that MNIST's box of 20 pixels has this height."""
    image = images.images[rng.choice(np.flatnonzero(images.labels == int(digit)))]
    glyph, times = cut(image / 255), height / MNIST_HEIGHT
    h, w = (max(1, round(side * times)) for side in glyph.shape)
    shown = Image.fromarray(np.rint(glyph * 255).astype(np.uint8)).resize((w, h), Image.Resampling.BICUBIC)
    return np.asarray(shown) / 255


def cut(coverage: Coverage) -> Coverage:
    """Return the part that holds the ink."""
    rows, columns = (np.flatnonzero((coverage > INK).any(axis=axis)) for axis in (1, 0))
    return coverage[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def paste(page: Coverage, glyph: Coverage, top: float, left: float) -> None:
    """Put a glyph on a page, as far as it lies there."""
    y, x = round(top), round(left)
    height, width = page.shape
    above, before = max(-y, 0), max(-x, 0)
    part = glyph[above : max(height - y, above), before : max(width - x, before)]
    at = page[y + above : y + above + part.shape[0], x + before : x + before + part.shape[1]]
    np.maximum(at, part, out=at)
