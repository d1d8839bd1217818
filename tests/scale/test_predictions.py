"""Predictions in shards on a Ray cluster and through submitit: each image once, whatever is lost."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tenfold.data import load_corpus

IMAGES, SHARD = 3_000, 100
FREE, HALF = 6, 12
"""So many shards nothing keeps from being computed; so many are open with the first gate."""
GATES = (128, 255)
POISON = 7
GATED = '''
import os, signal, time
from pathlib import Path
from tenfold.nn import Dense, Flatten, Layer, Sequential

class Gate(Layer):
    """Waits, at an image whose first pixel has one of two levels, until the file of that level is there.

    At a third level it kills its process.
    """
    kind = "gate"

    def forward(self, x, *, training=False, rng=None):
        folder, levels = Path(__file__).parent, {round(255 * float(first), 3) for first in x[:, 0]}
        if 7 in levels and not training:
            os.kill(os.getpid(), signal.SIGKILL)
        for level in levels & {128, 255}:
            while not (folder / f"open-{level:.0f}").exists():
                (folder / f"waits-{os.getpid()}").touch()
                time.sleep(0.05)
        return x, lambda dy: (dy, {})

    def output_shape(self, shape):
        return shape

def build():
    return Sequential({"flatten": Flatten(), "gate": Gate(), "fc": Dense(784, 10)}, (28, 28, 1))
'''


def tenfold(*words: object) -> None:
    """Run a command that must succeed."""
    command = [sys.executable, "-m", "tenfold", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run whose network waits at gates, and with a file of images.

    So a prediction is in its middle for as long as a test wants, on any machine.
    """
    folder = tmp_path_factory.mktemp("gated")
    network, run = folder / "gated.py", folder / "run"
    network.write_text(GATED)
    more = ("--epochs", 1, "--data", "mnist-5k", "--no-report", "--quiet")
    tenfold("train", "--network", network, *more, "--out", run)
    images = np.resize(load_corpus("mnist-5k").test.images, (IMAGES, 28, 28))
    images[:, 0, 0] = np.select(
        [np.arange(IMAGES) < n * SHARD for n in (FREE, HALF)], [0, GATES[0]], GATES[1]
    )
    np.save(folder / "many.npy", images)
    return folder


class Prediction:
    """The words of a command, its answers, and the gates that hold it up."""

    def __init__(self, begun: Path, out: Path) -> None:
        self.out, self._begun = out, begun
        given = ["--network", begun / "gated.py", "--run", begun / "run", "--shard-size", SHARD, "--json"]
        self.words = ["predict", begun / "many.npy", *given, "--out", out]
        for path in (*begun.glob("open-*"), *begun.glob("waits-*")):
            path.unlink()

    def open(self, *gates: int) -> None:
        for gate in gates:
            (self._begun / f"open-{gate}").touch()

    @property
    def shards(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted(self.out.glob("part-*"))}

    def waits(self, processes: int, shards: int) -> Callable[[], bool]:
        """Return what says whether so many processes wait, and so many shards are done."""
        return lambda: len(self.shards) == shards and len([*self._begun.glob("waits-*")]) >= processes


@pytest.fixture(scope="module")
def local(begun: Path, tmp_path_factory: pytest.TempPathFactory) -> Prediction:
    """The answers of this machine; not to be changed."""
    found = Prediction(begun, tmp_path_factory.mktemp("local") / "out")
    found.open(*GATES)
    tenfold(*found.words, "--on", "local")
    return found


@pytest.fixture
def prediction(begun: Path, local: Prediction, tmp_path: Path) -> Prediction:
    return Prediction(begun, tmp_path / "out")


@pytest.fixture
def complete(local: Prediction, prediction: Prediction):
    """Wait until a command has ended, and check what it wrote; return what it said."""

    def check(command) -> str:
        said, err = command.ended(0)
        found = {"out": str(prediction.out), "images": IMAGES, "errors": 0, "files": IMAGES // SHARD}
        assert json.loads(said) == found
        assert prediction.shards == local.shards
        assert {path.name for path in prediction.out.iterdir()} == {p.name for p in local.out.iterdir()}
        return err

    return check


@pytest.mark.fault("clusters", "a machine is lost during a prediction", "each image is predicted once")
@pytest.mark.fault(
    "clusters", "the command of a prediction is killed", "others go on; the same command ends it"
)
def test_a_node_and_the_driver_are_lost(nodes, started, until, prediction, complete) -> None:
    words = (*prediction.words, "--on", "ray", "--jobs", 3)
    command = started(*words, variables=nodes.variables)
    command.until(prediction.waits(3, FREE))  # a command on each node
    nodes.remove()
    command.until(lambda: "lost; starting it again" in command.err)
    command.kill()
    prediction.open(GATES[0])
    until(lambda: len(prediction.shards) > FREE)  # without anybody who waits for it
    again = started(*words, variables=nodes.variables)
    again.until(lambda: f" of {IMAGES:,} images are done" in again.err)
    prediction.open(GATES[1])
    [found] = re.findall(r"([\d,]+) of [\d,]+ images are done", complete(again))
    assert int(found.replace(",", "")) > FREE * SHARD


@pytest.mark.fault(
    "clusters", "an image kills each process that reads it", "a row with an error; the others done"
)
def test_a_poisonous_image(nodes, started, begun, tmp_path: Path) -> None:
    images, poisonous, size = load_corpus("mnist-5k").test.images[:30].copy(), 13, 10
    images[:, 0, 0] = np.where(np.arange(len(images)) == poisonous, POISON, 0)
    np.save(tmp_path / "images.npy", images)
    network = ("--network", begun / "gated.py", "--run", begun / "run")
    options = (
        *network,
        "--shard-size",
        size,
        "--json",
        "--on",
        "ray",
        "--jobs",
        1,
        "--out",
        tmp_path / "out",
    )
    command = started("predict", tmp_path / "images.npy", *options, variables=nodes.variables)
    said, _ = command.ended(3)
    assert json.loads(said) | {"out": ""} == {"out": "", "images": 30, "errors": 1, "files": 3}
    shards = sorted((tmp_path / "out").glob("part-*.csv"))
    rows = [row for path in shards for row in csv.DictReader(path.read_text().splitlines())]
    assert [int(row["index"]) for row in rows] == [*range(30)]
    assert [int(row["index"]) for row in rows if row["error"]] == [poisonous]
    assert "found one that ended the process that read it" in rows[poisonous]["error"]
    assert all(row["predicted"] for row in rows if not row["error"])


def test_through_submitit(started, prediction, complete) -> None:
    prediction.open(*GATES)
    complete(started(*prediction.words, "--on", "slurm:local", "--jobs", 2))
