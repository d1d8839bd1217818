"""Folders to write into that an option named: what is wrong with them is told with the name of the option."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tenfold.errors import ConfigError, StorageError
from tenfold.files.held_folder import HeldFolder, MovedError
from tenfold.files.storage import os_error_text, shown, storage
from tenfold.files.writing import write_atomically


@contextmanager
def writing_to(folder: Path, option: str) -> Iterator[None]:
    """While in a ``with`` block, a place that cannot be written is the fault of the option that named it.

    Raises
    ------
    ConfigError
        If another place would do.
    StorageError
        If the machine is out of something, such as room.
    """
    try:
        with storage(folder):
            yield
    except StorageError as error:
        if not error.of_the_place:
            raise
        raise ConfigError(
            f"{option}: expected a folder that can be written, got {shown(folder)} "
            f"({os_error_text(error)}); name another"
        ) from error


def make_folder(folder: Path, option: str) -> None:
    """Make the folder, and those above it, if they are not there; ``option`` is what named it.

    Raises
    ------
    ConfigError, StorageError
        If that is not possible.
    """
    with writing_to(folder, option):
        folder.mkdir(parents=True, exist_ok=True)


def write_named(path: Path, content: str | bytes, option: str) -> None:
    """Write a file that ``option`` named, whole or not at all, in a folder that is made if need be.

    Raises
    ------
    ConfigError, StorageError
        If it cannot be written there.
    """
    make_folder(path.parent, option)
    with writing_to(path.parent, option):  # a text may have names of files, which may be of any bytes
        whole = content if isinstance(content, bytes) else content.encode("utf-8", "backslashreplace")
        write_atomically(path, whole)


@contextmanager
def held(folder: Path, option: str) -> Iterator[HeldFolder]:
    """Hold a folder while in a ``with`` block; if it is moved, the error says how to go on there."""
    home = HeldFolder(folder)
    try:
        yield home
    except MovedError as error:
        if error.there is not None:
            error.advice = f"give the command again with {option} {shlex.quote(str(error.there))}"
        raise
    finally:
        home.close()
