"""Write the tables and the picture of docs/scale.md from results/scale.json; ``--check`` only compares."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parent))
from drawings import Drawing
from pages import ROOT, put, with_part

from tenfold.checkpoint import read_json

RECORD, PAGE = ROOT / "results" / "scale.json", ROOT / "docs" / "scale.md"
PICTURE = ROOT / "docs" / "images" / "scale.svg"
BEGIN, END = "<!-- {} from results/scale.json, by tools/scale_page.py -->", "<!-- end of {} -->"
SHOWN = (1, 8, 64)
BEST, WORST = "the nodes start and compile", "lost once a day, and trials as unequal as measured"
CURVES = {BEST: "strong", WORST: "line", "lost once an hour, without a shared folder": "back"}
Row = dict[str, Any]


def table(heads: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown; the first column and sources are text, the others are figures."""
    aligned = ["---" if head in (heads[0], "source") else "--:" for head in heads]
    rows = [f"| {' | '.join(line)} |" for line in [heads, *lines]]
    return "\n".join([rows[0], f"|{'|'.join(aligned)}|", *rows[1:]])


def hours(seconds: float) -> str:
    """Return a time in hours, or in minutes if that is short.

    Examples
    --------
    >>> hours(900), hours(13_932), hours(200_000)
    ('15 min', '3.9 h', '56 h')
    """
    if seconds < 3600:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 72_000 else f"{seconds / 3600:.0f} h"


def ends(row: Row) -> str:
    """Return the median end, and that of the worst tenth if it differs."""
    middle, worst = hours(row["seconds"]), hours(row["seconds_worst_tenth"])
    return middle if middle == worst else f"{middle} ({worst})"


def plan_table(record: Row) -> str:
    """Return when all trials are done, by scenario and nodes."""
    rows = {(row["scenario"], row["nodes"]): row for row in record["plan"]}
    names = dict.fromkeys(name for name, _ in rows)
    lines = [(name, *(ends(rows[name, nodes]) for nodes in SHOWN)) for name in names]
    return table(("end of all trials", *(_nodes(nodes) for nodes in SHOWN)), lines)


def _nodes(number: int) -> str:
    return "1 node" if number == 1 else f"{number} nodes"


def use_table(record: Row) -> str:
    """Return what the cores do, at best and at worst."""
    lines = []
    for name in (BEST, WORST):
        for row in record["plan"]:
            if row["scenario"] == name and row["nodes"] in SHOWN:
                shares = row["shares"]
                ready = sum(shares[one] for one in ("start", "compile", "launch", "read", "replace"))
                cells = (shares["work"], ready, shares["repeat"], shares["idle"])
                lines.append(
                    (
                        f"{name}, {_nodes(row['nodes'])}",
                        f"{row['core_hours']:,.0f}",
                        *(f"{cell:.1%}".replace("%", " %") for cell in cells),
                    )
                )
    return table(("scenario", "core-hours", "training", "start, compile, load", "repeated", "idle"), lines)


def systems_table(record: Row) -> str:
    """Return the seconds of each system."""
    lines = [
        (f"`{one['name']}`", f"{one['seconds']:,.0f} s", one["source"])
        for one in sorted(record["systems"], key=lambda one: -one["seconds"])
    ]
    return table(("model", "one trial on one core", "source"), lines)


def pictures_table(record: Row) -> str:
    """Return when a billion pictures are predicted, by kind and nodes."""
    rows = {(row["kind"], row["nodes"]): row for row in record["pictures"]}
    lines = []
    for kind in dict.fromkeys(kind for kind, _ in rows):
        one, most = rows[kind, SHOWN[0]], rows[kind, SHOWN[-1]]["shares"]
        each = f"{1e6 * one['seconds_each']:,.0f} us, {one['bytes_each']:,} bytes"
        times = (hours(rows[kind, nodes]["seconds"]) for nodes in SHOWN)
        lines.append((kind, each, *times, f"{most['read']:.0%}".replace("%", " %")))
    heads = ("pictures", "each, on one core", *(_nodes(one) for one in SHOWN), "reading, 64 nodes")
    return table(heads, lines)


def assumed_table(record: Row) -> str:
    """Return what is assumed, and what is measured once."""
    lines = [(what, f"{value:,.0f}", "assumed") for what, value in record["assumed"].items()]
    lines += [(what, f"{value:,.1f}", "`results/bench-*.json`") for what, value in record["measured"].items()]
    factors = sorted(record["slowness"])
    slow = sum(one > 2 for one in factors) / len(factors)
    lines += [
        ("trials that took more than twice the median of their model", f"{slow:.1%}".replace("%", " %"), ""),
        ("the slowest of them, in medians", f"{factors[-1]:.0f}", ""),
    ]
    source = f"{len(factors)} trials in `results/`"
    return table(
        ("figure", "value", "source"),
        [line if line[2] else (*line[:2], source) for line in lines],
    )


PARTS = {
    "assumptions": assumed_table,
    "the plan": plan_table,
    "the cores": use_table,
    "the pictures": pictures_table,
    "the systems": systems_table,
}


def page(text: str, record: Row) -> str:
    """Return the page with the current tables."""
    for name, part in PARTS.items():
        text = with_part(text, BEGIN.format(name), END.format(name), part(record))
    return text


def picture(record: Row) -> str:
    """Return hours over nodes, both on logarithmic scales, as SVG."""
    drawing = Drawing(760, 400, "Hours until all trials are done, for 1 to 64 nodes")
    for node in (1, 2, 4, 8, 16, 32, 64):
        x = _x(node)
        drawing.line(x, 40, x, 300, "faint")
        drawing.text(x, 322, str(node), "s")
    for hour in (2, 4, 8, 16, 32, 64, 128):
        drawing.line(70, _y(3600 * hour), 470, _y(3600 * hour), "faint")
        drawing.text(60, _y(3600 * hour) + 4, f"{hour} h", "s", "end")
    drawing.text(270, 350, "nodes of 8 cores", "s")
    for place, (words, kind, points) in enumerate(curves(record)):
        path = "L".join(f"{_x(nodes):.1f} {_y(seconds):.1f}" for nodes, seconds in points)
        drawing.parts.append(f'<path d="M{path}" class="{kind}" stroke-width="3"/>')
        top = 60 + 60 * place
        drawing.parts.append(f'<path d="M490 {top}L520 {top}" class="{kind}" stroke-width="3"/>')
        for line, part in enumerate(words):
            drawing.text(530, top + 5 + 18 * line, part, "s", "start")
    drawing.text(270, 384, "28 systems x 10 seeds: hours until the last trial is done", "b")
    return drawing.svg()


def curves(record: Row) -> Iterator[tuple[list[str], str, list[tuple[int, float]]]]:
    """Yield the words, the kind of line and the points of each curve."""
    for name, kind in CURVES.items():
        rows = [row for row in record["plan"] if row["scenario"] == name]
        yield name.split(", "), kind, [(row["nodes"], row["seconds"]) for row in rows]


def _x(nodes: int) -> float:
    return 90 + 60 * math.log2(nodes)


def _y(seconds: float) -> float:
    return 300 - 38 * math.log2(seconds / 3600 / 1.5)


def texts() -> dict[Path, str]:
    """Return the text that each file should have."""
    record = read_json(RECORD)
    return {PAGE: page(PAGE.read_text(encoding="utf-8"), record), PICTURE: picture(record)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the files that are out of date, or with ``--check`` only list them."""
    return put(texts(), "tools/scale_page.py", arguments)


if __name__ == "__main__":
    sys.exit(main())
