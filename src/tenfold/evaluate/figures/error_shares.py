"""Which digit makes most of all errors: each digit's share of them, split by the other digit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tenfold.evaluate.figures.canvas import new_figure, plain_axes
from tenfold.evaluate.figures.style import INK, ORANGE, ORANGE_PALE, PAPER, SOFT
from tenfold.evaluate.stacks import ErrorShare, error_shares_by_actual, error_shares_by_predicted
from tenfold.evaluate.wording import plural

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROW = 0.34  # inches
_MOST = 20  # rows: of many classes only those that make most errors


def error_shares(matrix: NDArray[np.int64]) -> Figure:
    """Two panels of bars, the longest above: by the digit that was written, and by the digit that was read.

    Parameters
    ----------
    matrix : int64 (k, k)
        Images by true digit (row) and predicted digit (column).
    """
    wrong = int(matrix.sum() - np.trace(matrix))
    if wrong == 0:
        figure = new_figure(7, 1.4, "Share of all errors by digit")
        figure.text(0.5, 0.4, "There are no errors.", ha="center", fontsize=11, color=SOFT)
        return figure
    title = f"Share of all errors by digit ({plural(wrong, 'error')}; pieces: the other digit)"
    figure = new_figure(11, _ROW * min(len(matrix), _MOST) + 1.2, title)
    panels = {
        "by digit written; pieces: read as": error_shares_by_actual(matrix)[:_MOST],
        "by digit read; pieces: really": error_shares_by_predicted(matrix)[:_MOST],
    }
    longest = max(shares[0].share for shares in panels.values())
    for axes, (name, shares) in zip(figure.subplots(1, 2), panels.items(), strict=True):
        _panel(axes, shares, name, longest)
    return figure


def _panel(axes: Axes, shares: list[ErrorShare], title: str, longest: float) -> None:
    plain_axes(axes, title, grid="x")
    for row, one in enumerate(shares):
        _bar(axes, one, row, longest)
        words = f"{100 * one.share:.1f} %  ({one.images:,})"
        axes.text(100 * (one.share + 0.015 * longest), row, words, va="center", fontsize=8, color=SOFT)
    axes.set_xlim(0, 130 * longest)
    axes.set_ylim(len(shares) - 0.4, -0.6)  # the first row above
    axes.set_yticks(range(len(shares)), [str(one.digit) for one in shares])
    axes.tick_params(axis="y", labelsize=11, colors=INK)
    axes.xaxis.set_major_formatter("{x:g} %")


def _bar(axes: Axes, one: ErrorShare, row: int, longest: float) -> None:
    left = 0.0
    for place, (other, images) in enumerate(one.others):
        width = 100 * one.share * images / one.images
        shade = ORANGE if place % 2 == 0 else ORANGE_PALE
        axes.barh(row, width, left=left, height=0.76, color=shade, edgecolor=PAPER, linewidth=0.6)
        if width > 3.5 * longest:  # there is room for the digit
            ink = PAPER if place % 2 == 0 else INK
            axes.text(left + width / 2, row, str(other), ha="center", va="center", fontsize=8, color=ink)
        left += width
