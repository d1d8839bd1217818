"""Write the README's table of figures from ``results/*.json``; ``--check`` only compares.

A model without a file of figures stands there as not measured.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from tenfold.zoo import ENTRIES, Entry, Measured, measured

ROOT = Path(__file__).parent.parent
README, RESULTS = ROOT / "README.md", ROOT / "results"
BEGIN, END = "<!-- figures from results/, by tools/readme_table.py -->", "<!-- end of figures -->"
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
        print(
            "README.md: the figures are those of results/" if now == then else "README.md: run make results"
        )
        return int(now != then)
    README.write_text(then, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
