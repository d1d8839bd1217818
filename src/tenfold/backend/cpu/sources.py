"""Which source files compiled code depends on: that of the function, and all engine files it imports.

Numba copies what a function calls into it, so an edit of a file changes the code of every file that imports
it, directly or through others. Other edits change nothing, and nothing is compiled again for them.
"""

from __future__ import annotations

import ast
import hashlib
import os
import re
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tenfold.backend import IMPORTED

_ENGINE = "tenfold.backend"
_JUST_BEFORE = 2.0  # seconds
_ROOT = Path(__file__).parents[3]  # the folder that `tenfold` is in
_FIRST_DEFINITION = re.compile(r"^(?:@|def |class )", re.MULTILINE)


@cache
def digest(source: Path) -> str:
    """A digest of a source file and of all engine files that it imports."""
    found = hashlib.sha256()
    for path in sorted(closure(source)):
        found.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()[:16]


def edited(source: Path) -> bool:
    """Whether one of these files changed after this process began to import them.

    What the process has imported is then not what the digest is of. Neither may it be if a file was written
    just before: Python tells by size and whole seconds whether its bytecode is of the file as it is now. A
    time in the future is of another clock.
    """
    now = time.time()
    return any(
        IMPORTED - _JUST_BEFORE < about.st_mtime <= now or IMPORTED < about.st_ctime <= now
        for about in map(os.stat, closure(source))
    )


@cache
def closure(source: Path) -> frozenset[Path]:
    """Return a source file and all engine files that it imports, directly or through others."""
    found, waiting = {source}, [source]
    while waiting:
        new = imported(waiting.pop()) - found
        found |= new
        waiting += new
    return frozenset(found)


@cache
def imported(source: Path) -> frozenset[Path]:
    """Return the engine files that a file imports itself, before its first function or class."""
    head = _FIRST_DEFINITION.split(source.read_text(encoding="utf-8"), maxsplit=1)[0]
    files = (_file(name) for name in _names(ast.parse(head)) if f"{name}.".startswith(f"{_ENGINE}."))
    return frozenset(path for path in files if path is not None)


def _names(tree: ast.AST) -> Iterator[str]:
    """All that may be the name of an imported module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _file(module: str) -> Path | None:
    """The source file of a module; None for a name that is none."""
    place = _ROOT.joinpath(*module.split("."))
    files = (place.with_suffix(".py"), place / "__init__.py")
    return next((path for path in files if path.is_file()), None)
