"""``tenfold models``: the zoo, published against measured."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tenfold.cli import output
from tenfold.cli.options import Json

if TYPE_CHECKING:
    from tenfold.zoo import Entry, Measured

NOT_MEASURED = "not measured"


def models(as_json: Json = False) -> None:
    """List the models with their published figures and ours."""
    from tenfold.zoo import ENTRIES

    if as_json:
        output.emit({"models": [_record(entry) for entry in ENTRIES.values()]})
        return
    columns = ("model", "parameters", "published", "measured", "honest", "training", "predicting")
    output.table(columns, [_row(entry) for entry in ENTRIES.values()], right=range(1, len(columns)))


def _row(entry: Entry) -> tuple[str, ...]:
    from tenfold.evaluate.wording import seconds

    found = entry.measured
    honest = "the same" if len(entry.protocols) == 1 else measured_text(entry.measured_honestly)
    times = ("-", "-") if found is None else (seconds(found.train_seconds), seconds(found.predict_seconds))
    parameters = "-" if entry.parameters is None else f"{entry.parameters:,}"
    return entry.name, parameters, published_text(entry), measured_text(found), honest, *times


def published_text(entry: Entry) -> str:
    """Return the published accuracy in percent: one figure or a range."""
    low, high = entry.published.low, entry.published.high
    return output.percent(low) if low == high else f"{100 * low:.2f}-{100 * high:.2f} %"


def measured_text(found: Measured | None) -> str:
    """Return our own mean accuracy in percent and over how many trials, or that there is none."""
    if found is None:
        return NOT_MEASURED
    return f"{output.percent(found.accuracy.mean)} ({len(found.seeds)})"


def _record(entry: Entry) -> dict[str, Any]:
    """Return an entry; ``measured`` is by its authors' protocol, or honest where only that is there."""
    honest = entry.measured_honestly
    found = entry.measured or honest
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
