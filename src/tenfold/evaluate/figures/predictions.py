"""Predictions as rows: the image, the true class, the predicted class, and probabilities."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tenfold.evaluate.classes import Classes
from tenfold.evaluate.examples import Kind, examples
from tenfold.evaluate.figures.canvas import new_figure, show_image
from tenfold.evaluate.figures.lettering import LONGEST_NAME, drawn, families
from tenfold.evaluate.figures.style import BLUE, INK, ORANGE, SOFT
from tenfold.evaluate.wording import chance, plural
from tenfold.pages.axes import letters

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
# In inches: half of the width, a row, above the rows, below them, beside them, an image, the highest bar.
_HALF, _ROW, _HEAD, _FOOT, _MARGIN, _GAP, _SIDE, _HIGHEST = 5.5, 0.87, 0.5, 0.25, 0.15, 0.15, 0.68, 0.54
_LETTER, _SMALL, _TINY = 0.115, 0.078, 0.07  # a letter of the two words, of longer ones, of names beside bars
_SHORT_NAME = 12  # letters of a name beside a bar

Corner = tuple[float, float]


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
    height = _HEAD + _ROW * rows + _FOOT
    figure = new_figure(2 * _HALF, height, f"{title}: {first}{plural(len(every), noun)}", layout="none")
    axes = figure.add_axes((0, 0, 1, 1))  # in inches from the top left; axes of each row's own take seconds
    axes.set_axis_off()
    axes.set_xlim(0, 2 * _HALF)
    axes.set_ylim(height, 0)
    for place, i in enumerate(index):
        row, column = divmod(place, 2)
        corner = _HALF * column + _MARGIN, _HEAD + _ROW * row
        _row(axes, corner, images[i], int(labels[i]), probabilities[i], classes)
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
    axes: Axes,
    corner: Corner,
    image: NDArray[np.uint8],
    true: int,
    probabilities: NDArray[np.floating[Any]],
    classes: Classes,
) -> None:
    """Draw an image, its two classes, and the probabilities."""
    left, top = corner
    read = int(np.argmax(probabilities))
    high, wide = (_SIDE * side / max(image.shape[:2]) for side in image.shape[:2])
    show_image(axes, image, (left, left + wide, top + high, top))
    short = classes.longest <= 2
    look: dict[str, Any] = {"va": "center", "fontfamily": families(), "fontsize": 11 if short else 8.5}
    at = left + _SIDE + _GAP
    axes.text(at, top + 0.25, f"is {drawn(classes, true)}", color=BLUE, **look)
    told = f"{classes.verb} {drawn(classes, read)}"
    axes.text(at, top + 0.52, told, color=BLUE if read == true else ORANGE, fontweight="bold", **look)
    longest = letters(classes.verb) + 1 + min(classes.longest, LONGEST_NAME)
    span = at + _GAP + longest * (_LETTER if short else _SMALL), left + _HALF - 2 * _MARGIN
    draw = _bars if short and len(classes) <= _WIDE else _top
    draw(axes, span, top, probabilities, true, read, classes)


def _bars(
    axes: Axes,
    span: tuple[float, float],
    top: float,
    probabilities: NDArray[np.floating[Any]],
    true: int,
    read: int,
    classes: Classes,
) -> None:
    """Draw all probabilities as bars; numbers are above the two that matter."""
    left, right = span
    every, base = range(len(probabilities)), top + _SIDE
    step = (right - left) / len(probabilities)
    middles = left + step * (np.arange(len(probabilities)) + 0.5)
    heights = _HIGHEST * probabilities
    axes.bar(middles, -heights, 0.8 * step, base, color=[_colour(i, true, read) for i in every])
    axes.plot([left, right], [base, base], color=SOFT, linewidth=0.8)
    for i in {true, read} if true != read else set(np.argsort(-probabilities, kind="stable")[:2]):
        words = chance(probabilities[i])
        at = middles[i], base - heights[i] - 0.01
        axes.text(*at, words, ha="center", va="bottom", fontsize=7, color=INK)
    below: dict[str, Any] = {"ha": "center", "va": "top", "fontfamily": families(), "fontsize": 8}
    for i in every:
        axes.text(middles[i], base + 0.02, drawn(classes, i), color=SOFT, **below)


def _top(
    axes: Axes,
    span: tuple[float, float],
    top: float,
    probabilities: NDArray[np.floating[Any]],
    true: int,
    read: int,
    classes: Classes,
) -> None:
    """Draw the highest probabilities and that of the true class as rows, by name."""
    highest = np.argsort(-probabilities, kind="stable")[:_TOP].tolist()
    shown = highest if true in highest else [*highest[:-1], true]
    left, right = span
    names = _TINY * min(classes.longest, _SHORT_NAME) + 0.1
    step = _SIDE / _TOP
    middles = top + step * (np.arange(len(shown)) + 0.5)
    widths = (right - left - names - 0.35) * probabilities[shown]
    colours = [_colour(i, true, read) for i in shown]
    axes.barh(middles, widths, 0.8 * step, left + names, color=colours)
    number: dict[str, Any] = {"va": "center", "fontsize": 7, "color": INK}
    name = {**number, "ha": "right", "fontfamily": families(), "color": SOFT}
    for middle, width, i in zip(middles, widths, shown, strict=True):
        axes.text(left + names + width + 0.04, middle, chance(probabilities[i]), **number)
        axes.text(left + names - 0.04, middle, drawn(classes, i, _SHORT_NAME), **name)


def _colour(index: int, true: int, read: int) -> str:
    return BLUE if index == true else ORANGE if index == read else SOFT
