"""``tenfold ablate``: trials that are there are used, the others are run, once."""

from __future__ import annotations

import html
import json
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from tenfold.cli import main
from tenfold.data import load_corpus
from tenfold.evaluate import Ledger, Trial
from tenfold.zoo import digest, entry

FILE = """
title = "One change"
base = "nn1l"
[[change]]
name = "one epoch"
recipe.epochs = 1
"""


def figures(seed: int, errors: int, sha256: str) -> dict[str, object]:
    wrong = np.sort(np.random.default_rng([seed, errors]).choice(1000, errors, replace=False)).tolist()
    accuracy = 1 - errors / 1000
    return {
        "seed": seed,
        "protocol": "honest",
        "parameters": 7850,
        "digest": digest(entry("nn1l")),
        "epochs_planned": 20,
        "images": 1000,
        "accuracy": accuracy,
        "accuracy_corrected": None,
        "accuracy_without_doubtful": None,
        "loss": 0.3,
        "protocol_gain": None,
        "train_seconds": 1.0,
        "predict_seconds": 0.1,
        "wrong": wrong,
        "dataset": "mnist-5k",
        "dataset_sha256": sha256,
    }


def write_results(folder: Path) -> Path:
    """Write a ledger with two trials of the base, one on other data, and one of another recipe."""
    ledger, sha256 = Ledger(folder / "results"), load_corpus("mnist-5k").sha256
    for seed, data in ((0, sha256), (1, sha256), (2, "other data")):
        ledger.put(Trial("nn1l", "honest", seed), figures(seed, 20 + seed, data))
    ledger.put(Trial("nn1l", "honest", 3), figures(3, 23, sha256) | {"digest": "of another recipe"})
    return ledger.folder


