"""A run that is resumed without --epochs has as many epochs as it was begun with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import tenfold
from tenfold.cli import main
from tenfold.runs import folder
from tenfold.train import Progress

TRAIN = ["train", "nn1l", "--data", "mnist-5k", "--no-report", "--quiet", "--json", "--out", "run"]


@pytest.fixture(autouse=True)
def _place(undrawn: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def epochs(capsys: pytest.CaptureFixture[str], *options: str) -> int:
    assert main([*TRAIN, *options]) == 0
    return len(json.loads(capsys.readouterr().out)["epochs"])


@pytest.mark.fault("run folder", "a run with --epochs is resumed without", "it has as many epochs as before")
def test_a_broken_run_keeps_its_epochs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*given: object, **options: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("tenfold.runs.training.put_model", broken)  # after the last epoch, before the record
        assert main([*TRAIN, "--epochs", "4"]) == 130
    assert folder.planned_epochs(Path("run")) == 4
    assert epochs(capsys, "--resume") == 4


def test_a_finished_run_keeps_its_epochs_unless_more_are_given(capsys: pytest.CaptureFixture[str]) -> None:
    assert epochs(capsys, "--epochs", "3") == 3
    assert epochs(capsys, "--resume") == 3
    assert epochs(capsys, "--resume", "--epochs", "5") == 5
    assert epochs(capsys, "--resume") == 5


def test_from_python_too() -> None:
    def stop(progress: Progress) -> None:
        raise KeyboardInterrupt

    corpus = tenfold.load_corpus("mnist-5k")
    with pytest.raises(KeyboardInterrupt):
        tenfold.build("nn1l").fit(corpus, epochs=33, out="run", callbacks=[stop])
    assert folder.planned_epochs(Path("run")) == 33
