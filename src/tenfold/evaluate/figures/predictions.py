"""Predictions as rows: the image, the true class, the predicted class, and probabilities."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
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
    left_of_chart = at + _GAP + longest * (_LETTER if short else _SMALL)
    chart = _Chart(axes, left_of_chart, left + _HALF - 2 * _MARGIN, top, probabilities, true, read, classes)
    if short and len(classes) <= _WIDE:
        chart.draw_all()
    else:
        chart.draw_highest()


@dataclass(frozen=True)
class _Chart:
    """The probabilities of one image, drawn in a place of the axes: from left to right, below the top."""

    axes: Axes
    left: float
    right: float
    top: float
    probabilities: NDArray[np.floating[Any]]
    true: int
    read: int
    classes: Classes

    def draw_all(self) -> None:
        """Draw all probabilities as bars; numbers are above the two that matter."""
        axes, p, base = self.axes, self.probabilities, self.top + _SIDE
        step = (self.right - self.left) / len(p)
        middles = self.left + step * (np.arange(len(p)) + 0.5)
        heights = _HIGHEST * p
        axes.bar(middles, -heights, 0.8 * step, base, color=self._colours(range(len(p))))
        axes.plot([self.left, self.right], [base, base], color=SOFT, linewidth=0.8)
        most = set(np.argsort(-p, kind="stable")[:2].tolist())
        for i in {self.true, self.read} if self.true != self.read else most:
            at = middles[i], base - heights[i] - 0.01
            axes.text(*at, chance(p[i]), ha="center", va="bottom", fontsize=7, color=INK)
        below: dict[str, Any] = {"ha": "center", "va": "top", "fontfamily": families(), "fontsize": 8}
        for i, middle in enumerate(middles):
            axes.text(middle, base + 0.02, drawn(self.classes, i), color=SOFT, **below)

    def draw_highest(self) -> None:
        """Draw the highest probabilities and that of the true class as rows, by name."""
        axes, p = self.axes, self.probabilities
        highest = np.argsort(-p, kind="stable")[:_TOP].tolist()
        shown = highest if self.true in highest else [*highest[:-1], self.true]
        left = self.left + _TINY * min(self.classes.longest, _SHORT_NAME) + 0.1  # of the bars
        step = _SIDE / _TOP
        middles = self.top + step * (np.arange(len(shown)) + 0.5)
        widths = (self.right - left - 0.35) * p[shown]
        axes.barh(middles, widths, 0.8 * step, left, color=self._colours(shown))
        number: dict[str, Any] = {"va": "center", "fontsize": 7, "color": INK}
        name = {**number, "ha": "right", "fontfamily": families(), "color": SOFT}
        for middle, width, i in zip(middles, widths, shown, strict=True):
            axes.text(left + width + 0.04, middle, chance(p[i]), **number)
            axes.text(left - 0.04, middle, drawn(self.classes, i, _SHORT_NAME), **name)

    def _colours(self, shown: Iterable[int]) -> list[str]:
        return [BLUE if i == self.true else ORANGE if i == self.read else SOFT for i in shown]
