"""The printed table."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text
from rounds import Spread
from rows import SECTIONS, Row, Target

WIDTH = 150  # columns where there is no terminal, or a narrow one


def show(rows: Sequence[Row]) -> None:
    """Print the table, section by section, and how many targets are met."""
    console = Console(width=max(Console().width, WIDTH), highlight=False)
    for section, about in SECTIONS.items():
        lines = [row for row in rows if row.section == section]
        if lines:
            console.print(f"\n{about.title}, {about.unit}", style="bold")
            console.print(table(section, lines))
    judged = [row.met for row in rows if row.target is not None]
    missed, not_timed = judged.count(False), judged.count(None)
    left = f", {not_timed} not timed" if not_timed else ""
    console.print(f"\n{judged.count(True)} of {len(judged)} targets met, {missed} missed{left}", style="bold")


def table(section: str, rows: Sequence[Row]) -> Table:
    """Return one section; all have columns of the same widths."""
    shown = Table(box=None, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))
    shown.add_column("", width=33, no_wrap=True)
    headings = ("tenfold", 19), (SECTIONS[section].other, 13), ("ratio", 19), ("target", 9), ("met", 4)
    for heading, width in headings:
        shown.add_column(heading, width=width, justify="right", no_wrap=True)
    shown.add_column("", overflow="fold")
    for row in rows:
        shown.add_row(*cells(row))
    return shown


def cells(row: Row) -> tuple[str | Text, ...]:
    """Return a line's cells; seconds are medians where a ratio shows how far they were apart."""
    note = Text(row.note, style="dim")
    goal = "" if row.target is None else bound(row.target)
    if row.ours is None:
        return row.name, Text("not timed", style="dim"), "", "", goal, "", note
    ours = figure(row.ours.median) if row.ratio is not None else spread(row.ours)
    theirs = "" if row.theirs is None else figure(row.theirs.median)
    ratio = "" if row.ratio is None else spread(row.ratio)
    met = {True: Text("yes", style="green"), False: Text("no", style="bold red"), None: Text("")}[row.met]
    return row.name, ours, theirs, ratio, goal, met, note


def bound(target: Target) -> str:
    """Return a target in a word."""
    if target.at_least is not None:
        return f"≥ {target.at_least:,}"
    return f"≤ {target.at_most:,}"


def spread(found: Spread) -> str:
    """Return the median, and the least and the most where they differ."""
    least, middle, most = (figure(value) for value in (found.least, found.median, found.most))
    return middle if least == most else f"{middle} ({least}-{most})"


def figure(value: float) -> str:
    """Return three significant digits, never with an exponent; whole numbers as they are."""
    if value >= 100 or value == int(value):
        return f"{value:,.0f}"
    decimals = 1 if value >= 10 else 2 if value >= 1 else 3 if value >= 0.1 else 4
    return f"{value:.{decimals}f}"
