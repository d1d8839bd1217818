"""stdin, stdout and stderr as a program may find them: closed, full, or with nobody at the other end."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from tenfold.errors import StorageError
from tenfold.files import storage_error

_STANDARD = (("stdin", os.O_RDONLY), ("stdout", os.O_WRONLY), ("stderr", os.O_WRONLY))

_OF_STREAMS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)
"""What can come of writing; where files are written, they are named."""


def open_closed() -> None:
    """Open the null device in place of each standard stream that the program was started without.

    Whoever closes a stream (``>&-``) wants nothing of it. Left closed, its number would go to the next file
    that is opened, and what is printed would end up there.
    """
    for number, (name, flags) in enumerate(_STANDARD):
        try:
            os.fstat(number)
        except OSError:
            descriptor = os.open(os.devnull, flags)
            if descriptor != number:  # never: it is the lowest number that is free
                os.dup2(descriptor, number)
                os.close(descriptor)
            os.set_inheritable(number, True)  # as standard streams are
        if getattr(sys, name) is None:
            mode = "r" if flags == os.O_RDONLY else "w"
            setattr(sys, name, open(number, mode, encoding="utf-8", errors="replace", closefd=False))


def tolerate_narrow_encodings() -> None:
    """Let characters that the locale cannot show become a question mark, not an error."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def drain(stream: TextIO) -> None:
    """Write out what is left in a stream; what it does not take goes to nowhere, so that the end is quiet.

    Raises
    ------
    BrokenPipeError
        If nobody reads it any more.
    StorageError
        If it cannot be written for another reason.
    """
    try:
        stream.flush()
    except OSError as error:
        send_to_nowhere(stream)
        if isinstance(error, BrokenPipeError):
            raise
        raise lost(error) from error


def lost(error: OSError) -> StorageError:
    """Return in words that stdout could not be written: commands print when their work is done and saved."""
    found = storage_error(error, "stdout")
    found.kept, found.then = "what was to be printed is lost, the work is not", ""
    return found


def in_words(error: OSError, then: str) -> StorageError:
    """Return any error of the operating system in words; ``then`` says how the program goes on."""
    if not isinstance(error, StorageError) and error.filename is None and error.errno in _OF_STREAMS:
        return lost(error)
    found = storage_error(error)
    if found.then is None:
        found.then = then
    return found


def send_to_nowhere(stream: TextIO) -> None:
    """Let what is still in a stream, and what comes, go to the null device."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, stream.fileno())
    os.close(null)


@contextmanager
def without_stderr() -> Iterator[None]:
    """In a ``with`` block, what compiled code prints on stderr is dropped."""
    try:
        before = os.dup(2)
    except OSError:  # closed
        yield
        return
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    os.close(null)
    try:
        yield
    finally:
        os.dup2(before, 2)
        os.close(before)


class Unfailing:
    """A stream for remarks: what it cannot take is lost, for no work may fail for want of a remark.

    Parameters
    ----------
    stream : text stream
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write if that is possible."""
        try:
            return self._stream.write(text)
        except OSError:
            return len(text)

    def flush(self) -> None:
        """Flush if that is possible."""
        try:
            self._stream.flush()
        except OSError:
            return
