"""Accuracy digit by digit, on the whole scale and on its last tenth, with the errors split.

A dashed line marks the accuracy over all images.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tenfold.evaluate.figures.canvas import new_figure, plain_axes
from tenfold.evaluate.figures.style import BLUE, INK, ORANGE, ORANGE_PALE, PAPER, SOFT
from tenfold.evaluate.stacks import Stack, stacks_by_actual, stacks_by_predicted
from tenfold.evaluate.wording import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def digit_accuracy(matrix: NDArray[np.int64]) -> Figure:
    """Four panels: by digit written and by digit read, each on 0-100 % and on 90-100 %.

    Parameters
    ----------
    matrix : int64 (k, k)
        Images by true digit (row) and predicted digit (column).
    """
    overall = float(np.trace(matrix) / matrix.sum())
    figure = new_figure(
        11,
        7.4,
        "Accuracy digit by digit (blue: right; orange: errors, with the other digit; "
        f"dashed: {percent(overall)} of all images)",
    )
    grid = figure.subplots(2, 2)
    columns = [
        ("of the images of each digit (recall); errors by digit read", stacks_by_actual(matrix)),
        ("of the readings of each digit (precision); errors by digit written", stacks_by_predicted(matrix)),
    ]
    for column, (title, stacks) in enumerate(columns):
        for row, floor in enumerate((0.0, 0.9)):
            below = any(one.images and one.right < floor for one in stacks)
            mark = "; ↓ lower" if below else ""
            _panel(grid[row, column], stacks, floor, f"{100 * floor:.0f}-100 % {title}{mark}")
            grid[row, column].axhline(100 * overall, color=INK, linewidth=1, linestyle=(0, (5, 3)))
    return figure


def _panel(axes: Axes, stacks: list[Stack], floor: float, title: str) -> None:
    plain_axes(axes, title, grid="y")
    for stack in stacks:
        _bar(axes, stack, floor)
        cut_off = stack.images > 0 and stack.right < floor
        figure_below = f"{'↓' * cut_off}{100 * stack.right:.1f}" if stack.images else "none"
        axes.text(
            stack.digit,
            -0.115,
            figure_below,
            ha="center",
            va="top",
            fontsize=7.5,
            color=ORANGE if cut_off else SOFT,
            fontweight="bold" if cut_off else "normal",
            transform=axes.get_xaxis_transform(),
        )
    axes.set_xlim(-0.6, len(stacks) - 0.4)
    axes.set_ylim(100 * floor, 100)
    axes.set_xticks(range(len(stacks)), [str(stack.digit) for stack in stacks])
    axes.tick_params(axis="x", labelsize=11, colors=INK)
    axes.yaxis.set_major_formatter("{x:g} %")


def _bar(axes: Axes, stack: Stack, floor: float) -> None:
    axes.bar(stack.digit, 100 * stack.right, width=0.78, color=BLUE, linewidth=0)
    bottom = stack.right
    for place, (other, part) in enumerate(stack.errors):
        axes.bar(
            stack.digit,
            100 * part,
            width=0.78,
            bottom=100 * bottom,
            edgecolor=PAPER,
            linewidth=0.6,
            color=ORANGE if place % 2 == 0 else ORANGE_PALE,
        )
        low = max(bottom, floor)
        if bottom + part - low > 0.045 * (1 - floor):
            axes.text(
                stack.digit,
                100 * (low + bottom + part) / 2,
                str(other),
                ha="center",
                va="center",
                fontsize=8,
                color=PAPER if place % 2 == 0 else INK,
            )
        bottom += part
