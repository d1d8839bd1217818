"""Kinds of numbers on forms: boxes, combs, frames, underlines, cells, dotted lines, and dark edges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from case import Case
from kind import Kind
from numpy.random import Generator
from numpy.typing import NDArray
from pens import Coverage
from scene import Scene, one
from scipy.ndimage import rotate
from scribe import Scribe, either, paste

from tenfold.data import Dataset

PICTURES = 60
SCAN = Scene(papers=("screen", "screen", "white"), height=(34, 90))
PHOTO = Scene(
    papers=("white", "grey", "yellow"),
    lights=("gradient", "shadow", "vignette", "flash"),
    cameras=("oblique", "grainy", "blurred"),
    files=("jpeg",),
    height=(50, 90),
)
DARK, MIDDLE, PALE, ANY = (0.0, 0.3), (0.3, 0.6), (0.6, 0.88), (0.0, 0.88)  # grey levels of lines
COLOURS = ((0.95, 0.5, 0.15), (0.8, 0.2, 0.2), (0.3, 0.5, 0.8), (0.2, 0.6, 0.4))


@dataclass
class Sheet:
    """What is written and what is printed on a sheet while it is filled in.

    Attributes
    ----------
    ink, printed : Coverage
        Of a sheet that is large enough for anything; `size` is what is kept of it.
    height : float
        Of a digit, in pixels.
    width : int
        Of a printed line, in pixels.
    """

    shape: tuple[int, int]
    height: float
    width: int
    ink: Coverage = field(init=False)
    printed: Coverage = field(init=False)

    def __post_init__(self) -> None:
        self.ink, self.printed = np.zeros(self.shape), np.zeros(self.shape)

    def across(self, y: float, start: float, end: float) -> None:
        """Print a line from left to right."""
        top = max(round(y), 0)
        self.printed[top : top + self.width, max(round(start), 0) : max(round(end), 0) + self.width] = 1

    def down(self, x: float, start: float, end: float) -> None:
        """Print a line from top to bottom."""
        left = max(round(x), 0)
        self.printed[max(round(start), 0) : max(round(end), 0) + self.width, left : left + self.width] = 1

    def box(self, top: float, left: float, bottom: float, right: float) -> None:
        """Print a rectangle."""
        for y in (top, bottom):
            self.across(y, left, right)
        for x in (left, right):
            self.down(x, top, bottom)

    def write(self, glyph: Coverage, middle: float, base: float) -> None:
        """Write a character with its feet at ``base``."""
        paste(self.ink, glyph, base - glyph.shape[0], middle - glyph.shape[1] / 2)


Fill = Callable[[Scribe, float, int, Generator], tuple[Sheet, str]]


@dataclass(frozen=True)
class Form:
    """A filled-in form, scanned or photographed."""

    images: Dataset
    fill: Fill
    greys: tuple[float, float] = ANY
    scene: Scene = SCAN

    def __call__(self, rng: Generator) -> Case:
        height = self.scene.a_height(rng)
        width = max(1, round(height * rng.uniform(0.012, 0.055)))
        sheet, text = self.fill(either(self.images, rng), height, width, rng)
        ink, printed = _askew(sheet, rng)
        picture = self.scene.taken(ink, height, rng, printed=printed, tint=self._tint(rng))
        return Case(picture, text)

    def _tint(self, rng: Generator) -> NDArray[np.float64]:
        if self.greys == ANY and rng.random() < 0.25:
            return np.array(one(COLOURS, rng))
        return np.full(3, rng.uniform(*self.greys))


def _askew(sheet: Sheet, rng: Generator) -> tuple[Coverage, Coverage]:
    """Every other sheet lies a little askew on the scanner."""
    if rng.random() < 0.5:
        return sheet.ink, sheet.printed
    angle = rng.normal(0, 0.7)
    ink, printed = (
        np.clip(rotate(layer, angle, reshape=False, order=1), 0, 1) for layer in (sheet.ink, sheet.printed)
    )
    return ink, printed


def boxes(scribe: Scribe, height: float, width: int, rng: Generator, apart: float = 0.0) -> tuple[Sheet, str]:
    """Fill in one box a digit; they share their sides where they are not apart."""
    return _cells(scribe, height, width, rng, apart, rows=1)


def separate(scribe: Scribe, height: float, width: int, rng: Generator) -> tuple[Sheet, str]:
    """Fill in boxes with room between them."""
    return boxes(scribe, height, width, rng, apart=height * rng.uniform(0.15, 0.5))


def grid(scribe: Scribe, height: float, width: int, rng: Generator) -> tuple[Sheet, str]:
    """Fill in squares in rows and columns, of which some stay empty."""
    return _cells(scribe, height, width, rng, 0.0, rows=int(rng.integers(2, 6)), filled=0.6)


def crossing(scribe: Scribe, height: float, width: int, rng: Generator) -> tuple[Sheet, str]:
    """Fill in joined boxes that are hardly larger than the digits, so that some cross a side."""
    return _cells(scribe, height, width, rng, 0.0, rows=1, side=rng.uniform(1.0, 1.15), astray=0.16)


def _cells(
    scribe: Scribe,
    height: float,
    width: int,
    rng: Generator,
    apart: float,
    *,
    rows: int,
    filled: float = 1.0,
    side: float | None = None,
    astray: float = 0.06,
) -> tuple[Sheet, str]:
    columns = int(rng.integers(3, 8))
    h, w = (
        height * (side or rng.uniform(1.35, 1.9)) + 2 * width,
        height * (side or rng.uniform(1.25, 1.8)) + 2 * width,
    )
    top, left = height * rng.uniform(0.3, 1.0, 2)
    shape = (int(2 * top + rows * (h + apart)) + width, int(2 * left + columns * (w + apart)) + width)
    sheet, lines = Sheet(shape, height, width), []
    for row in range(rows):
        y, line = top + row * (h + apart), ""
        written = rng.random(columns) < filled
        written[rng.integers(columns)] = True
        for column in range(columns):
            x = left + column * (w + apart)
            sheet.box(y, x, y + h, x + w)
            if written[column]:
                line += one("0123456789", rng)
                glyph = scribe.digit(line[-1], height, rng)
                dx, dy = rng.normal(0, astray * height, 2)
                if side is None:  # inside the box
                    free = np.maximum((w - width - glyph.shape[1], h - width - glyph.shape[0]), 4) / 2 - 2
                    dx, dy = np.clip((dx, dy), -free, free)
                sheet.write(glyph, x + (w + width) / 2 + dx, y + (h + width + glyph.shape[0]) / 2 + dy)
        lines.append(line)
    return sheet, "\n".join(lines)


@dataclass(frozen=True)
class Number:
    """A number in a row on a sheet with room around it, and where it lies there."""

    sheet: Sheet
    text: str
    left: float
    right: float
    base: float
    middles: tuple[float, ...]  # between two digits

    @property
    def top(self) -> float:
        """Where the highest digits begin."""
        return self.base - self.sheet.height


def _number(scribe: Scribe, height: float, width: int, rng: Generator, room: float = 1.3) -> Number:
    text = "".join(one("0123456789", rng) for _ in range(rng.integers(3, 8)))
    glyphs = [scribe.digit(digit, height, rng) for digit in text]
    gaps = height * rng.uniform(0.2, 0.5) * rng.uniform(0.75, 1.3, len(text))
    left, base = height * rng.uniform(0.6, room), height * (1 + rng.uniform(0.6, room))
    long = left + sum(glyph.shape[1] for glyph in glyphs) + gaps[:-1].sum()
    sheet = Sheet(
        (int(base + height * rng.uniform(0.9, room)), int(long + height * rng.uniform(0.6, room))),
        height,
        width,
    )
    x, middles = left, []
    for glyph, gap in zip(glyphs, gaps, strict=True):
        sheet.write(glyph, x + glyph.shape[1] / 2, base + rng.normal(0, 0.02 * height))
        x += glyph.shape[1] + gap
        middles.append(x - gap / 2)
    return Number(sheet, text, left, long, base, tuple(middles[:-1]))


def comb(scribe: Scribe, height: float, width: int, rng: Generator) -> tuple[Sheet, str]:
    """Fill in a line with teeth between the digits."""
    one_row = _number(scribe, height, width, rng)
    sheet, y = one_row.sheet, one_row.base + height * rng.uniform(0.08, 0.3)
    edge, tooth = height * rng.uniform(0.2, 0.4), height * rng.uniform(0.25, 0.9)
    sheet.across(y, one_row.left - edge, one_row.right + edge)
    for x in (one_row.left - edge, *one_row.middles, one_row.right + edge):
        sheet.down(x, y - tooth, y)
    return sheet, one_row.text


def frame(scribe: Scribe, height: float, width: int, rng: Generator) -> tuple[Sheet, str]:
    """Write into one rectangle."""
    number = _number(scribe, height, width, rng)
    above, below, before, after = height * rng.uniform(0.12, 0.55, 4)
    number.sheet.box(number.top - above, number.left - before, number.base + below, number.right + after)
    return number.sheet, number.text


def underline(
    scribe: Scribe, height: float, width: int, rng: Generator, below: tuple[float, float] = (0.08, 0.7)
) -> tuple[Sheet, str]:
    """Underline a number with one line or two, which begin and end anywhere."""
    number = _number(scribe, height, width, rng)
    y = number.base + height * rng.uniform(*below)
    ends = number.left - height * rng.uniform(-0.4, 1.3), number.right + height * rng.uniform(-0.4, 1.3)
    number.sheet.across(y, *ends)
    if rng.random() < 0.2:
        number.sheet.across(y + 3 * width + 2, *ends)
    return number.sheet, number.text


def base_line(scribe: Scribe, height: float, width: int, rng: Generator) -> tuple[Sheet, str]:
    """Write on a line that the digits' feet touch."""
    return underline(scribe, height, width, rng, below=(-0.05, 0.02))


