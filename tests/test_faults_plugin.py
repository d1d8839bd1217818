"""How the checks that provoke a fault are counted."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tenfold.checkpoint import read_json

TOOLS = Path(__file__).parents[1] / "tools"
CHECKS = """
import pytest

pytestmark = pytest.mark.fault("data", "an empty file", "rejected by name")

@pytest.mark.parametrize("value", [1, 2, 3])
def test_of_the_module(value, record_property):
    record_property("kill", {"kind": "training", "moment": "at the start"})
    assert value < 3

@pytest.mark.fault("server", "no body", "400")
@pytest.mark.fault("server", "a long body", "413")
def test_of_two():
    pass

@pytest.mark.skip(reason="needs a disk")
@pytest.mark.fault("training", "a full disk", "one line")
def test_skipped():
    pass

@pytest.fixture
def broken():
    yield
    raise RuntimeError

@pytest.mark.fault("training", "a broken end", "one line")
def test_with_a_broken_end(broken):
    pass
"""
NONE = {"passed": 0, "skipped": 0, "failed": 0, "reasons": []}


def row(area: str, did: str, expected: str, **counts: object) -> dict[str, object]:
    return {"area": area, "did": did, "expected": expected} | NONE | counts


@pytest.mark.parametrize("processes", ["0", "2"])
def test_each_check_counts_under_its_fault(processes: str, tmp_path: Path) -> None:
    (tmp_path / "test_checks.py").write_text(CHECKS)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = fault: a fault\n")
    command = [
        "-m",
        "pytest",
        "-p",
        "faults_plugin",
        "-p",
        "xdist",
        "-n",
        processes,
        "--faults",
        "found.json",
    ]
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    surroundings |= {"PYTHONPATH": str(TOOLS), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # others take seconds
    done = subprocess.run(
        [sys.executable, *command], cwd=tmp_path, env=surroundings, capture_output=True, check=False
    )
    assert done.returncode == 1, done.stdout
    found = read_json(tmp_path / "found.json")
    assert found["rows"] == [
        row("data", "an empty file", "rejected by name", passed=2, failed=1),
        row("server", "a long body", "413", passed=1),
        row("server", "no body", "400", passed=1),
        row("training", "a broken end", "one line", failed=1),
        row("training", "a full disk", "one line", skipped=1, reasons=["needs a disk"]),
    ]
    assert found["kills"] == [{"kind": "training", "moment": "at the start"}] * 3
