"""``kill -9`` at random moments: what is on the disk is whole, and leads to the same bits."""

import os
import runpy
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

PROGRAM = Path(__file__).with_name("killed_run.py")
KILLS = 20
CHUNKS = 6 * 3  # 150 images an epoch in chunks of 64


@pytest.fixture(scope="module")
def program():
    return runpy.run_path(str(PROGRAM), run_name="imported")


@pytest.fixture(scope="module")
def unbroken(program, tmp_path_factory):
    """The bits of the run that nobody kills, its history, and how many seconds a chunk takes."""
    began = time.perf_counter()
    network, history = program["train"](tmp_path_factory.mktemp("unbroken"), resume=False)
    return weights(network), history, (time.perf_counter() - began) / CHUNKS


@pytest.fixture(scope="module")
def trainer():
    """A process that trains where it is told to, in a process of its own."""
    one_thread = {name: "1" for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")}  # safe to fork
    with subprocess.Popen(
        [sys.executable, str(PROGRAM)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **one_thread},
    ) as process:
        yield process


def weights(network):
    return {name: array.tobytes() for name, array in (network.params | network.state).items()}


def kill_after(trainer, chunks, seconds, out):
    """Train, kill so long after so many chunks; return whether it was still training."""
    trainer.stdin.write(f"{out}\n")
    trainer.stdin.flush()
    said, process = trainer.stdout.readline().split()
    assert said == "process"
    for _ in range(chunks):
        assert trainer.stdout.readline() == "chunk\n"
    time.sleep(seconds)
    with suppress(ProcessLookupError):  # it has ended
        os.kill(int(process), signal.SIGKILL)
    while not (line := trainer.stdout.readline()).startswith("ended"):
        assert line == "chunk\n"
    return int(line.split()[1]) == signal.SIGKILL


@pytest.mark.slow
@pytest.mark.fault(
    "training", "kill -9 at random moments", "resumed with the same bits as the uninterrupted run"
)
def test_killed_at_random_moments_each_run_resumes_to_the_bits_of_the_unbroken_one(
    program, unbroken, trainer, tmp_path
):
    expected, expected_history, chunk = unbroken
    rng = np.random.default_rng(0)
    left_behind, killed = set(), 0
    for number, (chunks, wait) in enumerate(
        zip(rng.integers(0, CHUNKS - 1, KILLS), rng.uniform(0, chunk, KILLS), strict=True)
    ):
        out = tmp_path / str(number)
        killed += kill_after(trainer, chunks, wait, out)
        left_behind |= {path.name for path in out.glob("checkpoints/*")}
        network, history = program["train"](out)
        assert weights(network) == expected, (chunks, wait)
        assert (history.chosen_epoch, len(history)) == (expected_history.chosen_epoch, len(expected_history))
        assert list(out.glob("checkpoints/.tmp-*")) == []
    assert killed > KILLS // 2
    assert len(left_behind) > KILLS // 2  # the moments were many


@pytest.mark.fault(
    "training", "kill -9 at random moments", "resumed with the same bits as the uninterrupted run"
)
def test_a_run_killed_again_and_again_gets_there(program, unbroken, trainer, tmp_path):
    for _ in range(4):
        kill_after(trainer, 3, 0, tmp_path)
    network, _ = program["train"](tmp_path)
    assert weights(network) == unbroken[0]