def broken(
    scribe: Scribe, height: float, width: int, rng: Generator, dash: tuple[float, float] = (0.15, 0.4)
) -> tuple[Sheet, str]:
    """Write above a dashed line, or a dotted one."""
    number = _number(scribe, height, width, rng)
    sheet, y = number.sheet, number.base + height * rng.uniform(0.08, 0.45)
    long, gap = max(2, height * rng.uniform(*dash)), max(3, height * rng.uniform(0.08, 0.25))
    for x in np.arange(number.left - height * 0.4, number.right + height * 0.4, long + gap + width):
        sheet.across(y, x, x + long)
    return sheet, number.text


def dotted(scribe: Scribe, height: float, width: int, rng: Generator) -> tuple[Sheet, str]:
    """Write above dots."""
    return broken(scribe, height, max(width, 2), rng, dash=(0.0, 0.01))


def margin(scribe: Scribe, height: float, width: int, rng: Generator) -> tuple[Sheet, str]:
    """Write next to a margin line."""
    number = _number(scribe, height, width, rng)
    x = one(
        (number.left - height * rng.uniform(0.15, 0.5), number.right + height * rng.uniform(0.15, 0.5)), rng
    )
    number.sheet.down(x, 0, number.sheet.shape[0])
    return number.sheet, number.text


