"""Predictions as rows: the image, the true digit, the digit read, and the probabilities of all digits."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tenfold.evaluate.examples import Kind, examples
from tenfold.evaluate.figures.canvas import new_figure, plain_axes, show_ink
from tenfold.evaluate.figures.style import BLUE, INK, ORANGE, SOFT
from tenfold.evaluate.wording import chance, plural

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_TITLES = {
    "wrong": "Wrong predictions",
    "right": "Right predictions",
    "uncertain": "Right predictions, least certain",
}
_FIRST = {"wrong": "the {} worst of", "right": "{} at random of", "uncertain": "the first {} of"}
_WIDE = 20  # classes; the numbers of more than this do not fit under their bars


def predictions(
    kind: Kind,
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    probabilities: NDArray[np.floating[Any]],
    *,
    true: Collection[int] | None = None,
    predicted: Collection[int] | None = None,
    limit: int = 16,
    title: str | None = None,
    seed: int = 0,
) -> Figure:
    """The first predictions of a kind in two columns of rows.

    Parameters
    ----------
    kind : {"wrong", "right", "uncertain"}
        Which ones, and in which order: see `tenfold.evaluate.examples`.
    images : uint8 (n, h, w)
        Ink high.
    labels : int64 (n,)
    probabilities : floats (n, k)
    true, predicted : collection of int, optional
        Show only images of these digits, read as one of these; ``true=[4, 9], predicted=[4, 9]`` shows
        the errors between 4 and 9.
    limit : int
        At most so many.
    title : str, optional
        In place of the kind.
    seed : int
        Of the order of the right ones.
    """
    every = examples(kind, labels, probabilities, true=true, predicted=predicted, seed=seed)
    index = every[:limit]
    title = _TITLES[kind] if title is None else title
    if len(index) == 0:
        figure = new_figure(7, 1.4, title)
        figure.text(0.5, 0.4, "There are none.", ha="center", fontsize=11, color=SOFT)
        return figure
    first = f"{_FIRST[kind].format(len(index))} " if len(index) < len(every) else ""
    noun = "error" if kind == "wrong" else "right prediction"
    rows = (len(index) + 1) // 2
    figure = new_figure(11, 0.85 * rows + 0.7, f"{title}: {first}{plural(len(every), noun)}")
    grid = figure.subplots(rows, 6, squeeze=False, width_ratios=[1, 1.05, 4.6] * 2)
    for place in range(2 * rows):
        row, column = divmod(place, 2)
        cells = grid[row, 3 * column : 3 * column + 3]
        if place < len(index):
            i = index[place]
            _row(cells, images[i], int(labels[i]), probabilities[i])
        else:
            for axes in cells:
                axes.set_axis_off()
    return figure


def wrong_predictions(
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    probabilities: NDArray[np.floating[Any]],
    *,
    true: Collection[int] | None = None,
    predicted: Collection[int] | None = None,
    limit: int = 16,
    title: str | None = None,
) -> Figure:
    """The worst errors, those that gave the true digit least probability first; see `predictions`."""
    return predictions(
        "wrong", images, labels, probabilities, true=true, predicted=predicted, limit=limit, title=title
    )


def _row(cells: Any, image: NDArray[np.uint8], true: int, probabilities: NDArray[np.floating[Any]]) -> None:
    read = int(np.argmax(probabilities))
    show_ink(cells[0], image)
    cells[1].set_axis_off()
    cells[1].text(0, 0.62, f"is {true}", color=BLUE, fontsize=11, va="center", transform=cells[1].transAxes)
    cells[1].text(
        0,
        0.22,
        f"read {read}",
        color=BLUE if read == true else ORANGE,
        fontsize=11,
        va="center",
        fontweight="bold",
        transform=cells[1].transAxes,
    )
    _bars(cells[2], probabilities, true, read)


def _bars(axes: Axes, probabilities: NDArray[np.floating[Any]], true: int, read: int) -> None:
    """All probabilities as bars; numbers are above the two that matter."""
    digits = range(len(probabilities))
    colours = [BLUE if digit == true else ORANGE if digit == read else SOFT for digit in digits]
    plain_axes(axes)
    axes.bar(list(digits), 100 * probabilities, color=colours, width=0.8)
    for digit in {true, read} if true != read else set(np.argsort(-probabilities, kind="stable")[:2]):
        axes.text(
            digit,
            100 * probabilities[digit] + 4,
            chance(probabilities[digit]),
            ha="center",
            fontsize=7,
            color=INK,
        )
    axes.set_ylim(0, 128)
    axes.set_yticks([])
    axes.set_xticks(list(digits) if len(digits) <= _WIDE else sorted({true, read}))
    axes.tick_params(axis="x", pad=1, labelsize=8)
