"""Ink on paper whose level changes smoothly, as in a crop of a photo; a digit may touch all its edges.

A quadratic surface through the paper's pixels is its level everywhere; what is far from it is ink. The two
classes of pixels and the surface are found in turns, like a k-means of two classes whose means may slope.

References
----------
N. Otsu, "A Threshold Selection Method from Gray-Level Histograms", IEEE Transactions on Systems, Man, and
Cybernetics 9(1), 1979 (the first two classes).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tenfold.data.page.grey import Grey
from tenfold.data.page.plain_paper import MIN_CONTRAST, NOISE

_SIDE, _SAMPLE = 48, 6_000  # pixels of the sample: of its shorter side, and in all
_TURNS = 6  # until the classes stay as they are
_TERMS = (1, 3, 3, 6)  # of the surface, in each turn: a constant, a plane, then a quadratic
_PAPER, _INK = 0.4, 0.5  # of full ink: what is lighter is paper; what is darker is ink
_USUAL = 70  # percentile of the ink: full ink
_STIFF = 1e-3  # of the number of paper's pixels: prior weight of an even surface
_EDGE = 0.25  # of full ink; the edges of strokes are between it and `_INK`
_STRAY = 0.02  # of all pixels; more between paper and ink, farther from it than a pen, are a shadow
_BEYOND = 0.015  # of all pixels; more that are lighter than the paper are a lamp or another sheet
_THICKEST, _SOFT_PEN = 0.6, 0.37  # of the longer side; no stroke is thicker, none with soft edges
_SOFT = 0.18  # of the ink; more between paper and ink are soft edges, as of a shadow
_UNLIKE = 4.0  # times the usual width of the strokes; no digit has a wider one
_LEAST, _MOST = 0.1, 0.65  # of all pixels that are ink where a digit fills its picture
_FAINTEST = 0.02  # in a small picture, which has no room for shadows
_WHOLE = 0.8  # of a side; ink along it in a picture that is no 1 is a table or the margin of a scan
_NARROW = 0.4  # width over height of a picture that holds only a 1
# Darkest over lightest paper, grey levels, and fraction of full ink: paper that differs more is two things.
_EVEN, _DARK, _WIDE = 0.35, 16, 0.6
_GRAIN = 3.5  # standard deviations; what differs less from the paper is its grain

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Surface:
    """Paper as a smooth surface, and the ink on it.

    Attributes
    ----------
    terms : float64 (6,)
        Coefficients of 1, y, x, yx, yy and xx; y and x go from -1 to 1 over the picture.
    dark : bool
        Whether ink is darker than paper.
    full : float
        Distance of full ink from the paper, in grey levels.
    grain : float
        Standard deviation of the paper, in grey levels.
    darkest, lightest : float
        Levels of the paper.
    ink : Floats (h, w)
        Distances from the paper towards the ink, of a sample of the pixels, divided by ``full``.
    """

    terms: Floats
    dark: bool
    full: float
    grain: float
    darkest: float
    lightest: float
    ink: Floats

    @property
    def is_along_a_side(self) -> bool:
        """Whether ink covers a whole side of a picture that is wider than a 1."""
        inked = self.ink >= _INK
        sides = (inked[0], inked[-1], inked[:, 0], inked[:, -1])
        wide = min(inked.shape) > _NARROW * max(inked.shape)
        return wide and any(side.mean() >= _WHOLE for side in sides)

    def explains(self) -> bool:
        """Return whether strokes that fill their picture, and smooth paper, are all there is.

        A shadow, a table or a second sheet is wider than a pen, or lies along a side, or leaves levels
        between paper and ink far from the ink.
        """
        inked = self.ink >= _INK
        uneven = self.darkest + _DARK < _EVEN * self.lightest
        least = _LEAST if min(inked.shape) >= _SIDE else _FAINTEST
        if self.full < max(MIN_CONTRAST, 2 * _GRAIN * self.grain) or not least <= inked.mean() <= _MOST:
            return False
        if (uneven and self.lightest - self.darkest > _WIDE * self.full) or self.is_along_a_side:
            return False
        thickest, usual = _pens(inked)
        between = (self.ink > _EDGE) & ~inked
        soft = between.mean() > _SOFT * inked.mean()
        if thickest > (_SOFT_PEN if soft else _THICKEST) * max(inked.shape) or thickest > _UNLIKE * usual:
            return False
        far = _distance(~inked) > max(thickest / 2, 1.5)
        stray = np.mean(between & far)
        return bool(stray <= _STRAY and np.mean(self.ink < -_EDGE) <= _BEYOND)

    def amount(self, grey: Grey) -> tuple[Grey, Grey]:
        """Return the ink of all pixels, 0 to 255, and the paper without it, each (h, w)."""
        one, y, x, yx, yy, xx = self.terms.astype(np.float32)
        down, across = (np.linspace(-1, 1, length, dtype=np.float32) for length in grey.shape)
        down = down[:, None]
        paper = (one + y * down + yy * down**2) + (x * across + xx * across**2) + yx * (down * across)
        away = (paper - grey if self.dark else grey - paper) / np.float32(self.full)
        away[away < max(NOISE, min(_GRAIN * self.grain / self.full, _PAPER))] = 0
        amount: Grey = np.rint(255 * np.clip(away, 0, 1)).astype(np.uint8)
        return amount, np.rint(np.clip(paper, 0, 255)).astype(np.uint8)


def smooth_paper(grey: Grey) -> list[Surface]:
    """Fit smooth paper to a picture (h, w), with dark ink and with light ink.

    Returns
    -------
    list of Surface
        None, one or two; first the one with less ink along the sides and in the corners, on more even paper.
    """
    step = max(1, min(grey.shape) // _SIDE, int((grey.size / _SAMPLE) ** 0.5))
    sample = grey[::step, ::step].astype(np.float64)
    found = [_fitted(sample, dark) for dark in (True, False)]
    return sorted(filter(None, found), key=_unlikely)


def _fitted(sample: Floats, dark: bool) -> Surface | None:
    """Fit the surface to the pixels of paper, and take the paper's pixels from the surface, in turns."""
    y, x = np.meshgrid(*(np.linspace(-1, 1, length) for length in sample.shape), indexing="ij")
    design = np.stack([np.ones_like(x), y, x, y * x, y * y, x * x], axis=-1).reshape(-1, 6)
    levels = sample.ravel() if dark else 255 - sample.ravel()
    paper = levels > _threshold(levels)
    terms, away, full = np.zeros(6), levels, 0.0
    for turn in range(_TURNS):
        count = _TERMS[min(turn, len(_TERMS) - 1)]
        known = design[paper, :count]
        if not len(known):
            return None
        stiff = np.diag([0.0] + [_STIFF * len(known)] * (count - 1))
        terms[:count] = np.linalg.solve(known.T @ known + stiff, known.T @ levels[paper])
        away = design @ terms - levels
        inked = away[away > _threshold(away)]
        full = float(np.percentile(inked, _USUAL)) if inked.size else 0.0
        if full < 1:
            return None
        paper = away < (_PAPER if turn < 2 else _EDGE) * full
    grain = 1.4826 * float(np.median(np.abs(away[paper])))
    if not dark:
        terms[0], terms[1:] = 255 - terms[0], -terms[1:]
    surface = design @ terms
    ink = away.reshape(sample.shape) / full
    return Surface(terms, dark, full, grain, float(surface.min()), float(surface.max()), ink)