def table(scribe: Scribe, height: float, width: int, rng: Generator) -> tuple[Sheet, str]:
    """Write a number into each cell of a table; a row is read from left to right."""
    rows, columns = int(rng.integers(2, 5)), int(rng.integers(2, 4))
    h, w, edge = (
        height * rng.uniform(1.4, 1.9),
        height * rng.uniform(3.0, 4.0),
        height * rng.uniform(0.3, 0.8),
    )
    sheet = Sheet((int(2 * edge + rows * h), int(2 * edge + columns * w)), height, width)
    lines = []
    for row in range(rows):
        y, line = edge + row * h, ""
        for column in range(columns):
            x = edge + column * w
            sheet.box(y, x, y + h, x + w)
            at, base = x + 0.25 * height, y + (h + height + width) / 2
            for _ in range(rng.integers(1, 4)):
                line += one("0123456789", rng)
                glyph = scribe.digit(line[-1], height, rng)
                if at + glyph.shape[1] > x + w - 0.1 * height:
                    line = line[:-1]
                    break
                sheet.write(glyph, at + glyph.shape[1] / 2, base)
                at += glyph.shape[1] + 0.25 * height
        lines.append(line)
    return sheet, "\n".join(lines)


def dark_edge(scribe: Scribe, height: float, width: int, rng: Generator) -> tuple[Sheet, str]:
    """Scan a sheet that does not cover the scanner: one side or two of the picture are dark."""
    number = _number(scribe, height, width, rng)
    printed = number.sheet.printed
    rows, columns = printed.shape
    for side in rng.permutation(4)[: rng.integers(1, 3)]:
        wide = max(2, round(height * rng.uniform(0.06, 0.35)))
        edge = np.clip(wide + np.linspace(0, rng.normal(0, 0.1 * wide), max(rows, columns)), 1, None)
        inside = np.arange(max(rows, columns)) < edge[:, None]
        strip = inside[:rows, :columns] if side < 2 else inside[:columns, :rows].T
        flipped = strip[:, ::-1] if side == 1 else strip[::-1] if side == 3 else strip
        printed[flipped] = 1
    return number.sheet, number.text


def forms(images: Dataset) -> list[Kind]:
    """Return the kinds; digits are MNIST's images, or written."""
    fills: dict[str, tuple[Fill, tuple[float, float]]] = {
        "separate boxes, dark": (separate, DARK),
        "separate boxes, grey": (separate, MIDDLE),
        "separate boxes, pale": (separate, PALE),
        "joined boxes, dark": (boxes, DARK),
        "joined boxes, grey": (boxes, MIDDLE),
        "joined boxes, pale": (boxes, PALE),
        "joined boxes, digits across their sides": (crossing, ANY),
        "grid": (grid, ANY),
        "table": (table, ANY),
        "comb": (comb, ANY),
        "frame": (frame, ANY),
        "underlined": (underline, ANY),
        "on a base line": (base_line, ANY),
        "above a dashed line": (broken, ANY),
        "above a dotted line": (dotted, ANY),
        "next to a margin line": (margin, ANY),
        "dark strip at the scan's edge": (dark_edge, DARK),
    }
    photographed = {"joined boxes": boxes, "frame": frame, "underlined": underline}
    return [
        *(Kind("forms", name, Form(images, fill, greys), PICTURES) for name, (fill, greys) in fills.items()),
        *(
            Kind("forms", f"{name}, photographed", Form(images, fill, ANY, PHOTO), PICTURES)
            for name, fill in photographed.items()
        ),
    ]
