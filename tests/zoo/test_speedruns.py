"""The table of speed runs: what each entry must be, whatever it reaches."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from tenfold.checkpoint import read_json
from tenfold.errors import ConfigError
from tenfold.train import Recipe
from tenfold.zoo.speedruns import SPEEDRUNS, Block, Speedrun, convolutions, one_cycle, speedrun

RECORD = Path(__file__).parents[2] / "results" / "experiments" / "speedrun.json"
TARGETS = pytest.mark.parametrize("entry", SPEEDRUNS.values(), ids=SPEEDRUNS.keys())


@pytest.fixture(scope="module")
def experiments() -> dict[str, Any]:
    return read_json(RECORD, max_bytes=2**24)


def test_the_targets_rise_and_name_their_entries() -> None:
    accuracies = [entry.accuracy for entry in SPEEDRUNS.values()]
    assert accuracies == sorted(accuracies)
    assert all(target == entry.target for target, entry in SPEEDRUNS.items())
    assert {"97", "98", "99", "99.4"} <= set(SPEEDRUNS)


def test_the_table_is_frozen() -> None:
    table: Any = SPEEDRUNS
    with pytest.raises(TypeError):
        table["97"] = SPEEDRUNS["98"]
    entry: Any = SPEEDRUNS["97"]
    with pytest.raises(AttributeError):
        entry.target = "98"


@TARGETS
def test_a_recipe_makes_no_choice_during_the_training(entry: Speedrun) -> None:
    assert not entry.recipe.validates
    assert entry.recipe.protocol == "honest"
    assert Recipe.from_config(entry.recipe.config()) == entry.recipe
    assert len(entry.seeds) >= 3
    assert len(set(entry.seeds)) == len(entry.seeds)


@TARGETS
def test_a_network_takes_digits_and_is_compiled(entry: Speedrun) -> None:
    network = entry.build()
    assert (network.input_shape, network.output_shape) == ((28, 28, 1), (10,))
    assert all(row.compiled for row in network.rows())
    assert entry.digest == entry.digest  # of a network that is built again


@TARGETS
def test_an_entry_was_chosen_by_experiments_on_validation_images(
    entry: Speedrun, experiments: dict[str, Any]
) -> None:
    assert experiments["trained"] + experiments["validated"] == 60_000
    [found] = [one for one in experiments["experiments"] if one["digest"] == entry.digest]
    assert found["target"] == entry.target
    assert len(found["seeds"]) >= 2


@pytest.mark.parametrize("typed", ["99", "99.0", " 99 %", "99%"])
def test_a_target_may_be_typed_in_several_ways(typed: str) -> None:
    assert speedrun(typed) is SPEEDRUNS["99"]


@pytest.mark.parametrize("typed", ["98.5", "", "ninety", "0.99", "100", "9\n9", "990"])
def test_another_target_is_refused_in_one_line(
    typed: str, refused_in_one_line: Callable[[type[Exception], str], AbstractContextManager[None]]
) -> None:
    with refused_in_one_line(
        ConfigError, "target: expected an accuracy in per cent, one of 97, 98, 99, 99.4"
    ):
        speedrun(typed)


@pytest.mark.parametrize(
    ("blocks", "options", "parameters"),
    [
        ((), {}, 7850),
        ((), {"halved": True}, 1970),
        ((Block(4, 5),), {}, 4 * 26 + 2 * 4 + 10 * (4 * 24**2 + 1)),
        ((Block(4, 5, pooled=True),), {}, 4 * 26 + 2 * 4 + 10 * (4 * 12**2 + 1)),
        ((Block(4, 5, stride=2),), {}, 4 * 26 + 2 * 4 + 10 * (4 * 12**2 + 1)),
        ((Block(2, 3), Block(3, 3, dropout=0.5)), {"halved": True}, 20 + 4 + 57 + 6 + 10 * (3 * 10**2 + 1)),
        ((), {"dense": 5}, 785 * 5 + 2 * 5 + 60),
    ],
)  # fmt: skip
def test_networks_of_blocks_fit_together(
    blocks: tuple[Block, ...], options: dict[str, Any], parameters: int
) -> None:
    network = convolutions(*blocks, **options)
    assert network.output_shape == (10,)
    assert network.n_parameters == parameters


def test_one_cycle_rises_for_a_fifth_and_ends_at_zero() -> None:
    recipe = one_cycle(5, 100, 0.01)
    rates = [recipe.rate_at(epoch, step, 10) for epoch in range(5) for step in range(10)]
    assert max(rates) <= 0.01
    assert 0 <= rates.index(max(rates)) <= 10
    assert rates[0] < 0.2 * max(rates)
    assert rates[-1] < 0.01 * max(rates)
