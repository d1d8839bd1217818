"""Finds lines that are not writing: rules, boxes, frames, combs, underlines, table cells, strips at an edge.

A line is straight and thin, and one of these: much longer than the writing is high; from edge to edge of the
picture; a side of a closed shape around writing; held at both ends by other lines; a tooth of a comb. Strokes
that cross a line or lie on it are thicker there than the line and stay.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tenfold.data.page.components import LOW, Box, find_marks
from tenfold.data.page.edge_strips import edge_strips
from tenfold.data.page.find_ink import Ink
from tenfold.data.page.grey import Grey
from tenfold.data.page.line_network import Network
from tenfold.data.page.straight_runs import MOST_RUNS, Line, straight_lines

FAINT = 60  # of 255; the palest ink of a line
THICK = 0.1  # of the picture's shorter side, at least `_THICKEST` pixels; no line is thicker
LONG = 1.6  # of the height of the writing; no straight stroke is longer
FROM_EDGE_TO_EDGE = 1.1  # of the height of the writing; such a line may be shorter
SLIM = 8  # length over thickness of any line
SLENDER = 40  # length over thickness; on a photo without writing, such a line is of the paper
_THICKEST = 6  # pixels, in a small picture
_GAP = 0.02  # of the picture's shorter side, once or twice `_THICKEST` pixels; between dots of a line
_SHORTEST = 20  # pixels; in a narrower picture, lines cannot be told from strokes
_HALF = 0.5  # of the height of the writing; a lower mark inside a closed shape does not make it a box
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
    sure : bool
        False if some of them may be strokes of a digit: an empty rectangle may be a 0.
    """

    mask: Mask
    boxes: tuple[Box, ...]
    sure: bool = True


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
    strips, strip_boxes = edge_strips(ink.amount >= LOW)
    amount = np.where(strips, 0, ink.amount).astype(np.uint8) if strip_boxes else ink.amount
    found = _thin_lines(amount, ink.even)
    if found is None:
        return Lines(strips, strip_boxes) if strip_boxes else None
    return Lines(found.mask | strips, strip_boxes + found.boxes, found.sure) if strip_boxes else found


def is_texture(amount: Grey) -> bool:
    """Return whether ink (h, w) changes from pixel to pixel so often that it is no writing."""
    mask = amount >= FAINT
    changes = max(np.count_nonzero(mask[1:] > mask[:-1]), np.count_nonzero(mask[:, 1:] > mask[:, :-1]))
    return bool(changes > MOST_RUNS)


def _thin_lines(amount: Grey, even: bool) -> Lines | None:
    mask = amount >= FAINT
    shorter = min(mask.shape)
    if shorter < _SHORTEST or is_texture(amount):
        return None
    thick = max(_THICKEST, round(THICK * shorter))
    gap = min(max(_THICKEST, round(_GAP * shorter)), 2 * _THICKEST)
    across = _directed(mask, thick, gap)
    down = _directed(np.ascontiguousarray(mask.T), thick, gap)
    if not across and not down:
        return None
    return _judged(Network(across, down, mask.shape, gap), amount, even)


def _directed(mask: Mask, thick: int, gap: int) -> list[Line]:
    """Return the straight lines across; dots and dashes are closed to lines first."""
    from scipy.ndimage import maximum_filter1d, minimum_filter1d

    wide = maximum_filter1d(mask.view(np.uint8), gap + 1, axis=1)
    closed = minimum_filter1d(wide, gap + 1, axis=1, origin=-1 if gap % 2 else 0) > 0
    return straight_lines(closed | mask, thick, gap)


def _judged(network: Network, amount: Grey, even: bool) -> Lines | None:
    """Return the lines among straight strokes, from what is left without them."""
    core = network.closed()
    height, boxes = _writing(network, core, amount)
    sure = network.parallel(_long(network, height, even))
    large = network.length >= _HALF * height
    sure |= network.around(core & large, [box for box in boxes if box.height >= _HALF * height])
    sure |= network.held_by(sure) & large
    sure = network.combs(sure)
    doubtful = (core | network.edge_to_edge) & ~sure
    chosen = sure if sure.any() else doubtful
    if not chosen.any():
        return None
    found = _drawn(network, chosen, amount)
    return Lines(found, network.boxes(chosen), sure=bool(sure.any()))


def _writing(network: Network, core: Mask, amount: Grey) -> tuple[float, list[Box]]:
    """Return the height of what is left without lines, and the boxes of its marks; 0 if nothing is.

    A line down may be a 1: it stays, unless it is much longer than what is left without it.
    """
    across = np.arange(len(core)) < len(network.across)
    lines = core | across | network.edge_to_edge
    if not lines.all():
        height, _ = _left(network, np.ones_like(core), amount)
        if height > 0:
            lines = lines | (network.length > 2 * LONG * height)
    return _left(network, lines, amount)


def _left(network: Network, lines: Mask, amount: Grey) -> tuple[float, list[Box]]:
    """Return the height of what is left without these lines, and the boxes of its marks."""
    least = max(5.0, 2.5 * float(network.thickness.max()))
    marks = find_marks(np.where(_drawn(network, lines, amount), 0, amount).astype(np.uint8))
    large = [mark.box for mark in marks.marks if mark.box.size >= least] if marks is not None else []
    boxes = sorted(large, key=lambda box: box.height)
    if not boxes:
        return 0.0, []
    ink = np.cumsum([box.size for box in boxes])  # the length of strokes grows with the size
    return float(boxes[int(np.searchsorted(ink, ink[-1] / 2))].height), boxes


def _long(network: Network, height: float, even: bool) -> Mask:
    """Return which lines are longer than any stroke of writing of a height."""
    length, thickness = network.length, network.thickness
    if height == 0:  # nothing but lines
        across = network.edge_to_edge | (~np.bool_(even) & (length > SLENDER * thickness))
        return across & (thickness <= 0.1 * network.room)
    upright = np.arange(len(length)) >= len(network.across)
    free = upright & ~network.at_edge.any(axis=0)  # a 1 may be higher than the other digits
    long = length >= np.where(free, 1.25 * LONG, LONG) * height
    return (long & (length >= SLIM * thickness)) | (
        network.edge_to_edge & (length >= FROM_EDGE_TO_EDGE * height) & (thickness < 0.3 * height)
    )


def _drawn(network: Network, chosen: Mask, amount: Grey) -> Mask:
    """Return the ink of lines, with the joints of two lines, and without strokes that cross them."""
    count = len(network.across)
    across = [line for line, one in zip(network.across, chosen[:count], strict=True) if one]
    down = [line for line, one in zip(network.down, chosen[count:], strict=True) if one]
    mask = amount >= FAINT
    own, bands = _own_ink(across, amount, network.gap)
    own_down, bands_down = _own_ink(down, amount.T, network.gap)
    return (own | own_down.T | (bands & bands_down.T)) & mask


def _own_ink(lines: list[Line], amount: Grey, beyond: int) -> tuple[Mask, Mask]:
    """Return the ink of lines across without strokes on them, and their whole bands."""
    own, bands = np.zeros(amount.shape, bool), np.zeros(amount.shape, bool)
    for line in lines:
        runs = line.runs.of(line.runs.thickness <= np.ceil(line.thickness) + 1)
        level = amount[(runs.first + runs.last) // 2, runs.columns]
        runs = runs.of(level <= np.median(level[level >= FAINT]) + _DARKER)
        for offset in range(int(runs.thickness.max(initial=0))):
            there = runs.first + offset <= runs.last
            own[(runs.first + offset)[there], runs.columns[there]] = True
        line.draw_band(bands, beyond)
    return own, bands
