"""The file system: atomic writes, reads with limits, locks, and clear messages for its errors.

All writes of the package go through this unit, so that none follows a symbolic link that another user put
into a folder, and every error of the disk becomes a clear message.
"""

from __future__ import annotations

from tenfold.files.held_folder import HeldFolder, MovedError
from tenfold.files.lock_file import open_lock_file
from tenfold.files.mapped_file import mapped, new_mapped, remove_mapped
from tenfold.files.reading import open_regular, read_bounded, reading_folder
from tenfold.files.storage import os_error_text, shown, storage, storage_error
from tenfold.files.temporary import TEMPORARY, is_temporary, sweep, temporary_path, whole_files
from tenfold.files.toml_file import parse_toml, read_toml
from tenfold.files.writing import (
    append_to,
    create,
    make_subfolder,
    sync_folder,
    write_atomically,
    write_durably,
)

__all__ = [
    "TEMPORARY",
    "HeldFolder",
    "MovedError",
    "append_to",
    "create",
    "is_temporary",
    "make_subfolder",
    "mapped",
    "new_mapped",
    "open_lock_file",
    "open_regular",
    "os_error_text",
    "parse_toml",
    "read_bounded",
    "read_toml",
    "reading_folder",
    "remove_mapped",
    "shown",
    "storage",
    "storage_error",
    "sweep",
    "sync_folder",
    "temporary_path",
    "whole_files",
    "write_atomically",
    "write_durably",
]
