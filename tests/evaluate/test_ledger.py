"""The ledger: what is gathered depends on the set of trials and on nothing else."""

from __future__ import annotations

import json
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tenfold.errors import DataError, StorageError
from tenfold.evaluate import Ledger, Trial, shard
from tenfold.evaluate.ledger import gathered
from tenfold.files import temporary_path

SEEDS = (0, 3, 12, 100)


def trial(seed: int = 0) -> Trial:
    return Trial("nn1l", "honest", seed)


def figures(seed: int = 0, **changes: Any) -> dict[str, Any]:
    """What a trial writes, as far as the ledger looks at it."""
    accuracy = 0.9 + seed / 3000
    return {
        "seed": seed,
        "protocol": "honest",
        "parameters": 7850,
        "epochs_planned": 2,
        "dataset_sha256": "ab",
        "digest": "ab",
        "accuracy": accuracy,
        "accuracy_corrected": None,
        "accuracy_without_doubtful": accuracy + 0.001,
        "loss": 0.3,
        "protocol_gain": None,
        "train_seconds": 1.0 + seed,
        "predict_seconds": 0.1,
        **changes,
    }


def ledger_of(folder: Path, seeds: tuple[int, ...]) -> Ledger:
    ledger = Ledger(folder)
    for seed in seeds:
        ledger.put(trial(seed), figures(seed))
        ledger.gather("nn1l", "honest")
    return ledger


@pytest.mark.parametrize("content", [b"", b'{"model": "nn1l"', b"{}"])
def test_what_a_killed_process_left_is_not_read(tmp_path: Path, content: bytes) -> None:
    ledger = ledger_of(tmp_path, (0,))
    whole = ledger.file("nn1l", "honest").read_bytes()
    left = temporary_path(ledger.figures(trial(1)))
    left.write_bytes(content)
    ledger.put_failure(trial(3), "it was killed")
    ledger.figures(trial(3)).write_bytes(
        ledger.figures(trial(0)).read_bytes().replace(b'"seed": 0', b'"seed": 3')
    )
    assert ledger.gather_all() == [ledger.file("nn1l", "honest")]
    assert [one["seed"] for one in json.loads(whole)["trials"]] == [0]
    assert ledger.failure_reason(trial(3)) is None  # it was killed between figures and mark


@pytest.mark.parametrize("parts", [1, 2, 3, 7, 40])
def test_shards_are_a_partition(parts: int) -> None:
    trials = [Trial(model, "honest", seed) for model in "abc" for seed in range(11)]
    shares = [shard(trials, part, parts) for part in range(1, parts + 1)]
    assert sorted(chain(*shares)) == trials
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_gathering_depends_on_no_order(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    contents = set()
    for attempt in range(6):
        ledger = ledger_of(tmp_path / str(attempt), tuple(rng.permutation(SEEDS).tolist()))
        contents.add((ledger.folder / "nn1l-honest.json").read_bytes())
    assert len(contents) == 1
    [content] = contents
    found = json.loads(content)
    assert [one["seed"] for one in found["trials"]] == sorted(SEEDS)
    assert (found["model"], found["protocol"], found["parameters"]) == ("nn1l", "honest", 7850)


def test_the_summary(tmp_path: Path) -> None:
    found = gathered("nn1l", "honest", [figures(seed) for seed in SEEDS])["summary"]
    accuracies = [figures(seed)["accuracy"] for seed in SEEDS]
    assert found["n"] == len(SEEDS)
    assert found["accuracy"]["mean"] == pytest.approx(np.mean(accuracies))
    assert found["accuracy"]["sd"] == pytest.approx(np.std(accuracies, ddof=1))
    assert (found["accuracy_corrected"], found["protocol_gain"]) == (None, None)
    assert found["train_seconds"] == pytest.approx(np.mean([1.0 + seed for seed in SEEDS]))


def test_trials_that_only_the_gathered_file_has_stay(tmp_path: Path) -> None:
    ledger = ledger_of(tmp_path, SEEDS)
    for path in ledger.trials.iterdir():
        path.unlink()  # as in a fresh checkout
    assert ledger.find(trial(3)) == figures(3)
    assert ledger.find(trial(4)) is None
    ledger.put(trial(4), figures(4))
    assert ledger.gather_all() == [tmp_path / "nn1l-honest.json"]
    found = json.loads((tmp_path / "nn1l-honest.json").read_bytes())
    assert [one["seed"] for one in found["trials"]] == sorted({*SEEDS, 4})


def test_a_trial_alone_is_newer_than_the_gathered_one(tmp_path: Path) -> None:
    ledger = ledger_of(tmp_path, SEEDS)
    ledger.put(trial(3), figures(3, accuracy=0.5))
    ledger.gather("nn1l", "honest")
    found = json.loads((tmp_path / "nn1l-honest.json").read_bytes())
    assert {one["seed"]: one["accuracy"] for one in found["trials"]}[3] == 0.5


def test_trials_of_earlier_versions_call_their_loss_a_cost(tmp_path: Path) -> None:
    former = figures(1)
    former["cost"] = former.pop("loss")
    ledger = Ledger(tmp_path)
    ledger.put(trial(1), former)
    ledger.put(trial(2), figures(2))
    assert ledger.find(trial(1)) == figures(1)
    ledger.gather_all()
    found = json.loads((tmp_path / "nn1l-honest.json").read_bytes())
    assert found["summary"]["loss"]["mean"] == 0.3
    assert found["trials"][0].keys() == found["trials"][1].keys()


def test_a_mark_says_why_and_goes_when_the_trial_is_done(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.put_failure(trial(), "killed by SIGKILL")
    assert json.loads(ledger.failure_file(trial()).read_bytes())["reason"] == "killed by SIGKILL"
    assert ledger.find(trial()) is None
    assert ledger.gather_all() == []
    ledger.put(trial(), figures())
    assert not ledger.failure_file(trial()).exists()


def test_no_mark_stays_where_another_process_was_faster(tmp_path: Path) -> None:
    """Two processes do one trial, one is killed: the mark may be written after the other's figures."""
    ledger = Ledger(tmp_path)
    ledger.put(trial(), figures())
    ledger.put_failure(trial(), "killed by SIGKILL")
    assert not ledger.failure_file(trial()).exists()


@pytest.mark.fault(
    "trials and reports", "one folder has trials of two kinds", "rejected, with the difference"
)
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dataset_sha256": "cd"}, "expected trials of one dataset_sha256, found"),
        ({"parameters": 1}, r"expected trials of one parameters, found \['1', '7850'\]; remove those"),
        ({"epochs_planned": 3}, "expected trials of one epochs_planned, found"),
        ({"digest": "cd"}, "expected trials of one digest, found"),
    ],
)
def test_trials_of_two_kinds_are_not_gathered(change: dict[str, Any], message: str, tmp_path: Path) -> None:
    ledger = ledger_of(tmp_path, SEEDS)
    ledger.put(trial(7), figures(7, **change))
    with pytest.raises(DataError, match=rf"nn1l-honest\.json: {message}"):
        ledger.gather("nn1l", "honest")


