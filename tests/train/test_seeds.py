"""One master seed, one generator a purpose and an epoch."""

import itertools

import numpy as np
import pytest

from tenfold.errors import CheckpointError, RangeError
from tenfold.train.seeds import PURPOSES, generator, generator_state, restore_generator


def test_purposes_epochs_and_seeds_draw_differently_and_repeatably():
    places = list(itertools.product((0, 1, 2**40), (0, 1, 19), PURPOSES))
    first = [tuple(generator(*place).integers(0, 2**63, 4)) for place in places]
    assert len(set(first)) == len(places)
    assert first == [tuple(generator(*place).integers(0, 2**63, 4)) for place in places]


def test_the_draws_are_those_of_every_version():
    """These may never change: results are published by seed."""
    assert generator(0, 0, "initialisation").integers(0, 1000, 4).tolist() == [850, 636, 511, 269]
    sequence = np.random.SeedSequence([7, 3, 1])
    expected = np.random.Generator(np.random.PCG64(sequence)).permutation(50).tolist()
    assert generator(7, 3, "order").permutation(50).tolist() == expected


def test_a_generator_goes_on_from_its_saved_state_also_between_halves_of_a_word():
    rng = generator(3, 1, "dropout")
    rng.integers(0, 2**32, dtype=np.uint32)  # leaves half a word behind
    state = generator_state(rng)
    expected = rng.integers(0, 65536, 9, dtype=np.uint16).tolist()
    other = generator(4, 0, "order")
    restore_generator(other, state)
    assert other.integers(0, 65536, 9, dtype=np.uint16).tolist() == expected


@pytest.mark.parametrize("seed", [-1, 1.0, "0", True, None])
def test_a_seed_that_is_none_is_refused(seed):
    with pytest.raises(RangeError, match="seed: expected a whole number of at least 0, got"):
        generator(seed, 0, "order")


@pytest.mark.parametrize("state", [{}, {"bit_generator": "MT19937"}, {"bit_generator": "PCG64", "state": {}}])
def test_a_state_of_something_else_is_refused(state):
    with pytest.raises(CheckpointError, match="expected the state of a PCG64 generator"):
        restore_generator(generator(0, 0, "order"), state)
