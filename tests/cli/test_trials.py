"""`tenfold trials`: seeds side by side, each once, whatever happens to their processes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tenfold.cli import main
from tenfold.evaluate import Ledger, Trial
from tenfold.files import HeldFolder
from tenfold.zoo import digest, entry
from tenfold.zoo.changes import changed

OPTIONS = ("--data", "mnist-5k", "--epochs", "2")
SEEDS = 2
TIMES = {"train_seconds", "predict_seconds"}


def started(results: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tenfold", "trials", "nn1l", *OPTIONS, "--results", str(results)]
    return subprocess.Popen(
        [*command, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def finished(results: Path, *options: str) -> dict[str, Any]:
    process = started(results, "--seeds", f"0-{SEEDS - 1}", "--json", *options)
    out, err = process.communicate()
    assert process.returncode == 0, err
    found = json.loads(out)
    assert isinstance(found, dict)
    return found


def without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_times(item) for key, item in value.items() if key not in TIMES}
    return [without_times(item) for item in value] if isinstance(value, list) else value


def ledger(results: Path) -> Any:
    return without_times(json.loads((results / "nn1l-honest.json").read_bytes()))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A ledger of two trials, and what the command said of it."""
    results = tmp_path_factory.mktemp("undisturbed")
    return results, finished(results)


