"""How straight lines across and down meet: closed shapes, lines held at both ends, combs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tenfold.data.page.components import Box
from tenfold.data.page.straight_lines import Line

_EDGE = 0.02  # of the picture; an end this close to its edge may go on beyond
_STEEP = 0.36  # slope of 20 degrees; steeper strokes are often of digits, such as the diagonal of a 4
_LEVEL = 0.02  # slope; a steeper line along the edge may leave the picture there
_TEETH = 3  # fewer teeth are no comb
_SAME = 0.15  # of a length; teeth and boxes of one form differ by less

Mask = npt.NDArray[np.bool_]


class Network:
    """Lines across and down of a picture; arrays (n, ...) hold those across first.

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
        lines = [*across, *down]
        ends = np.array([((line.start, line.rows[0]), (line.end, line.rows[1])) for line in lines]).reshape(
            -1, 2, 2
        )
        self.down = np.arange(len(lines)) >= len(across)
        ends[self.down] = ends[self.down][:, :, ::-1]
        self.ends = ends  # (n, 2, 2), columns and rows
        self.size = np.array(shape[::-1])
        self.length = np.array([line.end - line.start + 1 for line in lines])
        self.slope = np.array([(line.rows[1] - line.rows[0]) for line in lines]) / self.length
        self.steep = np.abs(self.slope) > _STEEP
        self.thickness = np.array([line.thickness for line in lines])
        self.dash = np.array([line.dash for line in lines])
        self.at_edge = self._at_edge(shape[::-1])
        self.across_page = self.at_edge.all(axis=1) & ~self.steep
        self.meets = self._meets(gap)

    def _at_edge(self, size: tuple[int, int]) -> Mask:
        """Return whether each end of each line is at the edge of the picture, (n, 2)."""
        near = np.maximum(1, _EDGE * np.array(size))
        edge = (self.ends < near) | (self.ends >= np.array(size) - near)
        along = np.where(self.down[:, None], edge[:, :, 1], edge[:, :, 0])
        found: Mask = along | (edge.any(axis=2) & (np.abs(self.slope) > _LEVEL)[:, None])
        return found

    def _meets(self, gap: int) -> Mask:
        """Return whether each end of each line lies on each line of the other direction, (n, 2, n)."""
        start, vector = self.ends[:, 0], self.ends[:, 1] - self.ends[:, 0]
        away = self.ends[:, :, None] - start
        along = (away * vector).sum(axis=-1) / np.maximum((vector**2).sum(axis=-1), 1)
        off = np.linalg.norm(away - along.clip(0, 1)[..., None] * vector, axis=-1)
        thick, other = self.thickness[:, None], self.thickness
        alike = np.abs(thick - other) <= 2 + 0.5 * np.minimum(thick, other)
        turned = self.down[:, None] != self.down
        found: Mask = (off <= 1 + gap / 3 + other / 2) & (alike & turned)[:, None]
        return found

    def closed(self) -> Mask:
        """Return which lines belong to closed shapes: those left when lines with a loose end are removed."""
        left: Mask = ~self.steep
        while True:
            held = ((self.meets & left).any(axis=2) | self.at_edge).all(axis=1)
            if not (left & ~held).any():
                return left & (self.meets & left).any(axis=(1, 2))
            left &= held

    def around(self, closed: Mask, marks: Sequence[Box]) -> Mask:
        """Return the closed shapes, of two lines or more in each direction, with a mark inside.

        Shapes as large as one of them are returned, too.
        """
        if not closed.any():
            return closed
        from scipy.sparse.csgraph import connected_components

        shape_of = connected_components(self.meets.any(axis=1) & closed[:, None] & closed, directed=False)[1]
        middles = np.array([(box.left + box.right, box.top + box.bottom) for box in marks]).reshape(-1, 2) / 2
        found, known = np.zeros_like(closed), []
        for number in np.unique(shape_of[closed]):
            members = closed & (shape_of == number)
            if 2 <= np.count_nonzero(members & self.down) <= np.count_nonzero(members) - 2:
                low, high = self.ends[members].min(axis=(0, 1)), self.ends[members].max(axis=(0, 1))
                known.append((members, high - low))
                if ((middles > low) & (middles < high)).all(axis=1).any():
                    found |= members
        sizes = [size for members, size in known if found[members].any()]
        for members, size in known:
            if any((np.abs(size - one) <= _SAME * one).all() for one in sizes):
                found |= members
        return found

    def held_by(self, sure: Mask) -> Mask:
        """Return the lines that end on them or on the edge of the picture at both ends.

        They may be steep if they end on lines of their own thickness, as the sides of boxes on a photo do.
        """
        ends = (self.meets & sure).any(axis=2)
        held: Mask = np.all(ends | self.at_edge, axis=1) & np.any(ends, axis=1)
        usual = float(np.median(self.thickness[sure])) if sure.any() else 0.0
        as_thick = np.abs(self.thickness - usual) <= np.maximum(1.0, 0.25 * usual)
        held &= ~self.steep | (np.all(ends, axis=1) & as_thick)
        return held

    def parallel(self, sure: Mask) -> Mask:
        """Return the lines that cut off a corner of the page, as parts of ruled paper."""
        alike = (self.down[:, None] == self.down) & (np.abs(self.slope[:, None] - self.slope) <= _LEVEL)
        alike &= np.abs(self.thickness[:, None] - self.thickness) <= 1
        found: Mask = self.across_page & (alike & (sure & self.across_page)).any(axis=1)
        return found

    def teeth(self, sure: Mask) -> Mask:
        """Return the teeth of combs: three or more alike on a line, with one at either end of it."""
        found = np.zeros_like(sure)
        for i in np.flatnonzero(sure & ~self.steep):
            for side in (0, 1):
                teeth = np.flatnonzero(self.meets[:, side, i] & ~sure & ~self.steep)
                usual = np.median(self.length[teeth]) if teeth.size else 0
                teeth = teeth[np.abs(self.length[teeth] - usual) <= _SAME * usual + 2]
                if len(teeth) >= _TEETH and self.meets[i, :, teeth].any(axis=0).all():
                    found[teeth] = True
        return found

    def boxes(self, chosen: Mask) -> tuple[Box, ...]:
        """Return the box of each line."""
        half = self.thickness[chosen, None] / 2
        low, high = self.ends[chosen].min(axis=1) - half, self.ends[chosen].max(axis=1) + half + 1
        corners = np.concatenate([np.maximum(low, 0), np.minimum(high, self.size)], axis=1).astype(int)
        return tuple(Box(*map(int, corner)) for corner in corners)
