"""`tenfold verify`: PASS or FAIL, by what is said and by the exit code."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from tenfold.cli import main
from tenfold.data import load_corpus
from tenfold.errors import TenfoldError
from tenfold.zoo import ENTRIES, Entry, NetworkModel, Published
from tenfold.zoo.acceptance import lowest_accepted
from tenfold.zoo.lenet_recipe import lenet_recipe
from tenfold.zoo.nn1l import nn1l_network


@pytest.fixture
def band(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What is said to be published of nn1l, which has one epoch here."""
    found = [0.85]

    def short(entry: Entry) -> NetworkModel:
        return NetworkModel(entry.name, nn1l_network(), replace(lenet_recipe(), epochs=1))

    def entry(name: str) -> Entry:
        published = Published.once(found[0], "a made-up source")
        return replace(ENTRIES["nn1l"], build=short, published=published, shortfall="One epoch is too few.")

    monkeypatch.setattr("tenfold.zoo.entry", entry)
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
