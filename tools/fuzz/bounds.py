"""The requirement for every input: a correct value or one line of error, within limits of time and memory."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import tenfold.errors

MOST_SECONDS = 10  # of the processor for one input: hundreds of times what a sound one takes
MOST_MEMORY = 1 << 30  # bytes at once, the libraries included
LONGEST_LINE = 2_000  # characters of an error, paths included


@contextmanager
def refused_in_one_line() -> Iterator[None]:
    """Any error in the block is a TenfoldError with one printable line of limited length."""
    try:
        yield
    except tenfold.errors.TenfoldError as error:
        check_line(str(error))


def check_line(text: str) -> None:
    """Raise RuntimeError for a text that is not one printable line.

    Raises
    ------
    RuntimeError
        If it is empty, has line breaks or is far too long.
    """
    if not text or len(text.splitlines()) != 1 or len(text) > LONGEST_LINE:
        raise RuntimeError(f"an error that is not one line: {text[:500]!r}, {len(text)} characters")


def bounded(target: Callable[[bytes], None], most_memory: int | None = None) -> Callable[[bytes], None]:
    """Return a target that raises RuntimeError for an input that takes too much time or memory."""
    most, before = MOST_MEMORY if most_memory is None else most_memory, peak_memory()

    def call(data: bytes) -> None:
        began = time.process_time()
        target(data)
        if (taken := time.process_time() - began) > MOST_SECONDS:
            raise RuntimeError(f"an input took {taken:.0f} s")
        if (grown := peak_memory() - before) > most:  # the process may have had much before
            raise RuntimeError(f"the inputs so far took {grown >> 20} MiB")

    return call


def peak_memory() -> int:
    """Return the most memory that this process has had, in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
