"""Progress on stderr: a bar or a live table on a terminal, lines elsewhere, nothing under ``--quiet``."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

from tenfold.cli import output

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from tenfold.data import Corpus
    from tenfold.runs.trial_display import NoWatcher
    from tenfold.train import Callback


def load(source: str | None, *, quiet: bool = False, notify: Callable[[str], None] | None = None) -> Corpus:
    """Load data; what must be known of them is said even if ``quiet``, or given to ``notify``."""
    from tenfold.data import load_corpus
    from tenfold.data.download_bar import DownloadBar

    bar = DownloadBar(output.stderr()) if sys.stderr.isatty() and not quiet else None
    try:
        return load_corpus(source, notify=notify or partial(output.remark, bold=True), progress=bar)
    finally:
        if bar is not None:
            bar.close()


def training_watchers(*, quiet: bool) -> list[Callback]:
    """Return who shows a training."""
    from tenfold.train import PlainLines, RichBar

    if quiet:
        return []
    return [RichBar(output.stderr()) if sys.stderr.isatty() else PlainLines(sys.stderr)]


def trials_watcher(waiting: int, *, quiet: bool) -> NoWatcher:
    """Return who shows so many trials; failures are shown in any case."""
    from tenfold.runs.trial_display import LiveTrials, NoWatcher, PlainTrials

    if quiet or not waiting:
        return NoWatcher(output.error)
    return LiveTrials(waiting, output.stderr()) if sys.stderr.isatty() else PlainTrials(output.remark)


def pictures(total: int, *, bar: bool = True) -> AbstractContextManager[Callable[[int], None]]:
    """Show how many of so many pictures are read, in a ``with`` block that is given what counts them."""
    from tenfold.runs.picture_progress import shown_progress

    console = output.stderr() if bar and sys.stderr.isatty() else None
    return shown_progress(total, console, output.remark)
