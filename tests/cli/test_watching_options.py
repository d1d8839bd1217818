"""``--watch``, ``--evaluate-train``: from the command line to the files of a run."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tenfold.cli import main

pytestmark = pytest.mark.usefixtures("undrawn")
SAMPLE = ["--data", "mnist-5k", "--epochs", "2"]


def train(name: str, out: Path, *options: str) -> int:
    return main(["train", name, *SAMPLE, "--out", str(out), *options])


def record(out: Path) -> dict:
    return json.loads((out / "run.json").read_text())


@pytest.mark.parametrize(
    ("name", "options", "watched", "columns", "images"),
    [
        ("nn1l", [], {}, [], 3333),
        ("nn1l", ["--evaluate-train"], {"train": 3333}, ["watched_train"], 3333),
        ("nn1l", ["--watch", "validation"], {}, [], 3333),  # they are evaluated anyway
        ("nn1l", ["--watch", "test", "--protocol", "published"], {}, [], 4000),
        ("scratch-02", [], {}, [], 4000),
        ("scratch-02", ["--watch", "validation"], {"validation": 667}, ["watched_validation"], 3333),
        (
            "scratch-02",
            ["--watch", "test", "--protocol", "published"],
            {"test": 1000},
            ["watched_test"],
            4000,
        ),
        (
            "mlp-800",
            ["--watch", "test", "--protocol", "published", "--evaluate-train"],
            {"train": 3200, "test": 1000},
            ["watched_train", "watched_test"],
            3200,
        ),
    ],
)
def test_what_is_watched_is_in_every_file(name, options, watched, columns, images, tmp_path, capsys):
    out = tmp_path / "run"
    assert train(name, out, *options, "--no-report") == 0
    found = record(out)
    assert (found["watched"], found["train_images"]) == (watched, images)
    with open(out / "history.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [key for key in rows[0] if key.endswith("_loss") and key.startswith("watched")] == [
        f"{column}_loss" for column in columns
    ]
    for row, epoch in zip(rows, found["epochs"], strict=True):
        for part in watched:
            assert float(row[f"watched_{part}_accuracy"]) == epoch["watched"][part]["accuracy"]
    said = capsys.readouterr()
    assert ("; no choice depends on them" in said.err) == bool(watched)
    assert ("watching took" in said.out) == bool(watched)


def test_the_last_epoch_is_judged_alike_while_and_after_it_trains(tmp_path):
    """The images watched are those that the report is of, so the figures must be the same."""
    assert train("scratch-02", tmp_path / "run", "--watch", "test", "--protocol", "published") == 0
    found = record(tmp_path / "run")
    assert found["epochs"][-1]["watched"]["test"]["accuracy"] == found["test"]["accuracy"]
    page = (tmp_path / "run" / "report.html").read_text()
    assert "test, watched" in page
    assert "no choice depended on them" in page
    assert "they were read after each epoch, not once" in page


@pytest.mark.parametrize("name", ["nn1l", "scratch-02"])
def test_the_figures_of_a_run_are_the_same_with_and_without(name, tmp_path):
    for out, options in (("plain", []), ("watched", ["--watch", "test", "--evaluate-train"])):
        assert train(name, tmp_path / out, "--protocol", "published", "--no-report", *options) == 0
    plain, watched = (
        (tmp_path / out / "model" / "weights.safetensors").read_bytes() for out in ("plain", "watched")
    )
    assert plain == watched


REFUSED = {
    "test images, honestly": (["nn1l", "--watch", "test"], "the honest protocol uses the test images once"),
    "images that the authors did not hold out": (
        ["scratch-02", "--watch", "validation", "--protocol", "published"],
        "the authors of scratch-02 held out no validation images",
    ),
    "a word": (["nn1l", "--watch", "train"], "--watch: expected one of 'validation', 'test', 'none'"),
    "a classical model": (
        ["knn", "--watch", "validation"],
        "knn: expected a network for --watch, got a model that is fitted at once; leave the option out",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_watched_is_refused_before_anything_is_made(case, tmp_path, capsys):
    arguments, message = REFUSED[case]
    out = tmp_path / "run"
    assert main(["train", *arguments, "--data", "mnist-5k", "--out", str(out)]) == 2
    assert message in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize(
    "options", [["--watch", "validation"], ["--watch", "test", "--protocol", "published"]]
)
def test_where_all_images_are_trained_on_only_these_are_watched(options, tmp_path, capsys):
    pixels = ",".join(f"pixel{i}" for i in range(784))
    rows = [f"{n % 10}," + ",".join(str((n + i) % 256) for i in range(784)) for n in range(60)]
    (tmp_path / "train.csv").write_text("\n".join([f"label,{pixels}", *rows]))
    data = ["--data", str(tmp_path / "train.csv"), "--all-images", "--epochs", "1", "--no-report"]
    out = ["--out", str(tmp_path / "run")]
    assert main(["train", "nn1l", *data, *out, *options]) == 2
    assert "expected none with --all-images, which holds no images out" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
    assert main(["train", "keras-lenet", *data, *out, "--protocol", "published", "--evaluate-train"]) == 0
    assert record(tmp_path / "run")["watched"] == {"train": 60}


def test_a_run_that_held_images_out_is_resumed_as_what_it_is(tmp_path, capsys):
    out = tmp_path / "run"
    assert train("scratch-02", out, "--watch", "validation", "--no-report") == 0
    assert main(["train", "scratch-02", "--data", "mnist-5k", "--out", str(out), "--resume"]) == 4
    assert "the run was started with watch = 'validation', got None" in capsys.readouterr().err
    more = ["--watch", "validation", "--evaluate-train", "--resume", "--epochs", "3", "--no-report"]
    assert train("scratch-02", out, *more) == 0
    assert [set(row["watched"]) for row in record(out)["epochs"]] == [
        {"validation"},
        {"validation"},
        {"train", "validation"},
    ]


def test_the_command_that_repeats_a_run_holds_the_same_images_out(tmp_path):
    assert train("scratch-02", tmp_path / "run", "--watch", "validation") == 0
    assert "--watch validation" in (tmp_path / "run" / "report.html").read_text()


def test_trials_watch_too(tmp_path, capsys):
    trials = [
        "trials",
        "scratch-02",
        *SAMPLE,
        "--seeds",
        "0",
        "--results",
        str(tmp_path / "ledger"),
        "--quiet",
    ]
    assert main([*trials, "--watch", "test", "--evaluate-train"]) == 0
    [run] = (tmp_path / "ledger").rglob("run.json")
    rows = json.loads(run.read_text())["epochs"]
    assert [set(row["watched"]) for row in rows] == [{"train", "test"}] * 2
    capsys.readouterr()
    honest = ["trials", "nn1l", *SAMPLE, "--seeds", "0", "--results", str(tmp_path / "ledger")]
    assert main([*honest, "--watch", "test"]) == 2
    assert "the honest protocol uses the test images once" in capsys.readouterr().err
