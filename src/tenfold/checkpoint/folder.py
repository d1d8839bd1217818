"""One checkpoint: a folder of tensors and state, valid only with its manifest."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tenfold.checkpoint.json_file import dump_json, parse_json, read_json
from tenfold.checkpoint.tensors import MAX_BYTES, pack_tensors, parse_tensors
from tenfold.errors import CheckpointError
from tenfold.files import read_bounded, storage, sync_folder, temporary_path, write_durably
from tenfold.quoting import quoted

FORMAT = 1
MANIFEST = "MANIFEST.json"
STATE = "state.json"
MAX_STATE = 8 * 2**20  # a history of ten thousand epochs
_FILE_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}\.safetensors|state\.json")


@dataclass(frozen=True)
class Checkpoint:
    """The content of a checkpoint folder: named arrays for each file, and the state as JSON values."""

    folder: Path
    tensors: dict[str, dict[str, np.ndarray[Any, Any]]]
    state: dict[str, Any]


def save(
    folder: Path, tensors: Mapping[str, Mapping[str, np.ndarray[Any, Any]]], state: Mapping[str, Any]
) -> Path:
    """Save a checkpoint completely or not at all.

    All files go to a temporary folder next to ``folder`` and are flushed to the disk, last the manifest
    with the SHA-256 of the others; then the folder is renamed.

    Parameters
    ----------
    folder : Path
        The checkpoint's folder; must not exist.
    tensors : mapping
        ``{"weights": {"conv1.weight": array, ...}, ...}``: one ``.safetensors`` file for each key.
    state : mapping
        The content of ``state.json``.

    Returns
    -------
    Path
        ``folder``.

    Raises
    ------
    CheckpointError
        If the folder exists, or a value cannot be saved.
    StorageError
        If the disk is full or the folder is not writable. Other checkpoints are unchanged.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp()) / "first"
    >>> _ = save(folder, {"weights": {"dense.bias": np.zeros(10, np.float32)}}, {"epoch": 3})
    >>> load(folder).state["epoch"]
    3
    """
    contents = {f"{name}.safetensors": pack_tensors(arrays) for name, arrays in tensors.items()}
    contents[STATE] = dump_json(dict(state))
    _check_contents(folder, contents)
    temporary = temporary_path(folder)
    with storage(folder):
        try:
            temporary.mkdir(parents=True)
            for name, content in contents.items():
                write_durably(temporary / name, content)
            write_durably(temporary / MANIFEST, dump_json(_manifest(contents)))
            sync_folder(temporary)
            os.replace(temporary, folder)
            sync_folder(folder.parent)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    return folder


def load(folder: Path) -> Checkpoint:
    """Load a checkpoint and verify all its files.

    Raises
    ------
    CheckpointError
        If the manifest is missing, a file is missing, additional, or differs from the manifest in size or
        checksum, or a file cannot be parsed. The message names the file.
    """
    contents = _verified_contents(folder)
    state = parse_json(contents.pop(STATE), where=str(folder / STATE), max_bytes=MAX_STATE)
    if not isinstance(state, dict):
        kind = type(state).__name__
        raise CheckpointError(f"{folder / STATE}: expected an object, got a {kind}; use another checkpoint")
    tensors = {
        name.removesuffix(".safetensors"): parse_tensors(content, where=str(folder / name))
        for name, content in contents.items()
    }
    return Checkpoint(folder, tensors, state)


def is_checkpoint(folder: Path) -> bool:
    """Return whether a folder looks like a checkpoint, valid or damaged: it holds no other files."""
    if folder.is_symlink() or not folder.is_dir():
        return False
    names = {path.name for path in folder.iterdir()}
    return MANIFEST in names and all(_FILE_NAME.fullmatch(name) for name in names - {MANIFEST})


def _check_contents(folder: Path, contents: Mapping[str, bytes]) -> None:
    for name in contents:
        if not _FILE_NAME.fullmatch(name):
            raise CheckpointError(
                f"expected a file name of lower-case letters and digits, got {name!r}; rename it"
            )
    if len(contents[STATE]) > MAX_STATE:
        raise CheckpointError(
            f"{folder / STATE}: expected at most {MAX_STATE} bytes, got {len(contents[STATE])}; "
            "store less in the callbacks' state"
        )
    if folder.exists():
        raise CheckpointError(f"{folder}: expected no existing checkpoint, found one; choose another name")


def _manifest(contents: Mapping[str, bytes]) -> dict[str, Any]:
    files = {
        name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in contents.items()
    }
    return {"format": FORMAT, "files": files}


def _verified_contents(folder: Path) -> dict[str, bytes]:
    """Return the content of all files, after comparing them with the manifest."""
    if not folder.is_dir():
        raise CheckpointError(f"{folder}: expected a checkpoint folder, found none; check the path")
    manifest = read_json(folder / MANIFEST)
    files = _check_manifest(manifest, folder)
    extra = {path.name for path in folder.iterdir()} - files.keys() - {MANIFEST}
    if extra:
        raise CheckpointError(
            f"{folder / min(extra)}: expected only files in the manifest, found another one; remove it"
        )
    contents = {}
    for name, entry in files.items():
        limit = min(entry["bytes"], MAX_BYTES)
        content = read_bounded(folder / name, limit, CheckpointError, follow_link=False)
        if len(content) != entry["bytes"]:
            raise CheckpointError(
                f"{folder / name}: expected {entry['bytes']} bytes as in the manifest, found "
                f"{len(content)}; the file was truncated, use another checkpoint"
            )
        digest = hashlib.sha256(content).hexdigest()
        if digest != entry["sha256"]:
            raise CheckpointError(
                f"{folder / name}: expected SHA-256 {entry['sha256'][:12]}... as in the manifest, found "
                f"{digest[:12]}...; the file is damaged, use another checkpoint"
            )
        contents[name] = content
    return contents


def _check_manifest(manifest: Any, folder: Path) -> dict[str, dict[str, Any]]:
    where = folder / MANIFEST
    if not isinstance(manifest, dict) or manifest.keys() != {"format", "files"}:
        raise CheckpointError(f"{where}: expected format and files, got other keys; use another checkpoint")
    if manifest["format"] != FORMAT:
        found = manifest["format"]
        raise CheckpointError(f"{where}: expected format {FORMAT}, got {quoted(found)}; update tenfold")
    files = manifest["files"]
    if not isinstance(files, dict) or STATE not in files:
        raise CheckpointError(f"{where}: expected {STATE} among files, found none; use another checkpoint")
    for name, entry in files.items():
        if not (_FILE_NAME.fullmatch(name) and _is_entry(entry)):
            raise CheckpointError(
                f"{where}: expected bytes and sha256 for {quoted(name)}, got something else; "
                "use another checkpoint"
            )
    return files


def _is_entry(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and entry.keys() == {"bytes", "sha256"}
        and type(entry["bytes"]) is int
        and entry["bytes"] >= 0
        and isinstance(entry["sha256"], str)
    )
