"""Data as every command loads them: with remarks, and a bar while something is fetched."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

from tenfold.cli import output

if TYPE_CHECKING:
    from collections.abc import Callable

    from tenfold.data import Corpus


def load(source: str | None, *, quiet: bool = False, notify: Callable[[str], None] | None = None) -> Corpus:
    """Load a training and a test set; what must be known is said even if ``quiet``, or given to ``notify``.

    Raises
    ------
    DataError
        If the source is missing, damaged or unreachable.
    """
    from tenfold.data import load_corpus
    from tenfold.data.download_bar import DownloadBar

    bar = DownloadBar(output.stderr()) if sys.stderr.isatty() and not quiet else None
    try:
        return load_corpus(source, notify=notify or partial(output.remark, bold=True), progress=bar)
    finally:
        if bar is not None:
            bar.close()
