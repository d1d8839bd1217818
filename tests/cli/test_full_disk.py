"""A disk that is full, broken or read-only, and a process that may open no more files: words, and no loss."""

from __future__ import annotations

import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tenfold.cli import main
from tenfold.data import load_corpus

OPTIONS = ["--data", "mnist-5k", "-q"]


@pytest.fixture(autouse=True, scope="module")
def _few_images() -> Iterator[None]:
    """Commands in this process get the sample's first images: what they learn does not matter here."""
    sample = load_corpus("mnist-5k")
    train, test = sample.train.subset(slice(0, 600)), sample.test.subset(slice(0, 100))
    few = replace(sample, train=train, test=test, sha256="")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("tenfold.cli.progress.load", lambda source, quiet=False: few)
        yield


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, undrawn: None) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TENFOLD_DATA", raising=False)


@pytest.fixture(scope="module")
def runs(_few_images: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run; not to be changed."""
    out = tmp_path_factory.mktemp("runs") / "run"
    assert main(["train", "nn1l", *OPTIONS, "--epochs", "1", "--no-report", "--out", str(out)]) == 0
    return out


@pytest.fixture
def room_again() -> Iterator[None]:
    """After the test, files may grow again as before."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.fault(
    "full disk", "no space for the output of a command", "one line names file and advice; exit code 4"
)
@pytest.mark.parametrize(
    ("command", "file"),
    [
        (["report", "RUN"], "RUN/"),
        (["report", "RUN", "--out", "elsewhere"], "elsewhere/"),
        (["evaluate", "RUN", "--csv", "all.csv"], "all.csv"),
        (["predict", "--run", "RUN", "--csv", "every.csv"], "every.csv"),
        (["export", "RUN", "digits.onnx"], "digits.onnx"),
        (["compare", "RUN", "OTHER", "--out", "page"], "page/comparison.html"),
        (
            ["train", "nn1l", *OPTIONS, "--epochs", "1", "--out", "new"],
            "new/checkpoints/epoch-0001-step-00000016",
        ),
        (["train", "gaussian-nb", *OPTIONS, "--out", "new"], "new/model"),
    ],
)
@pytest.mark.usefixtures("room_again")
def test_every_command_that_writes_names_the_file(
    command: list[str],
    file: str,
    runs: Path,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    for name in ("RUN", "OTHER"):
        shutil.copytree(runs, tmp_path / name)
    resource.setrlimit(resource.RLIMIT_FSIZE, (600, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    assert main(command) == 4
    out, err = capsys.readouterr()
    *remarks, line = err.splitlines()
    assert out == ""
    assert not [remark for remark in remarks if remark.startswith("error")]
    named = r"[\w-]+\.(json|csv|html)" if file.endswith("/") else ""  # a report is several files
    assert re.match(f"error: {file}{named}: expected room for a larger file, found file too large; ", line)
    assert "unexpected" not in err


FEW_DESCRIPTORS = """
import resource, sys
import tenfold.cli.app, tenfold.runs.training, tenfold.evaluate, numpy
from tenfold.cli import main
import tenfold.runs.folder, tenfold.runs.judging, tenfold.runs.record, tenfold.runs.pipeline, tenfold.zoo
tenfold.load_corpus("mnist-5k")
limit = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_NOFILE, (limit, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.fault(
    "files",
    "no more files may be opened by a training",
    "one line; the checkpoints are not reported as damaged",
)
@pytest.mark.parametrize(
    "limit", [3, 6, *(pytest.param(limit, marks=pytest.mark.slow) for limit in (4, 5, 7))]
)
def test_without_descriptors(limit: int, tmp_path: Path) -> None:
    command = ["train", "gaussian-nb", "--data", "mnist-5k", "-q", "--no-report", "--out", "run"]
    program = [sys.executable, "-c", FEW_DESCRIPTORS, str(limit), *command]
    done = subprocess.run(program, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode in (0, 3, 4), done.stderr
    assert done.stderr.count("\n") == (done.returncode != 0), done.stderr
    if done.returncode:
        assert "too many open files" in done.stderr
        assert "unexpected" not in done.stderr
