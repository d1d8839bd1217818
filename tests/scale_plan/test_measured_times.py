"""What the simulation takes from results/, and the record that it makes of it."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from cluster import Unit
from measured_times import MNIST, Bench, System, slowness, systems
from scenarios import ALL, COLD, CORES, IDEAL, NO_FOLDER, START, simulated

from tenfold.errors import DataError


def row(section: str, name: str, seconds: float, ratio: float | None = None) -> dict[str, Any]:
    return {
        "section": section,
        "name": name,
        "ours": {"median": seconds},
        "ratio": None if ratio is None else {"median": ratio},
    }


BENCH = {
    "date": "2026-01-02",
    "rows": [
        row("training", "scratch-12 (16)", 30.0),
        row("training", "scratch-wide (64)", 100.0),
        row("prediction", "lenet5", 0.07),
        row("threads", "lenet5 (32)", 1.0, 1.8),
        row("threads", "scratch-12 (16)", 1.0, 1.5),
        row("start", "first start", 27.0),
        row("start", "later start", 2.0),
        row("other training", "lenet5, another", 5.0) | {"ours": None},
    ],
}


def trial(seconds: float, epochs: int | None, machine: str = "a machine, 1 core", commit: str = "a") -> Any:
    return {
        "train_seconds": seconds,
        "predict_seconds": 1.0,
        "epochs": epochs,
        "machine": machine,
        "commit": commit,
    }


def ledger(model: str, *trials: Any, protocol: str = "published") -> dict[str, Any]:
    return {"model": model, "protocol": protocol, "trials": trials}


@pytest.fixture
def results(tmp_path: Path) -> Path:
    records = {
        "bench-a": BENCH,
        "bench-b": {"date": "2026-01-01", "rows": []},  # an older one
        "scale": {"plan": []},  # the simulation's own record, of before
        "nn1l": ledger("nn1l", trial(10, 5), trial(11, 5), trial(40, 5), trial(9, 5), trial(10, 5)),
        "nn1l-honest": ledger("nn1l", trial(999, 5), protocol="honest"),
        "lenet5": ledger("lenet5", *(trial(20, 10, "a machine, 2 cores") for _ in range(4))),
        "knn": ledger("knn", trial(3, None, "a machine, 2 cores")),
    }
    for name, record in records.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(record), encoding="utf-8")
    return tmp_path


def test_the_newest_benchmark_is_taken(results: Path) -> None:
    bench = Bench.read(results)
    assert bench.compile_seconds == 25
    assert bench.predictions == {"lenet5": pytest.approx(7e-6)}
    assert bench.two_threads == {"lenet5": 1.8, "scratch-12": 1.5}


def test_without_a_benchmark_it_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"expected bench-\*\.json, found none; run make bench"):
        Bench.read(tmp_path)


def test_seconds_are_medians_on_one_core_or_planned_epochs(results: Path) -> None:
    found = {one.name: one for one in systems(Bench.read(results), results)}
    assert (found["nn1l"].seconds, found["nn1l"].checkpoint_seconds) == (10 + 1, 2)
    assert found["nn1l"].source == "median of 5 trials"
    assert found["lenet5"].seconds == pytest.approx(1.8 * (20 + 1))
    assert found["lenet5"].checkpoint_seconds == pytest.approx(1.8 * 2)
    assert (found["knn"].seconds, found["knn"].checkpoint_seconds) == (3 + 1, math.inf)
    assert found["scratch-11"].seconds == 150 * 30 * 1.5  # the network of scratch-12
    assert found["scratch-wide"].seconds == 100 * 100 * 1.5
    assert list(found) == ["knn", "lenet5", "nn1l", "scratch-11", "scratch-12", "scratch-wide"]


def test_slowness_compares_trials_that_do_the_same(results: Path) -> None:
    """Four trials of lenet5 and one of knn are too few."""
    assert slowness(results) == [0.9, 1.0, 1.0, 1.1, 4.0]


def test_a_unit_for_each_seed() -> None:
    units = System("nn1l", 11, 2, "a source").units(3, launch_seconds=1.8)
    assert [unit.name for unit in units] == ["nn1l-0", "nn1l-1", "nn1l-2"]
    assert units[0] == Unit("nn1l-0", 11, 1.8, 2, MNIST)


def test_the_record_of_a_scenario(results: Path) -> None:
    bench = Bench.read(results)
    units = [Unit(str(i), 3600) for i in range(CORES)]
    warm = simulated(units, 1, IDEAL, bench, ())
    assert (warm["seconds"], warm["seconds_worst_tenth"], warm["core_hours"]) == (3600, 3600, CORES)
    assert warm["shares"]["work"] == 1
    cold = simulated(units, 2, COLD, bench, ())
    assert cold["seconds"] == 3600 + START + 25
    assert cold["shares"]["idle"] == pytest.approx(0.5 * 3600 / cold["seconds"])


def test_chance_is_repeatable_and_costs_time(results: Path) -> None:
    bench = Bench.read(results)
    units = [Unit(str(i), 3600, checkpoint_seconds=60) for i in range(3)]
    for scenario in (ALL, NO_FOLDER):
        first, again = (simulated(units, 1, scenario, bench, [1.0, 2.0]) for _ in range(2))
        assert first == again
        assert first["seconds_worst_tenth"] >= first["seconds"] > 3600 + START + 25
        assert first["lost_nodes"] > 0
