"""``tenfold compare``: models of the ledger and folders of runs."""

from __future__ import annotations

import csv
import html
import io
import json
import shlex
from pathlib import Path

import numpy as np
import pytest

from tenfold.cli import main

PAGE = Path("comparison") / "comparison.html"
DATA = {"dataset": "mnist", "dataset_sha256": "0" * 64}


def trial(seed, errors, images=10_000):
    rng = np.random.default_rng([seed, errors])
    wrong = np.sort(rng.choice(images, errors, replace=False)).tolist()
    accuracy = 1 - errors / images
    return DATA | {
        "seed": seed,
        "images": images,
        "accuracy": accuracy,
        "accuracy_corrected": accuracy,
        "accuracy_without_doubtful": accuracy,
        "train_seconds": 60.0,
        "predict_seconds": 0.2,
        "wrong": wrong,
    }


def put(folder, model, errors, ending="", protocol="published"):
    trials = [trial(seed, n) for seed, n in enumerate(errors)]
    record = {"model": model, "protocol": protocol, "parameters": 1000, "trials": trials}
    (folder / f"{model}{ending}.json").write_text(json.dumps(record))


@pytest.fixture
def results(tmp_path: Path) -> Path:
    put(tmp_path, "lenet5", [70, 74, 68])
    put(tmp_path, "lenet5", [80, 84, 78], "-honest", "honest")
    put(tmp_path, "nn3l", [140, 150, 145])
    put(tmp_path, "nn3l", [150, 160, 155], "-honest", "honest")
    put(tmp_path, "nn1l", [740, 730])
    put(tmp_path, "knn", [312])
    return tmp_path


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path_factory, monkeypatch):
    """Pages without --out lie below the folder that one is in."""
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))


def compared(results, *arguments):
    return main(["compare", *arguments, "--results", str(results)])


