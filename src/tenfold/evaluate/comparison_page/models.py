"""The sections about the models, each by itself: figures, runs, costs."""

from __future__ import annotations

import numpy as np

from tenfold.evaluate.comparison import Comparison, ModelResults, three_accuracies
from tenfold.evaluate.comparison.tables import runs_of
from tenfold.evaluate.comparison_page.colours import colour
from tenfold.evaluate.comparison_page.cost_chart import cost_chart
from tenfold.evaluate.comparison_page.seeds_chart import means_chart, seeds_chart
from tenfold.evaluate.comparison_page.tables import wide_table
from tenfold.evaluate.page.markup import Html, el, join
from tenfold.evaluate.page.report_data import Section
from tenfold.evaluate.tables.overview import times_texts
from tenfold.evaluate.tables.runs import EXPLAINED
from tenfold.evaluate.wording import count, percent

_SECONDS = (
    *(1, 60, 3600, 10, 600, 36_000, 0.1, 0.01, 0.001, 360_000),
    *(2, 5, 20, 30, 120, 300, 1200, 1800, 7200, 18_000, 72_000, 180_000),
)
UNTIMED = (
    "None of them has been timed on a quiet machine. The seconds of runs are no measure of speed, as many "
    "ran side by side; “tenfold verify NAME --time” times a model of the zoo."
)
_COUNTS = tuple(step * 10.0**power for step in (1, 3, 2, 5) for power in range(2, 10))


def models_section(comparison: Comparison) -> Section:
    """Every model's figures in a table."""
    heads = (
        "Model",
        "Runs",
        "As given",
        "10 corrected",
        "15 left out",
        "Deviation",
        "Training",
        "Prediction",
        "Parameters",
    )
    rows = [_row(i, one) for i, one in enumerate(comparison.models)]
    caption = (
        "Mean accuracy with the test labels as given, with the ten corrected that most readers correct, and "
        "with the fifteen doubtful ones left out; standard deviation between runs, in points; times on a "
        "quiet machine with all cores, prediction for all test images."
    )
    return Section("models", "The models", wide_table(caption, heads, rows))


def seeds_section(comparison: Comparison) -> Section:
    """Accuracy run by run."""
    lead = el(
        "p",
        "A model trained again from another seed is another network. What lies between the runs of one "
        "model is chance; what lies between models must be more than that.",
        class_="lead",
    )
    panels = el(
        "div",
        figure("Accuracy run by run", seeds_chart(comparison.models)),
        figure("Runs, mean and 95 % interval of the mean", means_chart(comparison.models)),
        class_="two",
    )
    return Section("seeds", "Over seeds", join([lead, panels, *map(_run_by_run, comparison.models)]))


def _run_by_run(one: ModelResults) -> Html:
    """A model's runs by seed, the authors' beside them, to be opened."""
    table = runs_of(one)
    rows = [[el("th", name, scope="row"), *(el("td", cell) for cell in cells)] for name, *cells in table.rows]
    heads = [head.capitalize() for head in table.heads]
    summary = el("summary", f"{one.name}, run by run", el("span", f": {one.protocol} protocol"))
    return el("details", summary, wide_table(EXPLAINED, heads, rows, "numbers tight"), class_="pair")


def cost_section(comparison: Comparison) -> Section:
    """Accuracy against what it costs."""
    every = comparison.models
    without = [one.name for one in every if one.parameters is None]
    note = f" {', '.join(without)}: no parameters, the training images are kept instead." if without else ""
    untimed = [one.name for one in every if one.timed is None]
    if untimed:
        note += f" Not timed on a quiet machine: {', '.join(untimed)}."
    lead = el("p", f"Dots are means, bars reach from the worst run to the best.{note}", class_="lead")
    panels = el(
        "div",
        figure(
            "Against training time",
            cost_chart(every, _train_seconds, "training time", _short_seconds, _SECONDS, UNTIMED),
        ),
        figure(
            "Against parameters",
            cost_chart(every, _parameters, "parameters", _short_count, _COUNTS, "None of them has any."),
        ),
        class_="two",
    )
    return Section("cost", "What it costs", join([lead, panels]))


def figure(caption: str, drawing: Html) -> Html:
    """A drawing with its caption."""
    return el("figure", el("figcaption", caption), drawing)


def _row(i: int, one: ModelResults) -> list[Html]:
    accuracies = one.accuracies
    deviation = f"{100 * float(np.std(accuracies, ddof=1)):.3f}" if len(accuracies) > 1 else "-"
    cells = [
        count(len(one.trials)),
        *(percent(value, 3) for value in three_accuracies(one).values()),
        deviation,
        *times_texts(one.timed),
        count(one.parameters),
    ]
    key = el("span", class_=f"key {colour(i)}")
    return [el("th", key, one.name, scope="row"), *(el("td", cell) for cell in cells)]


def _train_seconds(one: ModelResults) -> float | None:
    return None if one.timed is None else one.timed.train.median


def _parameters(one: ModelResults) -> float | None:
    return None if one.parameters is None else float(one.parameters)


def _short_seconds(duration: float) -> str:
    """A duration in one unit, for an axis."""
    for unit, name in ((3600, "h"), (60, "min"), (1, "s")):
        if duration >= unit:
            return f"{duration / unit:.3g} {name}"
    return f"{1000 * duration:.3g} ms"


def _short_count(number: float) -> str:
    """A count for an axis: 61,706, or 1.2 million."""
    return f"{number / 1e6:.3g} million" if number >= 1e6 else f"{number:,.0f}"
