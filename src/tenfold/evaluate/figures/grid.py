"""Any pictures side by side: weights, means, feature maps, neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tenfold.errors import ShapeError
from tenfold.evaluate.figures.canvas import frame, ink_on_paper, new_figure, signed_colours
from tenfold.evaluate.figures.style import INK
from tenfold.pages.images import shown_channels

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def picture_grid(
    pictures: NDArray[Any],
    words: Sequence[str] = (),
    *,
    title: str = "",
    columns: int = 10,
    signed: bool = False,
    together: bool = False,
    side: float = 0.95,
) -> Figure:
    """Pictures in rows, with words above each.

    Parameters
    ----------
    pictures : array (n, h, w) or uint8 (n, h, w, c)
        Of any range: the largest number is full ink, 0 is paper. With ``signed`` the largest magnitude is
        full colour, blue above 0 and orange below. Colour images are shown as they are.
    words : sequence of str
        Titles of the pictures; none if empty.
    title : str
    columns : int
        Pictures in a row.
    signed : bool
        Whether numbers below 0 mean something.
    together : bool
        Whether all pictures share one range, so that they can be compared; otherwise each has its own.
    side : float
        Of a picture, in inches.

    Raises
    ------
    ShapeError
        If the pictures are not (n, h, w) or (n, h, w, c), or the words not as many.
    """
    colour = pictures.ndim == 4 and pictures.dtype == np.uint8
    if not (pictures.ndim == 3 or colour) or len(pictures) == 0:
        raise ShapeError(
            f"pictures: expected shape (n, h, w) with n > 0, got {pictures.shape}; reshape them, or pass "
            "colour images as uint8 (n, h, w, c)"
        )
    if len(words) not in (0, len(pictures)):
        raise ShapeError(
            f"words: expected {len(pictures)}, one a picture, got {len(words)}; give all or none"
        )
    ranges = np.abs(pictures).max(axis=None if together else (1, 2, 3)[: pictures.ndim - 1]) + np.zeros(
        len(pictures)
    )  # (n,)
    columns = min(columns, len(pictures))
    rows = -(-len(pictures) // columns)
    height = side + (0.25 * (1 + max(one.count("\n") for one in words)) if words else 0.0)
    figure = new_figure(max(columns * side, 3.0), rows * height + (0.45 if title else 0.0), title)
    for place, axes in enumerate(figure.subplots(rows, columns, squeeze=False).flat):
        if place >= len(pictures):
            axes.set_axis_off()
            continue
        top = ranges[place] or 1.0
        colours = signed_colours() if signed else ink_on_paper()
        drawn = shown_channels(pictures[place]) if colour else pictures[place]
        axes.imshow(drawn, cmap=colours, vmin=-top if signed else 0, vmax=top, interpolation="nearest")
        frame(axes)
        if words:
            axes.set_title(words[place], loc="center", fontsize=8.5, color=INK, pad=3)
    return figure