@pytest.mark.parametrize(
    ("options", "protocol", "rates"),
    [
        ([], "honest", "0.81 % against 1.55 %"),
        (["--protocol", "honest"], "honest", "0.81 % against 1.55 %"),
        (["--protocol", "published"], "published", "0.71 % against 1.45 %"),
    ],
)
def test_models_of_the_ledger(options, protocol, rates, results, capsys):
    assert compared(results, "lenet5", "nn3l", *options) == 0
    told = capsys.readouterr()
    assert told.err.splitlines()[-1] == f"page {PAGE}"
    assert f"tenfold compare lenet5 nn3l {' '.join(options)}".rstrip() in PAGE.read_text(encoding="utf-8")
    first, *rest = told.out.splitlines()
    if protocol == "published":
        assert rest.pop().startswith("published protocol: Choices were made as the authors")
    assert first == f"lenet5 against nn3l: lenet5 is better: it misreads {rates}"
    assert [line.split("  ")[1].strip() for line in rest] == [
        "accuracy",
        "protocol",
        "over images",
        "over seeds",
        "misread",
        "15 left out",
    ]
    assert compared(results, "lenet5", "nn3l", *options, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert {model["protocol"] for model in found["models"]} == {protocol}
    assert found["page"] == str(PAGE)
    assert len(found["warnings"]) == (protocol == "published")


@pytest.mark.parametrize("options", [[], ["--protocol", "honest"]])
def test_a_model_without_chance_and_choices_stands_against_every_run(options, results, capsys):
    assert compared(results, "knn", "lenet5", "--json", *options) == 0
    [pair] = json.loads(capsys.readouterr().out)["pairs"]
    assert pair["seeds"] == [[0, 0], [0, 1], [0, 2]]


def test_a_page_without_pictures_where_the_images_are_not_those_judged(results, tmp_path, capsys):
    out = tmp_path / "page"
    assert compared(results, "lenet5", "nn3l", "knn", "--data", "mnist-5k", "--out", str(out)) == 0
    told = capsys.readouterr()
    assert "no pictures of digits: " in told.err
    assert "not the images that the models were evaluated on" in told.err
    assert told.err.splitlines()[-1] == f"page {out / 'comparison.html'}"
    text = (out / "comparison.html").read_text(encoding="utf-8")
    assert "3 models compared" in text
    assert "<img" not in text
    command = ["tenfold", "compare", "lenet5", "nn3l", "knn", "--results", results, "--data", "mnist-5k"]
    assert shlex.join(map(str, [*command, "--out", out])) in html.unescape(text)


def test_folders_of_runs(run, tmp_path, capsys):
    other = tmp_path / "other"
    options = ["--data", "mnist-5k", "-q", "--no-report", "--out", str(other)]
    assert main(["train", "gaussian-nb", *options]) == 0
    capsys.readouterr()
    assert main(["compare", str(run), str(other), "--out", str(tmp_path / "page"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    record = json.loads((run / "run.json").read_text())
    first, second = found["models"]
    assert first["id"] == str(run)
    assert first["accuracies"] == [pytest.approx(record["test"]["accuracy"])]
    [pair] = found["pairs"]
    test = pair["images"]["tests"][0]
    wrong = [round((1 - model["accuracies"][0]) * 1000) for model in (first, second)]
    assert [test["both"] + test["only_a"], test["both"] + test["only_b"]] == wrong
    assert "was better in this pair of runs" in pair["verdict"]
    assert "<img" in (tmp_path / "page" / "comparison.html").read_text(encoding="utf-8")


WRONG = {
    "no such model": (["lenet5", "nn4"], 2, "unknown model 'nn4'; did you mean 'knn'?"),
    "not measured": (
        ["lenet5", "nn2l"],
        3,
        "nn2l: expected trials in {}, found none; run them: tenfold trials",
    ),
    "not measured under a protocol": (
        ["nn1l", "lenet5", "--protocol", "honest"],
        3,
        "nn1l: expected trials under the honest protocol in",
    ),
    "one model": (["lenet5"], 2, "expected at least two models to compare, got 1"),
    "a model twice": (["lenet5", "lenet5"], 2, "expected every model once, got lenet5, lenet5"),
    "results of something else": (["reader", "lenet5"], 2, "unknown model 'reader'"),
    "no honest trials to be had": (["knn-honest", "knn"], 2, "protocols are the same; leave -honest out"),
    "none": ([], 2, "expected A B..., got nothing; write for example `tenfold compare lenet5 nn2l`"),
}


@pytest.mark.fault(
    "trials and reports", "a model or a run to compare is missing or damaged", "rejected by name"
)
@pytest.mark.parametrize("name", WRONG)
def test_what_goes_wrong_is_one_line(name, results, capsys):
    arguments, code, message = WRONG[name]
    assert compared(results, *arguments) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert message.format(results) in err


def test_both_protocols_of_a_model(results, capsys):
    assert compared(results, "lenet5", "lenet5-honest", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert [(one["id"], one["protocol"]) for one in found["models"]] == [
        ("lenet5", "published"),
        ("lenet5-honest", "honest"),
    ]
    assert found["pairs"][0]["difference"] == pytest.approx(0.001)
    assert compared(results, "nn3l", "lenet5-honest", "--json") == 0
    protocols = [one["protocol"] for one in json.loads(capsys.readouterr().out)["models"]]
    assert protocols == ["honest", "honest"]
    assert compared(results, "lenet5", "lenet5-honest", "--protocol", "honest", "--json") == 0
    protocols = [one["protocol"] for one in json.loads(capsys.readouterr().out)["models"]]
    assert protocols == ["published", "honest"]  # not the same trials twice


def test_a_file_of_older_figures_is_refused(results, capsys):
    (results / "nn2l.json").write_text('{"model": "nn2l", "runs": []}')
    assert compared(results, "lenet5", "nn2l") == 3
    assert (
        "nn2l.json: expected trials on one data set, got something else (no 'trials')"
        in capsys.readouterr().err
    )


@pytest.mark.parametrize(("model", "protocol"), [("nn2l", "honest"), ("lenet5", "published")])
def test_a_file_under_the_name_of_another_is_refused(model, protocol, results, capsys):
    put(results, "nn2l", [100])
    found = json.loads((results / "nn2l.json").read_text()) | {"model": model, "protocol": protocol}
    (results / "nn2l.json").write_text(json.dumps(found))
    assert compared(results, "lenet5", "nn2l") == 3
    said = f"nn2l.json: expected nn2l under the published protocol, found {model} under {protocol}"
    assert said in capsys.readouterr().err


@pytest.mark.fault("trials and reports", "a page cannot be written", "one line that names it")
def test_a_folder_that_cannot_be_written_is_one_line(results, tmp_path, capsys):
    (tmp_path / "file").touch()
    assert compared(results, "lenet5", "nn3l", "--data", "mnist-5k", "--out", str(tmp_path / "file")) == 2
    told = capsys.readouterr()
    assert told.out == ""
    said = f"error: --out: expected a folder that can be written, got {tmp_path / 'file'} (file exists);"
    assert told.err.splitlines()[-1] == f"{said} name another"


@pytest.mark.parametrize(("form", "begins"), [("markdown", "**Models on"), ("latex", "\\begin{table}")])
def test_tables_of_a_comparison(form, begins, results, capsys):
    assert compared(results, "lenet5", "nn3l", "--format", form) == 0
    out, err = capsys.readouterr()
    assert out.startswith(begins)
    assert err.splitlines()[-1] == f"page {PAGE}"
    for name in ("lenet5", "nn3l"):
        assert f"{name}, honest protocol" in out
    assert out.count("378039") == 2  # the authors' runs stand beside ours


def test_a_comparison_as_csv(results, capsys):
    assert compared(results, "lenet5", "nn3l", "--format", "csv") == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert compared(results, "lenet5", "nn3l", "--json") == 0
    models = json.loads(capsys.readouterr().out)["models"]
    told = [(row["model"], int(row["seed"]), float(row["accuracy"])) for row in rows]
    assert told == [(one["id"], run["seed"], run["accuracy"]) for one in models for run in one["runs"]]
    assert [len(one["published_runs"]) for one in models] == [10, 10]
    assert [one["timed"] for one in models] == [None, None]
    assert compared(results, "lenet5", "nn3l", "--format", "csv", "--json") == 2
