"""Files of a home on their way between machines that do not share it, by their paths in the home."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from tenfold.checkpoint.run_lock import LOCK
from tenfold.errors import StorageError
from tenfold.files import is_temporary, storage, write_atomically


def files_in(home: Path, folder: Path) -> dict[str, bytes]:
    """Return what a folder in a home holds, but for locks and files that are not whole."""
    with storage(home / folder):
        every = [path for path in sorted((home / folder).rglob("*")) if path.is_file()]
        lasting = [path for path in every if path.name != LOCK and not is_temporary(path.name)]
        return {path.relative_to(home).as_posix(): path.read_bytes() for path in lasting}


def put_files(home: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a home, in their order.

    Raises
    ------
    StorageError
        If a name leads out of the home.
    """
    for name, content in files.items():
        parts = PurePosixPath(name).parts
        if not parts or ".." in parts or PurePosixPath(name).is_absolute() or "\\" in name:
            raise StorageError(
                f"{home}: expected files of this folder to come back, got {name!r:.80}",
                "do not use this cluster",
            )
        path = home.joinpath(*parts)
        with storage(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, content)
