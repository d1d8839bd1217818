"""What the library logs and warns of, as lines on stderr."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tenfold.cli import output
from tenfold.errors import SlowerWarning


class _Lines(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        output.remark(record.getMessage())


@contextmanager
def library_notices() -> Iterator[None]:
    """Show what the library logs, unless a command sets up logging itself, and what it says is slower."""
    handler, show = logging.lastResort, warnings.showwarning

    def show_line(message: Any, category: Any, *rest: Any, **more: Any) -> None:
        if issubclass(category, SlowerWarning):
            output.remark(f"note: {message}")
        else:
            show(message, category, *rest, **more)

    logging.lastResort, warnings.showwarning = _Lines(logging.WARNING), show_line
    warnings.filterwarnings("default", category=SlowerWarning)
    try:
        yield
    finally:
        logging.lastResort, warnings.showwarning = handler, show
