"""Reliability diagram: are predictions with 90 % confidence right 90 % of the time?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tenfold.evaluate.figures.canvas import new_figure, plain_axes
from tenfold.evaluate.figures.style import BLUE, BLUE_PALE, INK, SOFT
from tenfold.evaluate.scores import Calibration

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def reliability_diagram(calibration: Calibration) -> Figure:
    """Accuracy against confidence above, how many predictions have that confidence below (logarithmic).

    Parameters
    ----------
    calibration : Calibration
        Bins and errors, as in an evaluation's scores.
    """
    figure = new_figure(6, 7, "Reliability")
    above, below = figure.subplots(2, 1, height_ratios=[3, 1], sharex=True)
    plain_axes(
        above,
        f"expected calibration error {100 * calibration.expected_error:.2f} %, "
        f"maximum {100 * calibration.maximum_error:.2f} %",
        grid="both",
    )
    _points(above, calibration)
    plain_axes(below, "Predictions by confidence", grid="y")
    widths = [100 * (high - low) for low, high in zip(calibration.edges, calibration.edges[1:], strict=False)]
    below.bar(
        [100 * edge for edge in calibration.edges[:-1]],
        calibration.counts,
        widths,
        align="edge",
        color=BLUE_PALE,
        edgecolor=BLUE,
        linewidth=0.8,
    )
    below.set_yscale("log")
    below.minorticks_off()
    below.set_ylim(0.7, 2 * max(calibration.counts))
    below.yaxis.set_major_formatter("{x:,.0f}")
    below.set_xlabel("confidence", color=SOFT)
    below.xaxis.set_major_formatter("{x:g} %")
    return figure


def _points(axes: Axes, calibration: Calibration) -> None:
    axes.plot([0, 100], [0, 100], color=SOFT, linewidth=1, linestyle=(0, (4, 3)))
    axes.text(
        4,
        8,
        "as it should be",
        rotation=45,
        rotation_mode="anchor",
        color=SOFT,
        fontsize=8,
        transform_rotates_text=True,
    )
    held = [
        (100 * c, 100 * a, n)
        for c, a, n in zip(calibration.confidence, calibration.accuracy, calibration.counts, strict=True)
        if c is not None and a is not None
    ]
    for confidence, accuracy, _ in held:
        axes.plot([confidence, confidence], [confidence, accuracy], color=BLUE, linewidth=1)
    axes.plot([c for c, _, _ in held], [a for _, a, _ in held], "o", color=BLUE, markersize=6)
    axes.set_xlim(0, 101)
    axes.set_ylim(0, 101)
    axes.set_ylabel("accuracy", color=SOFT)
    axes.yaxis.set_major_formatter("{x:g} %")
    axes.tick_params(colors=INK)
