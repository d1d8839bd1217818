"""``kill -9`` at random moments, ten times: the ledger ends up as if nobody had been killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

KILLS, SEEDS = 10, 5
TIMES = {"train_seconds", "predict_seconds"}
COMMAND = (
    *(sys.executable, "-m", "tenfold", "trials", "nn1l"),
    *("--data", "mnist-5k", "--epochs", "100", "--seeds", f"0-{SEEDS - 1}", "--quiet", "--json"),
)


def started(results: Path) -> subprocess.Popen[bytes]:
    command = [*COMMAND, "--results", str(results)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def trials_of(process: subprocess.Popen[bytes]) -> list[int]:
    """Return the processes of the trials that run."""
    with suppress(OSError):
        return [
            int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        ]
    return []


def kill(pids: list[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):  # it has ended
            os.kill(pid, signal.SIGKILL)


def finished(results: Path) -> list[dict[str, Any]]:
    """Run to the end; what a killed one's process still holds is taken up when it is free."""
    while True:
        process = started(results)
        out, _ = process.communicate()
        if process.returncode != 6:
            assert process.returncode == 0
            return json.loads(out)["trials"]
        time.sleep(0.2)


def ledger(results: Path) -> bytes:
    return json.dumps(without_times(json.loads((results / "nn1l-honest.json").read_bytes()))).encode()


def without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_times(item) for key, item in value.items() if key not in TIMES}
    return [without_times(item) for item in value] if isinstance(value, list) else value


def killed(results: Path, seconds: float, how: int) -> bool:
    """Run, kill after so many seconds; return whether a trial was running."""
    process = started(results)
    with suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    running = trials_of(process)
    # everything at once; the trial alone, and the rest with the next one; the command alone
    kill([[process.pid, *running], running, [process.pid]][how])
    with suppress(subprocess.TimeoutExpired):
        process.wait(seconds / 2)
    kill([process.pid])
    process.communicate()
    return bool(running)


@pytest.mark.timeout(900)
def test_killed_ten_times_the_ledger_is_that_of_an_undisturbed_run(tmp_path: Path) -> None:
    began = time.monotonic()
    assert {one["ending"] for one in finished(tmp_path / "undisturbed")} == {"done"}
    one_trial = (time.monotonic() - began) / SEEDS
    rng, results = np.random.default_rng(0), tmp_path / "killed"
    waits = rng.uniform(0.3, 1.0, KILLS) * one_trial
    running = [killed(results, float(wait), number % 3) for number, wait in enumerate(waits)]
    assert sum(running) > KILLS // 2
    finished(results)
    assert ledger(results) == ledger(tmp_path / "undisturbed")
    left = {path.name for path in (results / "trials").iterdir() if path.is_file()}
    assert left == {f"nn1l-honest-{seed}.json" for seed in range(SEEDS)}
