"""Joins the marks of each digit, removes other marks, and orders the digits in lines.

All lengths are relative to the height of the writing, so that the picture's size does not matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tenfold.data.page.components import Mark

SPECK = 0.15  # of the height; smaller marks are dots, commas and dirt
LEAST = 4  # pixels, the longer side of the smallest mark that can be a digit
FLAT = 0.2  # height over width; a flatter filled mark is a dash, unless it is a piece of a digit
PIECE = 0.5  # of the height; a lower mark may be a piece of the digit beside it
LYING = 1.5  # width over height; a wider piece is probably lower than its digit
TALL = 0.6  # of the height; two taller marks side by side are two digits
BESIDE = 0.4  # of the lower mark's height; marks that share this much vertically are in one line


def written_height(marks: Sequence[Mark]) -> float:
    """Return the height of the digits in pixels: half of the ink is in marks at least this high."""
    return _half_of_the_ink(marks, [mark.box.height for mark in marks])


def _likely_height(marks: Sequence[Mark]) -> float:
    """Return the height before pieces are joined, when a lying piece stands for a higher digit."""
    return _half_of_the_ink(marks, [min(mark.box.size, LYING * mark.box.height) for mark in marks])


def _half_of_the_ink(marks: Sequence[Mark], lengths: Sequence[float]) -> float:
    """Return the median of lengths, weighted by the pixels of each mark."""
    if len(marks) == 1:
        return lengths[0]
    areas = np.array([mark.area for mark in marks], np.float64)
    order = np.argsort(lengths)[::-1]
    reached = np.cumsum(areas[order])
    return float(np.asarray(lengths)[order][np.searchsorted(reached, reached[-1] / 2)])


def without_specks(marks: Sequence[Mark]) -> list[Mark]:
    """Remove marks that are too small to be a digit or a piece of one."""
    if not marks:
        return []
    least = max(LEAST, SPECK * written_height(marks))
    return [mark for mark in marks if mark.box.size >= least]


def join_pieces(marks: Sequence[Mark], pen: float) -> list[Mark]:
    """Join the pieces of each digit.

    Parameters
    ----------
    marks : sequence of Mark
    pen : float
        Width of the strokes, in pixels: a broken stroke may have a gap this wide.

    Returns
    -------
    list of Mark
        Each is one digit.
    """
    left = list(marks)
    height = _likely_height(left) if left else 0.0
    while len(left) > 1:
        height = max(height, written_height(left))
        pairs = _pieces_of_one(left, height, pen)
        if not pairs:
            break
        taken: set[int] = set()
        wholes = []
        for one, other in pairs:  # the nearest first; each mark at most once a round
            if taken.isdisjoint((one, other)):
                taken.update((one, other))
                wholes.append(Mark.of((left[one], left[other])))
        left = [mark for i, mark in enumerate(left) if i not in taken] + wholes
    return left


def _pieces_of_one(marks: Sequence[Mark], height: float, pen: float) -> list[tuple[int, int]]:
    """Return the pairs of marks that are pieces of one digit, the nearest first, as indices."""
    left, top, right, bottom = np.array([(m.box.left, m.box.top, m.box.right, m.box.bottom) for m in marks]).T
    across = np.maximum(left[:, None], left) - np.minimum(right[:, None], right)  # (n, n)
    down = np.maximum(top[:, None], top) - np.minimum(bottom[:, None], bottom)
    reach = _reach(height, pen)
    near = np.triu((across <= reach) & (down <= max(0.25 * height, 2 * reach)), 1)
    one, other = np.nonzero(near)
    across, down = across[one, other], down[one, other]
    heights, widths = bottom - top, right - left
    whole = np.maximum(bottom[one], bottom[other]) - np.minimum(top[one], top[other])
    higher, lower = np.maximum(heights[one], heights[other]), np.minimum(heights[one], heights[other])
    overlap = -across / np.minimum(widths[one], widths[other])
    joined = _one_digit(_Pairs(across, down, whole, higher, lower, overlap), height, pen)
    order = np.argsort((np.maximum(across, 0) + np.maximum(down, 0))[joined], kind="stable")
    return list(zip(one[joined][order].tolist(), other[joined][order].tolist(), strict=True))


def _reach(height: float, pen: float) -> float:
    """Return the largest gap in a stroke, in pixels."""
    return min(max(1.3 * pen, 0.08 * height), 0.15 * height)


@dataclass(frozen=True)
class _Pairs:
    """Pairs of marks, each (n,), in pixels.

    ``across`` and ``down`` are the gaps, negative if they overlap; ``whole`` is the height of both
    together; ``overlap`` is the horizontal overlap as a fraction of the narrower mark.
    """

    across: npt.NDArray[np.intp]
    down: npt.NDArray[np.intp]
    whole: npt.NDArray[np.intp]
    higher: npt.NDArray[np.intp]
    lower: npt.NDArray[np.intp]
    overlap: npt.NDArray[np.float64]


def _one_digit(pairs: _Pairs, height: float, pen: float) -> npt.NDArray[np.bool_]:
    """Return which pairs are pieces of one digit; the first rule that applies decides."""
    down, whole, overlap = pairs.down, pairs.whole, pairs.overlap
    reach = _reach(height, pen)
    side_by_side = (pairs.lower >= TALL * height) & (-down >= 0.5 * pairs.lower)
    break_in_a_stroke = (overlap >= 0.5) & (down <= pen) & (whole <= 2.2 * pairs.higher)
    in_two_lines = (whole > 1.35 * height) & (whole > 1.15 * pairs.higher)
    one_above_the_other = (overlap >= 0.5) & (down <= 0.25 * height)
    piece_beside = (pairs.lower < PIECE * height) & (pairs.across <= reach) & (down <= 2 * reach)
    return np.select(
        [side_by_side, break_in_a_stroke, in_two_lines],
        [overlap >= 0.8, True, False],
        one_above_the_other | piece_beside,
    )


def pair_halves(line: Sequence[Mark], pen: float) -> list[tuple[Mark, ...]]:
    """Pair neighbours in a line that may be the two halves of one digit, such as an open 4.

    Returns
    -------
    list of tuple of Mark
        One or two marks each; all marks of the line, in order.
    """
    height = written_height(line)
    found: list[tuple[Mark, ...]] = []
    for mark in line:
        if found and len(found[-1]) == 1 and _may_be_halves(found[-1][0], mark, height, pen):
            found[-1] = (found[-1][0], mark)
        else:
            found.append((mark,))
    return found


def _may_be_halves(one: Mark, other: Mark, height: float, pen: float) -> bool:
    whole = one.box.around(other.box)
    across, _ = one.box.gaps(other.box)
    narrow = max(one.box.width, other.box.width) < PIECE * height
    return whole.width < height and (across < 0 or (narrow and across <= _reach(height, pen)))


def order_in_lines(marks: Sequence[Mark]) -> list[list[Mark]]:
    """Order marks in lines from top to bottom, each line from left to right.

    A line may slope: a mark only has to be next to its left neighbour.
    """
    lines: list[list[Mark]] = []
    ends = np.empty((2, len(marks)))  # top and bottom of the last mark of each line
    for mark in sorted(marks, key=lambda mark: mark.box.left):
        top, bottom = ends[:, : len(lines)]
        shared = np.minimum(bottom, mark.box.bottom) - np.maximum(top, mark.box.top)
        fraction = shared / np.minimum(bottom - top, mark.box.height)  # of the lower mark's height
        line = int(np.argmax(fraction)) if lines else 0
        if lines and fraction[line] >= BESIDE:
            lines[line].append(mark)
        else:
            line = len(lines)
            lines.append([mark])
        ends[:, line] = mark.box.top, mark.box.bottom
    return sorted(lines, key=lambda line: float(np.mean([m.box.top + m.box.bottom for m in line])))


def without_dashes(marks: Sequence[Mark]) -> list[Mark]:
    """Remove dashes, and marks that are tiny compared with the others."""
    written = [mark for mark in marks if not _is_dash(mark)]
    if not written:
        return []
    height = written_height(written)
    return [mark for mark in written if mark.box.height >= 0.3 * height]


def _is_dash(mark: Mark) -> bool:
    """Return whether a mark is flat and filled; a row of touching digits is flat but not filled."""
    box = mark.box
    return box.height <= FLAT * box.width and mark.area > 0.5 * box.width * box.height
