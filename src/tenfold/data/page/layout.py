"""Which marks are one digit, which are none, and in which order the digits are read.

All lengths are measured by the height of the writing, so that nothing depends on the picture's size.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tenfold.data.page.components import Mark

SPECK = 0.15  # of the height; marks that are smaller are dots, commas and dirt
LEAST = 4  # pixels, the longer side of the smallest mark that can be a digit
FLAT = 0.2  # of its width; what is lower and all ink is a dash, unless it is a piece of a digit
PIECE = 0.5  # of the height; what is lower may be a piece of the digit beside it
LYING = 1.5  # times its height; a piece of so much width says how high the digit is
TALL = 0.6  # of the height; two that are both taller and stand side by side are two digits


def written_height(marks: Sequence[Mark]) -> float:
    """How high the digits are, in pixels: half of the ink belongs to marks of this height or more."""
    return _half_of_the_ink(marks, [mark.box.height for mark in marks])


def _likely_height(marks: Sequence[Mark]) -> float:
    """The same before pieces are joined: lying ones are likely to be pieces of what is higher."""
    return _half_of_the_ink(marks, [min(mark.box.size, LYING * mark.box.height) for mark in marks])


def _half_of_the_ink(marks: Sequence[Mark], lengths: Sequence[float]) -> float:
    """The median of lengths, each counted as often as its mark has pixels."""
    if len(marks) == 1:
        return lengths[0]
    areas = np.array([mark.area for mark in marks], np.float64)
    order = np.argsort(lengths)[::-1]
    reached = np.cumsum(areas[order])
    return float(np.asarray(lengths)[order][np.searchsorted(reached, reached[-1] / 2)])


def without_specks(marks: Sequence[Mark]) -> list[Mark]:
    """Leave out what is too small to be a digit or a piece of one."""
    if not marks:
        return []
    least = max(LEAST, SPECK * written_height(marks))
    return [mark for mark in marks if mark.box.size >= least]


def joined(marks: Sequence[Mark], pen: float) -> list[Mark]:
    """Join the pieces of each digit.

    Parameters
    ----------
    marks : sequence of Mark
    pen : float
        The width of the strokes, in pixels: over such a gap a stroke may break.

    Returns
    -------
    list of Mark
        No two of which are pieces of one digit.
    """
    left = list(marks)
    height = _likely_height(left) if left else 0.0
    while len(left) > 1:
        height = max(height, written_height(left))
        pairs = [pair for pair in _neighbours(left, height, pen) if _one_digit(*pair, height, pen)]
        if not pairs:
            break
        for one, other in pairs:  # the nearest first; each mark once, for then it is another
            if one in left and other in left:
                left.remove(one)
                left.remove(other)
                left.append(one.with_(other))
    return left


def _neighbours(marks: Sequence[Mark], height: float, pen: float) -> list[tuple[Mark, Mark]]:
    """Pairs of marks that are near enough to be pieces of one digit, the nearest first."""
    boxes = np.array([(m.box.left, m.box.top, m.box.right, m.box.bottom) for m in marks])
    first, last = boxes[:, :2], boxes[:, 2:]
    gaps = np.maximum(first[:, None], first) - np.minimum(last[:, None], last)  # (n, n, 2), across and down
    near = (gaps[..., 0] <= _reach(height, pen)) & (
        gaps[..., 1] <= max(0.25 * height, 2 * _reach(height, pen))
    )
    one, other = np.nonzero(np.triu(near, 1))
    distance = np.maximum(gaps[one, other], 0).sum(axis=1)
    order = np.argsort(distance, kind="stable")
    return [(marks[one[i]], marks[other[i]]) for i in order]


def _reach(height: float, pen: float) -> float:
    """How wide a gap in a stroke may be, in pixels."""
    return min(max(1.3 * pen, 0.08 * height), 0.15 * height)


def _one_digit(one: Mark, other: Mark, height: float, pen: float) -> bool:
    """Whether two marks are pieces of one digit."""
    across, down = one.box.gaps(other.box)
    whole = one.box.around(other.box)
    higher = max(one.box.height, other.box.height)
    lower = min(one.box.height, other.box.height)
    overlap = -across / min(one.box.width, other.box.width)
    if lower >= TALL * height and -down >= 0.5 * lower:  # two tall ones side by side
        return overlap >= 0.8
    if overlap >= 0.5 and down <= pen and whole.height <= 2.2 * higher:  # a break in a stroke
        return True
    if whole.height > 1.35 * height and whole.height > 1.15 * higher:  # they stand in two lines
        return False
    if overlap >= 0.5 and down <= 0.25 * height:  # one above the other
        return True
    reach = _reach(height, pen)
    return lower < PIECE * height and across <= reach and down <= 2 * reach  # a piece beside it


def halves(line: Sequence[Mark], pen: float) -> list[tuple[Mark, ...]]:
    """Put neighbours of a line together that may be one digit in two halves, such as an open 4.

    Returns
    -------
    list of tuple of Mark
        One or two marks each, all marks of the line in their order.
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


def in_lines(marks: Sequence[Mark]) -> list[list[Mark]]:
    """Order marks as they are read: line by line from the top, each from the left.

    A line may climb or sink: what matters is that each mark stands beside the one to its left.
    """
    lines: list[list[Mark]] = []
    for mark in sorted(marks, key=lambda mark: mark.box.left):
        beside = [(_side_by_side(line[-1], mark), line) for line in lines]
        share, line = max(beside, key=lambda pair: pair[0], default=(0.0, []))
        if share >= 0.4:
            line.append(mark)
        else:
            lines.append([mark])
    return sorted(lines, key=lambda line: float(np.mean([m.box.top + m.box.bottom for m in line])))


def _side_by_side(one: Mark, other: Mark) -> float:
    """How much of the lower one's height they share."""
    _, down = one.box.gaps(other.box)
    return -down / min(one.box.height, other.box.height)


def digits_among(marks: Sequence[Mark]) -> list[Mark]:
    """Leave out what no digit looks like: dashes, and what is tiny beside the others."""
    written = [mark for mark in marks if not _dash(mark)]
    if not written:
        return []
    height = written_height(written)
    return [mark for mark in written if mark.box.height >= 0.3 * height]


def _dash(mark: Mark) -> bool:
    """Low and filled; a row of digits that touch is low too."""
    box = mark.box
    return box.height <= FLAT * box.width and mark.area > 0.5 * box.width * box.height
