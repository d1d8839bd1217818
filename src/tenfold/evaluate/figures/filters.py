"""Filters of the first layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tenfold.errors import ShapeError
from tenfold.evaluate.figures.canvas import frame, new_figure, signed_colours
from tenfold.evaluate.figures.style import INK, SOFT

if TYPE_CHECKING:
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure


def filter_images(
    weight: NDArray[np.floating[Any]], image_shape: tuple[int, ...] = (28, 28)
) -> NDArray[np.float64]:
    """First-layer weights as pictures, scaled so that the greatest magnitude is 1.

    Parameters
    ----------
    weight : floats (kh, kw, c_in, c_out) or (h * w * c, c_out)
        Of a convolution or of a dense layer over the pixels. Of three input channels, all are shown;
        otherwise the first.
    image_shape : tuple of int
        Of the input image, (h, w) or (h, w, c), for a dense layer.

    Returns
    -------
    float64 (c_out, kh, kw) or (c_out, h, w), of three channels (c_out, kh, kw, 3) or (c_out, h, w, 3)
        From -1 to 1.

    Raises
    ------
    ShapeError
        If the weight has another shape.
    """
    pixels = int(np.prod(image_shape))
    if weight.ndim == 4:
        pictures = np.moveaxis(weight, -1, 0)  # (c_out, kh, kw, c_in)
    elif weight.ndim == 2 and weight.shape[0] == pixels:
        h, w, *c = image_shape
        pictures = weight.T.reshape(-1, h, w, *(c or [1]))  # (c_out, h, w, c)
    else:
        raise ShapeError(
            f"first-layer weight: expected (kh, kw, c_in, c_out) or ({pixels}, c_out), got "
            f"{weight.shape}; pass the weight of the layer that sees the image"
        )
    shown = pictures if pictures.shape[-1] == 3 else pictures[..., 0]
    largest = float(np.abs(shown).max())
    return shown.astype(np.float64) / (largest if largest > 0 else 1.0)


def first_layer_filters(
    weight: NDArray[np.floating[Any]], image_shape: tuple[int, ...] = (28, 28), *, limit: int = 32
) -> Figure:
    """Filters as pictures: blue where ink counts for, orange where it counts against.

    Parameters
    ----------
    weight : floats (kh, kw, c_in, c_out) or (h * w * c, c_out)
        Filters of three channels are drawn in these colours, about grey.
    image_shape : tuple of int
        Of the input image, for a dense layer.
    limit : int
        At most so many filters.
    """
    pictures = filter_images(weight, image_shape)
    colour = pictures.ndim == 4
    shown = pictures[:limit]
    columns = min(len(shown), 8)
    rows = -(-len(shown) // columns)
    more = f", the first {len(shown)} of {len(pictures)}" if len(shown) < len(pictures) else ""
    figure = new_figure(max(1.2 * columns, 4.5), 1.35 * rows + 1.1, f"First-layer filters{more}")
    colours = signed_colours()
    grid = figure.subplots(rows, columns, squeeze=False)
    for place, axes in enumerate(grid.flat):
        if place >= len(shown):
            axes.set_axis_off()
            continue
        drawn = (1 + shown[place]) / 2 if colour else shown[place]
        axes.imshow(drawn, cmap=colours, vmin=-1, vmax=1, interpolation="nearest")
        axes.set_title(str(place), fontsize=9, color=INK)
        frame(axes)
    if not colour:
        _legend(figure, grid, colours)
    return figure


def _legend(figure: Figure, grid: Any, colours: Colormap) -> None:
    """A colour bar under the filters."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    scale = ScalarMappable(Normalize(-1, 1), colours)
    bar = figure.colorbar(scale, ax=list(grid.flat), location="bottom", fraction=0.05, aspect=30, shrink=0.7)
    bar.set_ticks([-1, 0, 1], labels=["ink counts against", "no matter", "ink counts for"])
    bar.ax.tick_params(length=0, labelsize=8.5, colors=SOFT)
    bar.outline.set_visible(False)
