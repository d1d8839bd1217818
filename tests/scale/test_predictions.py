"""Predictions in shards on a Ray cluster and through submitit: each image once, whatever is lost."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tenfold.data import load_corpus

IMAGES = 30_000
WORDS = ("--on", "local", "--shard-size", "1000", "--json")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of images; not to be changed."""
    path = tmp_path_factory.mktemp("source") / "many.npy"
    np.save(path, np.resize(load_corpus("mnist-5k").test.images, (IMAGES, 28, 28)))
    return path


@pytest.fixture(scope="module")
def local(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its answers from this machine; not to be changed."""
    out = tmp_path_factory.mktemp("local") / "out"
    command = [sys.executable, "-m", "tenfold", "predict", str(source), *WORDS, "--out", str(out)]
    subprocess.run(command, check=True, capture_output=True)
    return out


def shards(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("part-*"))}


@pytest.fixture
def predicted(source: Path, local: Path, tmp_path: Path):
    """The words of a command, and a check of what it wrote."""
    out = tmp_path / "out"

    def check(process: subprocess.Popen[str]) -> str:
        said, err = process.communicate()
        assert process.returncode == 0, err
        assert json.loads(said) == {"out": str(out), "images": IMAGES, "errors": 0, "files": 30}
        assert shards(out) == shards(local)
        assert {path.name for path in out.iterdir()} == {path.name for path in local.iterdir()}
        return err

    return ["predict", source, *WORDS, "--out", out], out, check


@pytest.mark.fault("clusters", "a machine is lost during a prediction", "each image is predicted once")
def test_a_node_is_lost(nodes, started, until, predicted) -> None:
    words, out, check = predicted
    command = started(*words, "--on", "ray", "--jobs", 3, variables=nodes.variables)
    until(lambda: len(shards(out)) > 3)
    nodes.remove()
    assert "lost; starting it again" in check(command)


@pytest.mark.fault(
    "clusters", "the command of a prediction is killed", "others go on; the same command ends it"
)
def test_the_driver_is_killed(nodes, started, until, predicted) -> None:
    words, out, check = predicted
    command = started(*words, "--on", "ray", "--jobs", 3, variables=nodes.variables)
    until(lambda: len(shards(out)) > 3)
    command.kill()
    command.wait()
    check(started(*words, "--on", "ray", "--jobs", 3, variables=nodes.variables))


def test_through_submitit(started, predicted) -> None:
    words, _, check = predicted
    check(started(*words, "--on", "slurm:local", "--jobs", 2))
