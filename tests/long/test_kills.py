"""``kill -9`` at random moments of a command's whole life, and again while it is taken up.

Each check kills a command twice in one folder and then lets it end: as if nobody had killed it. Moments
follow from a seed and from how long the command takes undisturbed. Twenty are killed; ``--kills 200`` needs
``-p faults_plugin``.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tenfold.checkpoint import CheckpointStore
from tenfold.data import Dataset, load_corpus, write_idx
from tenfold.zoo import load_model

pytestmark = pytest.mark.kills

KILLS_EACH = 2
BUSY = 6  # the exit code: what a killed command started has not ended yet
TENFOLD = (sys.executable, "-m", "tenfold")
FEW_TO_REMEMBER = """
import sys
from tenfold.cli import main
from tenfold.runs import job
from tenfold.data import load_corpus

few = load_corpus(sys.argv[1])
job.load_corpus = lambda name: few  # fine-tuning mixes in 4,000 images, which would take long
sys.exit(main(sys.argv[2:]))
"""
ABLATION = """
title = "Rates"
base = "nn1l"

[[change]]
name = "half the rate"
recipe.rate = 0.5
"""


def train(model: str, epochs: int, *options: str) -> Callable[[Path, Path], list[str]]:
    def command(data: Path, out: Path) -> list[str]:
        asked = ["train", model, "--epochs", str(epochs), "--data", str(data), "--out", str(out)]
        return [*TENFOLD, *asked, "--resume", "--quiet", *options]

    return command


def fine_tuning(data: Path, out: Path) -> list[str]:
    asked = train("reader", 2, "--from", "shipped", "--no-report")(data, out)
    return [sys.executable, "-c", FEW_TO_REMEMBER, str(data), *asked[len(TENFOLD) :]]


def trials(data: Path, out: Path) -> list[str]:
    asked = ["trials", "nn1l", "--seeds", "0-1", "--epochs", "30", "--data", str(data), "--quiet"]
    return [*TENFOLD, *asked, "--results", str(out)]


def ablate(data: Path, out: Path) -> list[str]:
    file = data / "rates.toml"
    asked = ["ablate", str(file), "--seeds", "0", "--epochs", "30", "--data", str(data), "--quiet"]
    return [*TENFOLD, *asked, "--out", str(out), "--results", str(data / "no-ledger")]


@dataclass(frozen=True)
class Life:
    """A command that is killed, by data and folder; and what is run to its end before."""

    command: Callable[[Path, Path], list[str]]
    before: Callable[[Path, Path], list[str]] | None = None


LIVES = {
    "training with dropout and augmentation": Life(train("ghouzam", 3, "--no-report")),
    "fine-tuning": Life(fine_tuning),
    "trials": Life(trials),
    "a finished run resumed for more epochs": Life(train("nn1l", 4), train("nn1l", 2, "--no-report")),
    "an ablation": Life(ablate),
}


@dataclass(frozen=True)
class Undisturbed:
    """What a life leaves that nobody ends, when it first wrote, and how long it took; in seconds."""

    left: dict[str, Any]
    first: float
    whole: float


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "number" in metafunc.fixturenames:
        kinds, checks = list(LIVES), metafunc.config.getoption("--kills", 20) // KILLS_EACH
        metafunc.parametrize(("kind", "number"), [(kinds[i % len(kinds)], i) for i in range(checks)])


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 300 images to train on and 60 to judge by, and the ablation's file."""
    sample, folder = load_corpus("mnist-5k"), tmp_path_factory.mktemp("few")
    for stem, part, n in (("train", sample.train, 300), ("t10k", sample.test, 60)):
        few: Dataset = part.subset(slice(0, len(part), len(part) // n))
        write_idx(folder / f"{stem}-images-idx3-ubyte", few.images)
        write_idx(folder / f"{stem}-labels-idx1-ubyte", few.labels.astype(np.uint8))
    (folder / "rates.toml").write_text(ABLATION)
    return folder


@pytest.fixture(scope="module")
def undisturbed(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Undisturbed]:
    @cache
    def lived(kind: str) -> Undisturbed:
        out = tmp_path_factory.mktemp("undisturbed") / "out"
        begin(LIVES[kind], data, out)
        before, began, first = written(out), time.monotonic(), None
        process = started(LIVES[kind].command(data, out))
        while process.poll() is None:
            if first is None and written(out) != before:
                first = time.monotonic() - began
            time.sleep(0.01)
        assert process.returncode == 0
        assert first is not None
        return Undisturbed(left_in(out), first, time.monotonic() - began)

    return lived


def begin(life: Life, data: Path, out: Path) -> None:
    if life.before is not None:
        subprocess.run(life.before(data, out), check=True, capture_output=True)


def started(command: list[str]) -> subprocess.Popen[bytes]:
    silence = subprocess.DEVNULL
    return subprocess.Popen(command, stdin=silence, stdout=silence, stderr=silence, start_new_session=True)


def written(out: Path) -> dict[Path, int]:
    """Return the paths below a folder, and when each was changed; some vanish while they are looked at."""
    found = {}
    for path in list(out.rglob("*")):
        with suppress(FileNotFoundError):
            found[path] = path.stat().st_mtime_ns
    return found


def moment(rng: np.random.Generator, first: float, whole: float) -> float:
    """Return seconds from the start: one in five before the command first writes, four until its end."""
    return float(rng.uniform(0, first) if rng.random() < 0.2 else rng.uniform(first, whole))


def killed(command: list[str], out: Path, seconds: float, whom: int) -> str:
    """Start a command and kill it after so long; return what it was doing."""
    before = written(out)
    process = started(command)
    with suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
        return "it had ended"
    for pid in [[], [process.pid], children(process.pid)][
        whom
    ]:  # all at once; the command first, or its trial
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        time.sleep(seconds / 20)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    now = written(out)
    if now == before:
        return "before it wrote"
    return (
        "while it wrote a file" if any(".tenfold-tmp-" in str(path) for path in now) else "between two files"
    )


def children(pid: int) -> list[int]:
    with suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def check_whole(out: Path) -> None:
    """The newest checkpoint of each run loads, and so does the model of each run that says it is finished."""
    for folder in out.rglob("checkpoints"):
        damaged: list[str] = []
        newest = next(CheckpointStore(folder).newest_first(damaged.append), None)
        assert damaged == []
        assert newest is None or newest.tensors["weights"]
    for record in out.rglob("run.json"):
        json.loads(record.read_bytes())
        load_model(record.parent)


def finish(command: list[str]) -> None:
    """Run to the end; what a killed one's process still holds is taken up when it is free."""
    for _ in range(100):
        done = subprocess.run(command, capture_output=True, check=False)
        if done.returncode != BUSY:
            break
        time.sleep(0.2)
    assert done.returncode == 0, done.stderr.decode()


def left_in(out: Path) -> dict[str, Any]:
    """Return what must be equal: each model's SHA-256, histories and trials without times and origin."""
    read = {"weights.safetensors": _sha256, "history.csv": _history, "nn1l-honest*.json": _figures}
    files = {path: read_as for name, read_as in read.items() for path in out.rglob(name)}
    return {
        str(path.relative_to(out)): read_as(path)
        for path, read_as in files.items()
        if "checkpoints" not in path.parts
    }


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _history(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return [without_origin(row) for row in csv.DictReader(file)]


def _figures(path: Path) -> Any:
    return without_origin(json.loads(path.read_bytes()))


def without_origin(value: Any) -> Any:
    """Leave out times, and the state of the checkout, which whoever works in it may change meanwhile."""
    if isinstance(value, dict):
        kept = {key for key in value if not key.endswith("_seconds") and key not in ("commit", "commits")}
        return {key: without_origin(value[key]) for key in kept}
    return [without_origin(item) for item in value] if isinstance(value, list) else value


@pytest.mark.fault(
    "training", "kill -9 at random moments", "resumed with the same bits as the uninterrupted run"
)
@pytest.mark.timeout(600)
def test_killed_twice_it_ends_as_if_nobody_had(
    kind: str,
    number: int,
    data: Path,
    undisturbed: Callable[[str], Undisturbed],
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    whole, out = undisturbed(kind), tmp_path / "out"
    command, rng = LIVES[kind].command(data, out), np.random.default_rng(number)
    begin(LIVES[kind], data, out)
    done = 0.0  # seconds of work that need not be done again
    for _ in range(KILLS_EACH):
        seconds = moment(rng, whole.first, max(whole.first, whole.whole - done))
        doing = killed(command, out, seconds, int(rng.integers(3)))
        record_property("kill", {"kind": kind, "moment": doing})
        check_whole(out)
        done += max(0.0, seconds - whole.first)
    finish(command)
    assert left_in(out) == whole.left
    assert not [path for path in out.rglob(".tenfold-tmp-*") if path.parent.name != "trials"]
