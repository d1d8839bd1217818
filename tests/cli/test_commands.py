"""Every command, as a person or a program calls it."""

from __future__ import annotations

import csv
import importlib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.terminal import Terminal

from tenfold.data import load_corpus
from tenfold.nn import LAYERS, LOSSES, Dense, Flatten, PartialConv2d, Sequential
from tenfold.predict import Recogniser
from tenfold.zoo import ENTRIES, Entry, NetworkModel, load_model
from tenfold.zoo.lenet5 import lenet_recipe

# --- models, summary, check, data


def test_models(terminal: Terminal) -> None:
    code, out, err = terminal("models")
    assert (code, err) == (0, "")
    for name, entry in ENTRIES.items():
        [line] = [line for line in out.splitlines() if line.startswith(f"{name} ")]
        shown = f"aim {100 * entry.aim:.2f}" if entry.aim else f"{100 * entry.published.low:.2f}"
        assert shown in line
        if entry.measured is None and entry.measured_honestly is None:
            assert "not measured" in line


def test_models_json(terminal: Terminal) -> None:
    found = terminal.json("models")["models"]
    assert [one["id"] for one in found] == list(ENTRIES)
    [lenet] = [one for one in found if one["id"] == "lenet5"]
    assert (lenet["parameters"], lenet["published"]["accuracy"]) == (61_706, 0.99268)
    assert lenet["seeds"] == [0, 378039, 501968, 757431, 924519]
    for one in found:
        figure, ours = one["measured"], ENTRIES[one["id"]].measured
        if ours is None and ENTRIES[one["id"]].measured_honestly is None:
            assert (figure, one["train_seconds"], one["predict_seconds"]) == (None, None, None)
            continue
        assert 0.5 < figure["mean"] < 1
        assert (figure["sd"] is None) == (figure["n"] == 1)
        assert figure["protocol"] == ("honest" if ours is None else "published")
        assert one["train_seconds"] > 0
        assert one["predict_seconds"] > 0


def test_models_fit_eighty_columns(terminal: Terminal) -> None:
    _, out, _ = terminal("models")
    assert max(map(len, out.splitlines())) <= 80


def test_summary(terminal: Terminal) -> None:
    code, out, _ = terminal("summary", "lenet5")
    assert code == 0
    assert "61,706 parameters; 833,040 floating-point operations" in out
    [line] = [line for line in out.splitlines() if line.startswith("conv2")]
    assert line.split() == "conv2 conv2d 10 x 10 x 16 2,416 480,000 yes".split()
    assert "does not know" not in out


def test_summary_of_the_network_that_comes_with_the_package(terminal: Terminal) -> None:
    found = terminal.json("summary", "reader")
    assert found["parameters"] == 361_322 == sum(layer["parameters"] for layer in found["layers"])


def test_summary_json(terminal: Terminal) -> None:
    found = terminal.json("summary", "nn3l")
    assert found["parameters"] == 266_610 == sum(layer["parameters"] for layer in found["layers"])
    assert found["layers"][-1]["output_shape"] == [10]
    assert [layer["compiled"] for layer in found["layers"]] == [True] * 6
    assert terminal.json("summary", "knn") | {"notes": []} == {
        "model": "knn",
        "title": ENTRIES["knn"].title,
        "parameters": None,
        "flops": None,
        "layers": [],
        "notes": [],
    }


