"""Kinds of numbers with signs: dates, decimals, negative numbers, times, thousands, telephone numbers, sums.

The signs that are read are ``. , - / :``; any other is to be read as ``?``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from case import Case
from kind import Kind
from numpy.random import Generator
from pens import Coverage
from scene import Scene, one
from scribe import Scribe, either, paste
from strokes import parse

from tenfold.data import Dataset

PICTURES = 100
READ = ".,-/:"
SCAN = Scene(papers=("screen", "white", "grey"), height=(34, 110))
PHOTO = Scene(
    papers=("white", "yellow", "squared"),
    lights=("gradient", "shadow", "flash"),
    cameras=("oblique", "grainy", "turned"),
    files=("jpeg",),
    height=(50, 110),
)
SIGNS: dict[str, tuple[str, ...]] = {  # hundredths of a digit's height, 0 its top and 100 its feet
    ".": ("4,96 5,97", "2,97 5,95 6,98 3,99", "3,94 4,99"),
    ",": ("6,92 7,97 2,112", "5,94 2,110", "4,92 9,95 7,104 1,116"),
    "-": ("0,52 34,50", "0,54 26,52", "0,50 20,48 44,51"),
    "/": ("0,104 40,-4", "0,112 30,0", "0,100 52,2"),
    ":": ("4,34 5,35 | 4,86 5,87", "4,42 6,44 | 3,92 5,94", "3,30 5,33 | 3,76 5,79"),
    "(": ("26,-8 6,24 2,56 8,88 24,110", "24,-4 4,50 22,106"),
    ")": ("2,-8 20,22 26,54 18,90 0,110", "0,-4 22,50 4,106"),
    "|": ("4,-16 4,118", "6,-20 4,112"),
    "+": ("26,22 26,80 | 0,52 54,50", "24,28 23,76 | 0,50 48,52"),
    "=": ("0,38 46,37 | 0,62 46,60", "0,42 40,41 | 1,60 42,59"),
    "x": ("0,32 42,78 | 42,30 2,80", "2,36 38,74 | 36,34 0,76"),
    "%": ("16,6 2,14 4,32 18,34 24,18 16,6 | 60,0 6,100 | 52,66 40,74 42,94 56,96 62,78 52,66",),
}


@dataclass(frozen=True)
class Signed:
    """A text of digits and signs in one row, or several below each other, their ends in line."""

    images: Dataset
    text: Callable[[Generator], str]
    scene: Scene = SCAN

    def __call__(self, rng: Generator) -> Case:
        height, scribe, text = self.scene.a_height(rng), either(self.images, rng), self.text(rng)
        rows = [row_of(line, scribe, height, rng) for line in text.split("\n")]
        gap, (edge_y, edge_x) = round(height * rng.uniform(0.15, 0.6)), height * rng.uniform(0.3, 1.0, 2)
        tall, wide = sum(row.shape[0] + gap for row in rows), max(row.shape[1] for row in rows)
        page, y = np.zeros((int(tall + 2 * edge_y), int(wide + 2 * edge_x))), edge_y
        for row in rows:
            paste(page, row, y, edge_x + wide - row.shape[1])
            y += row.shape[0] + gap
        seen = "".join(sign if sign.isdecimal() or sign in READ + "\n" else "?" for sign in text)
        return Case(self.scene.taken(page, height, rng), seen)


def row_of(text: str, scribe: Scribe, height: float, rng: Generator) -> Coverage:
    """Return digits and signs in a row, a fifth of the height free above and below the digits."""
    space = height * rng.uniform(0.14, 0.32)
    page, x, edge = np.zeros((round(1.6 * height), round(1.4 * height * len(text)) + 9)), 0.0, 0.25 * height
    for character in text:
        glyph, top = _glyph(character, scribe, height, rng)
        paste(page, glyph, edge + top, x)
        x += glyph.shape[1] + space * rng.uniform(0.8, 1.3)
    return page[:, : round(x)]


def _glyph(character: str, scribe: Scribe, height: float, rng: Generator) -> tuple[Coverage, float]:
    """A character, and how far its ink begins below the top of the digits."""
    if character.isdecimal():
        glyph = scribe.digit(character, height, rng)
        return glyph, height - glyph.shape[0] + rng.normal(0, 0.015) * height
    notation = one(SIGNS[character], rng)
    highest = min(points[:, 1].min() for points, _ in parse(notation))
    glyph = scribe.drawn(scribe.writer.hand.write(notation, rng), height)
    return glyph, (highest - 0.04 + rng.normal(0, 0.02)) * height


def _digits(rng: Generator, fewest: int, most: int) -> str:
    return "".join(one("0123456789", rng) for _ in range(rng.integers(fewest, most, endpoint=True)))


def date(mark: str) -> Callable[[Generator], str]:
    """Return what writes dates with this sign, the year first where it is a hyphen."""

    def text(rng: Generator) -> str:
        day, month, year = rng.integers(1, 29), rng.integers(1, 13), rng.integers(1950, 2030)
        if mark == "-":
            return f"{year}-{month:02}-{day:02}"
        return (
            f"{day:02}{mark}{month:02}{mark}{year}"
            if rng.random() < 0.5
            else f"{day}{mark}{month}{mark}{year}"
        )

    return text


def decimal(mark: str) -> Callable[[Generator], str]:
    """Return what writes decimal numbers."""
    return lambda rng: f"{_digits(rng, 1, 3)}{mark}{_digits(rng, 1, 3)}"


def negative(rng: Generator) -> str:
    """Return a number below nought, with decimals at times."""
    return f"-{_digits(rng, 1, 3)}" + (f".{_digits(rng, 1, 2)}" if rng.random() < 0.4 else "")


def thousands(rng: Generator) -> str:
    """Return a number with a comma or a stop at each thousand."""
    return one(",.", rng).join([_digits(rng, 1, 3), *(_digits(rng, 3, 3) for _ in range(rng.integers(1, 3)))])


def telephone(rng: Generator) -> str:
    """Return groups of digits with hyphens between them."""
    return "-".join(_digits(rng, 3, 4) for _ in range(rng.integers(2, 4)))


def column(rng: Generator) -> str:
    """Return prices below each other."""
    return "\n".join(f"{_digits(rng, 1, 3)}.{_digits(rng, 2, 2)}" for _ in range(rng.integers(2, 5)))


def among(marks: str) -> Callable[[Generator], str]:
    """Return what writes one of these signs between two numbers."""
    return lambda rng: f"{_digits(rng, 1, 3)}{one(marks, rng)}{_digits(rng, 1, 3)}"


def signs(images: Dataset) -> list[Kind]:
    """Return the kinds; digits are MNIST's images, or written."""
    texts: dict[str, Callable[[Generator], str]] = {
        "date with slashes": date("/"),
        "date with full stops": date("."),
        "date with hyphens": date("-"),
        "decimal point": decimal("."),
        "decimal comma": decimal(","),
        "negative number": negative,
        "time of day": lambda rng: f"{rng.integers(24):02}:{rng.integers(60):02}",
        "thousands": thousands,
        "telephone number": telephone,
        "column of prices": column,
        "brackets and bars": among("()|"),
        "plus, equals, times, per cent": among("+=x%"),
    }
    found = [Kind("signs", name, Signed(images, text), PICTURES) for name, text in texts.items()]
    photos = {"date with slashes": date("/"), "decimal point": decimal(".")}
    return [
        *found,
        *(
            Kind("signs", f"{name}, photographed", Signed(images, text, PHOTO), PICTURES)
            for name, text in photos.items()
        ),
    ]
