"""Options that change a recipe: the run says them, and a run gives its recipe back."""

from __future__ import annotations

import json

import pytest

from tenfold.cli import main


def test_a_run_says_its_changes_and_gives_its_recipe_back(undrawn, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = ["--lr", "0.002", "--batch-size", "100", "--set", "loss=mean_squared_error", "--epochs", "1"]
    train = ["train", "nn1l", "--data", "mnist-5k", "--json", "--no-report", "--quiet"]
    assert main([*train, *given]) == 0
    first = json.loads(capsys.readouterr().out)
    assert first["recipe"]["optimizer"]["config"]["learning_rate"] == 0.002
    assert first["recipe"]["batch_size"] == 100
    assert first["recipe"]["loss"]["kind"] == "mean_squared_error"
    again = ["--config", first["run"], "--out", "again"]
    assert main([*train, *again]) == 0
    second = json.loads(capsys.readouterr().out)
    assert second["recipe"] == first["recipe"]
    assert second["test"]["accuracy"] == first["test"]["accuracy"]


@pytest.mark.parametrize("option", [["--lr", "0.1"], ["--batch-size", "8"], ["--set", "epochs=3"]])
def test_a_model_without_a_recipe_takes_no_changes(capsys, option):
    assert main(["train", "knn", *option]) == 2
    assert (
        f"expected a network for {option[0]}, got a model that is fitted at once" in capsys.readouterr().err
    )


def test_fine_tuning_has_a_recipe_of_its_own(capsys):
    assert main(["train", "lenet5", "--from", "zoo:lenet5", "--lr", "0.1"]) == 2
    assert "--lr: expected a network that is trained from the start, got --from" in capsys.readouterr().err
