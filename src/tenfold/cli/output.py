"""What goes to the terminal: results and JSON to stdout, everything else to stderr."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import typer

from tenfold.interrupt import INTERRUPTED
from tenfold.streams import Unfailing

if TYPE_CHECKING:
    from rich.console import Console

    from tenfold.evaluate.tables import Table

_NARROWEST = 12  # characters a column


def stdout() -> Console:
    """Return the console for results; colours only on a terminal, and never under NO_COLOR."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False)


def stderr() -> Console:
    """Return the console for remarks and progress."""
    from rich.console import Console

    unfailing: Any = Unfailing(sys.stderr)
    return Console(file=unfailing, highlight=False, markup=False, emoji=False)


def say(line: str, style: str | None = None) -> None:
    """Print one line of result, however long."""
    stdout().print(line, style=style, soft_wrap=True)


def remark(line: str, *, bold: bool = False) -> None:
    """Print one line to stderr."""
    stderr().print(line, style="bold" if bold else None, soft_wrap=True)


def silent(line: str, heading: bool = False) -> None:
    """Print nothing, where `remark` or `titled` would print a line."""


def titled(line: str, heading: bool) -> None:
    """Print one line of result, bold if it is a heading."""
    say(line, style="bold" if heading else None)


def log(*, verbose: bool = False) -> None:
    """Print what a server logs to stderr."""
    level = logging.INFO if verbose else logging.WARNING
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=level)
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # it warns of what clients do


def warn_once() -> Callable[..., None]:
    """Return what prints warnings of the library in the place of `showwarning`, each once in a command."""
    said: set[str] = set()

    def warning(message: Warning | str, *_: Any, **__: Any) -> None:
        line = " ".join(str(message).split())
        if line not in said:
            said.add(line)
            remark(f"note: {line}")

    return warning


def error(line: str) -> None:
    """Print an error as one line to stderr, without colours where these cannot even be loaded any more."""
    try:
        from rich.text import Text

        console = stderr()
    except (ImportError, OSError):
        Unfailing(sys.stderr).write(f"error: {line}\n")
        return
    console.print(Text.assemble(("error: ", "bold red"), line), soft_wrap=True)


def interrupted(interruption: KeyboardInterrupt) -> int:
    """Print what became of the work as an error, and return the exit code."""
    error(str(interruption) or "interrupted")
    return getattr(interruption, "exit_code", INTERRUPTED)


def emit(value: Mapping[str, Any]) -> None:
    """Print one JSON object to stdout; nothing else goes there."""
    sys.stdout.write(json.dumps(value, allow_nan=False) + "\n")


def tell(
    record: Mapping[str, Any],
    parts: Iterable[str | Table],
    *,
    as_json: bool,
    code: int = 0,
    headed: bool = False,
    wide: bool = False,
) -> None:
    """Print what was found, as one JSON object or in lines and tables; then end with a code that is not 0.

    If it is ``headed``, the first line is bold. ``wide`` tables of numbers are cut to fit a narrow terminal.
    """
    if as_json:
        emit(record)
    for place, part in enumerate(() if as_json else parts):
        if isinstance(part, str):
            say(part, style="bold" if headed and place == 0 else None)
        elif wide:
            from tenfold.evaluate.tables.plain import plain_pieces

            width = stdout().width if stdout().is_terminal else None
            put("\n".join(plain_pieces(part.heads, part.rows, width)))
        else:
            table(part.heads, part.rows, [i for i in range(len(part.heads)) if i not in part.left])
    if code:
        raise typer.Exit(code)


def report(value: Mapping[str, Any]) -> None:
    """Print one JSON object to stdout at once; if nobody listens any more, stdin tells."""
    with suppress(OSError):
        sys.stdout.write(json.dumps(value) + "\n")  # an accuracy may be NaN
        sys.stdout.flush()


def put(text: str) -> None:
    """Print text that is for another program, as it is."""
    sys.stdout.write(text)


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> None:
    """Print a table; columns numbered in ``right`` are set to the right.

    Cells are folded to fit a terminal, but not where nothing could be read then, or off a terminal.
    """
    console = stdout()
    if not console.is_terminal or console.width < _NARROWEST * len(columns):
        from tenfold.evaluate.tables.plain import plain

        put(plain(columns, rows, right))
        return
    from rich import box
    from rich.table import Table

    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for i, name in enumerate(columns):
        grid.add_column(name, justify="right" if i in right else "left", overflow="fold")
    for row in rows:
        grid.add_row(*row)
    console.print(grid)
