"""How straight lines across and down meet: closed shapes, lines held at both ends, combs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from tenfold.data.page.components import Box
from tenfold.data.page.straight_runs import Line

_EDGE = 0.02  # of the picture; an end this close to its edge may go on beyond
_LEVEL = 0.02  # slope; a steeper line along the edge may leave the picture there
_TEETH = 3  # fewer teeth are no comb
_SAME = 0.15  # of a length; teeth differ by less

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


class Network:
    """Lines across and down of a picture; arrays (n,) hold those across first.

    Parameters
    ----------
    across, down : sequence of Line
        Those down are lines across of the transposed picture.
    shape : tuple of int
        Height and width of the picture, in pixels.
    gap : int
        Lines whose ends are this close meet.
    """

    def __init__(
        self, across: Sequence[Line], down: Sequence[Line], shape: tuple[int, int], gap: int
    ) -> None:
        self.across, self.down, self.shape, self.gap = across, down, shape, gap
        self.lines = [*across, *down]
        self.length = np.array([line.length for line in self.lines], float)
        self.thickness = np.array([line.thickness for line in self.lines])
        self.slope = np.array([line.slope for line in self.lines])
        height, width = shape
        self.room = np.array([height] * len(across) + [width] * len(down))  # beside each line

    @cached_property
    def edge_to_edge(self) -> Mask:
        """Which lines run from edge to edge of the picture."""
        both: Mask = np.logical_and(*self.at_edge)
        return both

    @cached_property
    def at_edge(self) -> Mask:
        """Whether the start and the end of each line are at the edge of the picture, (2, n)."""
        extent = np.array([self.shape[1]] * len(self.across) + [self.shape[0]] * len(self.down))
        near, near_beside = (np.maximum(1, np.rint(_EDGE * length)) for length in (extent, self.room))
        found = []
        for name in ("start", "end"):
            along = np.array([getattr(line, name) for line in self.lines])
            beside = np.array([line.row(getattr(line, name)) for line in self.lines])
            leaves = (along < near) | (along >= extent - near)
            cuts_a_corner = (np.abs(self.slope) > _LEVEL) & (
                (beside < near_beside) | (beside >= self.room - near_beside)
            )
            found.append(leaves | cuts_a_corner)
        edge: Mask = np.stack(found)
        return edge

    @cached_property
    def _meets(self) -> Mask:
        """Whether the start and the end of each line lie on each other line, (2, n, n)."""
        count = len(self.across)
        meets = np.zeros((2, len(self.lines), len(self.lines)), bool)
        if not self.across or not self.down:
            return meets
        for own, others in ((slice(0, count), slice(count, None)), (slice(count, None), slice(0, count))):
            meets[:, own, others] = self._ends_on(self.lines[own], self.lines[others])
        alike = np.abs(self.thickness[:, None] - self.thickness)
        result: Mask = meets & (alike <= 2 + 0.5 * np.minimum(self.thickness[:, None], self.thickness))
        return result

    def _ends_on(self, lines: Sequence[Line], others: Sequence[Line]) -> Mask:
        """Return whether ends of lines of one direction lie on lines of the other, (2, n, m)."""
        at, slope, start, end, thick = (
            np.array([getattr(one, name) for one in others])
            for name in ("at", "slope", "start", "end", "thickness")
        )
        found = []
        for name in ("start", "end"):
            along = np.array([getattr(line, name) for line in lines])[:, None]
            beside = np.array([line.row(getattr(line, name)) for line in lines])[:, None]
            near = np.abs(at + slope * beside - along) <= (self.gap + thick) / 2 + 1
            found.append(near & (beside >= start - self.gap - 1) & (beside <= end + self.gap + 1))
        return np.stack(found)

    def closed(self) -> Mask:
        """Return which lines belong to closed shapes: those left when lines with a loose end are removed."""
        left = np.ones(len(self.lines), bool)
        while True:
            held = ((self._meets & left).any(axis=2) | self.at_edge).all(axis=0)
            if not (left & ~held).any():
                break
            left &= held
        return left & (self._meets & left).any(axis=(0, 2))

    def around(self, core: Mask, marks: Sequence[Box]) -> Mask:
        """Return the closed shapes, of two lines or more in each direction, that have a mark inside.

        Shapes of the same size as one that has a mark are returned, too.
        """
        from scipy.sparse.csgraph import connected_components

        joined = self._meets.any(axis=0) & core[:, None] & core
        shape_of = connected_components(joined, directed=False)[1]
        found = np.zeros(len(core), bool)
        middles = np.array([((m.left + m.right) / 2, (m.top + m.bottom) / 2) for m in marks]).reshape(-1, 2)
        known: list[tuple[Mask, int, int]] = []
        for number in np.unique(shape_of[core]):
            members = core & (shape_of == number)
            if (
                min(
                    np.count_nonzero(members[: len(self.across)]),
                    np.count_nonzero(members[len(self.across) :]),
                )
                < 2
            ):
                continue
            box = self.box(members)
            inside = (middles > (box.left, box.top)) & (middles < (box.right, box.bottom))
            if inside.all(axis=1).any():
                found |= members
            known.append((members, box.width, box.height))
        sizes = [(w, h) for members, w, h in known if (members & found).any()]
        for members, w, h in known:
            if any(abs(w - v) <= _SAME * v and abs(h - g) <= _SAME * g for v, g in sizes):
                found |= members
        return found

    def parallel(self, sure: Mask) -> Mask:
        """Return the lines, with those from edge to edge that are alike: others of a ruled paper."""
        upright = np.arange(len(sure)) >= len(self.across)
        alike = (
            (upright[:, None] == upright)
            & (np.abs(self.slope[:, None] - self.slope) <= _LEVEL)
            & (np.abs(self.thickness[:, None] - self.thickness) <= 1)
        )
        among: Mask = sure | (self.edge_to_edge & (alike & (sure & self.edge_to_edge)).any(axis=1))
        return among

    def held_by(self, sure: Mask) -> Mask:
        """Return the lines, with those that end on them or on the edge of the picture at both ends."""
        ends = (self._meets & sure).any(axis=2)
        held: Mask = np.logical_and(*np.logical_or(ends, self.at_edge)) & ends.any(axis=0)
        return sure | held

    def combs(self, sure: Mask) -> Mask:
        """Return the lines, with their teeth: three or more that are alike, at both ends."""
        found = sure.copy()
        for i in np.flatnonzero(sure):
            line = self.lines[i]
            for side in (0, 1):
                teeth = np.flatnonzero(self._meets[side, :, i] & ~sure)
                usual = np.median(self.length[teeth]) if teeth.size else 0
                teeth = teeth[np.abs(self.length[teeth] - usual) <= _SAME * usual + 2]
                places = [self.lines[j].row(line.row(line.start)) for j in teeth]
                if len(teeth) >= _TEETH and (
                    min(places) <= line.start + self.gap + 2 and max(places) >= line.end - self.gap - 2
                ):
                    found[teeth] = True
        return found

    def box(self, chosen: Mask) -> Box:
        """Return the box around lines."""
        boxes = self.boxes(chosen)
        whole = boxes[0]
        for box in boxes[1:]:
            whole = whole.around(box)
        return whole

    def boxes(self, chosen: Mask) -> tuple[Box, ...]:
        """Return the box of each line."""
        return tuple(self._box(int(i)) for i in np.flatnonzero(chosen))

    def _box(self, i: int) -> Box:
        line = self.lines[i]
        first, after = int(line.runs.first.min()), int(line.runs.last.max()) + 1
        if i < len(self.across):
            return Box(line.start, first, line.end + 1, after)
        return Box(first, line.start, after, line.end + 1)
