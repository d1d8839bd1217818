"""The whole page of a search, and its record as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tenfold.checkpoint import dump_json
from tenfold.evaluate.comparison_page.comparison_document import write_page
from tenfold.evaluate.tuning_page.tuning_charts import option_chart, progress_chart
from tenfold.evaluate.wording import percent, seconds
from tenfold.files import storage, write_atomically
from tenfold.pages import render

PAGE, RECORD = "tuning.html", "tuning.json"


def tuning_document(found: Mapping[str, Any]) -> str:
    """The search as HTML, the same text for the same figures.

    Parameters
    ----------
    found : mapping
        What ``tuning.json`` holds.
    """
    trials = found["trials"]
    names = list(dict.fromkeys(name for one in trials for name in one["values"]))
    order = sorted(trials, key=lambda one: (-(one["accuracy"] or 0.0), one["number"]))
    values = {
        "title": f"{found['model']} – tenfold search",
        "found": found,
        "options": [option.split("=", 1) for option in found["search"]],
        "stopped": sum(one["state"] != "complete" for one in trials),
        "best": found["best"],
        "best_values": {} if found["best"] is None else _values(found["best"]),
        "accuracy": percent,
        "progress": progress_chart(trials),
        "charts": [(name, option_chart(name, trials)) for name in names],
        "heads": ["Trial", "Held-out accuracy", *map(short, names), "Epochs", "Time", "Ending"],
        "rows": [_row(one, names) for one in order],
    }
    return render(
        "evaluate/tuning_page/tuning.html.jinja",
        values,
        styles=("evaluate/comparison_page/comparison.css", "evaluate/tuning_page/tuning.css"),
    )


def write_tuning(found: Mapping[str, Any], out: Path) -> Path:
    """Write ``tuning.json`` and ``tuning.html`` into a folder and return the path of the page.

    Raises
    ------
    StorageError
        If the folder cannot be written.
    """
    with storage(out):
        write_atomically(out / RECORD, dump_json(dict(found)))
    return write_page(out / PAGE, tuning_document(found))


def short(name: str) -> str:
    """The name of an option of the recipe without its table."""
    return name.removeprefix("recipe.")


def _values(one: Mapping[str, Any]) -> dict[str, str]:
    return {short(name): _told(value) for name, value in one["values"].items()}


def _told(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _row(one: Mapping[str, Any], names: list[str]) -> list[str]:
    accuracy = "-" if one["accuracy"] is None else percent(one["accuracy"])
    values = [_told(one["values"].get(name, "-")) for name in names]
    return [
        str(one["number"] + 1),
        accuracy,
        *values,
        str(one["epochs"]),
        seconds(one["seconds"]),
        one["state"],
    ]
