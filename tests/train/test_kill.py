"""``kill -9`` at random moments: what is on the disk is whole, and leads to the same bits."""

import runpy
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

PROGRAM = Path(__file__).with_name("killed_run.py")
KILLS = 20


@pytest.fixture(scope="module")
def program():
    return runpy.run_path(str(PROGRAM), run_name="imported")


@pytest.fixture(scope="module")
def unbroken(program, tmp_path_factory):
    """The bits of the run that nobody kills, and how long it takes."""
    began = time.perf_counter()
    network, history = program["train"](tmp_path_factory.mktemp("unbroken"), resume=False)
    return weights(network), history, time.perf_counter() - began


def weights(network):
    return {name: array.tobytes() for name, array in (network.params | network.state).items()}


def kill_after(seconds, out):
    """Train in another process, kill it so long after it has begun; return whether it was still training."""
    command = [sys.executable, str(PROGRAM), str(out)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout.readline() == "begun\n"
    time.sleep(seconds)
    killed = process.poll() is None
    process.kill()
    process.wait()
    process.stdout.close()
    return killed


def test_killed_at_random_moments_each_run_resumes_to_the_bits_of_the_unbroken_one(
    program, unbroken, tmp_path
):
    expected, expected_history, seconds = unbroken
    moments = np.random.default_rng(0).uniform(0, 0.9 * seconds, KILLS)
    left_behind, killed = set(), 0
    for number, moment in enumerate(moments):
        out = tmp_path / str(number)
        killed += kill_after(moment, out)
        left_behind |= {path.name for path in out.glob("checkpoints/*")}
        network, history = program["train"](out)
        assert weights(network) == expected, moment
        assert (history.chosen_epoch, len(history)) == (expected_history.chosen_epoch, len(expected_history))
        assert list(out.glob("checkpoints/.tmp-*")) == []
    assert killed > KILLS // 2
    assert len(left_behind) > KILLS // 2  # the moments were many


def test_a_run_killed_again_and_again_gets_there(program, unbroken, tmp_path):
    expected, _, seconds = unbroken
    for moment in np.random.default_rng(1).uniform(0, 0.3 * seconds, 4):
        kill_after(moment, tmp_path)
    network, _ = program["train"](tmp_path)
    assert weights(network) == expected
