"""The measured times that the simulation takes, all of them from ``results/``."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from statistics import median
from typing import Any

from cluster import Unit

from tenfold.checkpoint import read_json
from tenfold.errors import DataError
from tenfold.zoo import build

RESULTS = Path(__file__).parents[2] / "results"
LEAST = 5  # trials of one commit, below which their differences say nothing
MNIST = 54.95  # megabytes, as it lies in the folder of a data set
TIMED = {"scratch-11": "scratch-12", "scratch-12": "scratch-12", "scratch-wide": "scratch-wide"}
"""Models without a finished trial, and the model of the benchmark that has the same network."""


@dataclass(frozen=True)
class Bench:
    """What `make bench` measured.

    Attributes
    ----------
    epochs : mapping of str to float
        Seconds of an epoch on two cores, by model.
    predictions : mapping of str to float
        Seconds for an image on two cores, by model.
    two_threads : mapping of str to float
        How many times faster two threads are than one, by model.
    first_start, later_start : float
        Seconds from a command to its first step of training, with an empty cache and later.
    """

    epochs: Mapping[str, float]
    predictions: Mapping[str, float]
    two_threads: Mapping[str, float]
    first_start: float
    later_start: float

    @classmethod
    def read(cls, results: Path = RESULTS) -> Bench:
        """Return the newest record."""
        records = [read_json(path) for path in results.glob("bench-*.json")]
        if not records:
            raise DataError(f"{results}: expected bench-*.json, found none; run make bench")
        rows = max(records, key=lambda record: record["date"])["rows"]
        ours = {(row["section"], row["name"]): row["ours"]["median"] for row in rows if row["ours"]}
        return cls(
            {name.split()[0]: seconds for (section, name), seconds in ours.items() if section == "training"},
            {name: seconds / 10_000 for (section, name), seconds in ours.items() if section == "prediction"},
            {row["name"].split()[0]: row["ratio"]["median"] for row in rows if row["section"] == "threads"},
            ours["start", "first start"],
            ours["start", "later start"],
        )

    @property
    def compile_seconds(self) -> float:
        """Of the engine, where nothing is compiled yet."""
        return self.first_start - self.later_start


@dataclass(frozen=True)
class System:
    """A model and the time of one trial on one core.

    Attributes
    ----------
    name : str
    seconds, checkpoint_seconds : float
        Of the training and the prediction of the test images, and between two checkpoints, which are epochs.
    source : str
    """

    name: str
    seconds: float
    checkpoint_seconds: float
    source: str

    def units(self, seeds: int, launch_seconds: float) -> list[Unit]:
        """Return one unit for each seed."""
        return [
            Unit(f"{self.name}-{seed}", self.seconds, launch_seconds, self.checkpoint_seconds, MNIST)
            for seed in range(seeds)
        ]


def systems(bench: Bench, results: Path = RESULTS) -> list[System]:
    """Return all models whose training time is known, by name."""
    records = [one for one in ledgers(results) if one["protocol"] == "published"]
    found = {record["model"]: measured(record, bench) for record in records}
    for name, timed in TIMED.items():
        if name not in found:
            found[name] = planned(name, timed, bench)
    return [found[name] for name in sorted(found)]


def ledgers(results: Path = RESULTS) -> Iterator[dict[str, Any]]:
    """Yield the records of trials, one for each model and protocol."""
    for path in sorted(results.glob("*.json")):
        record = read_json(path, max_bytes=8 << 20)
        if "protocol" in record:
            yield record


def measured(record: dict[str, Any], bench: Bench) -> System:
    """Return the median over a model's trials. Trials on two cores are brought to one core."""
    trials = record["trials"]
    slower = bench.two_threads["lenet5"] if "2 cores" in trials[0]["machine"] and trials[0]["epochs"] else 1.0
    training = slower * median(trial["train_seconds"] for trial in trials)
    seconds = training + slower * median(trial["predict_seconds"] for trial in trials)
    epochs = median(trial["epochs"] or 0 for trial in trials)
    source = f"median of {len(trials)} trials" if len(trials) > 1 else "one trial"
    return System(record["model"], seconds, training / epochs if epochs else math.inf, source)


def planned(name: str, timed: str, bench: Bench) -> System:
    """Return an upper bound: the planned epochs, with the seconds of an epoch from the benchmark."""
    model: Any = build(name)
    epochs: int = model.recipe.epochs
    one_core = bench.two_threads.get(timed, bench.two_threads["scratch-12"])
    epoch = bench.epochs[timed] * one_core
    return System(name, epochs * epoch, epoch, f"{epochs} epochs, as the benchmark timed one")


def slowness(results: Path = RESULTS) -> list[float]:
    """Return, for every trial, its seconds for an epoch over the median of its model's trials.

    Trials of one model, protocol, commit and machine do the same work. They ran on machines that others used.
    """
    found = []
    for record in ledgers(results):
        for _, group in groupby(sorted(record["trials"], key=_same), _same):
            seconds = [trial["train_seconds"] / (trial["epochs"] or 1) for trial in group]
            if len(seconds) >= LEAST:
                found += [one / median(seconds) for one in seconds]
    return sorted(found)


def _same(trial: dict[str, Any]) -> tuple[str, str]:
    return trial["commit"] or "", trial["machine"]