def _threshold(levels: Floats) -> float:
    """Return Otsu's threshold of positive levels: it divides them into the two classes that differ most."""
    histogram = np.bincount(np.clip(levels, 0, 255).astype(np.intp), minlength=256).astype(np.float64)
    below, moment = np.cumsum(histogram), np.cumsum(histogram * np.arange(256))
    split = below * (below[-1] - below)
    between = np.divide(
        (moment[-1] * below - moment * below[-1]) ** 2, split, where=split > 0, out=np.zeros(256)
    )
    return float(np.flatnonzero(between >= between.max() * (1 - 1e-9)).mean()) + 0.5


def _unlikely(surface: Surface) -> float:
    """Return how much of the sides, the corners and the picture is ink, and how uneven the paper is.

    A digit that is cut to its box has little ink in the corners.
    """
    inked = surface.ink >= _INK
    sides = (inked[0], inked[-1], inked[:, 0], inked[:, -1])
    corners = inked[np.ix_((0, -1), (0, -1))].mean()
    uneven = (surface.lightest - surface.darkest) / surface.full
    return float(np.mean([side.mean() for side in sides]) + corners + inked.mean() / 4 + uneven / 2)


def _pens(inked: Mask) -> tuple[float, float]:
    """Return the largest and the median width of ink along the middle of its strokes, in pixels."""
    from scipy.ndimage import maximum_filter

    inside = _distance(np.pad(inked, 1))
    middle = inside[(inside == maximum_filter(inside, 3)) & (inside > 0)]
    return 2 * float(middle.max()), 2 * float(np.median(middle))


def _distance(mask: Mask) -> Floats:
    """Return the distance of each pixel to the nearest one outside the mask."""
    from scipy.ndimage import distance_transform_edt

    away: Floats = distance_transform_edt(mask)
    return away
