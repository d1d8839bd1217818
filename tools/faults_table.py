"""Write docs/reliability.md from results/faults.json; ``--gather FOLDER`` makes that from a campaign's files.

A campaign leaves ``checks-*.json`` (written by tools/faults_plugin.py) and ``fuzz-*.json`` (tools/fuzz).
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from tenfold.checkpoint import dump_json, read_json
from tenfold.evaluate.environment import environment
from tenfold.machine import commit

ROOT = Path(__file__).parent.parent
RECORD, PAGE = ROOT / "results" / "faults.json", ROOT / "docs" / "reliability.md"
MOST_BYTES = 8 << 20
COUNTS = ("passed", "failed", "skipped")
Row = dict[str, Any]

CHAPTERS = {
    "Data": ("data", "data in memory", "degenerate data"),
    "Own pictures": ("own pictures",),
    "Training": ("training", "last minibatch", "sizes", "signals", "fork"),
    "Checkpoints and folders": (
        "checkpoints",
        "files",
        "folders",
        "foreign folders",
        "full disk",
        "run folder",
    ),
    "Compiled engine": ("compile cache", "compiled engine", "other programs"),
    "Trials and reports": ("trials and reports",),
    "Command line": ("command line", "streams", "doctor"),
    "Server": ("server", "a server", "descriptors"),
}
"""In the page's order; an area that stands in none of them is a chapter of its own, at the end."""

INTRODUCTION = """\
# Reliability

What is done to the program on purpose, and what it does then. A fault is provoked for real: files are
damaged, processes killed, disks filled, servers attacked. Each line of the tables is one fault; *checks* says
how many tests provoke it, each parameter of a test counted.

{checks} checks of {faults} faults{failed}, {kills} processes killed, {inputs} inputs by fuzzing.
{where}

`make faults` does all of it again and writes this page from `results/faults.json`; it takes about an hour.
`make faults QUICK=1` takes a sample and writes nothing.
"""
KILLS = """\
## Processes killed

`kill -9` at moments drawn over the whole life of a command: while it starts, while it trains, while it saves,
at its end. Each command is killed twice in one folder, the second time while it resumes. After each kill the
newest checkpoint loads. In the end models, histories and trials are equal to those of a command that nobody
killed, bit by bit but for times.
"""
FUZZING = """\
## Inputs by fuzzing

Damaged files are given to the readers for a while. A reader may refuse a file with one line, or read it
rightly; it may do nothing else, and takes no more than 10 seconds and 1 GiB.
"""


def gathered(folder: Path) -> Row:
    """Return the record of a campaign whose files lie in a folder."""
    found = [read_json(path, max_bytes=MOST_BYTES) for path in sorted(folder.glob("checks-*.json"))]
    fuzz = [read_json(path) for path in sorted(folder.glob("fuzz-*.json"))]
    kills = [kill for one in found for kill in one["kills"]]
    if not (found and fuzz and kills):
        raise SystemExit(
            f"{folder}: expected checks, kills and fuzzing, found {len(found)} files of checks, "
            f"{len(kills)} kills and {len(fuzz)} readers fuzzed; run make faults to its end"
        )
    here = environment()
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "machine": here.machine,
        "cores": here.cores,
        "system": here.system,
        "versions": dict(here.versions),
        "rows": merged(row for one in found for row in one["rows"]),
        "kills": counted(kills),
        "fuzz": fuzz,
    }


def merged(rows: Iterable[Row]) -> list[Row]:
    """Return one row for each fault, sorted: the same fault may be provoked in several sessions of tests."""
    found: dict[tuple[str, str, str], Row] = {}
    for row in rows:
        key = row["area"], row["did"], row["expected"]
        known = found.setdefault(key, {**row, **dict.fromkeys(COUNTS, 0), "reasons": []})
        for count in COUNTS:
            known[count] += row[count]
        known["reasons"] = sorted({*known["reasons"], *row["reasons"]})
    return [found[key] for key in sorted(found)]


def counted(kills: Iterable[Row]) -> list[Row]:
    """Return how many of each command were killed at which moments."""
    found = Counter((kill["kind"], kill["moment"]) for kill in kills)
    return [{"kind": kind, "moment": at, "kills": n} for (kind, at), n in sorted(found.items())]


