"""The control groups that a process is in, by version."""

from __future__ import annotations

from pathlib import Path

import pytest

from tenfold.backend.control_groups import own_groups


@pytest.mark.fault(
    "sizes",
    "a scheduler's control group has less memory than the machine",
    "the smallest limit of all groups counts",
)
@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("0::/", [""]),
        ("0::/user.slice/job\n", ["user.slice/job", "user.slice", ""]),
        ("5:memory:/slurm/job\n", ["memory/slurm/job", "memory/slurm", "memory"] * 2),
        ("5:cpu:/a\n0::/b\n", ["b", ""]),
        ("4:cpu,memory:/a\n", ["cpu,memory/a", "cpu,memory", "memory/a", "memory"]),
        ("what\n:\n", []),
        ("", []),
    ],
)
def test_from_the_innermost_to_the_root(tmp_path: Path, lines: str, expected: list[str]) -> None:
    own, root = tmp_path / "own", tmp_path / "groups"
    own.write_text(lines)
    assert own_groups("memory", root, own) == [root / name for name in expected]


def test_none_where_the_system_has_none(tmp_path: Path) -> None:
    assert own_groups("memory", tmp_path, tmp_path / "absent") == []
