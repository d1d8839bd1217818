"""``kill -9`` at a training's start, on its way and while its results are written."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tenfold.zoo import load_model


def weights(out: Path) -> bytes:
    return (out / "model" / "weights.safetensors").read_bytes()


@pytest.mark.fault(
    "training", "kill -9 at random moments", "resumed with the same bits as the uninterrupted run"
)
def test_killed_again_and_again_the_command_gets_to_the_same_bits(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tenfold", "train", "nn1l", "--data", "mnist-5k", "--no-report"]
    command += ["--epochs", "12", "--resume", "--out"]
    run = tmp_path / "run"
    waits = np.random.default_rng(0).uniform(0, 0.05, 3)
    for after, wait in zip(("nn1l on", "epoch 5/", "epoch 12/"), waits, strict=True):
        with subprocess.Popen([*command, str(run)], stderr=subprocess.PIPE, text=True) as process:
            assert any(line.startswith(after) for line in process.stderr or ())
            time.sleep(wait)
            process.kill()
        assert process.returncode in (-signal.SIGKILL, 0)
        if (run / "run.json").exists():
            load_model(run)
    for out in (run, tmp_path / "unbroken"):
        subprocess.run([*command, str(out)], capture_output=True, check=True)
    assert weights(run) == weights(tmp_path / "unbroken")