def page(record: Row) -> str:
    """Return docs/reliability.md."""
    order = sorted(record["rows"], key=lambda row: (chapter(row), row["did"], row["expected"]))
    chapters = [faults_table(title, list(rows)) for (_, title), rows in groupby(order, chapter)]
    parts = [introduction(record), *chapters, kills_table(record["kills"]), fuzz_table(record["fuzz"])]
    return "\n".join(part for part in parts if part)


def introduction(record: Row) -> str:
    """Return what was tried, where, and how to repeat it."""
    total = Counter({count: sum(row[count] for row in record["rows"]) for count in COUNTS})
    kills = sum(kill["kills"] for kill in record["kills"] if kill["moment"] != "it had ended")
    versions = record["versions"]
    where = (
        f"On {record['machine']}, {record['cores']} cores, {record['system']}, {record['date'][:10]}, "
        f"commit {record['commit'] or 'unknown'}, Python {versions['python']}, NumPy {versions['numpy']}."
    )
    return INTRODUCTION.format(
        checks=f"{total['passed'] + total['failed']:,}",
        faults=f"{len(record['rows']):,}",
        failed=f", of which {total['failed']:,} failed" if total["failed"] else ", all passed",
        kills=f"{kills:,}",
        inputs=f"{sum(one['inputs'] for one in record['fuzz']):,}",
        where=where,
    )


def chapter(row: Row) -> tuple[int, str]:
    """Return the place and the title of the chapter that a fault belongs to."""
    for place, (title, areas) in enumerate(CHAPTERS.items()):
        if row["area"] in areas:
            return place, title
    return len(CHAPTERS), row["area"][:1].upper() + row["area"][1:]


def faults_table(title: str, rows: Sequence[Row]) -> str:
    """Return the faults of a chapter."""
    lines = [(row["did"], row["expected"], checks(row)) for row in rows]
    return "\n".join([f"## {title}", "", *table(("fault", "what it does", "checks"), lines), ""])


def checks(row: Row) -> str:
    """Return how many checks there are of a fault; what failed or was skipped is said."""
    text = f"{row['passed'] + row['failed']:,}"
    if row["failed"]:
        text += f", **{row['failed']:,} failed**"
    if row["skipped"]:
        text += f", {row['skipped']:,} skipped: {'; '.join(row['reasons'])}"
    return text


def kills_table(kills: Sequence[Row]) -> str:
    """Return how many processes were killed, by command and moment."""
    if not kills:
        return ""
    moments = sorted({kill["moment"] for kill in kills})
    cells = {(kill["kind"], kill["moment"]): kill["kills"] for kill in kills}
    lines = [
        (kind, *(str(cells.get((kind, moment), 0)) for moment in moments))
        for kind in sorted({kill["kind"] for kill in kills})
    ]
    return "\n".join([KILLS, *table(("command", *moments), lines), ""])


def fuzz_table(fuzz: Sequence[Row]) -> str:
    """Return how many inputs each reader was given."""
    if not fuzz:
        return ""
    lines = [(one["target"], f"{one['inputs']:,}", f"{one['seconds']:.0f}", one["by"]) for one in fuzz]
    return "\n".join([FUZZING, *table(("reader", "inputs", "seconds", "made by"), lines), ""])


def table(heads: Sequence[str], lines: Iterable[Sequence[str]]) -> list[str]:
    """Return a table in Markdown; the first column, and the second of a fault, are words."""
    aligned = [
        "---" if head in ("fault", "what it does", "command", "reader", "made by") else "--:"
        for head in heads
    ]
    escaped = [[cell.replace("|", r"\|").replace("<", "&lt;") for cell in line] for line in lines]
    return [f"| {' | '.join(line)} |" for line in [heads, aligned, *escaped]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gather", type=Path, metavar="FOLDER", help="what a campaign left")
    folder = parser.parse_args().gather
    if folder is not None:
        RECORD.write_bytes(dump_json(gathered(folder)))
    PAGE.write_text(page(read_json(RECORD, max_bytes=MOST_BYTES)), encoding="utf-8")


if __name__ == "__main__":
    main()
