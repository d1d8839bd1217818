"""Every command reads what an older version wrote; ``old_files/README.md`` says what there is."""

from __future__ import annotations

import json
import runpy
import shutil
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import tenfold
from tenfold.cli import main
from tenfold.optim import SGD, CosineDecay
from tenfold.train import Recipe, ReduceOnPlateau

OLD = Path(__file__).parent / "old_files" / "b4c6449"
RUNS = ("nn1l", "ridge-linear", "fine-tuned")
"""Finished ones."""
NETWORKS = ("nn1l", "fine-tuned")
ONE_IMAGE = 1 / 60
"""Of the test images; rounding differs between processors, and one of them may lie on the border."""


@pytest.fixture(autouse=True)
def _there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, undrawn: None) -> None:
    """A copy of the files in the current folder, and the images that the runs were trained on."""
    shutil.copytree(OLD, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    runpy.run_path("digits.py")["write_folder"]()
    monkeypatch.delenv("TENFOLD_DATA", raising=False)


@pytest.fixture
def answer(capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """Give a command and return what it answers as JSON."""

    def give(*arguments: object) -> Any:
        code = main([*map(str, arguments), "--json"])
        out, err = capsys.readouterr()
        assert code == 0, err
        return json.loads(out)

    return give


def _json(path: str) -> Any:
    return json.loads(Path(path).read_text())


# --- finished runs


@pytest.mark.parametrize("run", RUNS)
def test_evaluate_finds_what_was_found_then(run: str, answer: Callable[..., Any]) -> None:
    then = _json(f"{run}/run.json")["test"]["accuracy"]
    found = answer("evaluate", run)["scores"]["share"]
    assert found["accuracy"] == pytest.approx(then, abs=1.5 * ONE_IMAGE)


@pytest.mark.parametrize("run", RUNS)
def test_report_writes_the_page_with_the_epochs_of_then(run: str, answer: Callable[..., Any]) -> None:
    """A history of then calls the loss the cost."""
    answer("report", run)
    page = Path(run, "report.html").read_text()
    record = _json(f"{run}/run.json")
    assert f"{record['model']} on digits" in page
    for row in record["epochs"][-1:]:
        assert f"{row['train_cost']:.4f}" in page
        assert f"{row['train_accuracy']:.2%}".replace("%", " %") in page
    assert Path(run, "evaluation.json").is_file()


@pytest.mark.parametrize("run", RUNS)
def test_predict_reads_a_picture_with_it(run: str, answer: Callable[..., Any]) -> None:
    corpus = tenfold.load_corpus("digits")
    Image.fromarray(255 - corpus.test.images[8]).resize((280, 280)).save("eight.png")
    [file] = answer("predict", "eight.png", "--run", run)["files"]
    assert len(file["digits"]) == 1
    [file] = answer("predict", "--test-index", 3, "--run", run)["files"]
    assert file["true_digit"] == 3


def test_compare_takes_runs_and_the_ledger(answer: Callable[..., Any]) -> None:
    found = answer("compare", *RUNS, "--out", "page")
    assert len(found["pairs"]) == 3
    found = answer("compare", "nn1l", "ridge-linear", "--results", "results", "--out", "page")
    assert len(found["pairs"]) == 1


@pytest.mark.parametrize("run", NETWORKS)
def test_export_writes_the_network(run: str, answer: Callable[..., Any]) -> None:
    runtime = pytest.importorskip("onnxruntime")
    answer("export", run, "digits.onnx")
    session = runtime.InferenceSession("digits.onnx")
    images = tenfold.load_corpus("digits").test.images[:5, ..., None].astype(np.float32) / 255
    [outputs, *_] = session.run(None, {session.get_inputs()[0].name: images})
    assert np.argmax(outputs, axis=1).tolist() == np.argmax(_json("answers.json")[run], axis=1).tolist()


@pytest.mark.parametrize("model", [*RUNS, "own"])
def test_python_reads_the_model_with_the_answers_of_then(model: str) -> None:
    found = tenfold.load_model(f"{model}/model")
    images = tenfold.load_corpus("digits").test.images[:5]
    assert found.predict_proba(images) == pytest.approx(np.array(_json("answers.json")[model]), abs=1e-4)


def test_a_finished_run_is_what_another_begins_with() -> None:
    options = ["--data", "digits", "--epochs", "1", "--no-report", "-q"]
    assert main(["train", "nn1l", "--from", "nn1l", *options, "--out", "tuned"]) == 0


# --- runs that are not finished


def test_an_interrupted_run_is_resumed(answer: Callable[..., Any]) -> None:
    record = answer(
        "train", "nn1l", "--data", "digits", "--epochs", 4, "--out", "interrupted", "--resume", "--no-report"
    )
    assert [row["epoch"] for row in record["epochs"]] == [1, 2, 3, 4]
    before = _json(str(OLD / "interrupted" / "checkpoints" / "epoch-0001-step-00000014" / "state.json"))
    row = before["progress"]["rows"][0]
    assert (
        record["epochs"][0].items() >= {key: row[key] for key in ("train_accuracy", "learning_rate")}.items()
    )
    assert row["train_cost"] in record["epochs"][0].values()
    assert not Path("interrupted/unfinished.json").exists()
    answer("evaluate", "interrupted")


def test_another_run_is_not_resumed_in_its_folder(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--data", "digits", "--epochs", "4", "--out", "interrupted", "--resume", "-q"]
    assert main(["train", "nn1l", "--seed", "1", *options]) == 4
    assert "the run was started with seed = 0, got 1" in capsys.readouterr().err


def test_a_network_of_ones_own_is_trained_on() -> None:
    """Epoch 2 of the old run and epoch 3 of today's, with a callback that watches what then was the cost."""
    model = tenfold.load_model("own/model")
    recipe = Recipe(
        2,
        batch_size=16,
        optimizer=SGD(0.1, momentum=0.9),
        rate=CosineDecay(1.0, 4),
        plateau=ReduceOnPlateau("validation_cost"),
        choose="best",
    )
    model.recipe = replace(recipe, epochs=3)
    history = model.fit(tenfold.load_corpus("digits").train, seed=0, out="own", resume=True)
    assert [row.epoch for row in history.rows] == [1, 2, 3]


# --- trials


def test_trials_of_the_ledger_are_not_run_again(answer: Callable[..., Any]) -> None:
    options = ["--data", "digits", "--results", "results"]
    found = answer("trials", "nn1l", "--seeds", "0-1", "--epochs", 2, *options)["trials"]
    found += answer("trials", "ridge-linear", "--seeds", "0", *options)["trials"]
    assert [trial["ending"] for trial in found] == ["there"] * 3
    then = {trial["seed"]: trial for trial in _json("results/nn1l-honest.json")["trials"]}
    assert found[1]["accuracy"] == then[1]["accuracy"]


def test_models_shows_the_ledger(answer: Callable[..., Any]) -> None:
    found = {model["id"]: model for model in answer("models", "--results", "results")["models"]}
    then = _json("results/nn1l-honest.json")["summary"]["accuracy"]["mean"]
    assert f"{then:.6f}"[:7] in json.dumps(found["nn1l"])


def test_an_ablation_finds_its_trials(answer: Callable[..., Any]) -> None:
    before = sorted(Path("ablation").rglob("*.json"))
    options = [
        "--seeds",
        "0-1",
        "--epochs",
        2,
        "--data",
        "digits",
        "--out",
        "ablation",
        "--results",
        "results",
    ]
    found = answer("ablate", "ablation.toml", *options)
    assert not found["failed"]
    trials = [path for path in sorted(Path("ablation").rglob("*.json")) if path.parent.name == "trials"]
    assert trials == before
    names = [change["name"] for change in tomllib.loads(Path("ablation.toml").read_text())["change"]]
    for name in names:
        assert name in json.dumps(found)
