"""How a picture was read, step by step: its paper, its ink, its digits, and the input of the network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tenfold.data import Page
from tenfold.evaluate.figures.canvas import frame, ink_on_paper, new_figure, plain_axes, show_image
from tenfold.evaluate.figures.style import BLUE, INK, LINE, ORANGE, PAPER, SOFT
from tenfold.predict import Digit, Reading

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

_MOST = 24  # digits; drawing each takes a while
_PANELS = 3
_COLUMNS = 6
_WIDTH = 12.0  # inches


def reading_steps(page: Page, reading: Reading, title: str = "") -> Figure:
    """Draw every step from a picture to its digits.

    Parameters
    ----------
    page : Page
        The digits found.
    reading : Reading
        The result.
    title : str
        For instance the file's name.

    Returns
    -------
    Figure
        Above, the picture and its parts; below each digit at 28 x 28 with its ten
        probabilities, at most 24 of them.
    """
    shown = reading.digits[:_MOST]
    rows = -(-len(shown) // _COLUMNS)
    height, width = page.grey.shape
    above = float(np.clip(_WIDTH / _PANELS * height / width, 1.2, 5.0)) + 0.6
    below = 1.55 * max(rows, 0.2) + 0.3
    figure = new_figure(_WIDTH, above + below + 0.5, title)
    parts: Any = figure.subfigures(2, 1, height_ratios=[above, below])  # an array of two
    upper, lower = parts
    for part in parts:
        part.set_facecolor("none")
    _draw_page(upper, page, reading)
    view = page.view(reading.view)
    _draw_digits(lower, shown, 2 if view is None or view.ink is None else 4, _verdict(reading))
    return figure


def _verdict(reading: Reading) -> str:
    """The text below the pictures."""
    left = len(reading.digits) - _MOST
    if not reading.digits:
        return f"No digit: {reading.reason}."
    return f"And {left} more." if left > 0 else ""


def _draw_page(figure: SubFigure, page: Page, reading: Reading) -> None:
    axes = figure.subplots(1, _PANELS)
    axes[0].imshow(page.grey, cmap="gray", vmin=0, vmax=255)
    _title(axes[0], "1  The picture, and where its digits are")
    for digit in reading.digits:
        _draw_box(axes[0], digit, page.scale)
    view = page.view(reading.view)
    if view is not None and view.ink is not None:
        ink, ruled = view.ink, view.ruled
        axes[1].imshow(ink.paper, cmap="gray", vmin=0, vmax=255)
        _title(axes[1], "2  Its paper" + (", the same everywhere" if ink.even else ", as it is lit"))
        axes[2].imshow(ink.amount, cmap=ink_on_paper(), vmin=0, vmax=255)
        _title(axes[2], "3  Its ink" if ruled is None else "3  Its ink; rules, in orange, are left out")
        if ruled is not None:
            _draw_rules(axes[2], ruled)
    else:
        for unused in axes[1:]:
            unused.set_axis_off()


def _title(axes: Axes, words: str) -> None:
    frame(axes)
    axes.set_title(words, loc="left", fontsize=9.5, color=INK, pad=6)


def _draw_box(axes: Axes, digit: Digit, scale: int) -> None:
    """Draw a digit's box and its name, with paper around them so that they show on any ground."""
    from matplotlib.patches import Rectangle
    from matplotlib.patheffects import withStroke

    left, top, width, height = (length / scale for length in digit.box)
    colour = ORANGE if digit.digit is None else BLUE
    around = [withStroke(linewidth=3, foreground=PAPER)]
    corner = (left - 0.5, top - 0.5)
    axes.add_patch(
        Rectangle(corner, width, height, fill=False, edgecolor=colour, linewidth=1.2, path_effects=around)
    )
    name = "?" if digit.digit is None else str(digit.digit)
    axes.annotate(
        name,
        corner,
        xytext=(0, 2),
        textcoords="offset points",
        color=colour,
        fontsize=9,
        fontweight="bold",
        path_effects=around,
    )


def _draw_rules(axes: Axes, ruled: NDArray[np.bool_]) -> None:
    from matplotlib.colors import ListedColormap

    rules = np.ma.masked_equal(ruled, 0)
    axes.imshow(rules, cmap=ListedColormap([ORANGE]), interpolation="nearest")


def _draw_digits(figure: SubFigure, shown: tuple[Digit, ...], step: int, verdict: str) -> None:
    if verdict:
        figure.supxlabel(verdict, x=0.012, ha="left", fontsize=10, color=INK)
    if not shown:
        return
    words = f"{step}  The input of the network, and the probability of each digit"
    figure.suptitle(words, x=0.012, ha="left", fontsize=9.5, color=INK)
    rows = -(-len(shown) // _COLUMNS)
    grid = figure.subplots(rows, 2 * _COLUMNS, squeeze=False, width_ratios=[1, 0.8] * _COLUMNS)
    for axes in grid.flat[2 * len(shown) :]:
        axes.set_axis_off()
    for digit, image, bars in zip(shown, grid.flat[::2], grid.flat[1::2], strict=False):
        show_image(image, digit.image)
        colour = ORANGE if digit.digit is None else BLUE
        name = (
            "not sure" if digit.digit is None else f"{digit.digit}   {100 * (digit.probability or 0):.1f} %"
        )
        image.set_title(name, loc="left", fontsize=10, fontweight="bold", color=colour, pad=4)
        _draw_bars(bars, digit, colour)


def _draw_bars(axes: Axes, digit: Digit, colour: str) -> None:
    """The ten probabilities; the likeliest in colour."""
    plain_axes(axes)
    heights = np.zeros(10) if digit.probabilities is None else np.array(digit.probabilities)
    colours = [colour if height == heights.max() else SOFT for height in heights]
    axes.barh(range(10), heights, color=colours, height=0.7)
    axes.set_box_aspect(1.25)  # as high as the picture next to it
    axes.set(xlim=(0, 1), ylim=(9.5, -0.5), xticks=[], yticks=range(10))
    axes.tick_params(labelsize=6.5, pad=1)
    axes.spines["bottom"].set_visible(False)
    axes.spines["left"].set(visible=True, color=LINE)
