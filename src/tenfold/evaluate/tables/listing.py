"""Models and layers as ``tenfold models`` and ``tenfold summary`` list them: rows, words, JSON values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tenfold.evaluate.tables.overview import (
    MNIST,
    NOT_TIMED,
    both_protocols,
    figure,
    not_measured,
    other_data,
    published_text,
    times_texts,
)
from tenfold.evaluate.tables.runs import EXPLAINED, NOT_MEASURED, runs_tables
from tenfold.evaluate.tables.table import Table
from tenfold.nn import LayerRow
from tenfold.zoo import Entry, Measured, Times, Trainable, times
from tenfold.zoo.measured import PLACES

COLUMNS = ("model", "parameters", "published", "as published", "honest")
LAYER_COLUMNS = ("layer", "kind", "output", "parameters", "FLOPs", "compiled")


def entry_times(entry: Entry, results: Path | None) -> Times | None:
    """Return how long a model takes, from the ledger or what comes with tenfold."""
    return times(entry, PLACES if results is None else (results,))


def entry_lines(entry: Entry, results: Path | None) -> list[str]:
    """Return what is published and measured of a model, in words."""
    published, (found, honest) = entry.published, both_protocols(entry, results)
    lines = [f"{entry.name}: {entry.title}"]
    if published is None:
        lines.append(f"  published  nothing: {published_text(entry)}")
        lines.append(f"  measured   {figure(honest) if honest else not_measured(entry)}, honest protocol")
    else:
        lines.append(f"  published  {published_text(entry)}; {published.source}")
        lines.append(f"  measured   {figure(found)}, published protocol")
    if len(entry.protocols) > 1:
        lines.append(f"             {figure(honest)}, honest protocol")
    return [*lines, f"  timed      {_timed(entry_times(entry, results))}"]


def _timed(found: Times | None) -> str:
    """Return how long a model takes on a quiet machine, on which, or that it is not timed."""
    if found is None:
        return NOT_TIMED
    train, predict = times_texts(found)
    return f"training {train}, predicting {found.test_images:,} images {predict}, on {found.machine}"


def listing(entries: Iterable[Entry], results: Path | None) -> Table:
    """Return a row for each model: published accuracy in percent, and ours."""
    return Table("models", COLUMNS, tuple(listed(entry, results) for entry in entries))


def run_by_run(entries: Iterable[Entry], results: Path | None) -> Iterator[str | Table]:
    """Yield what is known of each model, then its runs, in lines and tables."""
    for entry in entries:
        yield from entry_lines(entry, results)
        for table in runs_tables(entry, results):
            yield from ("", table.title, table)
        yield from ("", EXPLAINED, "")


def listed(entry: Entry, results: Path | None) -> tuple[str, ...]:
    """Return a model's row under `COLUMNS`."""
    found, honest = both_protocols(entry, results)
    theirs, told = _measured(found), _measured(honest)
    if entry.published is None:
        theirs = "-" if entry.dataset == MNIST else entry.dataset
    elif len(entry.protocols) == 1:
        told = "the same"
    parameters = "-" if entry.parameters is None else f"{entry.parameters:,}"
    return entry.name, parameters, _published(entry), theirs, told


def _published(entry: Entry) -> str:
    """Return the published accuracy in percent: one figure or a range; of our own models, the aim."""
    if entry.published is None:
        return "-" if entry.aim is None else f"aim {100 * entry.aim:.2f}"
    low, high = (f"{100 * end:.2f}" for end in (entry.published.low, entry.published.high))
    return low if low == high else f"{low}-{high}"


def _measured(found: Measured | None) -> str:
    """Return our own mean accuracy in percent and over how many trials, or that there is none."""
    if found is None:
        return NOT_MEASURED
    return f"{100 * found.accuracy.mean:.2f} ({len(found.seeds)}){other_data(found)}"


def entry_record(entry: Entry, results: Path | None) -> dict[str, Any]:
    """Return an entry; ``measured`` is by its authors' protocol, or honest where only that is there."""
    published, honest = both_protocols(entry, results)
    found = published or honest
    gain, timed = found and found.protocol_gain, entry_times(entry, results)
    return {
        "id": entry.name,
        "title": entry.title,
        "dataset": entry.dataset,
        "published": entry.published and asdict(entry.published),
        "aim": entry.aim,
        "measured": _figure(found),
        "honest": _figure(honest),
        "parameters": entry.parameters,
        "members": list(entry.members),
        "train_seconds": found and found.train_seconds,
        "predict_seconds": found and found.predict_seconds,
        "timed": timed and asdict(timed),
        "seeds": list(entry.seeds),
        "runs": {"published": _runs(published), "honest": _runs(honest)},
        "notes": list(entry.notes),
        "shortfall": entry.shortfall or None,
        "protocol_gain": gain and asdict(gain),
    }


def _runs(found: Measured | None) -> list[dict[str, Any]]:
    return [] if found is None else [asdict(run) for run in found.runs]


def _figure(found: Measured | None) -> dict[str, Any] | None:
    if found is None:
        return None
    accuracy = found.accuracy
    return {
        "mean": accuracy.mean,
        "sd": accuracy.sd,
        "n": len(found.seeds),
        "protocol": found.protocol,
        "dataset": found.dataset,
        "low": accuracy.low,
        "high": accuracy.high,
        "interval": accuracy.interval and list(accuracy.interval),
    }


def layer_table(name: str, rows: Iterable[LayerRow]) -> Table:
    """Return a row for each layer of a model."""
    return Table(name, LAYER_COLUMNS, tuple(map(_layer_row, rows)), left=(0, 1, 5))


def _layer_row(row: LayerRow) -> tuple[str, ...]:
    shape = " x ".join(str(size) for size in row.output_shape)
    compiled = "yes" if row.compiled else "no"
    return row.name, row.kind, shape, f"{row.parameters:,}", f"{row.flops:,}", compiled


def summary_record(entry: Trainable, rows: list[LayerRow]) -> dict[str, Any]:
    """Return a model layer by layer, as JSON values."""
    return {
        "model": entry.name,
        "title": entry.title,
        "parameters": entry.parameters,
        "flops": sum(row.flops for row in rows) if rows else None,
        "layers": [asdict(row) | {"output_shape": list(row.output_shape)} for row in rows],
        "notes": list(entry.notes),
    }
