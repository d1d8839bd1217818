"""Write the tables of docs/record.md from results/; ``--check`` only says whether they are out of date."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parent))
from pages import ROOT, put, with_part
from speedrun_page import experiments, table, validated

from tenfold.evaluate.wording import percent, percent_range
from tenfold.zoo import ENTRIES, Measured

PAGE, RESULTS = ROOT / "docs" / "record.md", ROOT / "results"
BEGIN, END = "<!-- {} from results/, by tools/record_page.py -->", "<!-- end of {} -->"
NONE = "not measured"
SYSTEMS = ("lenet5", "lenet5-augmented", "record", "committee")


def systems_table() -> str:
    """Return a row for each entry, under the honest protocol."""
    heads = (
        "system",
        "parameters",
        "mean accuracy",
        "deviation",
        "95 % interval of the mean",
        "seeds",
    )
    return table(heads, [_system(name) for name in SYSTEMS])


def _system(name: str) -> list[str]:
    entry = ENTRIES[name]
    found: Measured | None = entry.measured_honestly
    words = [f"[`{name}`](models.md#{name})", f"{entry.parameters:,}"]
    if found is None:
        return [*words, NONE, "", "", ""]
    spread = found.accuracy
    deviation = "-" if spread.sd is None else f"{100 * spread.sd:.3f}"
    return [
        *words,
        f"**{percent(spread.mean)}**",
        deviation,
        percent_range(spread.interval),
        f"{len(found.seeds)}",
    ]


def tried_table(target: str, results: Path) -> str:
    """Return a row for each experiment of a kind: lenet5 or step."""
    tried = [one for one in experiments(results, "record") if one["target"] == target]
    rows = [[one["what"], f"{one['parameters']:,}", validated(one), _cpu(one)] for one in tried]
    return table(("experiment", "parameters", "validation accuracy", "one core"), rows)


def _cpu(one: Mapping[str, Any]) -> str:
    seconds = [float(seed["cpu_seconds"]) for seed in one["seeds"]]
    return f"{sum(seconds) / len(seconds):,.0f} s"


def texts(results: Path = RESULTS) -> dict[Path, str]:
    """Return the text that the page should have."""
    parts = {
        "systems": systems_table(),
        "steps": tried_table("step", results),
        "LeNet-5": tried_table("lenet5", results),
    }
    page = PAGE.read_text(encoding="utf-8")
    for name, part in parts.items():
        page = with_part(page, BEGIN.format(name), END.format(name), part)
    return {PAGE: page}


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page if it is out of date, or with ``--check`` only say so."""
    return put(texts(), "tools/record_page.py", arguments)


if __name__ == "__main__":
    sys.exit(main())
