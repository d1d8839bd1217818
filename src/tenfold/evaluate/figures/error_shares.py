"""Which class makes most of all errors: each class's share of them, split by the other class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tenfold.evaluate.classes import Classes
from tenfold.evaluate.figures.canvas import new_figure, plain_axes, stacked_bars
from tenfold.evaluate.figures.lettering import drawn, families
from tenfold.evaluate.figures.style import INK, ORANGE, ORANGE_PALE, PAPER, SOFT
from tenfold.evaluate.stacks import ErrorShare, error_shares_by_actual, error_shares_by_predicted
from tenfold.evaluate.wording import plural
from tenfold.metrics import ClassCounts
from tenfold.pages.axes import letters

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROW = 0.34  # inches
_HEIGHT = 0.76  # of a bar, in rows
_MOST = 20  # rows: of many classes only those that make most errors


def error_shares(matrix: NDArray[np.int64] | ClassCounts, classes: Classes | None = None) -> Figure:
    """Two panels of bars, the longest above: by true class, and by predicted class.

    Parameters
    ----------
    matrix : int64 (k, k) or ClassCounts
        Images by true class (row) and predicted class (column).
    classes : Classes, optional
        Their names; numbers where not given.
    """
    counts = ClassCounts.of(matrix)
    classes = classes or Classes.named(counts.classes)
    head = f"Share of all errors by {classes.noun}"
    if counts.errors == 0:
        figure = new_figure(7, 1.4, head)
        figure.text(0.5, 0.4, "There are no errors.", ha="center", fontsize=11, color=SOFT)
        return figure
    title = f"{head} ({plural(counts.errors, 'error')}; pieces: the other {classes.noun})"
    figure = new_figure(11, _ROW * min(counts.classes, _MOST) + 1.2, title)
    panels = {
        f"by {classes.actual}; pieces: {classes.verb} as": error_shares_by_actual(counts)[:_MOST],
        f"by {classes.read}; pieces: really": error_shares_by_predicted(counts)[:_MOST],
    }
    longest = max(shares[0].share for shares in panels.values())
    for axes, (name, shares) in zip(figure.subplots(1, 2), panels.items(), strict=True):
        _panel(axes, shares, name, longest, classes)
    return figure


def _panel(axes: Axes, shares: list[ErrorShare], title: str, longest: float, classes: Classes) -> None:
    plain_axes(axes, title, grid="x")
    for row, one in enumerate(shares):
        words = f"{100 * one.share:.1f} %  ({one.images:,})"
        axes.text(100 * (one.share + 0.015 * longest), row, words, va="center", fontsize=8, color=SOFT)
    _bars(axes, shares, longest, classes)
    axes.set_xlim(0, 130 * longest)
    axes.set_ylim(len(shares) - 0.4, -0.6)  # the first row above
    names = [drawn(classes, one.index) for one in shares]
    axes.set_yticks(range(len(shares)), names, fontfamily=families())
    axes.tick_params(axis="y", labelsize=11 if classes.longest <= 2 else 8.5, colors=INK)
    axes.xaxis.set_major_formatter("{x:g} %")


def _bars(axes: Axes, shares: list[ErrorShare], longest: float, classes: Classes) -> None:
    """Draw the bars, each split by the other class, with its name where there is room."""
    pieces: list[tuple[int, float, float, str]] = []  # row, left, width, colour
    for row, one in enumerate(shares):
        left = 0.0
        for place, (other, images) in enumerate(one.others):
            width, pale = 100 * one.share * images / one.images, place % 2 == 1
            pieces.append((row, left, width, ORANGE_PALE if pale else ORANGE))
            name = drawn(classes, other)
            if width > max(3.5, 2.5 * letters(name)) * longest:
                words: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 8}
                words |= {"fontfamily": families(), "color": INK if pale else PAPER}
                axes.text(left + width / 2, row, name, **words)
            left += width
    rows, lefts, widths, colours = zip(*pieces, strict=True)
    low = np.array(rows) - _HEIGHT / 2
    stacked_bars(axes, lefts, low, widths, _HEIGHT, colours, [0.6] * len(pieces))
