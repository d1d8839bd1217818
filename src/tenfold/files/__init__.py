"""The file system: files that are whole or not there, reading within bounds, and its faults in words.

Everything that the package writes is written through here, so that no write follows a link that somebody
else put into a folder, and no fault of the disk reaches a user without words.
"""

from __future__ import annotations

from tenfold.files.held_folder import HeldFolder, MovedError
from tenfold.files.lock_file import open_lock_file
from tenfold.files.reading import open_regular, read_bounded
from tenfold.files.storage import os_error_text, shown, storage, storage_error
from tenfold.files.temporary import TEMPORARY, is_temporary, sweep, temporary_path
from tenfold.files.writing import create, make_subfolder, sync_folder, write_atomically, write_durably

__all__ = [
    "TEMPORARY",
    "HeldFolder",
    "MovedError",
    "create",
    "is_temporary",
    "make_subfolder",
    "open_lock_file",
    "open_regular",
    "os_error_text",
    "read_bounded",
    "shown",
    "storage",
    "storage_error",
    "sweep",
    "sync_folder",
    "temporary_path",
    "write_atomically",
    "write_durably",
]
