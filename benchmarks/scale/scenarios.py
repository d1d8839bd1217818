"""The scenarios: what is assumed of the machines, and what is simulated."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

import numpy as np
from cluster import Cluster, Unit
from measured_times import Bench
from simulation import PURPOSES, Outcome, Simulation

NODES = (1, 2, 4, 8, 16, 32, 64)
SHOWN = (1, 8, 64)
SEEDS = 10
RUNS = 100  # of each scenario with chance in it
DAY = 86_400.0

CORES = 8
START = 60.0
REPLACE = 120.0
NODE_RATE = 1_250.0
STORE_RATE = 1_000.0
LIVES = DAY
ASSUMED = {
    "cores of a node": CORES,
    "seconds from the order of a node until it runs a process": START,
    "seconds until the loss of a node is noticed and another one is ordered": REPLACE,
    "megabytes a second that a node reads (10 Gbit/s)": NODE_RATE,
    "megabytes a second that the shared store sends in all": STORE_RATE,
    "hours that a node runs on average until it is lost": LIVES / 3600,
}

SHARD = 1_000_000
PIXELS = 784
PICTURES = 1_000_000_000


@dataclass(frozen=True)
class Scenario:
    """Circumstances of a simulation.

    Attributes
    ----------
    name : str
    longest_first : bool
    cold : bool
        Nodes start, and compile the engine.
    slow : bool
        Trials are as unequally slow as those in ``results/``.
    lives : float
        Seconds that a node lives on average.
    resumes : bool
        Trials resume from their checkpoints.
    """

    name: str
    longest_first: bool = True
    cold: bool = True
    slow: bool = False
    lives: float = math.inf
    resumes: bool = True

    @property
    def by_chance(self) -> bool:
        return self.slow or self.lives < math.inf


IDEAL = Scenario("the nodes run, and the engine is compiled", cold=False)
COLD = Scenario("the nodes start and compile")
LOST = Scenario("each node is lost once a day", lives=LIVES)
OFTEN = Scenario("each node is lost once an hour", lives=3600.0)
NO_FOLDER = Scenario("lost once an hour, without a shared folder", lives=3600.0, resumes=False)
ALL = Scenario("lost once a day, and trials as unequal as measured", slow=True, lives=LIVES)
SCENARIOS = (
    IDEAL,
    COLD,
    replace(COLD, name="... trials in the order given, not the longest first", longest_first=False),
    LOST,
    replace(LOST, name="lost once a day, without a shared folder", resumes=False),
    OFTEN,
    NO_FOLDER,
    ALL,
)
CURVES = (COLD, NO_FOLDER, ALL)


def simulated(
    units: Sequence[Unit], nodes: int, scenario: Scenario, bench: Bench, factors: Sequence[float]
) -> dict[str, Any]:
    """Return the record of a scenario: the median and the worst tenth of its runs."""
    cluster = Cluster(
        nodes,
        CORES,
        start_seconds=START if scenario.cold else 0.0,
        compile_seconds=bench.compile_seconds if scenario.cold else 0.0,
        replace_seconds=REPLACE,
        resumes=scenario.resumes,
        longest_first=scenario.longest_first,
        node_rate=NODE_RATE,
        store_rate=STORE_RATE,
    )
    outcomes = [*_runs(units, cluster, scenario, factors)]
    ends = [one.seconds for one in outcomes]
    total = {purpose: sum(one.slot_seconds[purpose] for one in outcomes) for purpose in PURPOSES}
    return {
        "scenario": scenario.name,
        "nodes": nodes,
        "seconds": median(ends),
        "seconds_worst_tenth": float(np.quantile(ends, 0.9)),
        "core_hours": median(ends) * nodes * CORES / 3600,
        "lost_nodes": sum(one.lost_nodes for one in outcomes) / len(outcomes),
        "shares": {purpose: seconds / sum(total.values()) for purpose, seconds in total.items()},
    }


def _runs(
    units: Sequence[Unit], cluster: Cluster, scenario: Scenario, factors: Sequence[float]
) -> Iterator[Outcome]:
    """Simulate once, or as often as chance needs; all scenarios see the same seeds."""
    for seed in range(RUNS if scenario.by_chance else 1):
        rng = np.random.default_rng(seed)

        def lifetime(rng: np.random.Generator = rng) -> float:
            return math.inf if scenario.lives == math.inf else float(rng.exponential(scenario.lives))

        slow = rng.choice(factors, len(units)) if scenario.slow else np.ones(len(units))
        ran = [replace(unit, factor=float(factor)) for unit, factor in zip(units, slow, strict=True)]
        yield Simulation(ran, cluster, lifetime).run()


def shards(seconds: float, launch_seconds: float, megabytes: float) -> list[Unit]:
    """Return the shards of all pictures; ``seconds`` and ``megabytes`` are of one picture."""
    return [
        Unit(f"shard {i}", SHARD * seconds, launch_seconds, megabytes=SHARD * megabytes)
        for i in range(PICTURES // SHARD)
    ]
