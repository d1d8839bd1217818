"""Our own figures come from results/ or are not there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tenfold.errors import TenfoldError
from tenfold.zoo import Spread, measured
from tenfold.zoo.measured import PLACES

FIGURES = {
    "dataset": "mnist",
    "protocol": "published",
    "seeds": [0, 1],
    "accuracy": {"mean": 0.99, "low": 0.98, "high": 1.0},
    "cost": {"mean": 0.03, "low": 0.02, "high": 0.04},
    "train_seconds": 20.5,
    "predict_seconds": 0.1,
    "machine": "a machine, 2 cores",
    "commit": None,
}


def test_nothing_measured_is_none(tmp_path: Path) -> None:
    assert measured("lenet5", [tmp_path]) is None


def test_the_figures_are_those_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "lenet5.json").write_text(json.dumps(FIGURES))
    found = measured("lenet5", [tmp_path / "elsewhere", tmp_path])
    assert found is not None
    assert (found.accuracy, found.seeds) == (Spread(0.99, 0.98, 1.0), (0, 1))
    assert (found.train_seconds, found.commit) == (20.5, None)


@pytest.mark.parametrize("key", FIGURES)
def test_a_file_that_lacks_something(key: str, tmp_path: Path) -> None:
    path = tmp_path / "lenet5.json"
    path.write_text(json.dumps({name: value for name, value in FIGURES.items() if name != key}))
    with pytest.raises(TenfoldError, match=rf"lenet5\.json: expected the figures .*{key}.* measure again"):
        measured("lenet5", [tmp_path])


@pytest.mark.parametrize("content", ["", "[]", "{", '{"accuracy": NaN}', '{"dataset": 1, "dataset": 2}'])
def test_a_file_that_is_something_else(content: str, tmp_path: Path) -> None:
    (tmp_path / "lenet5.json").write_text(content)
    with pytest.raises(TenfoldError, match=r"lenet5\.json"):
        measured("lenet5", [tmp_path])


def test_spread() -> None:
    assert Spread.over([0.25, 0.75, 0.5]) == Spread(0.5, 0.25, 0.75)


def test_the_results_of_the_checkout_are_found() -> None:
    assert any((place / "README.md").is_file() for place in PLACES)