def test_summary_of_a_network_with_a_layer_that_is_not_compiled(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    layers = {"conv": PartialConv2d(1, [[0]], 1), "flatten": Flatten(), "fc": Dense(784, 10)}

    def build(entry: Entry) -> NetworkModel:
        return NetworkModel(entry.name, Sequential(layers, (28, 28, 1)), lenet_recipe())

    odd = replace(ENTRIES["nn1l"], name="odd", build=build)
    monkeypatch.setattr("tenfold.zoo.ENTRIES", {"odd": odd})
    code, out, _ = terminal("summary", "odd")
    assert code == 0
    words = [line.split() for line in out.splitlines()]
    assert [row[-1] for row in words[1:5]] == ["compiled", "no", "yes", "yes"]
    assert "layer 'conv' (PartialConv2d) runs as written, in NumPy" in out
    found = terminal.json("summary", "odd")
    assert {layer["name"]: layer["compiled"] for layer in found["layers"]} == {
        "conv": False,
        "flatten": True,
        "fc": True,
    }


def test_check(terminal: Terminal) -> None:
    code, out, _ = terminal("check")
    assert code == 0
    assert "WRONG" not in out
    assert "derivatives right to within 1e-06" in out


def test_check_json_has_every_layer_and_loss(terminal: Terminal) -> None:
    found = terminal.json("check", "--seed", 1)
    assert found["ok"] is True
    assert all(row["ok"] and 0 <= row["error"] < found["tolerance"] for row in found["rows"])
    names = {row["name"].split(",")[0] for row in found["rows"]}
    assert {*LAYERS, *LOSSES} <= names


def test_check_fails_on_a_wrong_derivative(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    gradcheck = importlib.import_module("tenfold.nn.gradcheck")  # tenfold.nn has a function of that name
    wrong = [gradcheck.GradientRow("dense", "weight", 0.5), gradcheck.GradientRow("dense", "x", float("nan"))]
    monkeypatch.setattr(gradcheck, "gradient_table", lambda seed: wrong)
    code, out, _ = terminal("check")
    assert code == 1
    assert out.count("WRONG") == 2
    assert "0 of 2 derivatives right" in out


def test_data(terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENFOLD_CACHE", str(tmp_path / "cache"))
    found = terminal.json("data")
    assert found["files"] == []
    sources = {one["source"]: one for one in found["sources"]}
    assert (sources["cache"]["present"], sources["mnist-5k"]["train_images"]) == (False, 4000)
    code, out, _ = terminal("data")
    assert code == 0
    assert "nothing found" in out


def test_data_checked_says_what_is_in_them(terminal: Terminal, tmp_path: Path) -> None:
    images = np.tile(np.arange(24, dtype=np.uint8)[:, None, None, None], (1, 12, 16, 3)) * 10
    names = np.array(["cat", "dog", "owl", "cat"] * 6)
    np.savez(tmp_path / "pets.npz", images=images, labels=names)
    code, out, _ = terminal("data", "--data", tmp_path / "pets.npz", "--check")
    assert code == 0
    first, *lines = out.splitlines()
    assert first == "pets: images of 12 x 16, colour"
    held_out = json.loads(terminal("data", "--data", tmp_path / "pets.npz", "--check", "--json")[1])[
        "contents"
    ]
    n, m = held_out["train_images"], held_out["test_images"]
    assert (n + m, held_out["shape"]) == (24, [12, 16, 3])
    assert {name: sum(counts) for name, counts in held_out["classes"].items()} == {
        "cat": 12,
        "dog": 6,
        "owl": 6,
    }
    assert lines[:3] == [
        f"  training images  {n}",
        f"  test images      {m} (held out of the training images)",
        "  classes          3: cat (12), dog (6), owl (6)",
    ]
    assert lines[-1] == "nothing looks wrong in the data"


def test_a_check_counts_what_it_said(terminal: Terminal, tmp_path: Path) -> None:
    images, labels = np.zeros((60, 12, 12), np.uint8), np.arange(60) % 3 * 2
    images[:, 4:9, 5:8] = 200
    np.savez(tmp_path / "three.npz", images=images, labels=labels)
    code, out, err = terminal("data", "--data", tmp_path / "three.npz", "--check")
    assert (code, err) == (0, "")
    *_, remark, last = out.splitlines()
    assert remark.endswith("there are no images of 1, 3; a network cannot learn these classes")
    assert last == "1 remark on the data, in the line above"
    table = np.column_stack([np.arange(60), labels, images.reshape(60, 144)])
    head = ",".join(["", "label", *(f"pixel{i}" for i in range(144))])
    np.savetxt(tmp_path / "three.csv", table, fmt="%d", delimiter=",", header=head, comments="")
    code, out, err = terminal("data", "--data", tmp_path / "three.csv", "--check")
    assert (code, err) == (0, "")
    *_, aside, missing, last = out.splitlines()
    assert "left aside, as neither label nor pixel: column 1" in aside
    assert missing.endswith(remark.partition(": ")[2])
    assert last == "2 remarks on the data, above"
    found = json.loads(terminal("data", "--data", tmp_path / "three.csv", "--check", "--json")[1])
    assert found["remarks"] == [aside, missing]


def test_data_that_cannot_be_verified(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    code, out, err = terminal("data", "--verify", "--data", tmp_path / "empty")
    assert code == 3
    assert out.count("WRONG") == 4
    assert err.startswith("error: expected each file as published, found others; download them: tenfold")


# --- train


def test_train_json_has_what_is_promised(terminal: Terminal, tmp_path: Path) -> None:
    options = (
        "--data",
        "mnist-5k",
        "--epochs",
        2,
        "--seed",
        7,
        "--out",
        tmp_path / "run",
        "--no-report",
        "--quiet",
    )
    found = terminal.json("train", "nn1l", *options)
    assert (found["model"], found["dataset"], found["seed"], found["protocol"]) == (
        "nn1l",
        "mnist-5k",
        7,
        "honest",
    )
    assert (found["train_images"], found["parameters"]) == (3333, 7850)
    assert [epoch["epoch"] for epoch in found["epochs"]] == [1, 2]
    for epoch in found["epochs"]:
        assert epoch["train_seconds"] > 0
        assert epoch["train_loss"] > 0
        assert 0.5 < epoch["validation_accuracy"] < 1
    assert 0.5 < found["test"]["accuracy"] < 1
    assert found["test"]["loss"] > 0
    assert found["test"]["predict_seconds"] > 0
    assert found["run"] == str(tmp_path / "run")
    assert found == json.loads((tmp_path / "run" / "run.json").read_text())
    assert not (tmp_path / "run" / "report.html").exists()


@pytest.mark.fault("trials and reports", "the same seed is trained twice", "equal figures and bits")
def test_the_same_seed_gives_the_same_figures(terminal: Terminal, tmp_path: Path) -> None:
    options = ("--data", "mnist-5k", "--epochs", 1, "--no-report", "--quiet")
    first, second, other = (
        terminal.json("train", "nn1l", *options, "--seed", seed, "--out", tmp_path / out)
        for seed, out in ((1, "a"), (1, "b"), (2, "c"))
    )
    assert first["test"]["loss"] == second["test"]["loss"] != other["test"]["loss"]
    weights = [(tmp_path / out / "model" / "weights.safetensors").read_bytes() for out in "abc"]
    assert weights[0] == weights[1] != weights[2]


def test_resume_goes_on_to_the_same_bits(terminal: Terminal, tmp_path: Path) -> None:
    options = ("--data", "mnist-5k", "--no-report", "--quiet")
    terminal.json("train", "nn1l", *options, "--epochs", 3, "--out", tmp_path / "whole")
    terminal.json("train", "nn1l", *options, "--epochs", 1, "--out", tmp_path / "halves", "--resume")
    found = terminal.json("train", "nn1l", *options, "--epochs", 3, "--out", tmp_path / "halves", "--resume")
    assert len(found["epochs"]) == 3
    whole, halves = (
        (tmp_path / out / "model" / "weights.safetensors").read_bytes() for out in ("whole", "halves")
    )
    assert whole == halves


def test_the_published_protocol_trains_on_everything_and_says_so(terminal: Terminal, tmp_path: Path) -> None:
    options = ("--data", "mnist-5k", "--epochs", 1, "--no-report", "--quiet", "--out", tmp_path / "run")
    found = terminal.json("train", "nn1l", *options, "--protocol", "published")
    assert (found["train_images"], found["choice"]) == (4000, {"set": "test", "images": 1000})
    assert found["recipe"]["protocol"] == found["protocol"] == "published"
    assert found["epochs"][0]["validation_accuracy"] == found["test"]["accuracy"]
    header = (tmp_path / "run" / "history.csv").read_text().splitlines()[0]
    assert "test_accuracy,test_loss" in header
    assert "validation" not in header + str(found["notices"])


@pytest.mark.usefixtures("undrawn")
def test_a_run_on_the_first_images_says_so(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = replace(ENTRIES["nn1l"], name="nn1l-100", first=1_200)
    monkeypatch.setattr("tenfold.runs.models.Models.trainable", lambda models, name: some)
    options = ("--data", "mnist-5k", "--epochs", 1, "--out", tmp_path / "run")
    code, _, err = terminal("train", "nn1l-100", *options, "--protocol", "published")
    assert code == 0
    assert "nn1l-100 on mnist-5k (the first 1,200 of 4,000 training images, " in err
    record = json.loads((tmp_path / "run" / "run.json").read_text())
    assert (record["train_images"], record["train_first"]) == (1_200, 1_200)
    judged = json.loads((tmp_path / "run" / "evaluation.json").read_text())["run"]
    assert (judged["train_images"], judged["train_first"]) == (1_200, 1_200)
    page = (tmp_path / "run" / "report.html").read_text()
    assert "over the first 1,200 images" in page
    assert "the first 1,200</" in page


@pytest.mark.usefixtures("undrawn")
def test_a_classical_model(terminal: Terminal) -> None:
    found = terminal.json("train", "gaussian-nb", "--data", "mnist-5k", "--quiet")
    assert (found["train_images"], found["epochs"], found["choice"]) == (4000, [], None)
    assert found["run"] == "runs/gaussian-nb-mnist-5k"
    means = Path("runs/gaussian-nb-mnist-5k/figures/means.png")
    assert means.read_text() == "class_means"


def test_everything_of_a_run_on_the_sample_carries_its_name(terminal: Terminal, run: Path) -> None:
    for name in ("run.json", "evaluation.json", "report.html"):
        assert "mnist-5k" in (run / name).read_text(encoding="utf-8"), name
    for name in ("history.csv", "errors.csv"):
        rows = list(csv.DictReader((run / name).read_text(encoding="utf-8").splitlines()))
        assert rows
        assert {(row["model"], row["dataset"]) for row in rows} == {("nn1l", "mnist-5k")}, name


def test_default_folders_carry_it_too_and_are_never_reused(terminal: Terminal) -> None:
    options = ("train", "nn1l", "--data", "mnist-5k", "--epochs", 1, "--no-report", "--quiet")
    runs = [terminal.json(*options)["run"] for _ in range(2)]
    assert runs == ["runs/nn1l-mnist-5k", "runs/nn1l-mnist-5k-2"]


def test_the_plain_words(finished: Any) -> None:
    assert finished.code == 0
    assert "nn1l on mnist-5k (4,000 training images, " in finished.err
    assert "epoch 3/3" in finished.err
    assert finished.err.splitlines()[-1] == (
        f"next: `tenfold predict FILE --run {finished.folder}`, "
        f"`tenfold evaluate {finished.folder} --show wrong`, `tenfold serve --run {finished.folder}`"
    )
    assert "accuracy" in finished.out
    run = finished.folder
    assert f"run {run}, report {run / 'report.html'}; weights of epoch" in finished.out


def test_quiet(terminal: Terminal, tmp_path: Path) -> None:
    options = ("--data", "mnist-5k", "--epochs", 1, "--no-report", "--out", tmp_path / "run")
    assert terminal("train", "nn1l", *options, "--quiet")[2] == ""


def test_dry_run_keeps_nothing(terminal: Terminal, tmp_path: Path) -> None:
    found = terminal.json("train", "lenet5", "--data", "mnist-5k", "--dry-run")
    assert (found["model"], found["dry_run"]) == ("lenet5", True)
    assert found["train_loss"] == pytest.approx(np.log(10), rel=0.2)  # a network that knows nothing
    assert list(tmp_path.iterdir()) == []


def test_overfit_batch(terminal: Terminal, tmp_path: Path) -> None:
    found = terminal.json("train", "nn2l", "--data", "mnist-5k", "--overfit-batch")
    assert found["overfit_batch"]["learned"] is True
    assert found["overfit_batch"]["accuracy"] == 1.0
    assert list(tmp_path.iterdir()) == []


# --- evaluate, report, predict


def test_evaluate_repeats_the_figures(terminal: Terminal, run: Path) -> None:
    record = json.loads((run / "run.json").read_text())
    found = terminal.json("evaluate", run)
    assert found["scores"]["share"]["accuracy"] == record["test"]["accuracy"]
    assert found["scores"]["loss"] == record["test"]["loss"]
    assert (found["dataset"], found["split"]) == ("mnist-5k", "test")
    code, out, _ = terminal("evaluate", run)
    assert code == 0
    assert f"{100 * record['test']['accuracy']:.2f} %" in out


@pytest.mark.usefixtures("undrawn")
def test_report_again_and_elsewhere(terminal: Terminal, run: Path, tmp_path: Path) -> None:
    found = terminal.json("report", run, "--out", tmp_path / "copy")
    assert found["report"] == str(tmp_path / "copy" / "report.html")
    names = {Path(file).stem for file in found["figures"]}
    assert {"samples", "digits", "confusion", "reliability", "errors", "training", "filters"} <= names
    page = (tmp_path / "copy" / "report.html").read_text(encoding="utf-8")
    assert "nn1l on mnist-5k" in page
    assert "--epochs 3 --seed 0 --protocol honest" in page


def test_predict_files_and_a_test_image(terminal: Terminal, run: Path, tmp_path: Path) -> None:
    test = load_corpus("mnist-5k").test
    Image.fromarray(test.images[4]).save(tmp_path / "digit.png")
    Image.new("L", (28, 28), 255).save(tmp_path / "blank.png")
    found = terminal.json(
        "predict", tmp_path / "digit.png", tmp_path / "blank.png", "--run", run, "--test-index", 4
    )
    assert found.keys() == {"files"}
    digit, blank, same = found["files"]
    assert digit["file"] == str(tmp_path / "digit.png")
    assert digit["text"] == "".join(str(one["digit"]) for one in digit["digits"])
    [one] = digit["digits"]
    assert one.keys() == {"digit", "probability", "box", "reason"}
    assert 0 < one["probability"] <= 1
    nothing = {"text": "", "digits": [], "marks": [], "turned": 0, "reason": "blank"}
    assert blank == {"file": str(tmp_path / "blank.png"), **nothing}
    assert (same["file"], same["true_digit"]) == ("mnist-5k test image 4", test.labels[4])
    assert same["digits"] == digit["digits"]


@pytest.mark.fault(
    "own pictures", "one picture of several is damaged", "the error names it, the others are read"
)
def test_one_bad_picture_does_not_spoil_the_others(terminal: Terminal, run: Path, tmp_path: Path) -> None:
    Image.fromarray(load_corpus("mnist-5k").test.images[4]).save(tmp_path / "good.png")
    (tmp_path / "text.png").write_text("<html>")
    files = "nope.png", tmp_path / "good.png", tmp_path / "text.png"
    code, out, err = terminal("predict", *files, "--run", run, "--json")
    missing, good, text = json.loads(out)["files"]
    assert code == 3
    assert (missing["file"], missing["text"], missing["digits"]) == ("nope.png", "", [])
    assert missing["reason"] == text["reason"] == "unreadable"
    assert err == f"error: {missing['error']}\nerror: {text['error']}\n"
    assert len(good["text"]) == 1
    assert "error" not in good
    code, out, err = terminal("predict", *files, "--run", run)
    assert code == 3
    assert out.startswith(f"{tmp_path / 'good.png'}: {good['text']} ")
    assert err.splitlines() == [
        f"read by nn1l of {run} (mnist-5k)",
        f"error: {missing['error']}",
        f"error: {text['error']}",
    ]


def test_predict_in_words(terminal: Terminal, run: Path, tmp_path: Path) -> None:
    Image.new("L", (28, 28), 255).save(tmp_path / "blank.png")
    images = load_corpus("mnist-5k").test.images
    line = np.hstack([np.kron(images[i], np.ones((4, 4), np.uint8)) for i in (3, 1)])
    Image.fromarray(255 - np.pad(line, 20)).save(tmp_path / "two.png")
    code, out, _ = terminal("predict", tmp_path / "blank.png", "--run", run, "--test-index", 0)
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == f"{tmp_path / 'blank.png'}: no digit (blank)"
    assert "the true digit is" in lines[1]
    assert [line.split()[0] for line in lines[2:]] == [str(digit) for digit in range(10)]
    heading, *digits = terminal("predict", tmp_path / "two.png", "--run", run)[1].splitlines()
    assert re.fullmatch(r".*two\.png: [\d?]{2}", heading)
    assert len(digits) == 2
    for one in digits:
        assert re.fullmatch(r"  (\d|\?) \(.*\d\.\d\d %\) +\d+ x 80 at \d+, \d+", one)


def test_predict_with_what_comes_along(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, run: Path, tmp_path: Path
) -> None:
    monkeypatch.setattr("tenfold.runs.answers.shipped", lambda: Recogniser(load_model(run)))
    Image.fromarray(load_corpus("mnist-5k").test.images[4]).save(tmp_path / "digit.png")
    read = "predict", tmp_path / "digit.png", "--test-index", 4, "--data", "mnist-5k"
    assert terminal.json(*read) == terminal.json(*read, "--run", run)
    assert terminal(*read)[2] == "read by the network that comes with tenfold\n"


def test_predict_shows_its_steps(terminal: Terminal, undrawn: None, run: Path, tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        Image.new("L", (50, 50), 255).save(tmp_path / name)
    files = [tmp_path / "a.png", tmp_path / "b.png"]
    terminal("predict", *files, "--run", run, "--show", tmp_path / "steps")
    assert [path.name for path in sorted((tmp_path / "steps").iterdir())] == [
        "001-a-steps.png",
        "002-b-steps.png",
    ]
    assert (tmp_path / "steps" / "002-b-steps.png").read_text() == "reading_steps b.png"
    terminal("predict", files[0], "--run", run, "--show", tmp_path / "one.png")
    assert (tmp_path / "one.png").read_text() == "reading_steps a.png"
    code, _, err = terminal("predict", *files, "--run", run, "--show", tmp_path / "one.png")
    assert (code, err) == (
        2,
        f"error: --show: expected a folder for 2 pictures, got {tmp_path / 'one.png'}; name a folder\n",
    )


def test_predict_never_draws_over_a_picture(
    terminal: Terminal, undrawn: None, run: Path, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    mine, steps, other = (tmp_path / name for name in ("mine.png", "mine-steps.png", "other/mine.png"))
    for path in (mine, other):
        Image.new("L", (50, 50), 255).save(path)
    before = mine.read_bytes()
    assert terminal("predict", mine, "--run", run, "--show", tmp_path)[0] == 0
    assert steps.read_text() == "reading_steps mine.png"
    terminal("predict", mine, other, "--run", run, "--show", tmp_path)  # of one name
    assert sorted(path.name for path in tmp_path.glob("0*")) == ["001-mine-steps.png", "002-mine-steps.png"]
    (tmp_path / "link.png").symlink_to(mine)
    for target in (mine, tmp_path / "link.png", tmp_path / "other" / ".." / "mine.png"):
        code, _, err = terminal("predict", mine, "--run", run, "--show", target)
        assert (code, err) == (
            2,
            f"error: --show: expected a path other than the pictures, got {target}, which is one of them; "
            "name another folder\n",
        )
    assert (mine.read_bytes(), other.read_bytes()) == (before, before)


def test_version(terminal: Terminal) -> None:
    from tenfold import __version__

    assert terminal("--version")[:2] == (0, f"tenfold {__version__}\n")
