"""Cuts a mark that is wide enough to be several touching digits."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt

from tenfold.data.page.components import LOW, Box
from tenfold.data.page.plain_paper import around

WIDE = 0.8  # width over height; few single digits are wider
SEVERAL = 2.5  # width over height; no single digit is wider
USUAL = 0.7  # width over height of a digit
MOST_PARTS = 40  # a wider mark is a line or a border

Ink = npt.NDArray[np.uint8]


def parts_of(box: Box, ink: Ink, height: float) -> list[tuple[Box, Ink]]:
    """Cut a wide mark at its thinnest columns.

    Parameters
    ----------
    box : Box
        Position of ``ink`` in the picture.
    ink : uint8 array (h, w)
        Ink of one mark.
    height : float
        Height of the writing, in pixels.

    Returns
    -------
    list of (Box, uint8 array)
        From left to right; empty if the mark is no wider than a digit, or too wide for joined digits.
    """
    usual = max(box.height, height)
    if box.width < WIDE * usual:
        return []
    count = max(2, round(box.width / (USUAL * usual)))
    if count > MOST_PARTS:
        return []
    edges = _edges(ink, count)
    parts = [_trimmed(box, ink, first, last) for first, last in itertools.pairwise(edges)]
    return [part for part in parts if part is not None]


def _edges(ink: Ink, count: int) -> list[int]:
    """Return the columns of the cuts into ``count`` parts: each the thinnest near an equal division."""
    width = ink.shape[1]
    profile = (ink >= LOW).sum(axis=0)
    reach = width / (3 * count)
    edges = [0]
    for middle in np.arange(1, count) * (width / count):
        first, last = int(middle - reach), int(middle + reach) + 1
        edges.append(first + int(np.argmin(profile[first:last])))
    return [*edges, width]


def _trimmed(box: Box, ink: Ink, first: int, last: int) -> tuple[Box, Ink] | None:
    """Return the ink between two columns, with its box."""
    part = ink[:, first:last]
    own = Box.of(around(part >= LOW))
    if own.size == 0:
        return None
    return own.moved(box.left + first, box.top), part
