"""Write the README's table of speed from ``results/bench-*.json``; ``--check`` only compares."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tenfold.checkpoint import read_json

ROOT = Path(__file__).parent.parent
README, RESULTS = ROOT / "README.md", ROOT / "results"
BEGIN, END = "<!-- speed from results/, by tools/speed_table.py -->", "<!-- end of speed -->"
_NONE = "not measured"


def table(results: Path = RESULTS) -> str:
    """Return the table of the newest record that `make bench` has left, in Markdown."""
    records = [read_json(path) for path in results.glob("bench-*.json")]
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
        if row["section"] == "training":  # prediction is timed once, with the first minibatch
            cells = (*speed(row), *speed(prediction.pop(row["name"].partition(" ")[0], None)))
            lines.append(f"| `{row['name'].replace(' ', '` ', 1)} | {' | '.join(cells)} |")
    return "\n".join([*lines, "", where(record)])


def speed(row: dict[str, Any] | None) -> tuple[str, str, str]:
    """Return our seconds, PyTorch's, and how they compare, with the range over the rounds."""
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
    """Return what was timed, where, and from which source."""
    versions = record["versions"]
    return (
        f"Timed on {record['machine']}, {record['cores']} cores, {record['date'][:10]}, "
        f"commit {record['commit'] or 'unknown'}, PyTorch {versions['torch'].partition('+')[0]}, "
        f"data {record['data']}."
    )


def with_table(readme: str, results: Path = RESULTS) -> str:
    """Return the README with the table of today."""
    before, rest = readme.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{table(results)}\n{END}{after}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the table, or with ``--check`` say whether it is that of today."""
    arguments = sys.argv[1:] if arguments is None else arguments
    now = README.read_text(encoding="utf-8")
    then = with_table(now)
    if "--check" in arguments:
        print("README.md: the speed is that of results/" if now == then else "README.md: run " + __file__)
        return int(now != then)
    README.write_text(then, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
