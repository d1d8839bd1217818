"""``tenfold models``: the zoo, published against measured."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tenfold.cli import output
from tenfold.cli.options import Json

if TYPE_CHECKING:
    from tenfold.zoo import Entry

NOT_MEASURED = "not measured"


def models(as_json: Json = False) -> None:
    """List the models with their published figures and ours."""
    from tenfold.zoo import ENTRIES

    if as_json:
        output.emit({"models": [_record(entry) for entry in ENTRIES.values()]})
        return
    rows = [_row(entry) for entry in ENTRIES.values()]
    output.table(("model", "parameters", "published", "measured", "what it is"), rows, right=(1, 2, 3))


def _row(entry: Entry) -> tuple[str, ...]:
    parameters = "-" if entry.parameters is None else f"{entry.parameters:,}"
    return entry.name, parameters, published_text(entry), measured_text(entry), entry.title


def published_text(entry: Entry) -> str:
    """Return the published accuracy in percent: one figure or a range."""
    low, high = entry.published.low, entry.published.high
    return output.percent(low) if low == high else f"{100 * low:.2f}-{100 * high:.2f} %"


def measured_text(entry: Entry) -> str:
    """Return our own mean accuracy in percent, or that there is none."""
    found = entry.measured
    return NOT_MEASURED if found is None else output.percent(found.accuracy.mean)


def _record(entry: Entry) -> dict[str, Any]:
    measured = entry.measured
    return {
        "name": entry.name,
        "title": entry.title,
        "parameters": entry.parameters,
        "published": asdict(entry.published),
        "measured": None if measured is None else asdict(measured),
        "seeds": list(entry.seeds),
        "notes": list(entry.notes),
    }
