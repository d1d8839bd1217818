"""Ink on unevenly lit paper, as in a photo, perhaps with a table around the sheet.

A morphological closing estimates the paper: it fills everything narrower than its window (strokes) and keeps
everything wider, such as the edges of shadows.

References
----------
P. Soille, "Morphological Image Analysis", 2nd ed., Springer 2003, chapter 4 (closing, top-hat).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tenfold.data.page.components import LOW
from tenfold.data.page.grey import Grey
from tenfold.data.page.plain_paper import NOISE, border

_ROOM = 2.0  # window size over stroke width; crossings of strokes are wider
_NARROWEST = 15  # pixels; smallest window
_FAINTEST = 26.0  # of 255; a smaller difference from the paper is not ink
_SHEET = 0.33  # of the sheet's brightness; darker regions at the picture's edge are not the sheet
_NOISY = 4.0  # standard deviation in grey levels; less noise is harmless
_BLUR, _WIDEST_BLUR = 0.6, 1.6  # pixels, standard deviation of the blur for noise `_NOISY`, and its maximum
_BAND = 0.015  # of the shorter side; this close to a table, the estimate of the paper is unreliable
_ALL_ALONG = 0.95  # of an edge of the picture; no stroke covers as much
_GRAIN = 3.5  # standard deviations; smaller differences from the paper are its grain

Mask = npt.NDArray[np.bool_]


def ink_on_lit_paper(grey: Grey) -> tuple[Grey, Grey] | None:
    """Separate ink from paper, dark on light or light on dark, by the local level of the paper.

    The first estimate uses a window wide enough for any stroke, the second a window just wide enough for
    these strokes, because a narrower window follows the light more closely.

    Parameters
    ----------
    grey : uint8 array (h, w)

    Returns
    -------
    two uint8 arrays (h, w), or None
        The amount of ink, 0 to 255, and the paper without it. None if there is no ink.
    """
    grey = _denoised(grey)
    dark = _dark_on_light(grey)
    light_paper = grey if dark else 255 - grey
    widest = max(_NARROWEST, min(grey.shape) // 4)
    paper = _without_strokes(light_paper, widest)
    beside = _find_table(paper)
    first = _ink_above_grain(light_paper, paper, dark, [beside] if dark else [])
    if first is None:
        return None
    strips = _find_strips(first, beside)
    if strips.any():
        first = _ink_above_grain(light_paper, paper, dark, [beside, strips] if dark else [strips])
    if first is None:
        return None
    paper = _without_strokes(light_paper, min(widest, _stroke_window(first)))
    amount = _ink_above_grain(light_paper, paper, dark, [_find_table(paper), strips] if dark else [strips])
    if amount is None:
        return None
    return amount, paper if dark else 255 - paper


def _without_strokes(light_paper: Grey, window: int) -> Grey:
    """Return the paper without ink; at a sharp edge, such as the sheet's, its darker side."""
    from scipy.ndimage import grey_closing, minimum_filter, uniform_filter

    smooth = uniform_filter(light_paper, 3, mode="nearest")
    closed = grey_closing(smooth, size=(window, window), mode="nearest")
    paper: Grey = minimum_filter(closed, 3, mode="nearest")
    return paper


