"""A search side by side: the same values and figures wherever its trials run."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tenfold.cli import main
from tenfold.data import load_corpus
from tenfold.errors import TenfoldError
from tenfold.resources import Resources
from tenfold.runs.launch import Exit, Unit
from tenfold.runs.search import Search
from tenfold.runs.search_space import Option
from tenfold.runs.tuning_rounds import Rounds, carry_out_search_trial
from tenfold.zoo import entry

SPACE = ["--search", "learning_rate=1e-4..1e-2:log"]
OPTIONS = ["nn1l", "--data", "mnist-5k", "--epochs", "1", "--trials", "3", "--json", "-q", *SPACE]


def tuned(out: Path, capsys: pytest.CaptureFixture[str], *options: str) -> Any:
    assert main(["tune", *OPTIONS, "--out", str(out), *options]) == 0
    found = json.loads(capsys.readouterr().out)
    return [{key: value for key, value in one.items() if key != "seconds"} for one in found["trials"]]


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="needs two cores")
def test_trials_side_by_side(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = tuned(tmp_path / "a", capsys, "--jobs", "2")
    assert [one["state"] for one in found] == ["complete"] * 3
    assert found[0]["values"] == {"recipe.learning_rate": 0.001}  # the recipe's own comes first
    assert len({one["values"]["recipe.learning_rate"] for one in found}) == 3
    for path in (tmp_path / "a").glob("*"):
        if path.is_file():
            path.unlink()  # the study is lost, the files of the trials are there
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "a" / "trials").iterdir()}
    assert len(times) == 3
    assert tuned(tmp_path / "a", capsys, "--jobs", "2") == found
    assert {path: path.stat().st_mtime_ns for path in times} == times  # nothing was trained again


class Here:
    """Runs the units of a search in this process, but for those that fail."""

    at_once = 2

    def __init__(self, search: Search, failing: int) -> None:
        self.search, self.failing, self.run_units = search, failing, 0

    def run(self, unit: Unit, listener: object) -> Exit:
        self.run_units += 1
        if self.run_units == self.failing:
            return Exit(1, "out of luck")
        values = json.loads(unit.words[unit.words.index("--values") + 1])
        carry_out_search_trial(self.search, values, unit.home / unit.file)
        return Exit(0)

    def stop(self) -> None:
        raise AssertionError("nobody asked for it")


@pytest.fixture(scope="module")
def search() -> Search:
    sample = load_corpus("mnist-5k")
    corpus = replace(sample, train=sample.train.subset(range(600)), sha256="")
    space = (
        Option("recipe.learning_rate", 1e-4, 0.1, log=True),
        Option("recipe.optimizer.beta1", 0.8, 0.95),
    )
    return Search(entry("nn1l"), corpus, space, epochs=1)


def run(search: Search, folder: Path, failing: int = 0) -> list[Any]:
    """Run four trials, two at a time; one of them may fail."""
    folder.mkdir(exist_ok=True)
    rounds = Rounds(Here(search, failing), [], Resources(), print, print)  # type: ignore[arg-type]
    return [(one.values, one.accuracy) for one in rounds.run(search, 4, folder, lambda done, top: None)]


@pytest.fixture(scope="module")
def whole(search: Search, tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """A search without a break."""
    return run(search, tmp_path_factory.mktemp("whole"))


@pytest.mark.parametrize("failing", [1, 2, 3, 4])
def test_a_trial_that_failed_is_run_again(
    search: Search, whole: list[Any], tmp_path: Path, failing: int
) -> None:
    with pytest.raises(TenfoldError, match=r"trial-\w+: expected its figures, found none \(out of luck\)"):
        run(search, tmp_path, failing)
    assert run(search, tmp_path) == whole


class KilledError(BaseException):
    """Stands for the end of the process: nothing is tidied up."""


@pytest.mark.parametrize("lines", range(1, 40, 3))
def test_killed_after_any_line_of_the_journal(
    search: Search, whole: list[Any], tmp_path: Path, lines: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every change of the study is a line; what comes after the last one that was written is lost."""
    from optuna.storages.journal import JournalFileBackend

    append, written = JournalFileBackend.append_logs, 0

    def counting(self: JournalFileBackend, logs: list[dict[str, Any]]) -> None:
        nonlocal written
        if written >= lines:
            raise KilledError
        written += 1
        append(self, logs)

    with monkeypatch.context() as patched, suppress(KilledError):
        patched.setattr(JournalFileBackend, "append_logs", counting)
        run(search, tmp_path)
    assert run(search, tmp_path) == whole
