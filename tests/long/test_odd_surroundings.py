"""A whole training with its report where the surroundings are poor."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tenfold.checkpoint import read_json

SURROUNDINGS = {
    "Latin-1": {"PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0", "LC_ALL": "C"},
    "ASCII": {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"},
    "a terminal of one column": {"COLUMNS": "1", "FORCE_COLOR": "1"},
    "no home, no display, no terminal": {"HOME": "/nonexistent", "DISPLAY": "", "TERM": "dumb"},
}


@pytest.mark.fault(
    "trials and reports",
    "a run is trained where there is no terminal, display or UTF-8",
    "run and report are complete",
)
@pytest.mark.parametrize("case", SURROUNDINGS)
def test_a_run_and_its_report_are_whole(case: str, tmp_path: Path) -> None:
    kept = {"TENFOLD_CACHE": os.environ.get("TENFOLD_CACHE", str(Path.home() / ".cache" / "tenfold"))}
    command = [sys.executable, "-m", "tenfold", "train", "nn1l", "--epochs", "1", "--data", "mnist-5k"]
    done = subprocess.run(
        [*command, "--out", "run"],
        cwd=tmp_path,
        env=os.environ | kept | SURROUNDINGS[case],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr
    assert read_json(tmp_path / "run" / "run.json")["test"]["images"] == 1000
    assert "</html>" in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
