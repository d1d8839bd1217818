"""The simulation ends when a computation by hand says, and accounts for every second of every slot."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import chain, repeat

import numpy as np
import pytest
from cluster import Cluster, Unit
from hypothesis import given
from hypothesis import strategies as st
from simulation import PURPOSES, Outcome, Simulation


def simulated(units: list[Unit], cluster: Cluster, lives: Iterator[float] | None = None) -> Outcome:
    """Simulate with the given lives of nodes, one after the other."""
    following = chain(lives or (), repeat(math.inf))
    return Simulation(units, cluster, lambda: next(following)).run()


def equal(number: int, seconds: float, **more: float) -> list[Unit]:
    return [Unit(f"unit {i}", seconds, **more) for i in range(number)]


def test_one_unit() -> None:
    outcome = simulated(equal(1, 10, launch_seconds=2), Cluster(1, 1, start_seconds=60, compile_seconds=27))
    assert outcome.seconds == 60 + 27 + 2 + 10
    assert outcome.done == ["unit 0"]


@pytest.mark.parametrize(("nodes", "slots"), [(1, 1), (1, 8), (8, 8), (64, 8), (3, 5)])
def test_equal_units_run_in_rounds(nodes: int, slots: int) -> None:
    """280 units on ``m`` slots take ``ceil(280 / m)`` rounds."""
    outcome = simulated(equal(280, 100, launch_seconds=2), Cluster(nodes, slots, start_seconds=30))
    assert outcome.seconds == 30 + math.ceil(280 / (nodes * slots)) * 102
    assert outcome.slot_seconds["work"] == 280 * 100
    assert outcome.slot_seconds["launch"] == 280 * 2


def test_the_order_matters() -> None:
    """A long unit at the end keeps all waiting: 1 + 1 and then 4, or 4 next to 1 + 1."""
    units = [*equal(2, 1), Unit("long", 4)]
    assert simulated(units, Cluster(1, 2)).seconds == 5
    outcome = simulated(units, Cluster(1, 2, longest_first=True))
    assert outcome.seconds == 4
    assert outcome.done[-1] == "long"
    assert outcome.slot_seconds["idle"] == 2


def test_the_store_limits_all_slots_together() -> None:
    """1,000 shards of 784 MB at 1,000 MB a second take 784 s, however many nodes read them."""
    shards = equal(1000, 0, megabytes=784)
    for nodes in (10, 100):
        assert simulated(shards, Cluster(nodes, 10, store_rate=1000)).seconds == pytest.approx(784)
    alone = simulated(shards, Cluster(1, 10, node_rate=100, store_rate=1000))
    assert alone.seconds == pytest.approx(7840)
    assert alone.slot_seconds["read"] == pytest.approx(10 * 7840)


def test_a_lost_unit_resumes_from_its_checkpoint() -> None:
    """Lost at 35: of 35 - 2 s of work, 30 are saved; after 5 + 60 + 27 s, 70 s are left."""
    cluster = Cluster(1, 1, start_seconds=60, compile_seconds=27, replace_seconds=5)
    units = equal(1, 100, launch_seconds=2, checkpoint_seconds=10)
    outcome = simulated(units, cluster, iter([27 + 35.0]))
    assert outcome.seconds == 60 + 27 + 35 + (5 + 60 + 27) + 2 + 70
    assert outcome.slot_seconds["repeat"] == 3
    assert outcome.slot_seconds["work"] == 100
    assert outcome.lost_nodes == 1


def test_without_a_shared_folder_it_starts_again() -> None:
    cluster = Cluster(1, 1, start_seconds=60, replace_seconds=5, resumes=False)
    outcome = simulated(equal(1, 100, launch_seconds=2, checkpoint_seconds=10), cluster, iter([35.0]))
    assert outcome.seconds == 60 + 35 + (5 + 60) + 2 + 100
    assert outcome.slot_seconds["repeat"] == 33


def test_the_units_of_a_lost_node_go_first_to_the_others() -> None:
    """Two nodes; the first is lost at 4. Its unit waits until the other is free at 10, before the third."""
    outcome = simulated(equal(3, 10), Cluster(2, 1, replace_seconds=1000), iter([4.0]))
    assert outcome.done == ["unit 1", "unit 0", "unit 2"]
    assert outcome.seconds == 30


def test_a_node_may_be_lost_while_it_compiles() -> None:
    outcome = simulated(equal(1, 1), Cluster(1, 1, start_seconds=10, compile_seconds=30), iter([20.0]))
    assert outcome.seconds == 10 + 20 + 10 + 30 + 1
    assert outcome.slot_seconds["compile"] == 50


def test_a_slow_unit_saves_less_and_stays_slow() -> None:
    """Half as fast: after 40 s, 20 s of its work are done, and two checkpoints of 10 s saved."""
    unit = Unit("unit", 100, checkpoint_seconds=10, factor=2)
    outcome = simulated([unit], Cluster(1, 1), iter([45.0]))
    assert outcome.seconds == 45 + 2 * 80
    assert outcome.slot_seconds["work"] == 200
    assert outcome.slot_seconds["repeat"] == 5


@pytest.mark.parametrize("step", [math.inf, 20.0, 5.0])
def test_random_losses_take_as_long_as_the_formula_says(step: float) -> None:
    """With losses at rate ``r`` and a pause of ``p``, ``n`` pieces of ``s`` seconds take
    ``n (exp(r s) - 1) (1 / r + p)`` seconds on average (Daly 2006, equation 9, without the cost of saving).
    """
    rate, pause, seconds, repeats = 1 / 50, 7.0, 60.0, 4000
    rng = np.random.default_rng(0)
    cluster, unit = Cluster(1, 1, start_seconds=pause), Unit("unit", seconds, checkpoint_seconds=step)
    took = [
        Simulation([unit], cluster, lambda: float(rng.exponential(1 / rate))).run().seconds - pause
        for _ in range(repeats)
    ]
    pieces = 1 if math.isinf(step) else seconds / step
    expected = pieces * (math.exp(rate * seconds / pieces) - 1) * (1 / rate + pause)
    assert np.mean(took) == pytest.approx(expected, abs=4 * float(np.std(took)) / math.sqrt(repeats))


times = st.floats(0.5, 100).map(lambda value: round(value, 1))


@given(st.lists(times, min_size=1, max_size=30), st.integers(1, 4), st.integers(1, 3), st.booleans())
def test_the_end_is_within_the_bounds_of_every_list_schedule(
    seconds: list[float], nodes: int, slots: int, longest_first: bool
) -> None:
    """At least the mean and the longest; at most their sum (Graham 1969)."""
    units = [Unit(str(i), one) for i, one in enumerate(seconds)]
    outcome = simulated(units, Cluster(nodes, slots, longest_first=longest_first))
    all_slots = nodes * slots
    least = max(sum(seconds) / all_slots, max(seconds))
    assert least - 1e-6 <= outcome.seconds
    assert outcome.seconds <= sum(seconds) / all_slots + (1 - 1 / all_slots) * max(seconds) + 1e-6


@given(
    st.lists(times, min_size=1, max_size=20),
    st.integers(1, 4),
    st.integers(1, 3),
    st.booleans(),
    st.integers(0, 1000),
)
def test_every_unit_is_done_once_and_every_second_has_a_purpose(
    seconds: list[float], nodes: int, slots: int, resumes: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    cluster = Cluster(nodes, slots, 3, 5, 2, resumes=resumes, node_rate=10, store_rate=50)
    units = [
        Unit(str(i), one, 1, 4, megabytes=2, factor=float(rng.choice([1.0, 1.0, 3.0])))
        for i, one in enumerate(seconds)
    ]
    outcome = Simulation(units, cluster, lambda: float(rng.exponential(150))).run()
    assert sorted(outcome.done) == sorted(unit.name for unit in units)
    spent: Callable[[str], float] = outcome.slot_seconds.__getitem__
    assert set(outcome.slot_seconds) == set(PURPOSES)
    assert all(spent(purpose) >= -1e-6 for purpose in PURPOSES)
    assert sum(map(spent, PURPOSES)) == pytest.approx(nodes * slots * outcome.seconds)
    assert spent("work") >= sum(seconds) - 1e-6
