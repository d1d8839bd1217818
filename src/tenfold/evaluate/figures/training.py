"""Training curves: accuracy and loss, epoch by epoch."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tenfold.evaluate.curves import SMALLEST_ERROR, Curves, Series, round_ticks
from tenfold.evaluate.curves import curves as curves_of
from tenfold.evaluate.figures.canvas import new_figure, plain_axes
from tenfold.evaluate.figures.style import BLUE, INK, ORANGE, SOFT

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from tenfold.train import History

_LOOKS = {"train": (SOFT, "--", "o"), "validation": (BLUE, "-", "o"), "test": (ORANGE, "-", "s")}
_OTHER = (INK, "-", "o")
_WATCHED = {"train": (SOFT, "-", "^")}  # others are dotted, in their colour


def training_curves(curves: Curves | History) -> Figure:
    """Accuracy on the left, on a scale that widens towards 100 %; loss in nats on the right, logarithmic.

    Parameters
    ----------
    curves : Curves or History
        From `tenfold.evaluate.curves.curves`, or from `fit`.
    """
    curves = curves if isinstance(curves, Curves) else curves_of(curves)
    figure = new_figure(11, 4.4, "Training")
    left, right = figure.subplots(1, 2)
    plain_axes(left, "Accuracy", grid="y")
    plain_axes(right, "Loss, nats", grid="y")
    errors = [
        replace(one, points=tuple((e, max(1 - value, SMALLEST_ERROR)) for e, value in one.points))
        for one in curves.accuracy
    ]
    _lines(left, errors)
    left.invert_yaxis()
    ticks = _ticks(errors)
    left.set_yticks(ticks, [f"{100 * (1 - tick):g} %" for tick in ticks])
    losses = [
        replace(one, points=tuple(point for point in one.points if point[1] > 0)) for one in curves.loss
    ]
    _lines(right, losses)
    ticks = _ticks(losses)
    right.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    return figure


def _look(one: Series) -> tuple[str, str, str]:
    """Return colour, dashes and marker."""
    colour, dash, marker = _LOOKS.get(one.part, _OTHER)
    return _WATCHED.get(one.part, (colour, ":", "^")) if one.watched else (colour, dash, marker)


def _ticks(series: list[Series]) -> list[float]:
    values = [value for one in series for _, value in one.points]
    return round_ticks(min(values) / 1.5, max(values) * 1.5) if values else []


def _lines(axes: Axes, series: list[Series]) -> None:
    from matplotlib.ticker import MaxNLocator

    drawn = [one for one in series if one.points]
    if not drawn:
        axes.set_xticks([])
        axes.set_yticks([])
        axes.text(0.5, 0.5, "not recorded", ha="center", transform=axes.transAxes, color=SOFT)
        return
    axes.set_yscale("log")
    axes.minorticks_off()
    for one in drawn:
        colour, dash, marker = _look(one)
        axes.plot(
            *zip(*one.points, strict=True),
            dash,
            color=colour,
            marker=marker,
            markersize=4,
            linewidth=1.8,
            label=one.label,
        )
    axes.set_xlabel("epoch", color=SOFT, fontsize=9)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(frameon=False, fontsize=9, labelcolor=INK)
