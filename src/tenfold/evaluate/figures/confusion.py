"""The confusion matrix, with colours that also show single errors; of many classes, the confused pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tenfold.evaluate.classes import Classes
from tenfold.evaluate.figures.canvas import new_figure, plain_axes
from tenfold.evaluate.figures.lettering import drawn, families
from tenfold.evaluate.figures.style import BLUE_PALE, INK, ORANGE, PAPER, SOFT
from tenfold.metrics import ClassCounts

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST = 60  # classes of a matrix that can be read
_NARROW = 12  # classes that have room for large letters
_PAIRS = 30


def confusion(matrix: NDArray[np.int64] | ClassCounts, classes: Classes | None = None) -> Figure:
    """Counts by true class (row) and predicted class; the deeper the orange, the more errors, by log.

    Parameters
    ----------
    matrix : int64 (k, k) or ClassCounts
        Of more than 60 classes, the 30 most frequent errors are drawn as bars in place of a matrix.
    classes : Classes, optional
        Their names; numbers where not given.
    """
    counts = ClassCounts.of(matrix)
    classes = classes or Classes.named(counts.classes)
    if counts.classes > _MOST:
        return _pairs(counts, classes)
    return _matrix(counts.matrix, classes)


def _matrix(matrix: NDArray[np.int64], classes: Classes) -> Figure:
    from matplotlib.colors import LinearSegmentedColormap, ListedColormap

    k, narrow = len(matrix), len(matrix) <= _NARROW
    on_diagonal = np.eye(k, dtype=bool)
    wrong = np.where(on_diagonal, 0, matrix)  # (k, k)
    depth = np.log1p(wrong) / max(np.log1p(wrong.max()), 1.0)
    side = 6.6 if narrow else 0.3 * k + 1.2
    figure = new_figure(side + 0.2, side, f"Confusion: {classes.actual} (rows), {classes.read} (columns)")
    axes = figure.subplots()
    plain_axes(axes)
    orange = LinearSegmentedColormap.from_list("errors", [PAPER, ORANGE])
    axes.imshow(np.ma.masked_where(on_diagonal, depth), cmap=orange, vmin=0, vmax=1)
    axes.imshow(np.ma.masked_where(~on_diagonal, np.ones((k, k))), cmap=ListedColormap([BLUE_PALE]))
    for i, j in np.argwhere(matrix):
        colour, size = PAPER if depth[i, j] > 0.62 else INK, 9.5 if narrow else 6.5
        axes.text(j, i, f"{matrix[i, j]:,}", ha="center", va="center", fontsize=size, color=colour)
    rows, columns = np.nonzero(matrix == 0)  # most of many classes: dots of one line, not a text each
    axes.plot(columns, rows, ".", markersize=1.5, color=SOFT)
    _name(axes, classes, narrow)
    return figure


def _name(axes: Axes, classes: Classes, narrow: bool) -> None:
    """Write the names of rows and columns; long ones of columns stand upright."""
    names = [drawn(classes, index) for index in range(len(classes))]
    size = 11 if narrow and classes.longest <= 2 else 9 if narrow else 8
    axes.set_xticks(range(len(classes)), names, fontfamily=families())
    axes.set_yticks(range(len(classes)), names, fontfamily=families())
    axes.tick_params(labelsize=size, colors=INK)
    axes.set_xlabel(classes.read, color=SOFT)
    axes.set_ylabel(classes.actual, color=SOFT)
    axes.xaxis.set_label_position("top")
    axes.xaxis.tick_top()
    if classes.longest > 2:
        axes.tick_params(axis="x", labelrotation=90)
    axes.spines["bottom"].set_visible(False)


def _pairs(counts: ClassCounts, classes: Classes) -> Figure:
    """The most frequent errors as bars."""
    from matplotlib.ticker import MaxNLocator

    pairs = counts.pairs[:_PAIRS].tolist()
    title = f"The most frequent errors; {counts.classes:,} {classes.nouns} are too many for a matrix"
    if not pairs:
        figure = new_figure(8, 1.4, title)
        figure.text(0.5, 0.4, "There are no errors.", ha="center", fontsize=11, color=SOFT)
        return figure
    figure = new_figure(9, 0.26 * len(pairs) + 1.0, title)
    axes = figure.subplots()
    plain_axes(axes, "images", grid="x")
    names = [f"{drawn(classes, true)} {classes.verb} as {drawn(classes, read)}" for true, read, _ in pairs]
    for row, (_, _, images) in enumerate(pairs):
        axes.barh(row, images, height=0.76, color=ORANGE)
        axes.text(images, row, f" {images:,}", va="center", fontsize=8, color=SOFT)
    axes.set_yticks(range(len(pairs)), names, fontfamily=families())
    axes.tick_params(axis="y", labelsize=8.5, colors=INK)
    axes.set_ylim(len(pairs) - 0.4, -0.6)  # the first row above
    axes.set_xlim(0, 1.12 * pairs[0][2])
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    return figure