def _denoised(grey: Grey) -> Grey:
    """Blur the noise of a photo in low light; more noise gets a wider blur.

    Differences of neighbouring pixels give its standard deviation, because most of a picture is paper.
    """
    from scipy.ndimage import gaussian_filter

    steps = np.abs(np.diff(grey[:: max(1, len(grey) // 300)].astype(np.int16), axis=1))
    noise = 1.05 * float(np.median(steps))
    if noise < _NOISY:
        return grey
    blur = min(_BLUR * noise / _NOISY, _WIDEST_BLUR)
    calm: Grey = gaussian_filter(grey, blur, mode="nearest")
    return calm


def _stroke_window(amount: Grey) -> int:
    """Return a window a little wider than the strokes, in pixels; 5 % of the ink may be in wider ones."""
    from scipy.ndimage import distance_transform_edt, maximum_filter

    nearest = distance_transform_edt(amount >= 128, return_distances=False, return_indices=True)  # (2, h, w)
    rows, columns = np.ogrid[: amount.shape[0], : amount.shape[1]]
    inside = (nearest[0] - rows.astype(np.int32)) ** 2  # squared distances to the paper
    inside += (nearest[1] - columns.astype(np.int32)) ** 2
    middle = np.sqrt(np.sort(inside[(inside == maximum_filter(inside, 3)) & (inside > 0)]))  # half the widths
    ink = np.cumsum(middle)
    thick = float(middle[np.searchsorted(ink, 0.95 * ink[-1])]) if middle.size else 0.0
    return max(_NARROWEST, int(2 * _ROOM * thick) | 1)


def _dark_on_light(grey: Grey) -> bool:
    """Return whether the ink is dark: where light and dark meet, ink covers the smaller part.

    For windows a quarter as wide as the picture: is their mean nearer to their lightest or darkest pixel?
    Windows count by their contrast. At the edge of a sheet, it is near neither.
    """
    from scipy.ndimage import maximum_filter, minimum_filter, uniform_filter

    step = max(1, min(grey.shape) // 160)
    small = uniform_filter(grey, 1 + step // 2, mode="nearest")[::step, ::step].astype(np.float32)
    window = max(5, min(small.shape) // 4)
    lightest, darkest = maximum_filter(small, window), minimum_filter(small, window)
    off_middle = uniform_filter(small, window) - (lightest + darkest) / 2
    return float((off_middle * (lightest - darkest)).sum()) >= 0


def _ink_above_grain(light_paper: Grey, paper: Grey, dark: bool, table: Sequence[Mask]) -> Grey | None:
    """Return the fraction of light that ink absorbs, where it exceeds the grain of the paper.

    The difference is relative to the light, because in a shadow there is less to absorb (or, for chalk, to
    reflect). The usual ink becomes 255, the ``table`` 0.
    """
    missing: npt.NDArray[np.float32] = np.subtract(paper, light_paper, dtype=np.float32)
    sample = missing.ravel()[:: max(1, missing.size // 100_000)]
    usual = np.float32(np.median(sample))
    grain = 1.4826 * float(np.median(np.abs(sample - usual)))
    missing -= usual
    grainy = missing < max(_GRAIN * grain, 4)
    light = np.maximum(paper, 24) if dark else np.maximum(255 - paper, 12)
    missing *= np.float32(255) / light
    missing[grainy] = 0
    for part in table:
        missing[part] = 0
    inked = missing[missing > _FAINTEST]
    if inked.size == 0:
        return None
    full = max(float(np.percentile(inked, 95)), 1.5 * _FAINTEST)
    foot = min(_FAINTEST, NOISE * full)
    amount = (missing - foot) / (full - foot)
    found: Grey = np.rint(255 * np.clip(amount, 0, 1)).astype(np.uint8)
    return found


def _find_table(paper: Grey) -> Mask:
    """Find the table around a sheet: much darker than the sheet, and connected to the picture's edge."""
    from scipy.ndimage import label

    sheet = float(np.percentile(paper[::4, ::4], 75))
    regions, _ = label(paper < _SHEET * sheet)
    at_edge = np.unique(border(regions))
    beside = np.isin(regions, at_edge[at_edge > 0])
    return _with_a_band(beside) if beside.any() else beside


def _find_strips(amount: Grey, beside: Mask) -> Mask:
    """Find ink along a whole edge of the picture: a strip of table narrower than the window."""
    from scipy.ndimage import median_filter

    inked = (amount >= LOW) | beside
    found = np.zeros_like(inked)
    for turns in range(4):
        side = np.rot90(inked, turns)  # (depth, length)
        if side[0].mean() < _ALL_ALONG:
            continue
        padded = np.pad(side, ((0, 1), (0, 0)))
        depth = median_filter(padded.argmin(axis=0), side.shape[1] // 8 | 1)  # without marks that touch it
        np.rot90(found, turns)[np.arange(len(side))[:, None] < depth] = True
    return _with_a_band(found) if found.any() else found


def _with_a_band(beside: Mask) -> Mask:
    """Return the table together with a band along the edge of the sheet."""
    from scipy.ndimage import maximum_filter

    band: Mask = maximum_filter(beside, 2 * math.ceil(_BAND * min(beside.shape)) + 1)
    return band
