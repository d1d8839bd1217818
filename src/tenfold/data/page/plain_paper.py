"""Ink on paper of one grey level, as in a drawing or a screenshot."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from tenfold.data.page.grey import Grey

MIN_CONTRAST = 32  # of 255; pixels that differ less from the paper are not ink
NOISE = 0.2  # fraction of full ink; paper grain and JPEG ringing are below
_MOST_INK = 0.3  # of all pixels; more is a digit that is cut tightly, or a sheet of paper
_PAPER_BORDER = 0.8  # of the border of a picture with free paper around the ink
_HALF, _EDGE = 0.45, 0.12  # of full ink: what is darker is ink; what lies between is the edge of a stroke
_THICKEST = 0.5  # of the picture's longer side; no stroke is thicker
_WHOLE = 0.95  # of an edge of the picture; no stroke covers as much
_STRAY = 0.02  # of all pixels; more levels between paper and ink, far from strokes, are a shadow
_FINE = 100  # pixels of the shorter side at which they are looked for
_SAMPLE = 10_000  # pixels of a sample
_NEAR = 20  # grey levels; what differs less from the paper may be paper


def ink_on_plain_paper(grey: Grey, paper: float) -> Grey | None:
    """Separate ink from paper by the grey level alone.

    Parameters
    ----------
    grey : uint8 array (h, w)
    paper : float
        Grey level of the paper, see `paper_level`.

    Returns
    -------
    uint8 array (h, w) or None
        0 paper, 255 full ink; None if the paper has not one level everywhere.
    """
    curve = _curve(grey, paper)
    if curve is None:
        return None
    amount = np.zeros_like(grey)
    where = around(_ink_mask(grey, curve))
    amount[where] = curve[grey[where]]
    return amount


def around(mask: npt.NDArray[Any]) -> tuple[slice, slice]:
    """Return the smallest rectangle around all non-zero values of (h, w); an empty one if all are 0."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        return slice(0, 0), slice(0, 0)
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def paper_level(grey: Grey) -> float:
    """Return the commonest level of the outermost pixels of (h, w): a digit may touch all sides."""
    outermost = border(grey)
    levels = np.bincount(outermost, minlength=256)
    commonest = int(np.convolve(levels, np.ones(2 * _NEAR + 1, int))[_NEAR:-_NEAR].argmax())
    return float(np.median(outermost[np.abs(outermost - np.float32(commonest)) <= _NEAR]))


def is_blank(grey: Grey, paper: float | None = None) -> bool:
    """Return whether a picture (h, w) is blank: no pixel differs enough from the paper.

    Examples
    --------
    >>> import numpy as np
    >>> is_blank(np.full((28, 28), 200, np.uint8))
    True
    """
    level = paper_level(grey) if paper is None else paper
    return max(level - int(grey.min()), int(grey.max()) - level) < MIN_CONTRAST


def ink_is_dark(grey: Grey, paper: float, levels: npt.NDArray[np.int64] | None = None) -> bool:
    """Return whether ink on even paper is mostly darker than the paper.

    ``levels`` is the histogram of the grey levels; it is computed if not given.
    """
    away = np.arange(256) - paper
    weight = np.where(np.abs(away) >= MIN_CONTRAST, away**2, 0)
    weight *= _histogram(grey) if levels is None else levels
    darker, lighter = weight[away < 0].sum(), weight[away > 0].sum()
    if darker == lighter:  # the sample has neither
        return paper - int(grey.min()) >= int(grey.max()) - paper
    return bool(darker > lighter)


