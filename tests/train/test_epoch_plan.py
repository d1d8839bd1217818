"""An epoch's plan: every image once, chunks that a resumed run meets again."""

import numpy as np
import pytest

from tenfold.optim import Adam, CosineDecay, Doubling
from tenfold.train import Recipe
from tenfold.train.epoch_plan import EpochPlan

# short minibatch -> images in an epoch of 103 with minibatches of 10
SHORT = {"resample": 110, "drop": 100, "keep": 103}


@pytest.mark.parametrize("short", SHORT)
def test_chunks_cover_the_epoch_without_gap_or_overlap(short):
    plan = EpochPlan.of(Recipe(1, batch_size=10, short_batch=short, chunk_images=25), 103, seed=0, epoch=0)
    chunks = list(plan.chunks())
    assert [step for chunk in chunks for step in chunk] == list(range(plan.steps))
    assert [len(chunk) for chunk in chunks[:-1]] == [3] * (len(chunks) - 1)
    images = np.concatenate([plan.images(chunk) for chunk in chunks])
    np.testing.assert_array_equal(images, plan.order)
    assert len(images) == SHORT[short]
    sizes = np.concatenate([plan.batch_sizes(chunk) for chunk in chunks])
    assert sizes.sum() == SHORT[short]
    assert sizes[-1] == (3 if short == "keep" else 10)


def test_every_image_comes_once_before_the_short_minibatch_is_filled():
    plan = EpochPlan.of(Recipe(1, batch_size=10), 103, seed=0, epoch=0)
    assert sorted(plan.order[:103]) == list(range(103))


def test_a_chunk_on_the_way_begins_the_same_chunks():
    plan = EpochPlan.of(Recipe(1, batch_size=10, chunk_images=25), 103, seed=0, epoch=0)
    assert list(plan.chunks(6)) == list(plan.chunks())[2:]
    assert list(plan.chunks(plan.steps)) == []


def test_a_minibatch_larger_than_a_chunk_is_a_chunk():
    plan = EpochPlan.of(Recipe(1, batch_size=50, chunk_images=1), 100, seed=0, epoch=0)
    assert list(plan.chunks()) == [range(0, 1), range(1, 2)]


def test_epochs_and_seeds_differ_and_repeat():
    def order(seed, epoch):
        return EpochPlan.of(Recipe(1, batch_size=10), 100, seed, epoch).order.tolist()

    assert order(0, 0) == order(0, 0)
    assert order(0, 0) != order(0, 1)
    assert order(0, 0) != order(1, 0)


def test_minibatches_double_and_rates_follow_the_step():
    recipe = Recipe(2, batch_size=Doubling(10, every=1), optimizer=Adam(0.1), rate=CosineDecay(1.0, 2))
    plan = EpochPlan.of(recipe, 100, seed=0, epoch=1)
    assert (plan.batch_size, plan.steps) == (20, 5)
    expected = [0.05 * 0.5 * (1 + np.cos(np.pi * (1 + step / 5) / 2)) for step in (2, 3)]
    np.testing.assert_allclose(plan.rates(range(2, 4), scale=0.5), expected, rtol=1e-12)
