"""A last minibatch that is too small for batch normalisation joins the one before it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfold.data import RandomAffine
from tenfold.errors import ConfigError, DataError
from tenfold.estimator import TenfoldClassifier
from tenfold.nn import BatchNorm, Conv2d, Dense, Flatten, Sequential
from tenfold.optim import SGD, Adam, Doubling
from tenfold.train import (
    Callback,
    CallbackError,
    CheckpointEvery,
    DefinitionExecutor,
    Recipe,
    dry_run,
    executor_for,
    fit,
    overfit_batch,
)
from tenfold.train.epoch_plan import EpochPlan

RECIPE = Recipe(3, 16, Adam(0.01), short_batch="keep", chunk_images=32)
LEAVES_ONE = 65  # images, in minibatches of 16
joins = pytest.mark.fault(
    "last minibatch", "one image is left over for batch normalisation", "joined to the previous minibatch"
)


@given(
    n=st.integers(1, 200),
    batch=st.integers(1, 60),
    least=st.integers(1, 3),
    short=st.sampled_from(["keep", "drop"]),
)
def test_the_steps_cover_the_order_and_none_is_too_small(n, batch, least, short):
    if n < batch and short == "drop":
        return
    recipe = Recipe(1, batch, short_batch=short, chunk_images=3 * batch)
    plan = EpochPlan.of(recipe, n, 0, 0, least)
    sizes = plan.batch_sizes(range(plan.steps))
    assert (sizes[:-1] == batch).all()
    assert sizes.sum() == len(plan.order)
    assert sizes[-1] >= min(least, n, batch)
    assert sizes[-1] <= batch + least - 1
    np.testing.assert_array_equal(np.concatenate([plan.images(chunk) for chunk in plan.chunks()]), plan.order)
    if len(plan.order) % batch in (0, *range(least, batch)):  # nothing to join
        assert plan.steps == EpochPlan.of(recipe, n, 0, 0).steps


NEEDS = {
    "after vectors": (lambda: {"flatten": Flatten(), "fc": Dense(64, 4), "bn": BatchNorm(4)}, 2),
    "after images": (lambda: {"conv": Conv2d(1, 4, 3), "bn": BatchNorm(4), "flatten": Flatten()}, 1),
    "after images of one pixel": (lambda: {"conv": Conv2d(1, 4, 8), "bn": BatchNorm(4), "f": Flatten()}, 2),
    "none": (lambda: {"flatten": Flatten(), "fc": Dense(64, 4)}, 1),
}


@pytest.mark.parametrize("name", NEEDS)
def test_only_a_single_number_in_a_channel_needs_a_second_image(name):
    layers, least = NEEDS[name]
    assert Sequential(layers(), (8, 8, 1)).least_images == least


def seen(network, digits, executor, recipe=RECIPE):
    """Train, and return the sizes of the epoch's minibatches, as the executor meets them."""
    sizes = []

    def build(*parts):
        made = executor(*parts)
        train = made.train

        def watched(images, labels, order, batch_size, rates, rng, weights):
            sizes.extend([batch_size] * (len(rates) - 1) + [len(order) - batch_size * (len(rates) - 1)])
            return train(images, labels, order, batch_size, rates, rng, weights)

        made.train = watched
        return made

    history = fit(network, recipe, digits, executor=build)
    return sizes, history


@joins
@pytest.mark.parametrize("executor", [DefinitionExecutor, executor_for])
def test_the_last_image_is_learned_from_with_those_before_it(new_network, new_digits, executor):
    sizes, history = seen(new_network(), new_digits(LEAVES_ONE), executor, replace(RECIPE, epochs=1))
    assert sizes == [16, 16, 16, 17]
    assert np.isfinite(history.rows[0].train_loss)


def test_without_batch_normalisation_the_last_image_stays_alone(new_digits):
    network = Sequential({"flatten": Flatten(), "fc": Dense(64, 10)}, (8, 8, 1))
    sizes, _ = seen(network, new_digits(LEAVES_ONE), executor_for, replace(RECIPE, epochs=1))
    assert sizes == [16, 16, 16, 16, 1]


