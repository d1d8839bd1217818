"""Write docs/reliability.md from results/faults.json; ``--gather FOLDER`` first makes this record.

A campaign writes ``checks-*.json`` (written by tools/faults_plugin.py) and ``fuzz-*.json`` (tools/fuzz).
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
"""In the page's order; any other area becomes a separate chapter at the end."""

INTRODUCTION = """\
# Reliability

This page lists the faults that the tests provoke, and the program's reaction to each. The faults are
real: files are damaged, processes killed, disks filled, servers attacked. Each row of the tables is one
fault. *Checks* is the number of tests that provoke it; each parameter of a test counts.

{checks} checks of {faults} faults{failed}, {kills} killed processes, {inputs} fuzzed inputs.
{where}

`make faults` repeats all checks and writes this page from `results/faults.json`; it takes about an hour.
`make faults QUICK=1` runs a sample and writes nothing.
"""
KILLS = """\
## Killed processes

`kill -9` at random moments of a command: at its start, during training, while saving, at its end. Each
command is killed twice in one folder, the second time while it resumes. After each kill the newest
checkpoint can be loaded. At the end, models, histories and trials are the same, bit for bit, as those of
an uninterrupted command, except for times.
"""
FUZZING = """\
## Fuzzed inputs

The readers get damaged files for a fixed time. A reader must either reject a file in one line or read it
correctly, in at most 10 seconds and 1 GiB.
"""


def gathered(folder: Path) -> Row:
    """Return the record of a campaign from the files in a folder."""
    found = [read_json(path, max_bytes=MOST_BYTES) for path in sorted(folder.glob("checks-*.json"))]
    fuzz = [read_json(path) for path in sorted(folder.glob("fuzz-*.json"))]
    kills = [kill for one in found for kill in one["kills"]]
    if not (found and fuzz and kills):
        raise SystemExit(
            f"{folder}: expected checks, kills and fuzzing, found {len(found)} files of checks, "
            f"{len(kills)} kills and {len(fuzz)} fuzzed readers; run make faults until it is finished"
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
    """Return one row for each fault, sorted: several test runs may provoke the same fault."""
    found: dict[tuple[str, str, str], Row] = {}
    for row in rows:
        key = row["area"], row["did"], row["expected"]
        known = found.setdefault(key, {**row, **dict.fromkeys(COUNTS, 0), "reasons": []})
        for count in COUNTS:
            known[count] += row[count]
        known["reasons"] = sorted({*known["reasons"], *row["reasons"]})
    return [found[key] for key in sorted(found)]


def counted(kills: Iterable[Row]) -> list[Row]:
    """Return the number of kills for each command and moment."""
    found = Counter((kill["kind"], kill["moment"]) for kill in kills)
    return [{"kind": kind, "moment": at, "kills": n} for (kind, at), n in sorted(found.items())]


def page(record: Row) -> str:
    """Return docs/reliability.md."""
    order = sorted(record["rows"], key=lambda row: (chapter(row), row["did"], row["expected"]))
    chapters = [faults_table(title, list(rows)) for (_, title), rows in groupby(order, chapter)]
    parts = [introduction(record), *chapters, kills_table(record["kills"]), fuzz_table(record["fuzz"])]
    return "\n".join(part for part in parts if part)


def introduction(record: Row) -> str:
    """Return the introduction: the totals, the machine, and how to repeat the campaign."""
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
    """Return the position and the title of a fault's chapter."""
    for place, (title, areas) in enumerate(CHAPTERS.items()):
        if row["area"] in areas:
            return place, title
    return len(CHAPTERS), row["area"][:1].upper() + row["area"][1:]


def faults_table(title: str, rows: Sequence[Row]) -> str:
    """Return the faults of a chapter."""
    lines = [(row["did"], row["expected"], checks(row)) for row in rows]
    return "\n".join([f"## {title}", "", *table(("fault", "reaction", "checks"), lines), ""])


def checks(row: Row) -> str:
    """Return the number of checks of a fault, with the failed and the skipped ones."""
    text = f"{row['passed'] + row['failed']:,}"
    if row["failed"]:
        text += f", **{row['failed']:,} failed**"
    if row["skipped"]:
        text += f", {row['skipped']:,} skipped: {'; '.join(row['reasons'])}"
    return text


def kills_table(kills: Sequence[Row]) -> str:
    """Return the table of killed processes, by command and moment."""
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
    """Return the table of fuzzed inputs, by reader."""
    if not fuzz:
        return ""
    lines = [(one["target"], f"{one['inputs']:,}", f"{one['seconds']:.0f}", one["by"]) for one in fuzz]
    return "\n".join([FUZZING, *table(("reader", "inputs", "seconds", "made by"), lines), ""])


def table(heads: Sequence[str], lines: Iterable[Sequence[str]]) -> list[str]:
    """Return a table in Markdown; the first column, and the second of a fault, are words."""
    aligned = [
        "---" if head in ("fault", "reaction", "command", "reader", "made by") else "--:" for head in heads
    ]
    escaped = [[cell.replace("|", r"\|").replace("<", "&lt;") for cell in line] for line in lines]
    return [f"| {' | '.join(line)} |" for line in [heads, aligned, *escaped]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--gather", type=Path, metavar="FOLDER", help="the folder with the files of a campaign"
    )
    folder = parser.parse_args().gather
    if folder is not None:
        RECORD.write_bytes(dump_json(gathered(folder)))
    PAGE.write_text(page(read_json(RECORD, max_bytes=MOST_BYTES)), encoding="utf-8")


if __name__ == "__main__":
    main()