@pytest.mark.fault(
    "trials and reports", "a file has the name of one trial and the figures of another", "rejected by name"
)
def test_figures_of_another_trial_are_refused(tmp_path: Path) -> None:
    ledger = ledger_of(tmp_path, (0,))
    ledger.figures(trial(0)).rename(ledger.figures(trial(1)))
    with pytest.raises(DataError, match=r"expected the figures of nn1l-honest-1, found others; remove it"):
        ledger.find(trial(1))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("nn1l-honest-0.json", Trial("nn1l", "honest", 0)),
        ("cnn-ref-published-12.json", Trial("cnn-ref", "published", 12)),
        ("nn1l-honest-0.failed.json", None),
        ("nn1l-honest-01.json", None),
        ("nn1l-honest.json", None),
        (".tmp-nn1l-honest-0.json-77", None),
    ],
)
def test_names_of_files(name: str, expected: Trial | None) -> None:
    assert Trial.of_file(Path(name)) == expected


@pytest.mark.fault(
    "trials and reports",
    "a trial's result is truncated or damaged",
    "one line says to remove it; then it is run again",
)
@pytest.mark.parametrize(
    "content", ["{", "[]", '{"parameters": 1, "trials": [{"seed": "0"}]}', '{"trials": 3}']
)
def test_a_file_that_is_none_of_ours_says_what_to_do(content: str, tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.file("nn1l", "honest").write_text(content)
    with pytest.raises(
        DataError, match=r"nn1l-honest\.json: expected .*; remove it: the next `tenfold trials`"
    ):
        ledger.find(trial())


@pytest.mark.fault(
    "trials and reports",
    "a trial's result is truncated or damaged",
    "one line says to remove it; then it is run again",
)
def test_a_trial_that_lacks_figures_says_what_to_do(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.put(trial(), {"seed": 0, "protocol": "honest", "parameters": 7850})
    with pytest.raises(DataError, match=r"expected the figures of trials, found others \(no 'accuracy'\)"):
        ledger.gather("nn1l", "honest")


@pytest.mark.fault("trials and reports", "the results folder cannot be written", "one line that names it")
def test_what_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "trials").write_text("a file")
    with pytest.raises(
        StorageError, match=r"honest-0\.failed\.json: expected a folder to write to, found (file ex|not a d)"
    ):
        Ledger(tmp_path).put_failure(trial(), "killed")
