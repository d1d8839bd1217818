"""Write the tables of speed from ``results/bench-*.json``; ``--check`` only compares.

The README shows five networks, ``docs/performance.md`` all.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parent))
from pages import ROOT, put, with_part

from tenfold.checkpoint import read_json

README, PAGE, RESULTS = ROOT / "README.md", ROOT / "docs" / "performance.md", ROOT / "results"
FEATURED = ("nn1l (32)", "nn3l (32)", "lenet5 (32)", "cnn-dev (64)", "ghouzam (86)")  # the README's rows
BEGIN, END = "<!-- speed from results/, by tools/speed_table.py -->", "<!-- end of speed -->"
_NONE = "not measured"


def table(results: Path = RESULTS, names: Sequence[str] = ()) -> str:
    """Return the table of the newest record of `make bench` in Markdown; ``names`` selects rows."""
    found = [read_json(path) for path in results.glob("bench-*.json")]
    records = [
        record for record in found if isinstance(record.get("rows"), list)
    ]  # other benchmarks count rows
    if not records:
        return "Nothing has been timed yet: `make bench`."
    record = max(records, key=lambda record: record["date"])
    prediction = {row["name"]: row for row in record["rows"] if row["section"] == "prediction"}
    lines = [
        "| network (minibatch) | epoch, tenfold | epoch, PyTorch | ratio "
        "| predicting, tenfold | predicting, PyTorch | ratio |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for row in record["rows"]:
        if row["section"] == "training" and (
            not names or row["name"] in names
        ):  # prediction is timed once, with the first minibatch
            cells = (*speed(row), *speed(prediction.pop(row["name"].partition(" ")[0], None)))
            lines.append(f"| `{row['name'].replace(' ', '` ', 1)} | {' | '.join(cells)} |")
    return "\n".join([*lines, "", where(record)])


def speed(row: dict[str, Any] | None) -> tuple[str, str, str]:
    """Return our seconds, PyTorch's, and their ratio with its range over the rounds."""
    if row is None:
        return "", "", ""
    if row["ours"] is None or row["ratio"] is None:
        return _NONE, _NONE, _NONE
    ours, theirs = (f"{significant(row[who]['median'])} s" for who in ("ours", "theirs"))
    middle, least, most = (significant(row["ratio"][key]) for key in ("median", "least", "most"))
    return ours, theirs, f"**{middle}** ({least}-{most})"


def significant(value: float) -> str:
    """Return two digits, or the whole number."""
    return f"{value:#.2g}".rstrip(".") if value < 100 else f"{value:.0f}"


def where(record: dict[str, Any]) -> str:
    """Return the machine, the date and the versions."""
    versions = record["versions"]
    return (
        f"Timed on {record['machine']}, {record['cores']} cores, {record['date'][:10]}, "
        f"commit {record['commit'] or 'unknown'}, PyTorch {versions['torch'].partition('+')[0]}, "
        f"data {record['data']}."
    )


def with_table(text: str, results: Path = RESULTS, names: Sequence[str] = ()) -> str:
    """Return a page with the current table."""
    return with_part(text, BEGIN, END, table(results, names))


def texts() -> dict[Path, str]:
    """Return the text that each page should have."""
    return {
        path: with_table(path.read_text(encoding="utf-8"), names=names)
        for path, names in ((README, FEATURED), (PAGE, ()))
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the tables that are out of date, or with ``--check`` only list their pages."""
    return put(texts(), "tools/speed_table.py", arguments)


if __name__ == "__main__":
    sys.exit(main())
