"""``tenfold train NAME --data FOLDER`` with few pictures and no test set, and ``--from``."""

from __future__ import annotations

import html
import json
import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tenfold.cli import main
from tenfold.data import load_corpus
from tenfold.zoo import load_model


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Three pictures of each digit, dark on white, in folders by digit."""
    digits, root = load_corpus("mnist-5k").test, tmp_path_factory.mktemp("own") / "digits"
    for digit in range(10):
        folder = root / str(digit)
        folder.mkdir(parents=True)
        for k, index in enumerate(np.flatnonzero(digits.labels == digit)[:3]):
            Image.fromarray(255 - digits.images[index]).resize((112, 112)).save(folder / f"{k}.png")
    return root


def printed(capsys, arguments, code=0):
    assert main(arguments) == code
    return capsys.readouterr()


def test_a_small_folder_without_a_test_set_is_split_and_trained_on(pictures, tmp_path, capsys):
    arguments = ["train", "nn1l", "--data", str(pictures), "--epochs", "2", "--out", str(tmp_path / "run")]
    record = json.loads(printed(capsys, [*arguments, "--no-report", "--json", "--quiet"]).out)
    assert (record["dataset"], record["test"]["images"]) == ("digits", 4)
    assert (record["train_images"], record["choice"]["images"]) == (22, 4)
    assert record["start"] is None


def test_a_run_goes_on_with_own_pictures_and_mnist(pictures, run, tmp_path, capsys):
    out = tmp_path / "tuned"
    arguments = ["train", "nn1l", "--from", str(run), "--data", str(pictures), "--epochs", "1"]
    found = printed(capsys, [*arguments, "--out", str(out), "--no-report", "--json"])
    record = json.loads(found.out)
    assert f"fine-tuned from {run}, with as many images of MNIST" in found.err
    assert (record["start"], record["train_images"], len(record["epochs"])) == (str(run), 8000, 1)
    sample = load_corpus("mnist-5k").test
    accuracy = np.mean(load_model(out).predict(sample.images) == sample.labels)
    assert accuracy > np.mean(load_model(run).predict(sample.images) == sample.labels) - 0.05
    picture = str(pictures / "1" / "0.png")
    assert "0.png" in printed(capsys, ["predict", picture, "--run", str(out)]).out


def test_the_command_in_the_report_gives_the_same_network_again(pictures, run, tmp_path, capsys, undrawn):
    arguments = ["train", "nn1l", "--from", str(run), "--data", str(pictures), "--epochs", "1", "--quiet"]
    printed(capsys, [*arguments, "--out", str(tmp_path / "tuned")])
    page = html.unescape((tmp_path / "tuned" / "report.html").read_text(encoding="utf-8"))
    [command] = re.findall("tenfold train [^<]*", page)
    again = [*shlex.split(command)[1:], "--no-report", "--quiet", "--out", str(tmp_path / "again")]
    printed(capsys, again)
    one, other = (load_model(tmp_path / name).network.params for name in ("tuned", "again"))
    for name, array in one.items():
        np.testing.assert_array_equal(array, other[name])


@pytest.mark.parametrize(
    ("name", "start", "message"),
    [
        ("lenet5", "shipped", "shipped: expected the network lenet5, found reader; use tenfold train reader"),
        ("nn1l", "nowhere", "nowhere: expected the folder of a finished run, found no run.json"),
        ("knn", "shipped", "knn: expected a network for --from, got a model that is fitted at once"),
    ],
)
def test_what_cannot_be_gone_on_from_is_said_in_one_line(name, start, message, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    out = Path("run")
    arguments = ["train", name, "--from", start, "--data", "mnist-5k", "--out", str(out), "--quiet"]
    assert main(arguments) != 0
    assert message in capsys.readouterr().err


def test_rehearsals_begin_anew(tmp_path, capsys):
    arguments = ["train", "nn1l", "--from", "shipped", "--data", "mnist-5k", "--dry-run"]
    assert main(arguments) != 0
    assert "--from: expected a run to train, got --dry-run" in capsys.readouterr().err


def test_a_network_that_refuses_and_is_not_calibrated_says_so(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("tenfold.predict.calibrating.ENOUGH", 700)
    out = tmp_path / "run"
    arguments = ["train", "reader", "--data", "mnist-5k", "--epochs", "1", "--out", str(out), "--no-report"]
    [line] = printed(capsys, [*arguments, "--quiet"]).err.splitlines()
    kept = "temperature 1.000 and threshold 0.500 were kept: choosing them needs a training with 4,200 images"
    assert kept in line
    assert line in json.loads((out / "run.json").read_text())["notices"]
    found = load_model(out).calibration
    assert (found.temperature, found.threshold) == (1.0, 0.5)
