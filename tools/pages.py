"""What tools write between marks in pages; and files that are written, or with ``--check`` only compared."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent


def with_part(page: str, begin: str, end: str, part: str) -> str:
    """Return a page with a new text between two marks, each of which it has once."""
    before, rest = page.split(begin)
    _, after = rest.split(end)
    return f"{before}{begin}\n{part}\n{end}{after}"


def only_compares(arguments: Sequence[str] | None) -> bool:
    """Return whether nothing is to be written."""
    return "--check" in (sys.argv[1:] if arguments is None else arguments)


def put(texts: Mapping[Path, str], command: str, arguments: Sequence[str] | None) -> int:
    """Write the files that are out of date, or only list them; return the exit code.

    Parameters
    ----------
    texts : mapping of Path to str
        What each file should hold.
    command : str
        What writes them.
    arguments : sequence of str, optional
        By default those of the program.
    """
    check = only_compares(arguments)
    stale = {
        path: text
        for path, text in texts.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    }
    for path, text in stale.items():
        if not check:
            path.write_text(text, encoding="utf-8")
        print(f"{path.relative_to(ROOT)}: {f'run {command}' if check else 'written'}")
    return int(check and bool(stale))
