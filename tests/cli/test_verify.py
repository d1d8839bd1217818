"""`tenfold verify`: PASS or FAIL, by what is said and by the exit code."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from tenfold.cli import main
from tenfold.data import load_corpus
from tenfold.errors import TenfoldError
from tenfold.zoo import ENTRIES, Entry, NetworkModel, Published
from tenfold.zoo.acceptance import lowest_accepted
from tenfold.zoo.lenet5 import lenet_recipe, nn1l_network


@pytest.fixture
def band(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What is said to be published of nn1l, which has one epoch here."""
    found = [0.85]

    def short(entry: Entry) -> NetworkModel:
        return NetworkModel(entry.name, nn1l_network(), replace(lenet_recipe(), epochs=1))

    class Entries(dict[str, Entry]):
        def __getitem__(self, name: str) -> Entry:
            published = Published.once(found[0], "a made-up source")
            return replace(ENTRIES[name], build=short, published=published, shortfall="One epoch is too few.")

    monkeypatch.setattr("tenfold.zoo.ENTRIES", Entries(ENTRIES))
    return found


@pytest.fixture
def mnist() -> None:
    try:
        load_corpus("mnist", download=False)
    except TenfoldError as error:
        pytest.skip(f"MNIST is not here: {error}")


@pytest.mark.usefixtures("mnist")
@pytest.mark.parametrize(("published", "code", "verdict"), [(0.85, 0, "PASS"), (0.999, 1, "FAIL")])
def test_the_verdict(
    published: float, code: int, verdict: str, band: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    band[0] = published
    least = lowest_accepted(Published.once(published, "a made-up source"))
    assert main(["verify", "nn1l", "--quiet"]) == code
    out, err = capsys.readouterr()
    assert (out.split()[:4], err) == ([verdict, "nn1l,", "seed", "0:"], "")
    assert f"expected at least {100 * least:.2f} %" in out
    assert ("known to fall short: One epoch is too few." in out) == (verdict == "FAIL")
    assert re.search(r"ten corrected \d\d\.\d\d %, fifteen left out \d\d\.\d\d %", out)
    assert main(["verify", "nn1l", "--quiet", "--json", "--seed", "3"]) == code
    found = json.loads(capsys.readouterr().out)
    assert (found["passed"], found["least_accuracy"], found["seed"]) == (code == 0, least, 3)
    assert (found["accuracy"] >= least) == found["passed"]
    assert found["accuracy"] < found["accuracy_corrected"] < found["accuracy_without_doubtful"]


def test_other_data_are_refused(band: list[float], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "nn1l", "--data", "mnist-5k"]) == 2
    assert "expected mnist, for which the acceptance bands are, got mnist-5k" in capsys.readouterr().err


def timed(*options: str) -> list[str]:
    return ["verify", "gaussian-nb", "--time", "--data", "mnist-5k", "--quiet", "--repeats", "2", *options]


def test_times_go_into_the_ledger_apart_from_trials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tenfold.evaluate.timing.quiet.Others.share", lambda self: 0.02)
    options = timed("--results", str(tmp_path))
    assert main([*options, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["model"], len(found["train"]["seconds"]), found["others"]) == ("gaussian-nb", 2, 0.02)
    assert found["file"] == str(tmp_path / "times" / "gaussian-nb.json")
    assert [path.name for path in tmp_path.rglob("*.json")] == ["gaussian-nb.json"]
    assert main(options) == 0
    out = capsys.readouterr().out
    assert re.search(r"training on 4,000 images: .*, 2 repeats\)", out)
    assert main(["models", "gaussian-nb", "--json", "--results", str(tmp_path)]) == 0
    [model] = json.loads(capsys.readouterr().out)["models"]
    assert (model["timed"]["train"]["repeats"], model["train_seconds"]) == (2, None)
    assert main(["models", "gaussian-nb", "--results", str(tmp_path)]) == 0
    assert "  timed      training " in capsys.readouterr().out


@pytest.mark.fault(
    "trials and reports", "the machine is busy while a model is timed", "rejected, not recorded"
)
def test_times_of_a_busy_machine_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tenfold.evaluate.timing.quiet.Others.share", lambda self: 0.43)
    assert main(timed("--results", str(tmp_path))) == 6
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "expected a quiet machine, other programs used 43 % of its processors (at most 10 %)" in err
    assert not [*tmp_path.rglob("*.json")]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (timed(), "results/: expected times on mnist, got mnist-5k; choose a folder with --results"),
        (["verify", "nn1l", "--time", "--seed", "3"], "--time: expected no --seed"),
        (["verify", "nn1l", "--results", "x"], "--results: expected it together with --time"),
        (["verify", "nn1l", "--time", "--repeats", "0"], "--repeats: expected at least 1"),
    ],
    ids=str,
)
def test_what_goes_wrong_is_one_line(
    options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(options) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert message in err
