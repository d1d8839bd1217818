"""Pictures of the digits that both models misread, and that one of them alone does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tenfold import metrics
from tenfold.evaluate.comparison import ModelResults
from tenfold.evaluate.evaluation import Labelled
from tenfold.evaluate.page.markup import Html, el
from tenfold.evaluate.page.pictures import ink_picture
from tenfold.evaluate.wording import plural


@dataclass(frozen=True, eq=False)
class _Shelf:
    """What the galleries are made from: images, and how many runs of each model misread each, ``(2, n)``."""

    test: Labelled
    counts: NDArray[np.int64]
    runs: tuple[int, int]
    doubtful: tuple[int, ...]


def misread(number: int, a: ModelResults, b: ModelResults, test: Labelled | None, most: int) -> Html | None:
    """Three galleries, or none without images.

    An image counts as misread by a model if more than half of its runs misread it.
    """
    if test is None:
        return None
    first, second = a.misread(), b.misread()
    runs = len(a.trials), len(b.trials)
    counts = np.rint([first * runs[0], second * runs[1]]).astype(np.int64)  # (2, n)
    doubtful = metrics.DOUBTFUL if metrics.is_mnist_test(test.labels) else ()
    shelf = _Shelf(test, counts, runs, doubtful)
    often_a, often_b = first > 0.5, second > 0.5
    groups = [
        ("Misread by both", _most(often_a & often_b, first + second)),
        (f"Misread by {a.name} alone", _most(often_a & ~often_b, first - second)),
        (f"Misread by {b.name} alone", _most(often_b & ~often_a, second - first)),
    ]
    mark = "A dotted line marks a doubtful label." if doubtful else None
    return el(
        "div",
        el("h3", "The digits"),
        el("p", _caption(a, b), mark, class_="lead"),
        *(_gallery(title, index, most, shelf) for title, index in groups),
        class_="misread",
        id=f"misread-{number + 1}",
    )


def _caption(a: ModelResults, b: ModelResults) -> str:
    runs = len(a.trials), len(b.trials)
    if max(runs) == 1:
        return "Under each, its label. "
    return (
        "An image counts as misread if more than half of a model's runs misread it. Under each, its label, "
        f"and how many of {plural(runs[0], 'run')} of {a.name} and of {plural(runs[1], 'run')} of {b.name} "
        "misread it. "
    )


def _most(chosen: NDArray[np.bool_], weight: NDArray[np.float64]) -> NDArray[np.int64]:
    """Indices of the images chosen, the heaviest first."""
    index = np.flatnonzero(chosen)
    return index[np.argsort(-weight[index], kind="stable")].astype(np.int64)


def _gallery(title: str, index: NDArray[np.int64], most: int, shelf: _Shelf) -> Html:
    shown = [int(i) for i in index[:most]]
    some = f", {len(shown)} of them here" if len(shown) < len(index) else ""
    heading = el("p", el("strong", title), f": {plural(len(index), 'image')}{some}")
    figures = el("div", *(_figure(i, shelf) for i in shown), class_="digits") if shown else None
    return el("div", heading, figures)


def _figure(i: int, shelf: _Shelf) -> Html:
    label, (a, b) = int(shelf.test.labels[i]), shelf.counts[:, i]
    of = el("span", f" {a} : {b}") if max(shelf.runs) > 1 else None
    return el(
        "figure",
        ink_picture(shelf.test.images[i], f"Test image {i}, labelled {label}"),
        el("figcaption", el("b", label, class_="doubt" if i in shelf.doubtful else None), of),
        title=f"test image {i}",
    )
