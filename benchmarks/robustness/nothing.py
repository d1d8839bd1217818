"""Kinds of pictures without a digit: blank, noise, letters, symbols, scribbles, words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from case import Case
from files import FILES, alpha_png
from kind import Kind
from layout import Character, alone, lines
from letters import LETTERS
from numpy.random import Generator
from papers import PAPERS
from pens import PENS
from scene import Scene, one
from scipy.ndimage import gaussian_filter, gaussian_filter1d
from strokes import Path, evenly
from writing import a_writer

PICTURES = 400
EVERYWHERE = Scene(
    pens=("ballpoint", "felt tip", "fountain", "pencil", "marker", "finger"),
    papers=("white", "screen", "grey", "ruled", "squared", "yellow"),
    lights=("even", "gradient"),
    height=(45, 140),
)
BLANK = Scene(
    papers=tuple(PAPERS),
    lights=("even", "gradient", "shadow", "vignette", "flash"),
    cameras=("straight", "turned", "oblique", "on_a_table", "grainy"),
    files=("png", "jpeg", "squeezed_jpeg", "grey_png", "sideways_jpeg"),
    height=(50, 120),
)


@dataclass(frozen=True)
class Drawn:
    """One character that is not a digit."""

    character: Callable[[Generator], Character]
    scene: Scene = EVERYWHERE

    def __call__(self, rng: Generator) -> Case:
        height = self.scene.a_height(rng)
        return Case(self.scene.picture(alone(self.character(rng), height, rng), height, rng), "")


def letter(rng: Generator) -> Character:
    """Return one of the letters."""
    [character] = a_writer(rng).letters(one(sorted(LETTERS), rng), rng)
    return character


def symbol(rng: Generator) -> Character:
    """Return one of the symbols."""
    return a_writer(rng).symbol(rng)


def scribble(rng: Generator) -> Character:
    """Return a tangle, or something that was crossed out."""
    return [one([_tangle, _hatching], rng)(rng)]


def word(rng: Generator) -> Case:
    """Return three to seven letters in a row."""
    height = EVERYWHERE.a_height(rng)
    small = sorted(letter for letter in LETTERS if letter.islower())
    text = "".join(one(small, rng) for _ in range(rng.integers(3, 8)))
    layout = lines([a_writer(rng).letters(text, rng)], height, rng)
    return Case(EVERYWHERE.picture(layout, height, rng), "")


def blank_paper(rng: Generator) -> Case:
    """Return an empty sheet of any paper in any light."""
    height = BLANK.a_height(rng)
    shape = tuple(int(side) for side in height * rng.uniform(1.5, 4, 2))
    return Case(BLANK.picture(([], (shape[0], shape[1])), height, rng), "")


def blank_screen(rng: Generator) -> Case:
    """Return one colour, or nothing at all."""
    shape = (int(rng.integers(1, 400)), int(rng.integers(1, 400)))
    colour = rng.integers(0, 2, 3) * 1.0 if rng.random() < 0.5 else rng.random(3)
    if rng.random() < 0.2:
        return Case(alpha_png(np.zeros(shape), (0.0, 0.0, 0.0)), "")
    return Case(FILES[one(("png", "jpeg", "grey_png"), rng)](np.ones((*shape, 3)) * colour, rng), "")


def stray_marks(rng: Generator) -> Case:
    """Return paper with specks: dust, or where a pen touched it."""
    height = 80.0
    shape = (int(rng.integers(120, 300)), int(rng.integers(120, 300)))
    dots = [np.tile(rng.uniform(0.03, 0.97, 2) * shape[::-1], (2, 1)) for _ in range(rng.integers(1, 7))]
    coverage = PENS["ballpoint"](dots, height * rng.uniform(0.5, 1.2), shape, rng)
    page = PAPERS[one(("white", "grey", "screen"), rng)](shape, height, rng)
    return Case(FILES["png"](page * (1 - 0.85 * coverage[..., None]), rng), "")


def noise(rng: Generator) -> Case:
    """Return pixels drawn at random, independent or in clouds."""
    shape = (28, 28) if rng.random() < 0.3 else tuple(rng.integers(40, 200, 2))
    grain = rng.standard_normal(shape)
    way = rng.integers(3)
    if way == 0:
        level = 0.5 + rng.uniform(0.1, 0.5) * grain
    elif way == 1:
        level = (rng.random(shape) < rng.uniform(0.05, 0.5)).astype(float)
    else:
        cloud = gaussian_filter(grain, rng.uniform(1, 4))
        level = 0.5 + 0.25 * cloud / cloud.std()
    return Case(np.rint(np.clip(level, 0, 1) * 255).astype(np.uint8), "")


def _tangle(rng: Generator) -> Path:
    """A line that wanders to and fro in its box."""
    turns = rng.uniform(0, 1, (int(rng.integers(14, 30)), 2)) * (rng.uniform(0.6, 1.6), 1)
    fine = evenly(turns)
    smooth = gaussian_filter1d(fine, rng.uniform(6, 14), axis=0, mode="nearest")
    return smooth - smooth.min(axis=0)


def _hatching(rng: Generator) -> Path:
    """To and fro from left to right, as when something is crossed out."""
    n, width = int(rng.integers(8, 18)), rng.uniform(0.7, 1.8)
    x = np.linspace(0, width, n) + rng.normal(0, 0.03, n) + 0.15 * (np.arange(n) % 2)
    y = np.where(np.arange(n) % 2, rng.uniform(0, 0.2, n), rng.uniform(0.8, 1, n))
    path = gaussian_filter1d(evenly(np.stack([x, y], axis=1)), 3, axis=0, mode="nearest")
    return path - path.min(axis=0)


NOTHING: list[Kind] = [
    Kind("no digit", "blank paper", blank_paper, PICTURES),
    Kind("no digit", "blank screen", blank_screen, PICTURES),
    Kind("no digit", "stray dots", stray_marks, PICTURES),
    Kind("no digit", "noise", noise, PICTURES),
    Kind("no digit", "letters", Drawn(letter), PICTURES, "except letters that are written like a digit"),
    Kind("no digit", "symbols", Drawn(symbol), PICTURES),
    Kind("no digit", "scribbles", Drawn(scribble), PICTURES),
    Kind("no digit", "words", word, PICTURES, "right if every letter is rejected"),
]
