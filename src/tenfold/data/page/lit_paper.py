"""Ink on paper that is lit unevenly, as in a photo, perhaps with what lies around the sheet.

The paper is estimated everywhere by a morphological closing, which fills what is narrower than its
window (strokes) and keeps what is wider, the edges of shadows too.

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

_ROOM = 2.0  # times the width of a stroke; where strokes cross they are wider
_NARROWEST = 15  # pixels, of a window
_FAINTEST = 26.0  # of 255; ink that takes less of the paper's light is none
_SHEET = 0.33  # of the sheet's brightness; what is darker up to the picture's edge is not the sheet
_NOISY = 4.0  # standard deviation in grey levels; less noise than that does no harm
_BLUR, _WIDEST_BLUR = 0.6, 1.6  # pixels, standard deviation: against that noise, and at most
_BAND = 0.015  # of the shorter side; so near a table the estimate of the paper is not to be trusted
_ALL_ALONG = 0.95  # of an edge of the picture; no stroke covers so much
_GRAIN = 3.5  # standard deviations; what differs less from the paper is its grain

Mask = npt.NDArray[np.bool_]


def ink_on_lit_paper(grey: Grey) -> tuple[Grey, Grey] | None:
    """Tell ink from paper, either of them the lighter, by what the paper around the ink is like.

    First with a window that fills any stroke; then with one that just fills these strokes, because the
    narrower it is, the closer the estimate follows the light.

    Parameters
    ----------
    grey : uint8 array (h, w)

    Returns
    -------
    two uint8 arrays (h, w), or None
        The amount of ink, 0 to 255, and the paper without it. None where there is no ink.
    """
    grey = _calm(grey)
    dark = _dark_on_light(grey)
    light_paper = grey if dark else 255 - grey
    widest = max(_NARROWEST, min(grey.shape) // 4)
    paper = _without_strokes(light_paper, widest)
    beside = _beside_the_sheet(paper)
    first = _above_grain(light_paper, paper, dark, [beside] if dark else [])
    if first is None:
        return None
    strips = _strips(first, beside)
    if strips.any():
        first = _above_grain(light_paper, paper, dark, [beside, strips] if dark else [strips])
    if first is None:
        return None
    paper = _without_strokes(light_paper, min(widest, _stroke_window(first)))
    amount = _above_grain(light_paper, paper, dark, [_beside_the_sheet(paper), strips] if dark else [strips])
    if amount is None:
        return None
    return amount, paper if dark else 255 - paper


def _without_strokes(light_paper: Grey, window: int) -> Grey:
    """The paper alone; where it changes within a pixel, as at the edge of the sheet, the darker side."""
    from scipy.ndimage import grey_closing, minimum_filter, uniform_filter

    smooth = uniform_filter(light_paper, 3, mode="nearest")
    closed = grey_closing(smooth, size=(window, window), mode="nearest")
    paper: Grey = minimum_filter(closed, 3, mode="nearest")
    return paper


def _calm(grey: Grey) -> Grey:
    """Blur away the noise of a sensor in little light: the more of it there is, the wider.

    Its standard deviation is told by how far neighbours differ; paper is most of a picture.
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
    """A little more than the strokes are wide, in pixels; a twentieth of the ink may be in thicker ones."""
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
    """Where light and dark meet, the ink is what there is less of.

    In windows a quarter of the picture wide: is their mean nearer to their lightest or their darkest?
    The more contrast, the more a window counts. At the edge of a sheet it is neither.
    """
    from scipy.ndimage import maximum_filter, minimum_filter, uniform_filter

    step = max(1, min(grey.shape) // 160)
    small = uniform_filter(grey, 1 + step // 2, mode="nearest")[::step, ::step].astype(np.float32)
    window = max(5, min(small.shape) // 4)
    lightest, darkest = maximum_filter(small, window), minimum_filter(small, window)
    off_middle = uniform_filter(small, window) - (lightest + darkest) / 2
    return float((off_middle * (lightest - darkest)).sum()) >= 0


def _above_grain(light_paper: Grey, paper: Grey, dark: bool, table: Sequence[Mask]) -> Grey | None:
    """The share of light that the ink takes away, where it stands above the grain of the paper.

    In a shadow there is less light to take away, and less for chalk to throw back. The pen's usual ink
    becomes 255. On the ``table`` there is none.
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


def _beside_the_sheet(paper: Grey) -> Mask:
    """The table around a sheet: much darker than it, and reaching to the picture's edge."""
    from scipy.ndimage import label

    sheet = float(np.percentile(paper[::4, ::4], 75))
    regions, _ = label(paper < _SHEET * sheet)
    at_edge = np.unique(border(regions))
    beside = np.isin(regions, at_edge[at_edge > 0])
    return _with_a_band(beside) if beside.any() else beside


def _strips(amount: Grey, beside: Mask) -> Mask:
    """What is inked all along an edge of the picture: a table that is narrower than the window."""
    from scipy.ndimage import median_filter

    inked = (amount >= LOW) | beside
    found = np.zeros_like(inked)
    for turns in range(4):
        side = np.rot90(inked, turns)  # (depth, length)
        if side[0].mean() < _ALL_ALONG:
            continue
        padded = np.pad(side, ((0, 1), (0, 0)))
        depth = median_filter(padded.argmin(axis=0), side.shape[1] // 8 | 1)  # whatever meets it there
        np.rot90(found, turns)[np.arange(len(side))[:, None] < depth] = True
    return _with_a_band(found) if found.any() else found


def _with_a_band(beside: Mask) -> Mask:
    """What is beside the sheet, and the edge of the sheet."""
    from scipy.ndimage import maximum_filter

    band: Mask = maximum_filter(beside, 2 * math.ceil(_BAND * min(beside.shape)) + 1)
    return band