@joins
def test_definition_and_engine_agree_on_it(new_network, new_digits):
    rows = []
    for executor in (DefinitionExecutor, executor_for):
        network = new_network(rate=0.0)
        rows.append(seen(network, new_digits(LEAVES_ONE), executor)[1].rows)
    for definition, engine in zip(*rows, strict=True):
        assert engine.train_loss == pytest.approx(definition.train_loss, rel=1e-3)


@joins
@pytest.mark.parametrize("augmentation", [None, RandomAffine(rotation=10)], ids=["plain", "augmented"])
@pytest.mark.parametrize("executor", [DefinitionExecutor, executor_for])
@pytest.mark.parametrize("broken_after", [1, 2, 3])
def test_a_resumed_run_has_the_same_bits(
    new_network, new_digits, bits, tmp_path, executor, augmentation, broken_after
):
    recipe = replace(RECIPE, augmentation=augmentation, batch_size=Doubling(8, every=2))
    digits, unbroken, broken = new_digits(LEAVES_ONE), new_network(), new_network()
    fit(unbroken, recipe, digits, executor=executor)

    class Ends(Callback):
        chunks = 0

        def on_chunk(self, progress):
            self.chunks += 1
            if self.chunks == broken_after:
                raise ValueError("the end")

    kept = {"out": tmp_path / "run", "executor": executor, "checkpoints": CheckpointEvery(chunks=1)}
    with pytest.raises(CallbackError):
        fit(broken, recipe, digits, callbacks=[Ends()], **kept)
    fit(broken, recipe, digits, resume=True, **kept)
    assert bits(broken) == bits(unbroken)


@joins
@pytest.mark.parametrize(("n", "batch"), [(33, 8), (17, 16), (33, 32)])
def test_the_classifier_takes_any_number_of_samples(n, batch):
    rng = np.random.default_rng(0)
    samples, labels = rng.integers(0, 256, (n, 64), np.uint8), np.arange(n) % 3
    classifier = TenfoldClassifier(
        "scratch-wide", epochs=1, batch_size=batch, validation_fraction=0, random_state=0
    )
    least = classifier.fit(samples, labels).model_.network.least_images
    assert least == 2  # otherwise this tests nothing
    np.testing.assert_allclose(classifier.predict_proba(samples).sum(axis=1), 1)


@joins
def test_rehearsals_take_it_too(new_network, new_digits):
    digits = new_digits(17)
    assert np.isfinite(dry_run(new_network(), RECIPE, digits).rows[0].train_loss)
    assert overfit_batch(new_network(rate=0.0), RECIPE, digits, steps=10).images == 16


REFUSED = {
    "one image in all": (
        RECIPE,
        1,
        DataError,
        "expected at least 2 training images, as batch normalisation needs, got 1; add more",
    ),
    "minibatches of one": (
        replace(RECIPE, batch_size=1),
        20,
        ConfigError,
        "batch_size: expected at least 2, as batch normalisation needs, got 1; use more",
    ),
}


@pytest.mark.fault(
    "last minibatch",
    "batch normalisation with one image in all, or in each minibatch",
    "rejected in one line",
)
@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_normalised_is_refused(name, new_network, new_digits, refused_in_one_line):
    recipe, n, error, message = REFUSED[name]
    for begin in (fit, dry_run, overfit_batch):
        with refused_in_one_line(error, message):
            begin(new_network(), recipe, new_digits(n))


def test_rate_follows_the_steps_that_there_are(new_network, new_digits):
    """A schedule by the step ends where the epoch ends, joined or not."""
    plan = EpochPlan.of(replace(RECIPE, optimizer=SGD(1.0)), LEAVES_ONE, 0, 0, 2)
    assert plan.steps == len(plan.rates(range(plan.steps), 1.0)) == 4
