"""``kill -9`` while many pictures are read into a table, and of a process that reads some of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tenfold.data import load_corpus

PICTURES = 3_000


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("many")
    images = load_corpus("mnist-5k").train.images
    for place in range(PICTURES):
        Image.fromarray(255 - images[place]).save(folder / f"{place}.png")
    return folder


@pytest.fixture(scope="module")
def unbroken(many: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The table of one process that nobody disturbs."""
    table = tmp_path_factory.mktemp("unbroken") / "answers.csv"
    subprocess.run(command(many, table, 1), capture_output=True, check=True)
    return table.read_bytes()


def command(many: Path, table: Path, jobs: int) -> list[str]:
    words = ["predict", str(many), "--out", str(table), "--jobs", str(jobs)]
    return [sys.executable, "-m", "tenfold", *words]


def wait_for_lines(table: Path, count: int) -> None:
    end = time.monotonic() + 120
    while not table.exists() or table.read_bytes().count(b"\n") < count:
        assert time.monotonic() < end
        time.sleep(0.01)


def children(process: int) -> list[int]:
    """Return the processes that a process has started."""
    threads = Path(f"/proc/{process}/task").iterdir()
    return [int(child) for thread in threads for child in (thread / "children").read_text().split()]


@pytest.mark.fault("own pictures", "kill -9 among many pictures", "done ones are left alone, the others read")
@pytest.mark.parametrize("jobs", [1, 2])
def test_the_same_command_continues_after_kills(
    many: Path, unbroken: bytes, tmp_path: Path, jobs: int
) -> None:
    table = tmp_path / "answers.csv"
    waits = np.random.default_rng(jobs).uniform(0, 0.05, 3)
    for lines, wait in zip((100, 700, 1_800), waits, strict=True):
        before = table.read_bytes() if table.exists() else b""
        with subprocess.Popen(command(many, table, jobs), stderr=subprocess.DEVNULL) as process:
            wait_for_lines(table, lines)
            time.sleep(wait)
            process.kill()
        assert table.read_bytes().startswith(before[: before.rfind(b"\n") + 1])
    done = subprocess.run(command(many, table, jobs), capture_output=True, text=True, check=True)
    assert f"of {PICTURES:,} pictures are done" in done.stderr
    assert table.read_bytes() == unbroken


@pytest.mark.skipif(sys.platform != "linux", reason="the children are found in /proc")
@pytest.mark.fault("own pictures", "kill -9 of a process that reads", "another one reads its pictures")
def test_a_killed_process_is_replaced(many: Path, unbroken: bytes, tmp_path: Path) -> None:
    table = tmp_path / "answers.csv"
    with subprocess.Popen(command(many, table, 2), stderr=subprocess.PIPE, text=True) as process:
        wait_for_lines(table, 500)
        started = children(process.pid)
        assert started
        os.kill(started[0], signal.SIGKILL)
        _, err = process.communicate()
    assert (process.returncode, "error" in err) == (0, False)
    assert table.read_bytes() == unbroken


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.fault(
    "own pictures", "Ctrl-C among many pictures", "how many are done is said, the rest is read"
)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_says_how_to_continue(many: Path, tmp_path: Path, number: signal.Signals) -> None:
    table = tmp_path / "answers.csv"
    with subprocess.Popen(command(many, table, 2), stderr=subprocess.PIPE, text=True) as process:
        wait_for_lines(table, 500)
        started = children(process.pid) if sys.platform == "linux" else []
        process.send_signal(number)
        _, err = process.communicate()
    assert process.returncode == 128 + number
    done = table.read_bytes().count(b"\n") - 1
    assert err.splitlines()[-1] == (
        f"error: interrupted, {done:,} of {PICTURES:,} pictures are in {table}; the same command "
        "reads the others"
    )
    assert not any(Path(f"/proc/{child}").exists() for child in started)
