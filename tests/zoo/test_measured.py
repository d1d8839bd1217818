"""Our own figures come from results/ or are not there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from tenfold.errors import TenfoldError
from tenfold.zoo import ENTRIES, Spread, measured
from tenfold.zoo.measured import PLACES

SPREAD = {"mean": 0.99, "sd": 0.01, "low": 0.98, "high": 1.0, "interval": [0.97, 1.01]}
TRIAL: dict[str, Any] = {
    "seed": 0,
    "accuracy": 0.99,
    "dataset": "mnist",
    "machine": "a machine, 2 cores",
    "commit": None,
}


def figures() -> dict[str, Any]:
    """A file of the ledger, as far as it is read."""
    return {
        "protocol": "published",
        "trials": [dict(TRIAL), TRIAL | {"seed": 1, "commit": "abc"}],
        "summary": {
            "accuracy": SPREAD,
            "accuracy_corrected": None,
            "accuracy_without_doubtful": SPREAD,
            "protocol_gain": None,
            "loss": SPREAD,
            "train_seconds": 20.5,
            "predict_seconds": 0.1,
        },
    }


def test_nothing_measured_is_none(tmp_path: Path) -> None:
    assert measured("lenet5", [tmp_path]) is None


def test_the_figures_are_those_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "lenet5.json").write_text(json.dumps(figures()))
    found = measured("lenet5", [tmp_path / "elsewhere", tmp_path])
    assert found is not None
    assert (found.accuracy, found.seeds) == (Spread(0.99, 0.01, 0.98, 1.0, (0.97, 1.01)), (0, 1))
    assert (found.accuracy_corrected, found.accuracy_without_doubtful) == (None, found.accuracy)
    assert (found.train_seconds, found.commits) == (20.5, ("abc", "unknown"))


@pytest.mark.parametrize("key", [*figures(), *figures()["summary"], *TRIAL])
def test_a_file_that_lacks_something(key: str, tmp_path: Path) -> None:
    lacking = figures()
    part = next(part for part in (lacking, lacking["summary"], lacking["trials"][0]) if key in part)
    del part[key]
    path = tmp_path / "lenet5.json"
    path.write_text(json.dumps(lacking))
    with pytest.raises(TenfoldError, match=rf"lenet5\.json: expected trials .*{key}.* remove it"):
        measured("lenet5", [tmp_path])


@pytest.mark.parametrize("content", ["", "[]", "{", '{"accuracy": NaN}', '{"dataset": 1, "dataset": 2}'])
def test_a_file_that_is_something_else(content: str, tmp_path: Path) -> None:
    (tmp_path / "lenet5.json").write_text(content)
    with pytest.raises(TenfoldError, match=r"lenet5\.json"):
        measured("lenet5", [tmp_path])


def test_spread_against_numpy_and_scipy() -> None:
    values = [0.25, 0.75, 0.5, 0.4]
    found = Spread.over(values)
    assert (found.mean, found.low, found.high) == (pytest.approx(np.mean(values)), 0.25, 0.75)
    assert found.sd == pytest.approx(np.std(values, ddof=1))
    referee = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert found.interval == pytest.approx(tuple(referee))


def test_the_spread_of_one_run_has_no_deviation() -> None:
    assert Spread.over([0.5]) == Spread(0.5, None, 0.5, 0.5, None)


def test_the_spread_depends_on_no_order() -> None:
    rng = np.random.default_rng(0)
    values = rng.random(10).tolist()
    assert len({Spread.over(rng.permutation(values).tolist()) for _ in range(20)}) == 1


def test_the_results_of_the_checkout_are_found() -> None:
    assert any((place / "lenet5.json").is_file() for place in PLACES)


@pytest.mark.parametrize("name", ENTRIES)
def test_the_figures_in_results_are_of_their_model_and_on_mnist(name: str) -> None:
    entry = ENTRIES[name]
    for found, protocol in ((entry.measured, "published"), (entry.measured_honestly, "honest")):
        assert found is None or (found.protocol, found.dataset) == (protocol, "mnist")
        assert found is None or protocol in entry.protocols
