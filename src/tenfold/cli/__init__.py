"""The command ``tenfold``: one file per command, and the only unit that prints."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from tenfold.interrupt import INTERRUPTED


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; Ctrl-C is told in one line, also while it is loaded.

    Parameters
    ----------
    arguments : sequence of str, optional
        By default those that the program was started with.
    """
    try:
        from tenfold.streams import open_closed

        open_closed()
        from tenfold.cli import app

        return app.main(arguments)
    except KeyboardInterrupt:
        sys.stderr.write("error: interrupted\n")
        return INTERRUPTED


__all__ = ["main"]
