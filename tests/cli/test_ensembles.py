"""Ensembles from the command line: trained, killed and resumed, tried over seeds, told of."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tenfold.backend.cpu.environment import THREADS
from tenfold.cli import main
from tenfold.data import load_corpus
from tenfold.data.idx import write_idx
from tenfold.zoo import MEMBERS, Ensemble, entry, load_model, member_seeds

NAME, EPOCHS = "committee", 2
NAMES = entry(NAME).members


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of IDX files with few digits."""
    folder = tmp_path_factory.mktemp("few-digits")
    corpus = load_corpus("mnist-5k")
    for stem, part in (("train", corpus.train), ("t10k", corpus.test)):
        few = part.subset(slice(0, 300))
        write_idx(folder / f"{stem}-images-idx3-ubyte", few.images)
        write_idx(folder / f"{stem}-labels-idx1-ubyte", few.labels.astype(np.uint8))
    return folder


def command(data: Path, out: Path, *options: str) -> list[str]:
    fixed = ["train", NAME, "--data", str(data), "--epochs", str(EPOCHS), "--out", str(out), "--seed", "3"]
    return [*fixed, *options]


@pytest.fixture(scope="module")
def run(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run; not to be changed."""
    out = tmp_path_factory.mktemp("runs") / "whole"
    assert main(command(data, out, "--no-report", "--quiet")) == 0
    return out


def bits(run: Path) -> dict[str, bytes]:
    model = load_model(run)
    assert isinstance(model, Ensemble)
    return {
        f"{name}.{at}": array.tobytes()
        for name, member in model.members.items()
        for at, array in (member.network.params | member.network.state).items()
    }


def test_the_record_says_what_each_member_was(run: Path) -> None:
    record = json.loads((run / "run.json").read_bytes())
    assert [one["member"] for one in record["members"]] == list(NAMES)
    assert [one["seed"] for one in record["members"]] == member_seeds(3, len(NAMES))
    assert {one["epochs"] for one in record["members"]} == {EPOCHS}
    assert record["train_seconds"] == pytest.approx(sum(one["train_seconds"] for one in record["members"]))
    assert (record["train_images"], record["choice"], record["epochs"]) == (300, None, [])
    assert record["recipe"][NAMES[0]]["epochs"] == EPOCHS
    for name in NAMES:
        assert (run / MEMBERS / name / "history.csv").read_text().count("\n") == EPOCHS + 1


def started(words: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tenfold", *words], stderr=subprocess.DEVNULL)


@pytest.mark.fault("training an ensemble", "kill -9", "trained members are kept, resumed with the same bits")
@pytest.mark.parametrize("member", [pytest.param(0, marks=pytest.mark.slow), 2])
def test_a_killed_ensemble_goes_on_to_the_same_bits(
    data: Path, run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], member: int
) -> None:
    out = tmp_path / "killed"
    process = started(command(data, out, "--no-report"))
    while not (out / MEMBERS / NAMES[member]).exists() and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (out / "run.json").exists()
    assert main(command(data, out, "--no-report", "--quiet")) != 0  # it is not begun again unasked
    assert "add --resume" in capsys.readouterr().err
    before = {name: os.stat(out / MEMBERS / name / "history.csv").st_mtime_ns for name in NAMES[:member]}
    assert main(command(data, out, "--no-report", "--resume")) == 0
    assert bits(out) == bits(run)
    after = {name: os.stat(out / MEMBERS / name / "history.csv").st_mtime_ns for name in NAMES[:member]}
    assert after == before  # not trained again


def test_trials_of_an_ensemble_are_gathered_and_keep_no_checkpoints(
    data: Path, run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = tmp_path / "results"
    options = ["--data", str(data), "--epochs", str(EPOCHS), "--results", str(results), "--seeds", "3"]
    for _ in range(2):  # the second time it is there
        assert main(["trials", NAME, *options, "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
    assert [one["ending"] for one in found["trials"]] == ["there"]
    ledger = json.loads((results / f"{NAME}-honest.json").read_bytes())
    [one] = ledger["trials"]
    record: dict[str, Any] = json.loads((run / "run.json").read_bytes())
    assert (one["seed"], one["accuracy"], ledger["protocol"]) == (3, record["test"]["accuracy"], "honest")
    assert one["split"] == {"train": 300, "validation": 0, "test": 300, "seed": None}
    assert not list(results.rglob("checkpoints"))
    assert main(["models", "--results", str(results), "--json"]) == 0
    models = {one["id"]: one for one in json.loads(capsys.readouterr().out)["models"]}
    assert models[NAME]["honest"]["mean"] == one["accuracy"]
    assert (models[NAME]["published"], models[NAME]["aim"]) == (None, 0.997)
    assert models[NAME]["members"] == list(NAMES)


def test_a_run_is_judged_again_and_reads_pictures(
    data: Path, run: Path, capsys: pytest.CaptureFixture[str], undrawn: None
) -> None:
    record = json.loads((run / "run.json").read_bytes())
    assert main(["evaluate", str(run), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["scores"]["share"]["accuracy"] == record["test"]["accuracy"]
    assert main(["predict", "--run", str(run), "--data", str(data), "--test-index", "3", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)


def test_summary_shows_the_layers_of_every_member(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["summary", NAME, "--json"]) == 0
    layers = json.loads(capsys.readouterr().out)["layers"]
    assert list(dict.fromkeys(row["name"].split(".")[0] for row in layers)) == list(NAMES)
    assert sum(row["parameters"] for row in layers) == entry(NAME).parameters
    assert main(["summary", NAME]) == 0
    out = capsys.readouterr().out
    assert all(f"{name}.conv1" in out for name in NAMES)


@pytest.mark.parametrize(
    "option", [["--dry-run"], ["--overfit-batch"], ["--from", "shipped"], ["--keep-all"], ["--watch", "test"]]
)
def test_what_an_ensemble_cannot_do_is_refused(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], option: list[str]
) -> None:
    assert main(command(data, tmp_path / "new", *option)) == 2
    assert f"expected a single network for {option[0]}, got an ensemble; " in capsys.readouterr().err


def test_members_are_trained_side_by_side(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With ``--jobs`` each member is a unit of work; the ledger is that of one process."""
    monkeypatch.setenv(THREADS, "1")
    ledgers = []
    for jobs in ("1", "2"):
        results = tmp_path / jobs
        options = ["--data", str(data), "--epochs", "1", "--results", str(results), "--seeds", "3"]
        assert main(["trials", NAME, *options, "--jobs", jobs, "--quiet"]) == 0
        ledgers.append(json.loads((results / f"{NAME}-honest.json").read_bytes()))
        assert not list(results.rglob("checkpoints"))
        assert not list(results.rglob("trained.json"))
    varying = {"train_seconds", "predict_seconds", "machine"}
    one, two = ({k: v for k, v in found["trials"][0].items() if k not in varying} for found in ledgers)
    assert one == two


@pytest.mark.fault(
    "training an ensemble", "one member fails in trials", "the trial is marked and names it; members are kept"
)
def test_a_member_that_fails_fails_its_trial(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = tmp_path / "results"
    (results / "trials" / f"{NAME}-honest-3" / MEMBERS).mkdir(parents=True)
    spoiled = results / "trials" / f"{NAME}-honest-3" / MEMBERS / NAMES[0]
    spoiled.write_text("in the way")
    options = ["--data", str(data), "--epochs", "1", "--results", str(results), "--seeds", "3", "--jobs", "2"]
    assert main(["trials", NAME, *options, "--quiet"]) != 0
    err = capsys.readouterr().err
    assert f"{NAME}, honest protocol, seed 3: failed: {NAME}: {NAMES[0]}: " in err
    assert all(
        (results / "trials" / f"{NAME}-honest-3" / MEMBERS / name / "trained.json").exists()
        for name in NAMES[1:]
    )
    spoiled.unlink()
    assert main(["trials", NAME, *options, "--quiet"]) == 0
