"""The confusion matrix, with colours that also show single errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tenfold.evaluate.figures.canvas import new_figure, plain_axes
from tenfold.evaluate.figures.style import BLUE_PALE, INK, ORANGE, PAPER, SOFT

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def confusion(matrix: NDArray[np.int64]) -> Figure:
    """Counts by digit written (row) and digit read (column); the deeper the orange, the more errors, by log.

    Parameters
    ----------
    matrix : int64 (k, k)
    """
    from matplotlib.colors import LinearSegmentedColormap, ListedColormap

    k = len(matrix)
    on_diagonal = np.eye(k, dtype=bool)
    wrong = np.where(on_diagonal, 0, matrix)  # (k, k)
    depth = np.log1p(wrong) / max(np.log1p(wrong.max()), 1.0)
    figure = new_figure(6.8, 6.6, "Confusion: digit written (rows), digit read (columns)")
    axes = figure.subplots()
    plain_axes(axes)
    orange = LinearSegmentedColormap.from_list("errors", [PAPER, ORANGE])
    axes.imshow(np.ma.masked_where(on_diagonal, depth), cmap=orange, vmin=0, vmax=1)
    axes.imshow(np.ma.masked_where(~on_diagonal, np.ones((k, k))), cmap=ListedColormap([BLUE_PALE]))
    for (i, j), n in np.ndenumerate(matrix):
        colour = PAPER if depth[i, j] > 0.62 else INK if n else SOFT
        axes.text(j, i, f"{n:,}" if n else "·", ha="center", va="center", fontsize=9.5, color=colour)
    axes.set_xticks(range(k))
    axes.set_yticks(range(k))
    axes.tick_params(labelsize=11, colors=INK)
    axes.set_xlabel("digit read", color=SOFT)
    axes.set_ylabel("digit written", color=SOFT)
    axes.xaxis.set_label_position("top")
    axes.xaxis.tick_top()
    axes.spines["bottom"].set_visible(False)
    return figure
