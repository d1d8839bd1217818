"""The whole zoo in one table: published against measured."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tenfold.evaluate.tables.runs import NOT_MEASURED
from tenfold.evaluate.tables.table import Table, written
from tenfold.evaluate.wording import count, percent, seconds, told
from tenfold.zoo import ENTRIES, Entry, Measured, Times, measured, times
from tenfold.zoo.measured import PLACES, stem

NOT_TIMED = "not timed"
MNIST = "mnist"
HEADS = (
    "model",
    "parameters",
    "published",
    "measured, published protocol",
    "measured, honest protocol",
    "training",
    "predicting 10,000",
)


def overview(results: Path | None = None) -> Table:
    """Return a row for each model of the zoo.

    Parameters
    ----------
    results : Path, optional
        The results folder; by default the one that comes with tenfold.
    """
    return Table(
        "Accuracy on the 10,000 test images of MNIST, published against measured",
        HEADS,
        tuple(overview_row(entry, results) for entry in ENTRIES.values()),
    )


def overview_text(results: Path | None, form: str) -> str:
    """Return the same in a format; see `tenfold.evaluate.tables.written`."""
    return written([overview(results)], overview_records(results), form)


def unmeasured(entries: Iterable[Entry], results: Path | None) -> list[str]:
    """Return a line for each model without runs of ours."""
    without = [entry.name for entry in entries if not any(both_protocols(entry, results))]
    return [f"{name}: {NOT_MEASURED}; these are the authors' runs alone" for name in without]


def overview_row(entry: Entry, results: Path | None = None) -> tuple[str, ...]:
    """Return a model's row, in the order of `HEADS`."""
    found, honest = both_protocols(entry, results)
    timed = times(entry, _places(results))
    return (
        entry.name,
        count(entry.parameters),
        published_text(entry),
        "-" if entry.published is None else figure(found),
        "the same"
        if entry.protocols == ("published",)
        else figure(honest)
        if honest
        else not_measured(entry),
        *times_texts(timed),
    )


def overview_records(results: Path | None = None) -> list[dict[str, Any]]:
    """Return the same as records with every digit; times are of quiet machines, in seconds."""
    return [_record(entry, results) for entry in ENTRIES.values()]


def both_protocols(entry: Entry, results: Path | None = None) -> tuple[Measured | None, Measured | None]:
    """Return our figures by the authors' protocol and, where it differs, by the honest one."""
    places = _places(results)
    return measured(entry.name, places), measured(stem(entry.name, "honest"), places)


def figure(found: Measured | None) -> str:
    """Return a measured accuracy: the mean, and deviation and number of seeds where there are several."""
    if found is None:
        return NOT_MEASURED
    mean, sd = percent(found.accuracy.mean), found.accuracy.sd
    several = "" if sd is None else f" (sd {100 * sd:.2f}, {len(found.seeds)} seeds)"
    return f"{mean}{several}{other_data(found)}"


def not_measured(entry: Entry) -> str:
    """Return that a model is not measured, and on which data where these are not MNIST."""
    return NOT_MEASURED if entry.dataset == MNIST else f"{NOT_MEASURED} on {entry.dataset}"


def other_data(found: Measured) -> str:
    """Return a mark for figures of other data than MNIST."""
    return "" if found.dataset == MNIST else f" on {found.dataset}"


def published_text(entry: Entry) -> str:
    """Return the published accuracy, or the aim of a model of our own."""
    if entry.published is None:
        return "-" if entry.aim is None else f"our own, aim {percent(entry.aim)}"
    return accuracy_range(entry.published.low, entry.published.high)


def accuracy_range(low: float, high: float) -> str:
    """Return an accuracy, or a range of them, in percent."""
    return told(low) if low == high else f"{100 * low:.2f}-{percent(high)}"


def times_texts(found: Times | None) -> tuple[str, str]:
    """Return how long training and predicting take on a quiet machine, or twice that it is not timed."""
    if found is None:
        return NOT_TIMED, NOT_TIMED
    return seconds(found.train.median), seconds(found.predict.median)


def _record(entry: Entry, results: Path | None) -> dict[str, Any]:
    found, honest = both_protocols(entry, results)
    timed = times(entry, _places(results))
    published = entry.published
    return {
        "model": entry.name,
        "dataset": entry.dataset,
        "parameters": entry.parameters,
        "published": published and published.accuracy,
        "published_low": published and published.low,
        "published_high": published and published.high,
        "published_runs": published.runs if published else 0,
        **_accuracy("measured", found),
        **_accuracy("honest", honest),
        "train_seconds": timed and timed.train.median,
        "predict_seconds": timed and timed.predict.median,
        "timed_on": timed and timed.machine,
    }


def _accuracy(name: str, found: Measured | None) -> dict[str, Any]:
    return {
        name: found and found.accuracy.mean,
        f"{name}_sd": found and found.accuracy.sd,
        f"{name}_seeds": 0 if found is None else len(found.seeds),
        f"{name}_dataset": found and found.dataset,
    }


def _places(results: Path | None) -> tuple[Path, ...]:
    return PLACES if results is None else (results,)
