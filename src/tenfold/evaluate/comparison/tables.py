"""A comparison as tables, and as records for CSV."""

from __future__ import annotations

from typing import Any

from tenfold.evaluate.comparison.compare import Comparison, knows_doubtful, three_accuracies
from tenfold.evaluate.comparison.model_results import ModelResults
from tenfold.evaluate.comparison.verdict import verdict
from tenfold.evaluate.tables import Table, runs_table
from tenfold.evaluate.tables.overview import times_texts
from tenfold.evaluate.wording import count, p_value, percent, points, points_range

DOUBTFUL = ("10 corrected", "15 left out")
"""Columns about the labels of MNIST's test set alone."""
MODELS = (
    *("model", "protocol", "runs", "as given", *DOUBTFUL),
    *("training", "prediction", "parameters"),
)
PAIRS = ("first", "second", "difference, points", "95 % over images", "p (Holm)", "finding")


def comparison_tables(comparison: Comparison) -> list[Table]:
    """Return the models, every pair of them compared, and the runs of each."""
    every = comparison.models
    hidden = set() if knows_doubtful(every) else set(DOUBTFUL)
    shown = [place for place, name in enumerate(MODELS) if name not in hidden]
    models = tuple(tuple(_model(one)[place] for place in shown) for one in every)
    pairs = tuple(
        (
            *(pair.a, pair.b, points(pair.difference), points_range(pair.images.interval)),
            *(p_value(pair.p_holm), verdict(pair)),
        )
        for pair in comparison.pairs
    )
    return [
        Table(
            f"Models on the test images of {every[0].dataset}",
            tuple(MODELS[place] for place in shown),
            models,
            left=(0, 1),
        ),
        Table("All pairs compared", PAIRS, pairs, left=(0, 1, 5)),
        *(runs_of(one) for one in every),
    ]


def runs_of(one: ModelResults) -> Table:
    """Return a model's runs by seed, with the authors' runs."""
    return runs_table(f"{one.name}, {one.protocol} protocol", one.published, one.trials)


def runs_records(comparison: Comparison) -> list[dict[str, Any]]:
    """Return every run of every model with every digit."""
    return [_record(one, trial) for one in comparison.models for trial in one.trials]


def _model(one: ModelResults) -> tuple[str, ...]:
    accuracies = (percent(value, 3) for value in three_accuracies(one).values())
    runs = str(len(one.trials))
    return one.name, one.protocol, runs, *accuracies, *times_texts(one.timed), count(one.parameters)


def _record(one: ModelResults, trial: Any) -> dict[str, Any]:
    names = (
        *("seed", "accuracy", "accuracy_corrected", "accuracy_without_doubtful", "loss"),
        *("epochs", "best_epoch", "train_seconds", "predict_seconds"),
    )
    return {"model": one.name, "protocol": one.protocol, **{name: getattr(trial, name) for name in names}}
