"""``tenfold models``: the zoo, published against measured."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tenfold.cli import output
from tenfold.cli.options import Json, Results

if TYPE_CHECKING:
    from pathlib import Path

    from tenfold.zoo import Entry, Measured

NOT_MEASURED = "not measured"


def models(results: Results = None, as_json: Json = False) -> None:
    """List the models: accuracy in % as published; ours (of so many runs) by that protocol and honestly."""
    from tenfold.zoo import ENTRIES

    if as_json:
        output.emit({"models": [_record(entry, results) for entry in ENTRIES.values()]})
        return
    columns = ("model", "parameters", "published", "as published", "honest")
    output.table(columns, [_row(entry, results) for entry in ENTRIES.values()], right=range(1, len(columns)))


def _found(entry: Entry, results: Path | None) -> tuple[Measured | None, Measured | None]:
    """Return our figures by the authors' protocol and, where it differs, by the honest one."""
    from tenfold.zoo import measured
    from tenfold.zoo.measured import PLACES, stem

    places = PLACES if results is None else (results,)
    return measured(entry.name, places), measured(stem(entry.name, "honest"), places)


def _row(entry: Entry, results: Path | None) -> tuple[str, ...]:
    found, honest = _found(entry, results)
    told = "the same" if len(entry.protocols) == 1 else measured_text(honest)
    parameters = "-" if entry.parameters is None else f"{entry.parameters:,}"
    return entry.name, parameters, published_text(entry), measured_text(found), told


def published_text(entry: Entry) -> str:
    """Return the published accuracy in percent: one figure or a range."""
    low, high = (f"{100 * end:.2f}" for end in (entry.published.low, entry.published.high))
    return low if low == high else f"{low}-{high}"


def measured_text(found: Measured | None) -> str:
    """Return our own mean accuracy in percent and over how many trials, or that there is none."""
    return NOT_MEASURED if found is None else f"{100 * found.accuracy.mean:.2f} ({len(found.seeds)})"


def _record(entry: Entry, results: Path | None) -> dict[str, Any]:
    """Return an entry; ``measured`` is by its authors' protocol, or honest where only that is there."""
    published, honest = _found(entry, results)
    found = published or honest
    gain = found and found.protocol_gain
    return {
        "id": entry.name,
        "title": entry.title,
        "published": asdict(entry.published),
        "measured": _figure(found),
        "honest": _figure(honest),
        "parameters": entry.parameters,
        "train_seconds": found and found.train_seconds,
        "predict_seconds": found and found.predict_seconds,
        "seeds": list(entry.seeds),
        "notes": list(entry.notes),
        "shortfall": entry.shortfall or None,
        "protocol_gain": gain and asdict(gain),
    }


def _figure(found: Measured | None) -> dict[str, Any] | None:
    if found is None:
        return None
    accuracy = found.accuracy
    return {
        "mean": accuracy.mean,
        "sd": accuracy.sd,
        "n": len(found.seeds),
        "protocol": found.protocol,
        "low": accuracy.low,
        "high": accuracy.high,
        "interval": accuracy.interval and list(accuracy.interval),
    }
