"""Saves named arrays and JSON to a folder and loads them: atomically, verified, without pickle."""

from __future__ import annotations

from tenfold.checkpoint.checkpoint_store import CheckpointStore
from tenfold.checkpoint.folder import STATE, Checkpoint, is_checkpoint, load, save
from tenfold.checkpoint.json_file import dump_json, parse_json, read_json
from tenfold.checkpoint.match import match_tensors
from tenfold.checkpoint.run_lock import RunLock
from tenfold.checkpoint.tensors import parse_tensors
from tenfold.files import write_atomically

__all__ = [
    "STATE",
    "Checkpoint",
    "CheckpointStore",
    "RunLock",
    "dump_json",
    "is_checkpoint",
    "load",
    "match_tensors",
    "parse_json",
    "parse_tensors",
    "read_json",
    "save",
    "write_atomically",
]
