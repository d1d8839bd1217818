"""Which display shows a run that was started from Python."""

from __future__ import annotations

import sys

from tenfold.errors import ConfigError
from tenfold.quoting import quoted
from tenfold.train.callbacks import Callback
from tenfold.train.display import PlainLines, RichBar
from tenfold.train.notebook import NotebookTable, in_notebook


def display_for(progress: bool | Callback | None) -> Callback | None:
    """Return the display of a run.

    Parameters
    ----------
    progress : bool or Callback, optional
        By default a table in a notebook, a bar in a terminal, and nothing elsewhere. With ``True`` lines on
        stderr where there is no terminal; with ``False`` nothing; or a display such as `PlainLines`.

    Raises
    ------
    ConfigError
        If it is something else.
    """
    if isinstance(progress, Callback):
        return progress
    if not isinstance(progress, (bool, type(None))):
        raise ConfigError(
            f"progress: expected True, False or a display such as PlainLines(sys.stderr), "
            f"got {quoted(progress)}; leave it out to see a bar in a terminal"
        )
    if progress is False:
        return None
    if in_notebook():
        return NotebookTable()
    if sys.stderr is not None and sys.stderr.isatty():
        return RichBar()
    return PlainLines(sys.stderr) if progress else None
