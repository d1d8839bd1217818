"""Accuracy run by run, and each model's mean with its interval."""

from __future__ import annotations

from collections.abc import Sequence

from tenfold import metrics
from tenfold.evaluate.comparison import ModelResults
from tenfold.evaluate.comparison_page.difference_chart import upright_grid
from tenfold.evaluate.comparison_page.error_axis import ErrorAxis, colour, error_axis
from tenfold.evaluate.wording import percent
from tenfold.pages.axes import BOLD, Scale, foot, grid_lines, linear, spread_heights, width_of
from tenfold.pages.svg import Html, box, chart, dot, stroke, words

_WIDTH, _HEIGHT = 400, 260
_TOP, _BOTTOM = 12, 216
_ROW = 46


def runs_chart(models: Sequence[ModelResults]) -> Html:
    """A dot for each run, in the order of the seeds, which means nothing: no line joins them."""
    axis = error_axis([1 - a for one in models for a in one.accuracies], _BOTTOM, _TOP)
    most = max(len(one.trials) for one in models)
    names = [one.name for one in models]
    left, right = 10 + width_of(name for _, name in axis.marks), _WIDTH - 12 - BOLD * width_of(names)
    step = linear(0, most - 1, left + 14, right - 8) if most > 1 else lambda _: (left + right) / 2
    means = [axis.place(1 - float(one.accuracies.mean())) for one in models]
    heights = spread_heights(means, 14, _TOP, _BOTTOM)
    parts = []
    for i, (one, mean, at) in enumerate(zip(models, means, heights, strict=True)):
        parts.append(words(right + 10, at + 3.5, one.name, f"t label {colour(i)}", "start"))
        parts.append(stroke(left, mean, right, mean, f"level {colour(i)}", _mean_text(one)))
        parts += _runs(one, f"spot {colour(i)}", step, axis)
    by_seed, runs = _run_names(models, most)
    every = "; ".join(f"{one.name}: {', '.join(percent(float(a)) for a in one.accuracies)}" for one in models)
    return chart(
        _WIDTH,
        _HEIGHT,
        f"Accuracy by run. {every}.",
        *grid_lines(left, right, axis.marks),
        *foot(left, right, _BOTTOM, [(step(run), name) for run, name in enumerate(runs)], by_seed),
        *parts,
    )


def _mean_text(one: ModelResults) -> str:
    return f"{one.name}: mean {percent(float(one.accuracies.mean()), 3)}"


def _runs(one: ModelResults, kind: str, step: Scale, axis: ErrorAxis) -> list[Html]:
    """A dot for each run of a model."""
    return [
        dot(
            step(run),
            axis.place(1 - trial.accuracy),
            kind,
            f"{one.name}, seed {trial.seed}: {percent(trial.accuracy)}",
        )
        for run, trial in enumerate(one.trials)
    ]


def means_chart(models: Sequence[ModelResults]) -> Html:
    """A row for each model: its runs as dots, its mean as a bar, the interval of the mean as a band."""
    means = [float(one.accuracies.mean()) for one in models]
    bands = [metrics.paired_t(one.accuracies).interval if len(one.trials) > 1 else None for one in models]
    ends = [end for band in bands if band is not None for end in band]
    every = [float(a) for one in models for a in one.accuracies]
    axis = error_axis([_error(a) for a in every + ends], 26, _WIDTH - 34)
    bottom = 8 + _ROW * len(models)
    parts = upright_grid(axis.marks, 6, bottom)
    for i, (one, mean, band) in enumerate(zip(models, means, bands, strict=True)):
        parts += _row(one, i, mean, band, axis)
    label = "; ".join(f"{one.name} {percent(mean, 3)}" for one, mean in zip(models, means, strict=True))
    return chart(_WIDTH, bottom + 24, f"Mean accuracies. {label}.", *parts)


def _row(
    one: ModelResults, i: int, mean: float, band: metrics.Interval | None, axis: ErrorAxis
) -> list[Html]:
    y, kind = 8 + _ROW * i, colour(i)
    parts = [words(14, y + 11, f"{one.name}  {percent(mean, 3)}", f"t label {kind}", "start")]
    if band is not None:
        low, high = (axis.place(_error(end)) for end in band)
        title = f"95 % interval of the mean: {percent(band.low, 3)} to {percent(band.high, 3)}"
        parts.append(box(low, y + 18, max(high - low, 1.0), 16, f"reach {kind}", title))
    parts += [
        dot(axis.place(1 - r.accuracy), y + 26, f"spot {kind}", f"seed {r.seed}: {percent(r.accuracy)}", 3.2)
        for r in one.trials
    ]
    at = axis.place(1 - mean)
    return [*parts, stroke(at, y + 16, at, y + 36, f"mean {kind}")]


def _error(accuracy: float) -> float:
    """An error rate; the end of an interval may be beyond what is possible."""
    return min(max(1 - accuracy, 0.0), 1.0)


def _run_names(models: Sequence[ModelResults], most: int) -> tuple[str, list[str]]:
    """Seeds under the runs where all models have the same, otherwise the numbers of the runs."""
    random = [one for one in models if not one.deterministic] or list(models)
    seeds = [[str(trial.seed) for trial in one.trials] for one in random]
    if all(one == seeds[0] for one in seeds):
        return "seed", seeds[0]
    return "run, by seed", [str(run + 1) for run in range(most)]