# --- what is asked for


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nn1l", "--data", "mnist-5k"], "results/: expected whole trials on mnist, got trials on mnist-5k"),
        (["knn", *OPTIONS, "--results", "r"], "knn: expected no --epochs, it is fitted at once"),
        (["nn9l"], "unknown model 'nn9l'"),
    ],
)
def test_trials_that_are_refused(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["trials", *arguments]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert message in err


@pytest.mark.fault("trials and reports", "the results folder cannot be written", "one line that names it")
def test_a_folder_that_cannot_be_written_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("not a folder")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        assert main(["trials", "nn1l", *OPTIONS, "--results", str(folder)]) == 2
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
        assert (
            f"--results: expected a folder that can be written, got {folder / 'trials'} (not a directory);"
            in err
        )


@pytest.mark.fault("trials and reports", "the results folder cannot be written", "one line that names it")
def test_a_mark_that_cannot_be_written_leaves_a_failure(tmp_path: Path) -> None:
    from tenfold.runs.launch import Choice, Exit, LocalLauncher
    from tenfold.runs.trial_display import NoWatcher
    from tenfold.runs.trial_pool import TrialPool
    from tenfold.runs.trial_units import TrialUnits

    (tmp_path / "trials").write_text("no room for marks")
    units = TrialUnits(Ledger(tmp_path), [], Choice(), entry)
    pool = TrialPool(units, HeldFolder(tmp_path), LocalLauncher(1), NoWatcher(print))
    outcome = pool._outcome(Trial("nn1l", "honest", 0), Exit(1, "why"))
    assert (outcome.ending, outcome.reason) == ("failed", "why")


# --- what comes of it


def test_every_trial_has_what_is_promised(undisturbed: tuple[Path, dict[str, Any]]) -> None:
    results, said = undisturbed
    found = json.loads((results / "nn1l-honest.json").read_bytes())
    assert [one["seed"] for one in found["trials"]] == list(range(SEEDS))
    for one in found["trials"]:
        assert one["split"] == {"train": 3333, "validation": 667, "test": 1000, "seed": one["seed"]}
        assert (one["epochs"], one["epochs_planned"], one["images"]) == (2, 2, 1000)
        assert one["best_epoch"] in (1, 2)
        assert one["interval"][0] < one["accuracy"] < one["interval"][1]
        assert len(one["wrong"]) == round((1 - one["accuracy"]) * 1000)
        assert (one["wrong_corrected"], one["protocol_gain"], one["accuracy_corrected"]) == (None, None, None)
        assert (one["dataset"], len(one["dataset_sha256"])) == ("mnist-5k", 64)
        assert one["train_seconds"] > 0
        assert one["predict_seconds"] > 0
        assert set(one) >= {"loss", "machine", "versions", "commit", "accuracy_without_doubtful"}
    assert len({one["loss"] for one in found["trials"]}) == SEEDS
    assert [one["ending"] for one in said["trials"]] == ["done"] * SEEDS
    assert said["files"] == [str(results / "nn1l-honest.json")]


def test_a_run_folder_is_left_without_checkpoints(undisturbed: tuple[Path, dict[str, Any]]) -> None:
    run = undisturbed[0] / "trials" / "nn1l-honest-0"
    assert (run / "model" / "weights.safetensors").is_file()
    assert (run / "run.json").is_file()
    assert not (run / "checkpoints").exists()


def test_what_is_there_is_skipped(
    undisturbed: tuple[Path, dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    results, _ = undisturbed
    before = {path: path.stat().st_mtime_ns for path in results.rglob("*")}
    arguments = ["trials", "nn1l", *OPTIONS, "--results", str(results), "--seeds", f"0-{SEEDS - 1}"]
    assert main([*arguments, "--json"]) == 0
    out, err = capsys.readouterr()
    assert [one["ending"] for one in json.loads(out)["trials"]] == ["there"] * SEEDS
    assert err == ""
    assert {path: path.stat().st_mtime_ns for path in results.rglob("*")} == before
    assert main([*arguments[:-1], "0", "--epochs", "3"]) == 2
    assert "expected nn1l-honest-0 with epochs_planned = 3, found 2" in capsys.readouterr().err


def test_trials_of_another_recipe_are_not_there(
    undisturbed: tuple[Path, dict[str, Any]],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    results, _ = undisturbed
    other = changed(entry("nn1l"), {"recipe": {"rate": 3e-2}})
    monkeypatch.setattr("tenfold.runs.models.Models.entry", lambda models, name: other)
    assert main(["trials", "nn1l", *OPTIONS, "--results", str(results), "--seeds", "0-3"]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert f"expected nn1l-honest-0 with digest = {digest(other, 2)}, found {digest(entry('nn1l'), 2)}" in err
    assert "(another network, recipe or choice); remove the old trials, or choose another folder" in err


@pytest.mark.slow
@pytest.mark.fault(
    "trials and reports", "a trial is killed", "marked, the others continue, only this one is run again"
)
def test_a_trial_that_is_killed_is_marked_and_stops_no_other(
    tmp_path: Path, undisturbed: tuple[Path, dict[str, Any]]
) -> None:
    process = started(tmp_path, "--seeds", f"0-{SEEDS - 1}", "--json")
    os.kill(first_child(process), signal.SIGKILL)
    out, err = process.communicate()
    assert process.returncode == 1
    assert [one["ending"] for one in json.loads(out)["trials"]] == ["failed", "done"]
    assert "seed 0: failed: killed by SIGKILL" in err
    mark = tmp_path / "trials" / "nn1l-honest-0.failed.json"
    assert json.loads(mark.read_bytes())["reason"] == "killed by SIGKILL"
    assert [one["ending"] for one in finished(tmp_path)["trials"]] == ["done", "there"]
    assert not mark.exists()
    assert ledger(tmp_path) == ledger(undisturbed[0])


def first_child(process: subprocess.Popen[str]) -> int:
    """Return the process of the first trial, as soon as there is one."""
    while process.poll() is None:
        if children := Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
            return int(children[0])
        time.sleep(0.01)
    raise AssertionError(process.communicate())


@pytest.mark.fault("trials and reports", "a trial fails", "its marker gives the reason")
def test_the_mark_of_a_failure_says_why(tmp_path: Path) -> None:
    foreign = tmp_path / "trials" / "nn1l-honest-0" / "thesis.txt"
    foreign.parent.mkdir(parents=True)
    foreign.write_text("not a run")
    process = started(tmp_path, "--seeds", "0", "--json")
    out, _ = process.communicate()
    assert process.returncode == 1
    [trial] = json.loads(out)["trials"]
    assert "found thesis.txt in it" in trial["reason"]
    mark = json.loads((tmp_path / "trials" / "nn1l-honest-0.failed.json").read_bytes())
    assert mark == {"model": "nn1l", "protocol": "honest", "seed": 0, "reason": trial["reason"]}


@pytest.mark.fault("trials and reports", "a trial's record is damaged", "rejected by name")
def test_a_record_that_is_none_says_what_to_remove(tmp_path: Path) -> None:
    from tenfold.errors import CheckpointError
    from tenfold.runs.folder import _found

    for content in ("{", "[]", '{"format": 99}'):
        (tmp_path / "run.json").write_text(content)
        with pytest.raises(
            CheckpointError, match=rf"run\.json: expected a record .*; remove {tmp_path}, or choose"
        ):
            _found(SimpleNamespace(out=tmp_path, made_by=None))


@pytest.mark.slow
@pytest.mark.fault(
    "trials and reports",
    "a trial's result is truncated or damaged",
    "one line says to remove it; then it is run again",
)
def test_a_result_that_is_cut_short_is_run_again_once_it_is_removed(
    tmp_path: Path, undisturbed: tuple[Path, dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    results = shutil.copytree(undisturbed[0], tmp_path / "results")
    cut = results / "trials" / "nn1l-honest-0.json"
    cut.write_bytes(cut.read_bytes()[:-20])
    arguments = ["trials", "nn1l", *OPTIONS, "--results", str(results), "--seeds", f"0-{SEEDS - 1}"]
    assert main(arguments) == 3
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert f"{cut}: expected a file that `tenfold trials` wrote, found other content; remove it" in err
    cut.unlink()
    (results / "nn1l-honest.json").unlink()
    assert [one["ending"] for one in finished(results)["trials"]] == ["done", "there"]
    assert ledger(results) == ledger(undisturbed[0])


@pytest.mark.fault("trials and reports", "two processes run the same trial", "only the first runs it, exit 6")
def test_a_trial_that_another_process_is_at_is_left_to_it(
    undisturbed: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    from tenfold.checkpoint import RunLock

    with RunLock(Ledger(tmp_path).run(Trial("nn1l", "honest", 0))):
        process = started(tmp_path, "--seeds", "0", "--json")
        out, _ = process.communicate()
    assert process.returncode == 6
    assert [one["ending"] for one in json.loads(out)["trials"]] == ["busy"]
    assert list(tmp_path.glob("trials/*.failed.json")) == []


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="needs two cores")
def test_trials_side_by_side(tmp_path: Path) -> None:
    said = finished(tmp_path, "--jobs", "2")
    assert [one["ending"] for one in said["trials"]] == ["done"] * SEEDS
    machines = {one["machine"] for one in ledger(tmp_path)["trials"]}
    assert len(machines) == 1
    assert machines.pop().endswith(f", {len(os.sched_getaffinity(0)) // 2} core")


# --- interruptions


def long_trial(results: Path) -> subprocess.Popen[str]:
    """Start trials that would take minutes; return when the first has saved an epoch."""
    process = started(results, "--seeds", "0-1", "--epochs", "20000")
    deadline = time.monotonic() + 120
    while not list(results.glob("trials/nn1l-honest-0/checkpoints/epoch-*")):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return process


@pytest.mark.fault("trials and reports", "Ctrl-C during trials", "saved, no other starts, exit 130")
def test_after_ctrl_c_the_run_is_saved_and_no_other_begun(tmp_path: Path) -> None:
    process = long_trial(tmp_path)
    os.kill(process.pid, signal.SIGINT)
    out, err = process.communicate()
    assert (process.returncode, out) == (130, "")
    assert err.splitlines()[-1] == (
        "error: interrupted, 2 of 2 trials left (nn1l-honest-0, nn1l-honest-1); the same command resumes them"
    )
    assert [path.name for path in tmp_path.glob("trials/*")] == ["nn1l-honest-0"]
    freed(tmp_path)


@pytest.mark.fault("trials and reports", "the process that started trials is killed", "its trials end too")
def test_trials_end_with_the_process_that_started_them(tmp_path: Path) -> None:
    process = long_trial(tmp_path)
    process.kill()
    process.communicate()
    freed(tmp_path)


def freed(results: Path) -> None:
    """Wait until no trial's process holds its folder any more."""
    from tenfold.checkpoint import RunLock
    from tenfold.errors import BusyError

    deadline = time.monotonic() + 60
    while True:
        try:
            with RunLock(Ledger(results).run(Trial("nn1l", "honest", 0))):
                return
        except BusyError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
