"""Scales, ticks and labels: what every chart's axes are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import ceil, floor, log10
from unicodedata import east_asian_width

from tenfold.pages.svg import Html, stroke, words

Scale = Callable[[float], float]
Marks = Sequence[tuple[float, str]]
"""Where ticks are, in pixels, and their labels."""

LETTER = 6.6  # pixels of a letter in a label of 11 px, in a wide font
BOLD = 1.1  # how much wider a bold one is


def linear(low: float, high: float, start: float, end: float) -> Scale:
    """Map ``low..high`` to the pixels ``start..end``."""
    return lambda value: start + (value - low) / (high - low) * (end - start)


def logarithmic(low: float, high: float, start: float, end: float) -> Scale:
    """Map ``low..high``, both positive, to the pixels ``start..end`` by their logarithms."""
    inner = linear(log10(low), log10(high), start, end)
    return lambda value: inner(log10(value))


def round_step(width: float) -> float:
    """1, 2 or 5 times a power of ten, at least ``width``.

    Examples
    --------
    >>> round_step(0.3), round_step(20)
    (0.5, 20.0)
    """
    power: float = 10.0 ** floor(log10(width))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= width * 0.999)


def multiples(step: float, low: float, high: float) -> list[float]:
    """The multiples of a step from ``low`` to ``high``.

    Examples
    --------
    >>> multiples(0.5, -0.6, 1.0)
    [-0.5, 0.0, 0.5, 1.0]
    """
    return [step * i for i in range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1)]


def places(step: float) -> int:
    """Decimals that the multiples of a step need.

    Examples
    --------
    >>> places(0.05), places(20)
    (2, 0)
    """
    return max(0, -floor(log10(step) + 1e-9))


def width_of(names: Iterable[str]) -> float:
    """Pixels that the longest of these labels needs."""
    return LETTER * max(map(letters, names), default=0)


def letters(text: str) -> int:
    """Letters that a text is as wide as; a Chinese character counts as two.

    >>> letters("boot"), letters("靴子")
    (4, 4)
    """
    return sum(2 if east_asian_width(one) in "WF" else 1 for one in text)


def shortened(text: str, most: int) -> str:
    """Return a text that is at most so many letters wide; an ellipsis stands for what is left out.

    >>> shortened("Ankle boot", 7), shortened("Bag", 7)
    ('Ankle…', 'Bag')
    """
    if letters(text) <= most:
        return text
    while letters(text) >= most:
        text = text[:-1]
    return text.rstrip() + "…"


def grid_lines(left: float, right: float, marks: Marks) -> list[Html]:
    """A horizontal line at each height, with its label to the left."""
    return [
        part
        for y, name in marks
        for part in (stroke(left, y, right, y), words(left - 6, y + 3.5, name, "t soft", "end"))
    ]


def foot(left: float, right: float, y: float, marks: Marks, title: str | None = None) -> list[Html]:
    """The horizontal axis: a line, its ticks with labels that keep apart, and what it shows."""
    parts = [stroke(left, y, right, y, "axis")]
    for x, name in apart(marks):
        parts += [stroke(x, y, x, y + 4, "axis"), words(x, y + 17, name, "t soft")]
    if title is not None:
        parts.append(words((left + right) / 2, y + 35, title, "t soft"))
    return parts


def apart(marks: Marks) -> list[tuple[float, str]]:
    """Those ticks whose labels do not touch the one before; the first are preferred."""
    kept: list[tuple[float, str]] = []
    for x, name in marks:
        if all(abs(x - other) >= (width_of([name]) + width_of([label])) / 2 + 4 for other, label in kept):
            kept.append((x, name))
    return kept


def spread_heights(heights: Sequence[float], step: float, top: float, bottom: float) -> list[float]:
    """Heights pushed apart to ``step`` and kept between ``top`` and ``bottom`` where there is room.

    Examples
    --------
    >>> spread_heights([50, 10, 52], 14, 0, 60)
    [46, 10, 60]
    """
    order = sorted(range(len(heights)), key=lambda i: heights[i])
    placed = list(heights)
    above = top - step
    for i in order:
        above = placed[i] = max(placed[i], above + step)
    below = bottom + step
    for i in reversed(order):
        below = placed[i] = min(placed[i], below - step)
    return placed
