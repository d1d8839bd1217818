"""Accuracy class by class, on the whole scale and on its last tenth, with the errors split.

A dashed line marks the accuracy over all images.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tenfold.evaluate.classes import Classes
from tenfold.evaluate.figures.canvas import new_figure, plain_axes, stacked_bars
from tenfold.evaluate.figures.lettering import drawn, families
from tenfold.evaluate.figures.style import BLUE, INK, ORANGE, ORANGE_PALE, PAPER, SOFT
from tenfold.evaluate.stacks import Stack, stacks_by_actual, stacks_by_predicted, worst_stacks
from tenfold.evaluate.wording import percent
from tenfold.metrics import ClassCounts
from tenfold.pages.axes import letters

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST = 26  # bars: of many classes only those with the lowest accuracy
_WIDTH = 0.78  # of a bar
_ROOM = 40  # letters that fit side by side into the width of a panel


def digit_accuracy(matrix: NDArray[np.int64] | ClassCounts, classes: Classes | None = None) -> Figure:
    """Four panels: by true class and by predicted class, each on 0-100 % and on 90-100 %.

    Parameters
    ----------
    matrix : int64 (k, k) or ClassCounts
        Images by true class (row) and predicted class (column).
    classes : Classes, optional
        Their names; numbers where not given.
    """
    counts = ClassCounts.of(matrix)
    classes = classes or Classes.named(counts.classes)
    overall = 1 - counts.errors / counts.images
    some = "" if counts.classes <= _MOST else f"the {_MOST} lowest of {counts.classes:,} classes; "
    figure = new_figure(
        11,
        7.4,
        f"Accuracy {classes.noun} by {classes.noun} ({some}blue: right; orange: errors, with the other "
        f"{classes.noun}; dashed: {percent(overall)} of all images)",
    )
    grid = figure.subplots(2, 2)
    given = "readings" if classes.digits else "predictions"
    columns = [
        (
            f"of the images of each {classes.noun} (recall); errors by {classes.read}",
            stacks_by_actual(counts),
        ),
        (
            f"of the {given} of each {classes.noun} (precision); errors by {classes.actual}",
            stacks_by_predicted(counts),
        ),
    ]
    for column, (title, every) in enumerate(columns):
        stacks = every if len(every) <= _MOST else worst_stacks(every, _MOST)
        for row, floor in enumerate((0.0, 0.9)):
            below = any(one.images and one.right < floor for one in stacks)
            mark = "; ↓ lower" if below else ""
            _panel(grid[row, column], stacks, floor, f"{100 * floor:.0f}-100 % {title}{mark}", classes)
            grid[row, column].axhline(100 * overall, color=INK, linewidth=1, linestyle=(0, (5, 3)))
    return figure


def _panel(axes: Axes, stacks: list[Stack], floor: float, title: str, classes: Classes) -> None:
    plain_axes(axes, title, grid="y")
    names = [drawn(classes, stack.index, 12) for stack in stacks]
    upright = max(map(letters, names), default=0) * len(names) > _ROOM
    _bars(axes, stacks, floor, classes)
    for place, stack in enumerate(stacks):
        if not upright:
            _figure_below(axes, place, stack, floor)
    axes.set_xlim(-0.6, len(stacks) - 0.4)
    axes.set_ylim(100 * floor, 100)
    axes.set_xticks(range(len(stacks)), names, fontfamily=families())
    axes.tick_params(axis="x", labelsize=8.5 if upright else 11, colors=INK)
    if upright:
        axes.tick_params(axis="x", labelrotation=90)
    axes.yaxis.set_major_formatter("{x:g} %")


def _figure_below(axes: Axes, place: int, stack: Stack, floor: float) -> None:
    """Write the accuracy below a bar's name."""
    cut_off = stack.images > 0 and stack.right < floor
    axes.text(
        place,
        -0.115,
        f"{'↓' * cut_off}{100 * stack.right:.1f}" if stack.images else "none",
        ha="center",
        va="top",
        fontsize=7.5,
        color=ORANGE if cut_off else SOFT,
        fontweight="bold" if cut_off else "normal",
        transform=axes.get_xaxis_transform(),
    )


def _bars(axes: Axes, stacks: list[Stack], floor: float, classes: Classes) -> None:
    """Draw the bars, each a stack of what is right and of the errors with each other class."""
    bars: list[tuple[int, float, float, str]] = []  # place, height, bottom, colour
    for place, stack in enumerate(stacks):
        bars.append((place, stack.right, 0.0, BLUE))
        bottom = stack.right
        for number, (other, part) in enumerate(stack.errors):
            pale = number % 2 == 1
            bars.append((place, part, bottom, ORANGE_PALE if pale else ORANGE))
            low = max(bottom, floor)
            if bottom + part - low > 0.045 * (1 - floor) and classes.longest <= 2:
                middle, name = 100 * (low + bottom + part) / 2, drawn(classes, other)
                words: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 8}
                axes.text(place, middle, name, color=INK if pale else PAPER, **words)
            bottom += part
    places, heights, bottoms, colours = zip(*bars, strict=True)
    edges = [0.0 if colour == BLUE else 0.6 for colour in colours]
    left, scaled = np.array(places) - _WIDTH / 2, [100 * np.array(each) for each in (bottoms, heights)]
    stacked_bars(axes, left, scaled[0], _WIDTH, scaled[1], colours, edges)
