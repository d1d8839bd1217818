"""Files that several processes map: no name stays, also if the process that made it was killed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tenfold.files import mapped_file


def test_names_that_killed_processes_left_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mapped_file, "_IN_MEMORY", tmp_path)
    old, new, other = (tmp_path / name for name in ("tenfold-mapped-0", "tenfold-mapped-1", "another"))
    for path in (old, new, other):
        path.write_bytes(b"sums")
    for path in (old, other):
        os.utime(path, (0, 0))
    made, memory = mapped_file.new_mapped(4096)
    memory.close()
    assert {*tmp_path.iterdir()} == {new, other, made}
    mapped_file.remove_mapped(made)
    assert {*tmp_path.iterdir()} == {new, other}