@pytest.fixture
def results(tmp_path: Path) -> Path:
    return write_results(tmp_path)


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "some.toml").write_text(FILE)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an ablation whose change has been trained from seed 0."""
    folder = tmp_path_factory.mktemp("trained")
    (folder / "some.toml").write_text(FILE)
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        assert ablated(write_results(folder), "--seeds", "0", "--out", "out") == 0
    return folder / "out"


def ablated(results: Path, *arguments: str) -> int:
    return main(["ablate", "some.toml", "--data", "mnist-5k", "--results", str(results), "-q", *arguments])


def test_what_is_missing_is_trained_once(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ablated(results, "--seeds", "0", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    base, change = found["steps"]
    assert base["accuracies"] == [0.98]
    assert change["name"] == "one epoch"
    assert change["finding"] == "one run only"
    assert change["worth"]["difference"] == pytest.approx(change["accuracies"][0] - 0.98)
    page = html.unescape(Path(found["page"]).read_text(encoding="utf-8"))
    assert "One change" in page
    options = ["--protocol", "honest", "--results", str(results), "--data", "mnist-5k"]
    assert f">{shlex.join(['tenfold', 'ablate', 'some.toml', '--seeds', '0', *options])}<" in page
    [folder] = tmp_path.glob("ablations/some-*/links/*")  # the base was not trained
    written = sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("*.json"))
    assert ablated(results, "--seeds", "0") == 0
    out = capsys.readouterr().out
    assert "One change: each compared with the base, in points" in out
    assert "one run only" in out
    assert sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("*.json")) == written


@pytest.mark.fault("trials and reports", "a trial fails", "the others continue")
def test_a_change_that_cannot_be_trained_leaves_the_others(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "some.toml").write_text(FILE.replace("recipe.epochs = 1", "recipe.learning_rate = 1e38"))
    assert ablated(results, "--seeds", "0", "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert [step["finding"] for step in found["steps"]] == ["base", "failed"]
    reason = found["steps"][1]["failed"]
    assert "expected finite numbers" in reason
    assert f"one epoch failed: {reason}" in html.unescape(Path(found["page"]).read_text(encoding="utf-8"))


def test_the_command_on_the_page_has_what_was_given(
    results: Path, trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(trained, "my place")
    options = ["--seeds", "0", "--jobs", "2", "--protocol", "honest", "--out", "my place"]
    assert ablated(results, "--json", *options) == 0
    page = html.unescape(Path(json.loads(capsys.readouterr().out)["page"]).read_text(encoding="utf-8"))
    command = ["tenfold", "ablate", "some.toml", *options, "--results", str(results), "--data", "mnist-5k"]
    assert f">{shlex.join(command)}<" in page


def test_which_trials_are_missing(results: Path) -> None:
    from tenfold.evaluate.ablation import read_ablation
    from tenfold.runs.ablation_trials import Order, missing
    from tenfold.runs.launch import Choice

    def waiting(**changes: object) -> list[tuple[int, list[int]]]:
        given = {
            "file": "some.toml",
            "ablation": read_ablation("some.toml"),
            "corpus": load_corpus("mnist-5k"),
            "source": "mnist-5k",
            "seeds": (0, 1, 2, 3),
            "protocol": "honest",
            "epochs": None,
            "results": results,
            "out": Path("out"),
            "place": Choice(),
        }
        return [(place, [t.seed for t in trials]) for place, trials in missing(Order(**given | changes))]

    assert waiting() == [(0, [2, 3]), (1, [0, 1, 2, 3])]
    assert waiting(seeds=(0, 1)) == [(1, [0, 1])]
    assert waiting(protocol="published") == [(0, [0, 1, 2, 3]), (1, [0, 1, 2, 3])]
    assert waiting(epochs=2, seeds=(0,)) == [(0, [0]), (1, [0])]  # the ledger's had all their epochs


def test_two_versions_of_an_own_file_do_not_share_trials(tmp_path: Path) -> None:
    from tenfold.runs.ablation_trials import _ledger

    order = SimpleNamespace(corpus=load_corpus("mnist-5k"), epochs=None, out=tmp_path)
    sources = [None, {"sha256": "a"}, {"sha256": "b"}]
    links = [SimpleNamespace(entry=replace(entry("nn1l"), origin=one)) for one in sources]
    assert len({_ledger(order, link).folder for link in links}) == len(links)  # type: ignore[arg-type]


def test_every_file_has_a_folder_of_its_own(tmp_path: Path) -> None:
    from tenfold.runs.ablation_trials import default_folder

    files = ["mlp", "mlp.toml", "a/mlp.toml", "../mlp.toml"]
    assert len({default_folder(file) for file in files}) == len(files)
    again = ["./mlp.toml", "a/../mlp.toml", str(tmp_path / "mlp.toml")]
    assert {default_folder(file) for file in again} == {default_folder("mlp.toml")}
    assert default_folder("mlp") == Path("ablations/mlp")


WRONG = {
    "a change of epochs": (
        ["ablate", "some.toml", "--epochs", "1"],
        "some.toml: 'nn1l' and 'one epoch' would be trained in the same way with --epochs 1; remove one",
    ),
    "no such file": (["ablate", "nowhere.toml"], "nowhere.toml"),
    "no such name": (["ablate", "mpl"], "unknown ablation 'mpl'; did you mean 'mlp'?"),
    "bad seeds": (["ablate", "some.toml", "--seeds", "3-1"], "--seeds: expected seeds like 0-9 or 0,7,12"),
    "a folder that cannot be": (
        ["ablate", "some.toml", "--out", "some.toml/below"],
        "--out: expected a folder that can be written, got some.toml/below/links (not a d",
    ),
    "no jobs": (["ablate", "some.toml", "--jobs", "0"], "--jobs: expected at least 1, got '0'"),
}


@pytest.mark.fault(
    "trials and reports",
    "an ablation's file is malformed or names unknown keys",
    "one line, with the nearest name",
)
@pytest.mark.parametrize("name", WRONG)
def test_what_goes_wrong_is_one_line(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments, message = WRONG[name]
    assert main([*arguments, "--data", "mnist-5k"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert message in err


@pytest.mark.fault("signals", "SIGTERM while an ablation trains", "its trials are saved, no other starts")
@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_signal_ends_the_whole_ablation(tmp_path: Path) -> None:
    command = ["ablate", "some.toml", "--data", "mnist-5k", "--results", "none", "--out", "out"]
    options = ["--seeds", "0,1", "--epochs", "2000", "-q"]
    (tmp_path / "some.toml").write_text(FILE.replace("recipe.epochs = 1", "recipe.rate = 0.5"))
    process = subprocess.Popen(
        [sys.executable, "-m", "tenfold", *command, *options], stderr=subprocess.PIPE, text=True
    )
    while process.poll() is None and not list(tmp_path.glob("out/links/*/trials/*/checkpoints/epoch-*")):
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate()
    assert process.returncode == 128 + signal.SIGTERM
    assert "interrupted by SIGTERM, 4 of 4 trials left" in err.splitlines()[-1]
    assert len(list(tmp_path.glob("out/links/*/trials/*/checkpoints"))) == 1


def test_the_authors_accuracy_stands_beside_ours(
    results: Path, trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(trained, "here")
    told = FILE.replace("recipe.epochs = 1", "recipe.epochs = 1\npublished = 0.9123")
    (tmp_path / "some.toml").write_text('source = "a made-up document"\n' + told)
    assert ablated(results, "--seeds", "0", "--out", "here", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert [step["published"] for step in found["steps"]] == [0.92787, 0.9123]  # the base's of the zoo
    assert found["source"] == "a made-up document"
    kept = json.loads((tmp_path / "here" / "ablation.json").read_text())
    assert kept == {key: value for key, value in found.items() if key not in ("failed", "page")}
    assert kept["digests"] == [digest(entry("nn1l")), digest(entry("nn1l"), 1)]
    page = html.unescape(Path(found["page"]).read_text(encoding="utf-8"))
    assert re.search(r"<td>91\.23\s%</td>", page)
    assert "Published: a made-up document." in page
    assert ablated(results, "--seeds", "0", "--out", "here") == 0
    out = capsys.readouterr().out
    assert "91.23 %" in out
    assert "published: a made-up document" in out


def test_without_a_published_accuracy_there_is_no_column_of_it(
    results: Path, trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ablated(results, "--seeds", "0", "--out", str(trained)) == 0
    assert "published" not in capsys.readouterr().out
