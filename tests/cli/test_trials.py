"""`tenfold trials`: seeds side by side, each once, whatever happens to their processes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tenfold.cli import main
from tenfold.cli.trial_figures import protocol_gain
from tenfold.cli.trial_plan import parse_seeds, plan
from tenfold.cli.trial_pool import shares_of_cores
from tenfold.cli.trial_watchers import LiveTrials
from tenfold.errors import ConfigError
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
    ("text", "seeds"), [("0-3", [0, 1, 2, 3]), ("7", [7]), ("12,0,7", [0, 7, 12]), ("0-2,1-3", [0, 1, 2, 3])]
)
def test_seeds(text: str, seeds: list[int]) -> None:
    assert parse_seeds(text) == seeds


@pytest.mark.parametrize("text", ["", "a", "3-1", "-1", "1-", "0-10000", "1;2"])
def test_seeds_that_cannot_be_read(text: str) -> None:
    with pytest.raises(
        ConfigError,
        match="--seeds: expected seeds like 0-9 or 0,7,12, at most 10,000 of up to nine digits, got",
    ):
        parse_seeds(text)


@pytest.mark.fault("sizes", "more seeds than anybody can train", "refused in one line, at once")
@pytest.mark.parametrize("text", ["0-999999999999", "0-999999999", "0-9999,10000-19999"])
def test_seeds_without_end(text: str, refused_in_one_line) -> None:
    with refused_in_one_line(ConfigError, "--seeds: expected .*at most 10,000"):
        parse_seeds(text)


@pytest.mark.parametrize("text", ["0/2", "3/2", "1", "1/0", "a/b"])
def test_a_shard_that_cannot_be_read(text: str) -> None:
    with pytest.raises(ConfigError, match="--shard: expected a part like 1/4, from 1/4 to 4/4, got"):
        plan(["nn1l"], "0-9", "honest", text)


def test_the_plan() -> None:
    both = plan(["nn1l", "knn"], "0-1", "both", "1/1")
    assert {(one.model, one.protocol) for one in both} == {
        ("nn1l", "published"),
        ("nn1l", "honest"),
        ("knn", "published"),  # nothing is chosen: one protocol
    }
    assert plan(["nn1l", "nn1l"], None, "honest", "1/1") == [
        Trial("nn1l", "honest", seed) for seed in (0, 378039, 501968, 757431, 924519)
    ]
    assert {one.model for one in plan(["all"], "0", "honest", "1/1")} >= {"gaussian-nb", "lenet5"}


@pytest.mark.parametrize("parts", [2, 5])
def test_shards_share_the_plan_out(parts: int) -> None:
    whole = plan(["all"], "0-3", "both", "1/1")
    shares = [plan(["all"], "0-3", "both", f"{part}/{parts}") for part in range(1, parts + 1)]
    assert sorted(trial for share in shares for trial in share) == sorted(whole)


def test_cores_are_shared_out() -> None:
    assert shares_of_cores(1) == [None]
    cores = os.sched_getaffinity(0)
    shares = [share or set() for share in shares_of_cores(len(cores))] if len(cores) > 1 else [cores]
    assert set.union(*shares) == cores
    assert sum(map(len, shares)) == len(cores)
    with pytest.raises(ConfigError, match="--jobs: expected at most one for each of"):
        shares_of_cores(len(cores) + 1)


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


@pytest.mark.fault("trials and reports", "the ledger's folder cannot be written", "one line that names it")
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


@pytest.mark.fault("trials and reports", "the ledger's folder cannot be written", "one line that names it")
def test_a_mark_that_cannot_be_written_leaves_a_failure(tmp_path: Path) -> None:
    from tenfold.cli.trial_pool import TrialPool
    from tenfold.cli.trial_watchers import NoWatcher

    (tmp_path / "trials").write_text("no room for marks")
    pool = TrialPool(Ledger(tmp_path), HeldFolder(tmp_path), [], 1, NoWatcher())
    outcome = pool._outcome(Trial("nn1l", "honest", 0), 1, "why")
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
        assert set(one) >= {"cost", "machine", "versions", "commit", "accuracy_without_doubtful"}
    assert len({one["cost"] for one in found["trials"]}) == SEEDS
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
    monkeypatch.setattr("tenfold.zoo.entry", lambda name: other)
    assert main(["trials", "nn1l", *OPTIONS, "--results", str(results), "--seeds", "0-3"]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert f"expected nn1l-honest-0 with digest = {digest(other, 2)}, found {digest(entry('nn1l'), 2)}" in err
    assert "(another network, recipe or choice); remove what is there, or choose another folder" in err


@pytest.mark.fault("trials and reports", "a trial is killed", "marked, the others go on, run again alone")
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


@pytest.mark.fault("trials and reports", "a trial fails", "the mark says why")
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


@pytest.mark.fault("trials and reports", "a trial's record is damaged", "refused by name")
def test_a_record_that_is_none_says_what_to_remove(tmp_path: Path) -> None:
    from tenfold.cli.run_folder import _found
    from tenfold.errors import CheckpointError

    for content in ("{", "[]", '{"format": 99}'):
        (tmp_path / "run.json").write_text(content)
        with pytest.raises(
            CheckpointError, match=rf"run\.json: expected a record .*; remove {tmp_path}, or choose"
        ):
            _found(tmp_path)


@pytest.mark.fault(
    "trials and reports",
    "a trial's result is cut short or damaged",
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
    assert f"{cut}: expected what `tenfold trials` wrote, found something else; remove it" in err
    cut.unlink()
    (results / "nn1l-honest.json").unlink()
    assert [one["ending"] for one in finished(results)["trials"]] == ["done", "there"]
    assert ledger(results) == ledger(undisturbed[0])


@pytest.mark.fault("trials and reports", "two processes run the same trial", "left to the first, exit 6")
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


@pytest.mark.fault("trials and reports", "Ctrl-C during trials", "saved, no other begun, exit 130")
def test_after_ctrl_c_the_run_is_saved_and_no_other_begun(tmp_path: Path) -> None:
    process = long_trial(tmp_path)
    os.kill(process.pid, signal.SIGINT)
    out, err = process.communicate()
    assert (process.returncode, out) == (130, "")
    assert err.splitlines()[-1] == (
        "error: interrupted, 2 of 2 trials left (nn1l-honest-0, nn1l-honest-1); "
        "the same command goes on with them"
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


# --- the rest


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 0.25),
        ({"chosen_epoch": 3}, 0.0),
        ({"choice": {"set": "validation"}}, None),
        ({"choice": None, "chosen_epoch": None, "recipe": {}}, None),
        ({"recipe": {"choose": "last", "early_stopping": None}}, None),
        ({"recipe": {"choose": "last", "early_stopping": {"monitor": "validation_cost"}}}, 0.25),
    ],
)
def test_what_choosing_on_test_images_was_worth(changes: dict[str, Any], expected: float | None) -> None:
    record = {
        "choice": {"set": "test"},
        "chosen_epoch": 2,
        "epochs": [{"validation_accuracy": accuracy} for accuracy in (0.5, 1.0, 0.75)],
        "recipe": {"choose": "best_of_last(4)", "early_stopping": None},
    }
    assert protocol_gain(record | changes) == expected


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    import io

    from rich.console import Console

    shown = io.StringIO()
    console = Console(file=shown, force_terminal=True, width=100, highlight=False)
    monkeypatch.setattr("tenfold.cli.output.stderr", lambda: console)
    return shown.getvalue


def test_the_live_table(live: Callable[[], str]) -> None:
    from tenfold.cli.trial_pool import Outcome

    table, trial = LiveTrials(5), Trial("lenet5", "honest", 3)
    table.began(trial)
    report = {"epoch": 4, "epochs": 20, "accuracy": 0.9876, "rate": 12345.6, "left": 75.0}
    table.stands(trial, report)
    time.sleep(0.6)  # it is drawn four times a second
    table.ended(Outcome(trial, "done", accuracy=0.99))
    table.close()
    for part in ("lenet5", "4/20", "98.76 %", "12,346", "1 min 15 s", "1 running, 4 to come"):
        assert part in live(), part
    assert "lenet5, honest protocol, seed 3: done: 99.00 %" in live()
