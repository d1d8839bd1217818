"""Finds lines that are not writing: rules, boxes, frames, combs, underlines, table cells, strips at an edge.

A line is straight and thin, and one of these: much longer than the writing is high; from edge to edge of the
picture; a side of a closed shape around writing; held at both ends by other lines; a tooth of a comb. Strokes
that cross a line or lie on it are thicker or darker there than the line and stay.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import compress

import numpy as np
import numpy.typing as npt

from tenfold.data.page.components import LOW, Box, find_marks
from tenfold.data.page.edge_strips import edge_strips
from tenfold.data.page.find_ink import Ink
from tenfold.data.page.grey import Grey
from tenfold.data.page.line_network import Network
from tenfold.data.page.straight_lines import MOST_RUNS, Line, straight_lines

FAINT = 60  # of 255; the palest ink of a line
THICK = 0.1  # of the picture's shorter side, at least `_THICKEST` pixels; no line is thicker
LONG = 1.6  # of the height of the writing; no straight stroke is longer
_LEANING = 4.0  # a line that leans must be longer, by so many times its slope: bases of 2s in a row lean
ACROSS_PAGE = 1.3  # of the height of the writing; a line from edge to edge may be shorter
SLIM = 8  # length over thickness of any line
SLENDER = 40  # length over thickness; no 1 is so slender, and on a photo such a line is of the paper
MANY_DASHES = 30  # a line from edge to edge with so many is no row of strokes, whatever height is written
_THICKEST = 6  # pixels, in a small picture
_GAP = 0.02  # of the picture's shorter side, once or twice `_THICKEST` pixels; between dots of a line
_SHORTEST = 20  # pixels; in a narrower picture, lines cannot be told from strokes
_HALF = 0.5  # of the height of the writing; what is lower is no digit, what is longer no dash
_ALONE = 0.9  # of a piece of ink; with so much of a line in it, it is one
_REMAINS = 2.0  # usual thicknesses of the lines; their remains are so near to their joints
_DARKER = 50  # of 255; a stroke that lies on a line is so much darker

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Lines:
    """Lines that are not writing.

    Attributes
    ----------
    mask : bool (h, w)
        Their ink.
    boxes : tuple of Box
        One for each line.
    """

    mask: Mask
    boxes: tuple[Box, ...]

    def apart(self, ink: Ink) -> Lines:
        """Return the lines that touch no other ink; the others may be strokes of digits."""
        from scipy.ndimage import find_objects, label

        pieces, count = label(ink.amount >= LOW, np.ones((3, 3), bool))
        of_lines = np.bincount(pieces[self.mask], minlength=count + 1) / np.bincount(pieces.ravel())
        apart = of_lines >= _ALONE
        apart[0] = False
        boxes = (Box.of(where) for where in compress(find_objects(pieces), apart[1:]))
        return Lines(apart[pieces], tuple(boxes))


def find_lines(ink: Ink) -> Lines | None:
    """Find lines that are not writing.

    Parameters
    ----------
    ink : Ink

    Returns
    -------
    Lines or None
        None if there are none, or if the picture is a texture.
    """
    mask, boxes = edge_strips(ink.amount >= LOW)
    amount = np.where(mask, 0, ink.amount).astype(np.uint8) if boxes else ink.amount
    if min(amount.shape) >= _SHORTEST and not is_texture(amount):
        lines = _Lines(amount)
        chosen = lines.judged(ink.even)
        if chosen.any():
            mask = mask | lines.drawn(chosen, with_remains=True)
            boxes += lines.network.boxes(chosen)
    return Lines(mask, boxes) if boxes else None


def is_texture(amount: Grey) -> bool:
    """Return whether ink (h, w) changes from pixel to pixel so often that it cannot be writing."""
    mask = amount >= FAINT
    changes = max(np.count_nonzero(mask[1:] > mask[:-1]), np.count_nonzero(mask[:, 1:] > mask[:, :-1]))
    return bool(changes > MOST_RUNS)


class _Lines:
    """The straight strokes in ink, of which some are lines."""

    def __init__(self, amount: Grey) -> None:
        mask = amount >= FAINT
        shorter = min(amount.shape)
        thick = max(_THICKEST, round(THICK * shorter))
        gap = min(max(_THICKEST, round(_GAP * shorter)), 2 * _THICKEST)
        self.amount, self.ink, self.gap = amount, mask, gap
        self.across = straight_lines(mask, thick, gap)
        self.down = straight_lines(np.ascontiguousarray(mask.T), thick, gap)
        self.network = Network(self.across, self.down, mask.shape, gap)
        self.closed = self.network.closed()

    def judged(self, even: bool) -> Mask:
        """Return which straight strokes are lines."""
        network, closed = self.network, self.closed
        if not (closed | network.across_page | (network.length >= SLIM * network.thickness)).any():
            return closed  # strokes, whatever the height of the writing
        height, boxes = self._writing()
        sure = self._long(height, even)
        sure |= network.parallel(sure)
        large = network.length >= _HALF * height
        sure |= network.around(closed & large, [box for box in boxes if box.height >= _HALF * height])
        sure |= network.held_by(sure) & large
        return sure | network.teeth(sure)

    def _writing(self) -> tuple[float, list[Box]]:
        """Return the height of what is left without lines, and the boxes of its marks; 0 if nothing is.

        A line down may be a 1: it stays, unless it is slender, or much longer than what is left without it.
        Steep strokes stay, too.
        """
        network = self.network
        slender = network.length > SLENDER * network.thickness
        lines = (self.closed | ~network.down | network.across_page | slender) & ~network.steep
        if not (lines | network.steep).all():
            height, _ = self._left(~network.steep)
            if height > 0:
                lines |= (network.length > 2 * LONG * height) & ~network.steep
        return self._left(lines)

    def _left(self, lines: Mask) -> tuple[float, list[Box]]:
        """Return the height of what is left without these lines, and the boxes of its marks.

        Marks that are small for the thickest straight stroke are remains of lines. It may be of a digit: if
        all marks are small for it, in a table, the thickness of the closed lines is used.
        """
        marks = find_marks(self.amount * ~self.drawn(lines) if lines.any() else self.amount)
        found = sorted([mark.box for mark in marks.marks], key=lambda box: box.height) if marks else []
        thickness = self.network.thickness
        boxes = _without_remains(found, thickness)
        if not boxes and self.closed.any():
            boxes = _without_remains(found, thickness[self.closed])
        if not boxes:
            return 0.0, []
        ink = np.cumsum([box.size for box in boxes])  # the length of strokes grows with the size
        return float(boxes[int(np.searchsorted(ink, ink[-1] / 2))].height), boxes

    def _long(self, height: float, even: bool) -> Mask:
        """Return which lines are longer than any stroke of writing of a height."""
        network = self.network
        length, thickness, whole = network.length, network.thickness, network.across_page
        if height == 0:  # nothing but lines
            alone: Mask = (whole | np.bool_(not even)) & (length > SLENDER * thickness) & ~network.steep
            return alone
        free = network.down & ~network.at_edge.any(axis=1)  # a 1 may be higher than the other digits
        least = LONG * height * (1 + _LEANING * np.abs(network.slope))
        least *= np.where(network.dash > 0, 2.0, np.where(free, 1.25, 1.0))
        long = (length >= least) & (length >= SLIM * thickness) & ~network.steep
        long |= whole & (length >= ACROSS_PAGE * height) & (thickness < 0.3 * height)
        found: Mask = long & (network.dash < np.maximum(_HALF * height, whole * length / MANY_DASHES))
        return found

    def drawn(self, chosen: Mask, *, with_remains: bool = False) -> Mask:
        """Return the ink of lines, with the joints of two lines, and without strokes that cross them.

        ``with_remains``: also with small pieces of other ink that touch lines at the joints.
        """
        own = np.zeros(self.ink.shape, bool)
        across, down = np.zeros_like(own), np.zeros_like(own)
        count = len(self.across)
        self._draw(compress(self.across, chosen[:count]), self.amount, own, across)
        self._draw(compress(self.down, chosen[count:]), self.amount.T, own.T, down.T)
        across &= down
        own |= across
        own &= self.ink
        if with_remains and across.any():
            own |= self._remains(own, across, float(np.median(self.network.thickness[chosen])))
        return own

    def _remains(self, own: Mask, joints: Mask, thickness: float) -> Mask:
        """Return the pieces of other ink that touch lines and lie wholly near joints."""
        from scipy.ndimage import binary_dilation, label, maximum_filter

        rest = (self.amount >= LOW) & ~own
        pieces, count = label(rest, np.ones((3, 3), bool))
        near = maximum_filter(joints, 2 * math.ceil(_REMAINS * thickness) + 1)
        remains = np.zeros(count + 1, bool)
        remains[pieces[binary_dilation(own, np.ones((3, 3), bool))]] = True
        remains[0], remains[pieces[~near]] = False, False
        found: Mask = remains[pieces]
        return found

    def _draw(self, lines: Iterable[Line], amount: Grey, own: Mask, bands: Mask) -> None:
        """Mark the ink of lines across without strokes on them, and their whole bands."""
        for line in lines:
            runs = line.runs.of(line.runs.thickness <= np.ceil(line.thickness) + 1)
            level = amount[(runs.first + runs.last) // 2, runs.columns]
            usual = float(np.median(level[level >= FAINT])) if (level >= FAINT).any() else 0.0
            thinner = np.minimum(runs.thickness / line.thickness, 1)  # the same ink on fewer pixels is darker
            runs = runs.of(level * thinner <= usual + _DARKER)
            own[runs.pixels()] = True
            columns = np.arange(max(line.start - self.gap, 0), min(line.end + self.gap + 1, amount.shape[1]))
            first = np.rint(np.interp(columns, line.runs.columns, line.runs.first)).astype(np.intp)
            rows = first + np.arange(round(line.thickness) + 1)[:, None]
            bands[np.minimum(rows, len(bands) - 1), columns] = True


def _without_remains(boxes: Sequence[Box], thickness: npt.NDArray[np.float64]) -> list[Box]:
    """Return the boxes that are larger than remains of lines of this thickness."""
    least = max(5.0, 2.5 * float(thickness.max(initial=0)))
    return [box for box in boxes if box.size >= least]
