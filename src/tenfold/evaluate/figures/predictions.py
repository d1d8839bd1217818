"""Predictions as rows: the image, the true class, the predicted class, and probabilities."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tenfold.evaluate.classes import Classes
from tenfold.evaluate.examples import Kind, examples
from tenfold.evaluate.figures.canvas import new_figure, plain_axes, show_image
from tenfold.evaluate.figures.lettering import drawn, families
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
_TOP = 4  # probabilities by name


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
    classes: Classes | None = None,
) -> Figure:
    """The first predictions of a kind in two columns of rows.

    Parameters
    ----------
    kind : {"wrong", "right", "uncertain"}
        Which ones, and in which order: see `tenfold.evaluate.examples`.
    images : uint8 (n, h, w) or (n, h, w, c)
    labels : int64 (n,)
    probabilities : floats (n, k)
    true, predicted : collection of int, optional
        Show only images of these classes, predicted as one of these; ``true=[4, 9], predicted=[4, 9]``
        shows the errors between 4 and 9.
    limit : int
        At most so many.
    title : str, optional
        In place of the kind.
    seed : int
        Of the order of the right ones.
    classes : Classes, optional
        Their names; numbers where not given.
    """
    classes = classes or Classes.named(probabilities.shape[1], grey=images.ndim == 3)
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
    ratios = [1, 1.05, 4.6] if classes.longest <= 2 else [1, 2.4, 3.2]
    grid = figure.subplots(rows, 6, squeeze=False, width_ratios=ratios * 2)
    for place in range(2 * rows):
        row, column = divmod(place, 2)
        cells = grid[row, 3 * column : 3 * column + 3]
        if place < len(index):
            i = index[place]
            _row(cells, images[i], int(labels[i]), probabilities[i], classes)
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
    """The worst errors, those that gave the true class least probability first; see `predictions`."""
    return predictions(
        "wrong", images, labels, probabilities, true=true, predicted=predicted, limit=limit, title=title
    )


def _row(
    cells: Any,
    image: NDArray[np.uint8],
    true: int,
    probabilities: NDArray[np.floating[Any]],
    classes: Classes,
) -> None:
    read = int(np.argmax(probabilities))
    show_image(cells[0], image)
    cells[1].set_axis_off()
    size = 11 if classes.longest <= 2 else 8.5
    words = {"va": "center", "transform": cells[1].transAxes, "fontfamily": families(), "fontsize": size}
    cells[1].text(0, 0.62, f"is {drawn(classes, true)}", color=BLUE, **words)
    colour = BLUE if read == true else ORANGE
    told = f"{classes.verb} {drawn(classes, read)}"
    cells[1].text(0, 0.22, told, color=colour, fontweight="bold", **words)
    if classes.longest <= 2 and len(classes) <= _WIDE:
        _bars(cells[2], probabilities, true, read, classes)
    else:
        _top(cells[2], probabilities, true, read, classes)


def _bars(
    axes: Axes, probabilities: NDArray[np.floating[Any]], true: int, read: int, classes: Classes
) -> None:
    """All probabilities as bars; numbers are above the two that matter."""
    every = range(len(probabilities))
    plain_axes(axes)
    axes.bar(list(every), 100 * probabilities, color=[_colour(i, true, read) for i in every], width=0.8)
    for i in {true, read} if true != read else set(np.argsort(-probabilities, kind="stable")[:2]):
        axes.text(i, 100 * probabilities[i] + 4, chance(probabilities[i]), ha="center", fontsize=7, color=INK)
    axes.set_ylim(0, 128)
    axes.set_yticks([])
    axes.set_xticks(list(every), [drawn(classes, i) for i in every], fontfamily=families())
    axes.tick_params(axis="x", pad=1, labelsize=8)


def _top(
    axes: Axes, probabilities: NDArray[np.floating[Any]], true: int, read: int, classes: Classes
) -> None:
    """The highest probabilities and that of the true class as rows, by name."""
    top = np.argsort(-probabilities, kind="stable")[:_TOP].tolist()
    shown = top if true in top else [*top[:-1], true]
    plain_axes(axes)
    colours = [_colour(i, true, read) for i in shown]
    axes.barh(range(len(shown)), 100 * probabilities[shown], color=colours, height=0.8)
    for row, i in enumerate(shown):
        axes.text(
            100 * probabilities[i] + 2, row, chance(probabilities[i]), va="center", fontsize=7, color=INK
        )
    axes.set_xlim(0, 118)
    axes.set_ylim(_TOP - 0.5, -0.5)  # the first above
    axes.set_xticks([])
    axes.set_yticks(range(len(shown)), [drawn(classes, i) for i in shown], fontfamily=families())
    axes.tick_params(axis="y", pad=1, labelsize=7)


def _colour(index: int, true: int, read: int) -> str:
    return BLUE if index == true else ORANGE if index == read else SOFT
