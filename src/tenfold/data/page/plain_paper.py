"""Ink on paper of one grey level, as in a drawing or a screenshot."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from tenfold.data.page.grey import Grey

MIN_CONTRAST = 32  # of 255; pixels that differ less from the paper are not ink
NOISE = 0.2  # fraction of full ink; paper grain and JPEG ringing are below
_MOST_INK = 0.3  # of all pixels; what covers more may be a sheet of paper, or a digit that is cut tightly
_SAMPLE = 10_000  # pixels of a sample
_NEAR = 20  # grey levels; a border this close to its median is even
_AROUND = np.ones(2 * _NEAR + 1, np.int64)


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
    levels = np.bincount(border(grey), minlength=256)
    commonest = int(np.convolve(levels, _AROUND)[_NEAR:-_NEAR].argmax())
    first = max(commonest - _NEAR, 0)
    return first + _median(levels[first : commonest + _NEAR + 1])


def _median(counts: npt.NDArray[np.int64]) -> float:
    """Return the median of numbers 0, 1, ..., of which there are so many each."""
    up_to = np.cumsum(counts)
    both = np.searchsorted(up_to, ((up_to[-1] - 1) // 2, up_to[-1] // 2), side="right")
    return float(both[0] + both[1]) / 2


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

    On even paper few pixels lie between paper and ink (only edges, fewer than ink pixels), very few
    beyond the paper's level, and the border is paper.
    """
    if np.mean(np.abs(border(grey) - np.float32(paper)) <= _NEAR) < 0.8:
        return None
    levels = _histogram(grey)
    sign = -1 if ink_is_dark(grey, paper, levels) else 1
    away = sign * (np.arange(256) - paper)  # distance of each grey level from the paper, towards the ink
    full = _full_ink(levels, away, sign * ((grey.min() if sign < 0 else grey.max()) - paper))
    inked = levels[away >= 0.45 * full].sum()
    if inked > _MOST_INK * levels.sum():
        return None
    between = levels[(away > max(0.12 * full, 8)) & (away < 0.45 * full)].sum()
    beyond = levels[away <= -_NEAR].sum()
    if between > inked + 0.001 * levels.sum() or beyond > 0.003 * levels.sum():
        return None
    amount = np.clip(away / full, 0, 1)
    curve: Grey = np.rint(255 * np.where(amount < NOISE, 0, amount)).astype(np.uint8)
    return curve


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
