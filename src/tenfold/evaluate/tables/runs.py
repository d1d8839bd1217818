"""Run by run: accuracy, loss, epochs and seconds of each seed, the authors' next to ours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any, Protocol

from tenfold.evaluate.tables.table import Table, written
from tenfold.evaluate.wording import percent
from tenfold.zoo import Entry, Measured, PublishedRun, entry, measured
from tenfold.zoo.measured import PLACES, stem

NOT_MEASURED = "not measured"
EXPLAINED = (
    "Loss: the mean on the test images, in nats. Epoch kept: whose weights were kept. Seconds: of training, "
    "for ours while trials ran side by side, so they do not measure speed. Authors 1 and 2 are two series "
    "of runs that the authors report."
)


class Run(Protocol):
    """The figures of a run, the authors' or ours."""

    @property
    def accuracy(self) -> float: ...
    @property
    def loss(self) -> float | None: ...
    @property
    def epochs(self) -> int | None: ...
    @property
    def best_epoch(self) -> int | None: ...
    @property
    def train_seconds(self) -> float | None: ...


class SeededRun(Run, Protocol):
    """A run of ours, whose seed is known."""

    @property
    def seed(self) -> int: ...


@dataclass(frozen=True)
class _Figure:
    """One figure of a run: its name, how to get it, and how it is worded."""

    name: str
    of: Callable[[Run], float | None]
    worded: Callable[[float], str]
    mean: Callable[[float], str]


_FIGURES = (
    _Figure("accuracy", lambda run: run.accuracy, percent, lambda mean: percent(mean, 3)),
    _Figure("loss", lambda run: run.loss, "{:.4f}".format, "{:.4f}".format),
    _Figure("epochs", lambda run: run.epochs, "{:.0f}".format, "{:.1f}".format),
    _Figure("epoch kept", lambda run: run.best_epoch, "{:.0f}".format, "{:.1f}".format),
    _Figure("seconds", lambda run: run.train_seconds, "{:,.1f}".format, "{:,.1f}".format),
)
Series = dict[str, list[tuple[int | None, Run]]]


def runs_table(title: str, published: Sequence[PublishedRun], ours: Sequence[SeededRun]) -> Table:
    """Return a row for each seed and one of means; columns without any figure are left out.

    Parameters
    ----------
    title : str
    published : sequence of PublishedRun
        The authors'; those without a known seed come first, each in its own row.
    ours : sequence of MeasuredRun, or of others with the same figures
    """
    every = _series(published, ours)
    columns = [
        (figure, name, runs)
        for figure in _FIGURES  # the authors' next to ours
        for name, runs in every.items()
        if any(figure.of(run) is not None for _, run in runs)
    ]
    heads = ("seed", *(figure.name + (f", {name}" if published else "") for figure, name, _ in columns))
    keyed = [(figure, _by_key(runs)) for figure, _, runs in columns]
    rows = [(seed, *(_cell(figure, runs.get(key)) for figure, runs in keyed)) for key, seed in _keys(every)]
    if any(len(runs) > 1 for runs in every.values()):
        rows.append(("mean", *(_mean(figure, [run for _, run in runs]) for figure, _, runs in columns)))
    return Table(title, heads, tuple(rows))


def _series(published: Sequence[PublishedRun], ours: Sequence[SeededRun]) -> Series:
    """Return the authors' runs, one series after the other, and ours, each with its seed."""
    numbers = sorted({run.series for run in published})
    names = {number: "authors" if len(numbers) == 1 else f"authors {number}" for number in numbers}
    found: Series = {
        name: [(run.seed, run) for run in published if run.series == number] for number, name in names.items()
    }
    return found | {"ours": [(run.seed, run) for run in ours]}


Key = tuple[int, int]  # 0 and the place of a run without a seed, or 1 and the seed


def _by_key(runs: Sequence[tuple[int | None, Run]]) -> dict[Key, Run]:
    return {(0, place) if seed is None else (1, seed): run for place, (seed, run) in enumerate(runs)}


def _keys(every: Series) -> list[tuple[Key, str]]:
    keys = sorted({key for runs in every.values() for key in _by_key(runs)})
    return [(key, str(key[1]) if key[0] else "not stated") for key in keys]


def _cell(figure: _Figure, run: Run | None) -> str:
    value = None if run is None else figure.of(run)
    return "-" if value is None else figure.worded(value)


def _mean(figure: _Figure, runs: Sequence[Run]) -> str:
    """The mean, where every run has the figure."""
    values = [value for value in map(figure.of, runs) if value is not None]
    return figure.mean(fmean(values)) if len(values) == len(runs) else "-"


def runs_text(models: Sequence[str | Entry], results: Path | None, form: str) -> str:
    """Return the runs of models in a format; see `tenfold.evaluate.tables.written`."""
    every = [table for one in models for table in runs_tables(one, results)]
    return written(every, [record for one in models for record in runs_records(one, results)], form)


def runs_tables(model: str | Entry, results: Path | None = None) -> list[Table]:
    """Return a model's runs by seed, a table for each protocol that is measured.

    Parameters
    ----------
    model : str or Entry
        Of the zoo.
    results : Path, optional
        The results folder; by default the one that comes with tenfold.

    Returns
    -------
    list of Table
        Where nothing is measured yet, one table with the authors' runs alone, whose title says so.

    Examples
    --------
    >>> [table] = runs_tables("scratch-02")
    >>> table.heads[:3]
    ('seed', 'accuracy, authors', 'accuracy, ours')
    """
    found = _entry(model)
    published = found.published_runs
    places = PLACES if results is None else (results,)
    tables = []
    for protocol in found.protocols:
        ours = measured(stem(found.name, protocol), places)
        if ours is not None:
            tables.append(_ours(found.name, protocol, ours, published))
    return tables or [runs_table(f"{found.name}, {NOT_MEASURED}: the authors' runs", published, ())]


def _ours(name: str, protocol: str, ours: Measured, published: Sequence[PublishedRun]) -> Table:
    """Return our runs; those of other data than MNIST's stand without the authors' runs."""
    if ours.dataset == "mnist":
        return runs_table(f"{name}, {protocol} protocol", published, ours.runs)
    return runs_table(f"{name}, {protocol} protocol, on {ours.dataset}", (), ours.runs)


def runs_records(model: str | Entry, results: Path | None = None) -> list[dict[str, Any]]:
    """Return the same runs as records with every digit: first the authors', then ours by protocol."""
    found = _entry(model)
    places = PLACES if results is None else (results,)
    records = [
        _record(found.name, "authors", "published", run, "mnist", run.series) for run in found.published_runs
    ]
    for protocol in found.protocols:
        ours = measured(stem(found.name, protocol), places)
        if ours is not None:
            records += [_record(found.name, "tenfold", protocol, run, ours.dataset) for run in ours.runs]
    return records


def _record(model: str, by: str, protocol: str, run: Any, dataset: str, series: int = 1) -> dict[str, Any]:
    """Return a run as a record; seconds are the authors', or ours while trials ran."""
    names = ("accuracy", "loss", "epochs", "best_epoch", "train_seconds", "predict_seconds")
    figures = {name: getattr(run, name) for name in names}
    return {
        "model": model,
        "by": by,
        "protocol": protocol,
        "series": series,
        "seed": run.seed,
        **figures,
        "dataset": dataset,
    }


def _entry(model: str | Entry) -> Entry:
    return entry(model) if isinstance(model, str) else model
