"""The page's tables: facts, digits, confusion, layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log1p

import numpy as np
from numpy.typing import NDArray

from tenfold.evaluate.curves import Curves
from tenfold.evaluate.page.markup import Child, Html, el
from tenfold.evaluate.scores import Scores
from tenfold.evaluate.wording import count, nats, percent
from tenfold.nn import LayerRow


def facts(caption: str, rows: Mapping[str, Child]) -> Html:
    """Names and values, two columns."""
    body = [el("tr", el("th", name, scope="row"), el("td", value)) for name, value in rows.items()]
    return _table("facts", caption, None, body)


def digits_table(scores: Scores) -> Html:
    """Each digit's figures."""
    matrix = scores.matrix
    right, written, read = np.diagonal(matrix), matrix.sum(axis=1), matrix.sum(axis=0)
    body = [
        el(
            "tr",
            el("th", digit, scope="row"),
            el("td", count(int(written[digit]))),
            el("td", count(int(written[digit] - right[digit]))),
            el("td", percent(scores.recall[digit])),
            el("td", count(int(read[digit] - right[digit]))),
            el("td", percent(scores.precision[digit])),
        )
        for digit in range(len(matrix))
    ]
    heads = ("Digit", "Images", "Missed", "Recall", "Wrongly read as this", "Precision")
    return _table("numbers", "The same in numbers", heads, body)


def epochs_table(curves: Curves) -> Html:
    """The figures of each epoch."""
    columns = {
        "Learning rate": {epoch: f"{rate:.3g}" for epoch, rate in curves.learning_rate},
        **{f"{one.label}: accuracy": {e: percent(x) for e, x in one.points} for one in curves.accuracy},
        **{f"{one.label}: loss": {e: nats(x) for e, x in one.points} for one in curves.loss},
    }
    epochs = sorted({epoch for column in columns.values() for epoch in column})
    body = [
        el(
            "tr",
            el("th", epoch, scope="row"),
            *(el("td", column.get(epoch, "-")) for column in columns.values()),
        )
        for epoch in epochs
    ]
    return _table("numbers", "Each epoch", ("Epoch", *columns), body)


def confusion_table(matrix: NDArray[np.int64]) -> Html:
    """Counts by digit written (row) and read (column); colour grows with the logarithm of the errors."""
    k = len(matrix)
    most = max((int(matrix[i, j]) for i in range(k) for j in range(k) if i != j), default=0)
    heads = [el("td", class_="corner"), *(el("th", j, scope="col") for j in range(k))]
    body = [
        el("tr", el("th", i, scope="row"), *(_cell(matrix, i, j, most) for j in range(k))) for i in range(k)
    ]
    caption = (
        "Rows: the digit written. Columns: the digit read. On the diagonal, what is right; elsewhere, the "
        "deeper the colour, the more errors (on a logarithmic scale)."
    )
    table = el(
        "table", el("caption", caption), el("thead", el("tr", *heads)), el("tbody", *body), class_="confusion"
    )
    return el("div", table, class_="wide")


def _cell(matrix: NDArray[np.int64], true: int, read: int, most: int) -> Html:
    n = int(matrix[true, read])
    if true == read:
        return el("td", count(n), class_="right")
    if n == 0:
        return el("td", el("span", "0", class_="unseen"), class_="nothing")
    depth = log1p(n) / log1p(most)
    link = el(
        "a",
        count(n),
        href="#errors",
        data_true=true,
        data_read=read,
        title=f"{n:,} of digit {true} read as {read}",
    )
    return el(
        "td", link, class_="wrong deep" if depth > 0.6 else "wrong", style=f"--depth:{100 * depth:.0f}%"
    )


def layers_table(layers: Sequence[LayerRow]) -> Html:
    """The network, layer by layer, with totals."""
    body = [
        el(
            "tr",
            el("th", row.name, scope="row"),
            el("td", row.kind, class_="left"),
            el("td", " × ".join(str(side) for side in row.output_shape)),
            el("td", count(row.parameters)),
            el("td", count(row.flops)),
        )
        for row in layers
    ]
    body.append(
        el(
            "tr",
            el("th", "Total", scope="row"),
            el("td"),
            el("td"),
            el("td", count(sum(row.parameters for row in layers))),
            el("td", count(sum(row.flops for row in layers))),
            class_="total",
        )
    )
    heads = ("Layer", "Kind", "Output", "Parameters", "FLOPs an image")
    return _table("numbers layers", "Forward pass; a multiply-add counts as two operations", heads, body)


def _table(class_: str, caption: str, heads: Sequence[str] | None, body: Sequence[Html]) -> Html:
    head = el("thead", el("tr", *(el("th", name, scope="col") for name in heads))) if heads else None
    table = el("table", el("caption", caption), head, el("tbody", *body), class_=class_)
    return el("div", table, class_="wide", tabindex="0", role="region", aria_label=caption)
