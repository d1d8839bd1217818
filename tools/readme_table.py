"""Write the README's tables of accuracy and speed from ``results/*.json``; ``--check`` only compares.

A model without a file of figures stands there as not measured.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tenfold.checkpoint import read_json
from tenfold.zoo import ENTRIES, Entry, Measured, measured

ROOT = Path(__file__).parent.parent
README, RESULTS = ROOT / "README.md", ROOT / "results"
BEGIN, END = "<!-- figures from results/, by tools/readme_table.py -->", "<!-- end of figures -->"
BEGIN_SPEED, END_SPEED = "<!-- speed from results/, by tools/readme_table.py -->", "<!-- end of speed -->"
_NONE = "not measured"


def table(results: Path = RESULTS) -> str:
    """Return the table in Markdown."""
    lines = [
        "| model | parameters | published | measured, published protocol | measured, honest protocol "
        "| training | predicting 10,000 |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    return "\n".join([*lines, *(row(entry, results) for entry in ENTRIES.values()), "", *footnotes(results)])


def row(entry: Entry, results: Path) -> str:
    """Return a model's line."""
    found, honest = measured(entry.name, [results]), measured(f"{entry.name}-honest", [results])
    seconds = (f"{found.train_seconds:.1f} s", f"{found.predict_seconds:.2f} s") if found else (_NONE, _NONE)
    cells = (
        f"`{entry.name}`",
        "-" if entry.parameters is None else f"{entry.parameters:,}",
        between(entry.published.low, entry.published.high),
        figure(found),
        "the same" if entry.choice is None else figure(honest),
        *seconds,
    )
    return f"| {' | '.join(cells)} |"


def figure(found: Measured | None) -> str:
    """Return a measured accuracy: the mean, and the range where there are several runs."""
    if found is None:
        return _NONE
    mean = f"**{100 * found.accuracy.mean:.2f} %**"
    if len(found.seeds) == 1:
        return mean
    return f"{mean} ({between(found.accuracy.low, found.accuracy.high)}, {len(found.seeds)} seeds)"


def between(low: float, high: float) -> str:
    """Return an accuracy, or a range of them, in percent."""
    return f"{100 * low:.2f} %" if low == high else f"{100 * low:.2f}-{100 * high:.2f} %"


def footnotes(results: Path) -> list[str]:
    """Return where and from which source the figures were measured."""
    found = [figures for name in ENTRIES if (figures := measured(name, [results])) is not None]
    places = sorted({f"{figures.machine}, commit {figures.commit or 'unknown'}" for figures in found})
    return (
        [f"Measured on {'; '.join(places)}."]
        if places
        else ["Nothing has been measured yet: `make results`."]
    )


def speed_table(results: Path = RESULTS) -> str:
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


def with_tables(readme: str, results: Path = RESULTS) -> str:
    """Return the README with the tables of today."""
    readme = between_marks(readme, BEGIN, END, table(results))
    return between_marks(readme, BEGIN_SPEED, END_SPEED, speed_table(results))


def between_marks(text: str, begin: str, end: str, content: str) -> str:
    """Return the text with other content between two marks."""
    before, rest = text.split(begin)
    _, after = rest.split(end)
    return f"{before}{begin}\n{content}\n{end}{after}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the tables, or with ``--check`` say whether they are those of today."""
    arguments = sys.argv[1:] if arguments is None else arguments
    now = README.read_text(encoding="utf-8")
    then = with_tables(now)
    if "--check" in arguments:
        print("README.md: the figures are those of results/" if now == then else "README.md: run " + __file__)
        return int(now != then)
    README.write_text(then, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
