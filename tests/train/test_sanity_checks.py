"""Short runs before the long one."""

import numpy as np
import pytest

from tenfold.errors import RangeError
from tenfold.nn import Dense, Flatten, Sequential
from tenfold.optim import SGD, Adam, Doubling
from tenfold.train import DefinitionExecutor, Recipe, dry_run, overfit_batch


def test_a_dry_run_takes_two_minibatches_and_leaves_the_network_as_it_was(network, digits, held_out, bits):
    network.initialise(9)
    before = bits(network)
    recipe = Recipe(50, Doubling(16, every=1), choose="best")
    history = dry_run(network, recipe, digits, held_out, executor=DefinitionExecutor)
    assert len(history) == 1
    assert history.rows[0].validation_accuracy is not None
    assert bits(network) == before


def test_a_dry_run_finds_what_the_run_would_stumble_over(new_network, digits):
    with pytest.raises(RangeError, match="build the network for these data"):
        dry_run(new_network(k=3), Recipe(1), digits, executor=DefinitionExecutor)


def test_a_sound_network_learns_one_minibatch_by_heart(network, digits, bits):
    network.initialise(9)
    before = bits(network)
    result = overfit_batch(network, Recipe(1, 16, Adam(0.01)), digits, executor=DefinitionExecutor)
    assert result.learned
    assert (result.accuracy, result.images) == (1.0, 16)
    assert 0 < result.steps < 500
    assert bits(network) == before


# what is wrong -> the optimiser
UNSOUND = {"a rate of 0": SGD(0.0), "a rate of a million": SGD(1e6), "infinite": SGD(1e30)}


@pytest.mark.parametrize("name", UNSOUND)
def test_one_that_does_not_learn_is_told_so(name, digits):
    layers = {"flatten": Flatten(), "fc1": Dense(64, 2), "fc2": Dense(2, 10)}
    network = Sequential(layers, (8, 8, 1))
    result = overfit_batch(
        network, Recipe(1, 64, UNSOUND[name]), digits, steps=20, executor=DefinitionExecutor
    )
    assert not result.learned
    assert result.accuracy < 1
    assert result.steps <= 20


def test_the_minibatch_is_the_seeds(network, digits):
    losses = [
        overfit_batch(network, Recipe(1, 16), digits, seed=seed, steps=10, executor=DefinitionExecutor).loss
        for seed in (0, 0, 1)
    ]
    assert losses[0] == losses[1] != losses[2]
    assert np.isfinite(losses).all()
