"""Figures without pyplot: no display, no global state, one look."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from tenfold.evaluate.figures.lettering import literal
from tenfold.evaluate.figures.style import BLUE, INK, LINE, ORANGE, PAPER, SOFT
from tenfold.pages.axes import letters
from tenfold.pages.images import shown_channels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure

DOTS_PER_INCH = 160
_MARGIN = 0.15  # inches around everything drawn
_TOP, _BOTTOM = 0.12, 0.06  # inches from the edges to the title and to the subject
_LETTERS_AN_INCH = 8.3  # of the title


def new_figure(
    width: float, height: float, title: str, *, layout: Literal["constrained", "none"] = "constrained"
) -> Figure:
    """An empty figure of so many inches with its title, if it has one, at the top left.

    With ``layout="none"`` everything stays where it is put, and `png` draws the whole figure.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), facecolor=PAPER)
    figure.set_layout_engine(layout)  # also where matplotlib has another one by default
    if title:
        look: dict[str, Any] = {"ha": "left", "fontsize": 13, "fontweight": "bold", "color": INK}
        if layout == "none":  # nothing else sees to it that the title has its place
            size = 13 * min(1.0, _LETTERS_AN_INCH * (width - 2 * _MARGIN) / letters(title))
            look |= {"y": 1 - _TOP / height, "fontsize": size}
        figure.suptitle(literal(title), x=0.012, **look)
    return figure


def signed(figure: Figure, words: str) -> Figure:
    """The figure with its subject in small print at the lower right, such as ``lenet5 · mnist-5k``."""
    look: dict[str, Any] = {"ha": "right", "fontsize": 8, "color": SOFT}
    if not _is_laid_out(figure):  # a layout keeps room only for words without a height of their own
        look["y"] = _BOTTOM / figure.get_figheight()
    figure.supxlabel(literal(words), x=0.988, **look)
    return figure


def plain_axes(axes: Axes, title: str = "", *, grid: Literal["x", "y", "both"] | None = None) -> None:
    """Remove spines; keep the ticks, a soft bottom line and the requested grid."""
    axes.set_facecolor(PAPER)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(SOFT)
    axes.tick_params(length=0, labelsize=8.5, colors=SOFT)
    if title:
        axes.set_title(literal(title), loc="left", fontsize=9.5, color=INK, pad=8)
    axes.grid(visible=False)  # whatever matplotlib is set to
    if grid is not None:
        axes.grid(axis=grid, color=LINE, linewidth=0.8)
        axes.set_axisbelow(True)


def stacked_bars(
    axes: Axes,
    x: ArrayLike,
    y: ArrayLike,
    width: ArrayLike,
    height: ArrayLike,
    colours: Sequence[str],
    edges: Sequence[float],
) -> None:
    """Draw n rectangles from their lower left corners; edges have the colour of the paper, widths in points.

    They are one collection. `axes.bar` makes an object of each, and the bars of fifty classes have thousands.
    """
    from matplotlib.collections import PolyCollection

    left, low, wide, high = np.broadcast_arrays(x, y, width, height)
    right, top = left + wide, low + high
    corners = np.stack([left, low, right, low, right, top, left, top], axis=1).reshape(-1, 4, 2)
    look: dict[str, Any] = {"facecolors": colours, "edgecolors": PAPER, "linewidths": edges}
    axes.add_collection(PolyCollection(list(corners), **look))


def ink_on_paper() -> Colormap:
    """From paper at 0 to ink at the top."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("ink", [PAPER, INK])


def signed_colours() -> Colormap:
    """From orange below 0 over paper to blue above."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("signed", [ORANGE, PAPER, BLUE])


def show_image(axes: Axes, image: Any, box: tuple[float, float, float, float] | None = None) -> None:
    """Draw an image (h, w) as dark ink on paper, ink from 0 to 255, or (h, w, c) in its colours; no axes.

    It fills the axes, or a box of them: left, right, bottom, top.
    """
    shown = image if image.ndim == 2 else shown_channels(image)
    look: dict[str, Any] = {"cmap": ink_on_paper(), "vmin": 0, "vmax": 255, "interpolation": "nearest"}
    if box is None:
        axes.imshow(shown, **look)
        frame(axes)
    else:
        left, right, bottom, top = box
        axes.imshow(shown, extent=box, aspect="auto", **look)
        around = [left, right, right, left, left], [bottom, bottom, top, top, bottom]
        axes.plot(*around, color=LINE, linewidth=0.8)


def frame(axes: Axes) -> None:
    """Put a thin line around a picture, and nothing else."""
    axes.grid(visible=False)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(True)
        spine.set_color(LINE)


def png(figure: Figure) -> bytes:
    """The figure as a PNG, the same bytes for the same figure (no date, no version inside)."""
    buffer = io.BytesIO()
    options: dict[str, Any] = {"format": "png", "dpi": DOTS_PER_INCH, "metadata": {"Software": None}}
    if _is_laid_out(figure):
        options |= {"bbox_inches": "tight", "pad_inches": _MARGIN}
    figure.savefig(buffer, **options)
    return buffer.getvalue()


def _is_laid_out(figure: Figure) -> bool:
    """Return whether matplotlib places what is in a figure, so that something may lie outside of it."""
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    return isinstance(figure.get_layout_engine(), ConstrainedLayoutEngine)
