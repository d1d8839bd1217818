"""Accuracy run by run, and each model's mean with its interval."""

from __future__ import annotations

from collections.abc import Sequence

from tenfold import metrics
from tenfold.evaluate.comparison import ModelResults
from tenfold.evaluate.comparison_page.colours import colour
from tenfold.evaluate.comparison_page.error_axis import ErrorAxis, error_axis
from tenfold.evaluate.page.markup import Html, el
from tenfold.evaluate.page.svg import Scale, box, chart, dot, levels, linear, stroke, words
from tenfold.evaluate.wording import percent

_WIDTH, _HEIGHT = 400, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 50, 312, 12, 216
_ROW = 46


def seeds_chart(models: Sequence[ModelResults]) -> Html:
    """A line for each model, over its runs in the order of their seeds."""
    axis = error_axis([1 - a for one in models for a in one.accuracies], _BOTTOM, _TOP)
    most = max(len(one.trials) for one in models)
    x = _run_scale(most)
    ends = _labels([(i, axis.place(1 - float(one.accuracies[-1]))) for i, one in enumerate(models)])
    lines = [_line(one, i, x, axis, most) for i, one in enumerate(models)]
    names = [words(_RIGHT + 10, at + 3.5, models[i].name, f"t label {colour(i)}", "start") for i, at in ends]
    said = "; ".join(f"{one.name}: {', '.join(percent(float(a)) for a in one.accuracies)}" for one in models)
    return chart(
        _WIDTH,
        _HEIGHT,
        f"Accuracy by run. {said}.",
        *levels(_LEFT, _RIGHT, axis.marks),
        *_foot(models, most, x),
        *lines,
        *names,
    )


def means_chart(models: Sequence[ModelResults]) -> Html:
    """A row for each model: its runs as dots, its mean as a bar, the interval of the mean as a band."""
    means = [float(one.accuracies.mean()) for one in models]
    bands = [metrics.paired_t(one.accuracies).interval if len(one.trials) > 1 else None for one in models]
    ends = [end for band in bands if band is not None for end in band]
    every = [float(a) for one in models for a in one.accuracies]
    axis = error_axis([min(max(1 - a, 0.0), 1.0) for a in every + ends], 14, _WIDTH - 34)
    bottom = 8 + _ROW * len(models)
    parts: list[Html] = []
    for tick, name in _apart(axis):
        parts += [
            stroke(axis.place(tick), 6, axis.place(tick), bottom),
            words(axis.place(tick), bottom + 16, name, "t soft"),
        ]
    for i, (one, mean, band) in enumerate(zip(models, means, bands, strict=True)):
        parts += _row(one, i, mean, band, axis)
    said = "; ".join(f"{one.name} {percent(mean, 3)}" for one, mean in zip(models, means, strict=True))
    return chart(_WIDTH, bottom + 24, f"Mean accuracies. {said}.", *parts)


def _row(
    one: ModelResults, i: int, mean: float, band: metrics.Interval | None, axis: ErrorAxis
) -> list[Html]:
    y, kind = 8 + _ROW * i, colour(i)
    parts = [words(14, y + 11, f"{one.name}  {percent(mean, 3)}", f"t label {kind}", "start")]
    if band is not None:
        low, high = (axis.place(min(max(1 - end, 0.0), 1.0)) for end in band)
        title = f"95 % interval of the mean: {percent(band.low, 3)} to {percent(band.high, 3)}"
        parts.append(box(low, y + 18, max(high - low, 1.0), 16, f"reach {kind}", title))
    parts += [
        dot(axis.place(1 - r.accuracy), y + 26, f"spot {kind}", f"seed {r.seed}: {percent(r.accuracy)}", 3.2)
        for r in one.trials
    ]
    at = axis.place(1 - mean)
    return [*parts, stroke(at, y + 16, at, y + 36, f"mean {kind}")]


def _line(one: ModelResults, i: int, x: Scale, axis: ErrorAxis, most: int) -> Html:
    kind = colour(i)
    places = [(x(run), axis.place(1 - result.accuracy)) for run, result in enumerate(one.trials)]
    dots = [
        dot(*at, f"spot {kind}", f"{one.name}, seed {result.seed}: {percent(result.accuracy)}")
        for at, result in zip(places, one.trials, strict=True)
    ]
    if one.deterministic and most > 1:  # the same for every seed
        return el("g", stroke(x(0), places[0][1], x(most - 1), places[0][1], f"curve same {kind}"), *dots)
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in places)
    return el("g", el("polyline", points=points, class_=f"curve {kind}"), *dots)


def _run_scale(most: int) -> Scale:
    if most == 1:  # one run stands in the middle
        return lambda _: (_LEFT + _RIGHT) / 2
    return linear(0, most - 1, _LEFT + 14, _RIGHT - 8)


def _foot(models: Sequence[ModelResults], most: int, x: Scale) -> list[Html]:
    """Seeds under the runs where all models have the same, their numbers otherwise."""
    random = [one for one in models if not one.deterministic] or list(models)
    seeds = [[str(result.seed) for result in one.trials] for one in random]
    alike = all(one == seeds[0] for one in seeds) and len("".join(seeds[0])) <= 36
    names = seeds[0] if alike else [str(run + 1) for run in range(most)]
    step = 1 if most <= 12 else -(-most // 10)
    return [
        stroke(_LEFT, _BOTTOM, _RIGHT, _BOTTOM, "axis"),
        *(words(x(run), _BOTTOM + 16, name, "t soft") for run, name in enumerate(names) if run % step == 0),
        words((_LEFT + _RIGHT) / 2, _BOTTOM + 34, "seed" if alike else "run, by seed", "t soft"),
    ]


def _labels(ends: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """Heights of the names at the lines' ends, pushed apart where they would touch, inside the chart."""
    placed: list[tuple[int, float]] = []
    for i, at in sorted(ends, key=lambda end: end[1]):
        placed.append((i, max(at, placed[-1][1] + 14) if placed else at))
    over = max(0.0, placed[-1][1] - _BOTTOM)
    return [(i, at - over) for i, at in placed]


def _apart(axis: ErrorAxis) -> list[tuple[float, str]]:
    """The ticks whose words do not run into one another, from 100 % downwards."""
    kept: list[tuple[float, str]] = []
    for tick, name in axis.ticks:
        if not kept or abs(axis.place(tick) - axis.place(kept[-1][0])) >= 52:
            kept.append((tick, name))
    return kept