def border(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the outermost values of (h, w), with the corners twice."""
    return np.concatenate([array[0], array[-1], array[:, 0], array[:, -1]])


def _curve(grey: Grey, paper: float) -> Grey | None:
    """Return the amount of ink for each grey level, (256,), or None if the paper has not one level.

    On even paper few pixels lie between paper and ink (only edges, fewer than ink pixels) and very few beyond
    the paper's level. The border is paper, or a digit touches it.
    """
    levels = _histogram(grey)
    sign = -1 if ink_is_dark(grey, paper, levels) else 1
    away = sign * (np.arange(256) - paper)  # distance of each grey level from the paper, towards the ink
    full = _full_ink(levels, away, sign * ((grey.min() if sign < 0 else grey.max()) - paper))
    inked = levels[away >= _HALF * full].sum()
    touched = inked > _MOST_INK * levels.sum() or _share_of_paper(border(grey), paper) < _PAPER_BORDER
    if touched and not _is_tight(away[grey], full):
        return None
    between = levels[(away > max(_EDGE * full, 8)) & (away < _HALF * full)].sum()
    beyond = levels[away <= -_NEAR].sum()
    if (not touched and between > inked + 0.001 * levels.sum()) or beyond > 0.003 * levels.sum():
        return None
    amount = np.clip(away / full, 0, 1)
    curve: Grey = np.rint(255 * np.where(amount < NOISE, 0, amount)).astype(np.uint8)
    return curve


def _share_of_paper(levels: Grey, paper: float) -> float:
    """Return the fraction of pixels that have about the paper's level."""
    return float(np.mean(np.abs(levels - np.float32(paper)) <= _NEAR))


def _is_tight(away: npt.NDArray[np.floating[Any]], full: float) -> bool:
    """Return whether the ink is of strokes that reach the border of a picture with even paper.

    Then levels between paper and ink lie only along strokes, as far as their edges are soft; a shadow also lies
    elsewhere.
    """
    from scipy.ndimage import maximum_filter

    step = max(1, min(away.shape) // _FINE)
    small = away[::step, ::step]
    inked = small >= _HALF * full
    if _is_area(inked):
        return False
    between = (small > max(_EDGE * full, 8)) & ~inked
    edge = maximum_filter(inked, 3) & ~inked
    steps = np.hypot(*np.gradient(small))[edge]
    soft = math.ceil(full / max(float(np.median(steps)), 1)) if steps.size else 1  # pixels from paper to ink
    return float(np.mean(between & ~maximum_filter(inked, 2 * soft + 1))) <= _STRAY


def _is_area(inked: npt.NDArray[np.bool_]) -> bool:
    """Return whether ink is no stroke: it is wider, or lies along a whole edge of a picture wider than a 1."""
    from scipy.ndimage import minimum_filter

    square = round(_THICKEST * max(inked.shape))
    if min(inked.shape) < square:
        return False
    sides = (inked[0], inked[-1], inked[:, 0], inked[:, -1])
    if any(side.mean() >= _WHOLE for side in sides):
        return True
    return bool(minimum_filter(inked, square, mode="constant", cval=False).any())


def _ink_mask(grey: Grey, curve: Grey) -> npt.NDArray[np.bool_]:
    """Return where the curve has ink: all levels on one side of the paper's level."""
    inked = np.flatnonzero(curve)
    mask: npt.NDArray[np.bool_] = grey <= inked[-1] if inked[0] == 0 else grey >= inked[0]
    return mask


def _full_ink(levels: npt.NDArray[np.int64], away: npt.NDArray[np.floating[Any]], furthest: float) -> float:
    """Return the distance of full ink from the paper: that of the furthest pixels, unless they are few."""
    full = float(furthest)
    while full > 2 * MIN_CONTRAST:
        inked = levels[away >= 0.4 * full].sum()
        if levels[away >= 0.7 * full].sum() >= 0.1 * inked:
            break
        full *= 0.9
    return full


def _histogram(grey: Grey) -> npt.NDArray[np.int64]:
    """Return a histogram of about `_SAMPLE` pixels from all rows and columns."""
    step = max(1, grey.size // _SAMPLE)
    while math.gcd(step, grey.shape[1]) != 1:
        step += 1
    return np.bincount(grey.ravel()[::step], minlength=256)
