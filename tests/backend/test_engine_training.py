"""Many steps of the compiled engine: optimisers, chance, statistics, minibatches, threads and bits."""

from __future__ import annotations

import numpy as np
import pytest

from tenfold.data import as_float
from tenfold.errors import RangeError
from tenfold.nn import (
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    MaxPool2d,
    ReLU,
    Sequential,
    SoftmaxCrossEntropy,
    Tanh,
)
from tenfold.optim import SGD, Adam, RMSprop
from tenfold.train.compiled import CompiledExecutor

SHAPE = (8, 8, 1)
OPTIMISERS = {
    "sgd": SGD(0.1),
    "sgd, decay": SGD(0.1, weight_decay=0.1),
    "sgd, momentum": SGD(0.1, momentum=0.9, weight_decay=0.01),
    "sgd, nesterov": SGD(0.1, momentum=0.9, nesterov=True),
    "rmsprop": RMSprop(1e-2),
    "rmsprop, decay": RMSprop(1e-2, rho=0.8, eps=1e-4, weight_decay=0.1),
    "adam": Adam(1e-2),
    "adam, decay": Adam(1e-2, beta1=0.8, beta2=0.99, eps=1e-4, weight_decay=0.1),
}


def smooth():
    """Without kinks, so that float32 and float64 stay together for many steps."""
    return {"conv": Conv2d(1, 6, 3), "tanh": Tanh(), "flatten": Flatten(), "fc": Dense(216, 10)}


def chancy():
    """Chance, running statistics, kinks, and tensors small and large."""
    return {
        "conv": Conv2d(1, 9, 3),
        "bn1": BatchNorm(9),
        "relu1": ReLU(),
        "pool": MaxPool2d(2),
        "drop1": Dropout(0.25),
        "flatten": Flatten(),
        "fc1": Dense(81, 40),
        "bn2": BatchNorm(40, momentum=0.6),
        "relu2": ReLU(),
        "drop2": Dropout(0.5),
        "fc2": Dense(40, 10),
    }


@pytest.fixture(scope="module")
def digits():
    rng = np.random.default_rng(3)
    return rng.integers(0, 256, (100, 8, 8), dtype=np.uint8), rng.integers(0, 10, 100)


@pytest.fixture(scope="module")
def network():
    network = Sequential(chancy(), SHAPE)
    network.initialise(0)
    return network


def engine(network, optimizer=None, **options):
    return CompiledExecutor(network, SoftmaxCrossEntropy(), optimizer or Adam(0.01), **options)


def train(executor, digits, sizes=(16,), images=98, rate=0.01, seed=4):
    """Take an epoch with each size of minibatch, the last one short; return all losses."""
    rng, losses = np.random.default_rng(seed), []
    for size in sizes:
        order = rng.permutation(images)
        rates = np.linspace(rate, rate / 2, -(-images // size))
        losses.append(executor.train(*digits, order, size, rates, rng).losses)
    return np.concatenate(losses)


def flat(exported):
    """Everything that an executor has learned, by name."""
    slots = {f"{slot}.{n}": a for slot, named in exported.optimizer.slots.items() for n, a in named.items()}
    return exported.params | exported.state | slots


def assert_same_bits(first, second):
    got, want = flat(first.export()), flat(second.export())
    assert got.keys() == want.keys()
    for name, array in want.items():
        np.testing.assert_array_equal(got[name], array, err_msg=name)
    assert first.export().optimizer.step == second.export().optimizer.step


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("name", OPTIMISERS)
def test_optimisers_move_as_the_definition(twins, near, digits, name, threads):
    optimizer = OPTIMISERS[name]
    pair = twins(smooth(), SHAPE, loss=SoftmaxCrossEntropy())
    ours, theirs = pair.engine(optimizer, threads=threads), pair.definition(optimizer)
    rate = optimizer.learning_rate
    losses = [train(executor, digits, sizes=(16, 16), rate=rate) for executor in (ours, theirs)]
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-5)
    got, want = ours.export(), theirs.export()
    assert got.optimizer.step == want.optimizer.step == 14
    start = pair.double.params
    moves = [{name: e.params[name] - start[name] for name in start} for e in (got, want)]
    near(*moves, tolerance=1e-4)
    assert got.optimizer.slots.keys() == want.optimizer.slots.keys()
    for slot, arrays in want.optimizer.slots.items():
        near(got.optimizer.slots[slot], arrays, tolerance=1e-4)


@pytest.mark.parametrize("threads", [1, 2])
def test_dropout_draws_the_numbers_of_the_definition(twins, near, digits, threads):
    layers = {"drop1": Dropout(0.3), **smooth(), "drop2": Dropout(0.5), "fc2": Dense(10, 10)}
    pair = twins(layers, SHAPE, loss=SoftmaxCrossEntropy())
    results = []
    for executor in (pair.engine(SGD(0.1), threads=threads), pair.definition(SGD(0.1))):
        rng = np.random.default_rng(11)
        taken = executor.train(*digits, np.arange(100), 16, np.full(7, 0.1), rng)
        results.append((taken, executor.export().params, rng.bit_generator.state))
    (ours, got, our_rng), (theirs, want, their_rng) = results
    np.testing.assert_allclose(ours.losses, theirs.losses, rtol=1e-5)
    np.testing.assert_array_equal(ours.correct, theirs.correct)
    near(got, want)
    assert our_rng == their_rng


def test_dropout_keeps_a_number_whose_draw_meets_the_threshold(twins, near, digits):
    drop = Dropout(0.5)

    def meets(seed):
        draws = np.random.default_rng(seed).integers(0, 65536, size=(100, *SHAPE), dtype=np.uint16)
        return bool(np.any(draws == drop.threshold))

    seed = next(seed for seed in range(200) if meets(seed))
    pair = twins({"drop": drop, **smooth()}, SHAPE, loss=SoftmaxCrossEntropy())
    moved = []
    for executor in (pair.engine(SGD(1.0)), pair.definition(SGD(1.0))):
        executor.train(*digits, np.arange(100), 100, np.ones(1), np.random.default_rng(seed))
        moved.append(executor.export().params)
    near(*moved)


@pytest.mark.parametrize(("threads", "deterministic"), [(1, False), (2, False), (2, True)])
def test_running_statistics_move_as_the_definitions(twins, near, digits, threads, deterministic):
    layers = {"bn1": BatchNorm(1), **smooth(), "bn2": BatchNorm(10, momentum=0.5)}
    pair = twins(layers, SHAPE, loss=SoftmaxCrossEntropy())
    ours = pair.engine(SGD(0.1), threads=threads, deterministic=deterministic)
    theirs = pair.definition(SGD(0.1))
    for executor in (ours, theirs):
        train(executor, digits, sizes=(33, 16), rate=0.1)
    near(ours.export().state, theirs.export().state)
    logits = theirs.logits(digits[0])
    np.testing.assert_allclose(ours.logits(digits[0]), logits, rtol=1e-4, atol=1e-4)


def test_minibatches_may_grow_and_shrink(twins, near, digits):
    """Memory is laid out anew for a larger one, and what was learned stays."""
    pair = twins(smooth(), SHAPE, loss=SoftmaxCrossEntropy())
    ours, theirs = pair.engine(Adam(0.01), threads=2), pair.definition(Adam(0.01))
    sizes = (1, 7, 33, 2, 100, 200)
    np.testing.assert_allclose(train(ours, digits, sizes), train(theirs, digits, sizes), rtol=1e-4)
    near(ours.export().params, theirs.export().params, tolerance=1e-4)


def test_a_short_last_minibatch_is_a_step_of_its_own(network, digits):
    executor = engine(network)
    taken = executor.train(*digits, np.arange(20), 16, np.full(2, 0.01), np.random.default_rng(0))
    assert len(taken.losses) == len(taken.correct) == 2
    assert taken.correct[1] <= 4
    assert executor.export().optimizer.step == 2


@pytest.mark.parametrize(("threads", "deterministic"), [(1, False), (2, False), (3, False), (2, True)])
def test_the_same_seed_and_threads_give_the_same_bits(network, digits, threads, deterministic):
    runs = [engine(network, threads=threads, deterministic=deterministic) for _ in range(2)]
    losses = [train(run, digits, sizes=(16, 33)) for run in runs]
    np.testing.assert_array_equal(*losses)
    assert_same_bits(*runs)


@pytest.mark.parametrize("size", [3, 16, 33])
@pytest.mark.parametrize("threads", [2, 3, 8])
def test_deterministic_means_the_same_bits_for_any_number_of_threads(network, digits, threads, size):
    runs = [engine(network, threads=n, deterministic=True) for n in (1, threads)]
    losses = [train(run, digits, sizes=(size,)) for run in runs]
    np.testing.assert_array_equal(*losses)
    assert_same_bits(*runs)


def test_uint8_and_float32_images_give_the_same_bits(network, digits):
    images, labels = digits
    runs = [engine(network, threads=2) for _ in range(2)]
    losses = [train(run, (x, labels)) for run, x in zip(runs, (images, as_float(images)), strict=True)]
    np.testing.assert_array_equal(*losses)
    assert_same_bits(*runs)
    np.testing.assert_array_equal(runs[0].logits(images), runs[1].logits(as_float(images)))


def test_labels_of_any_integer_type(network, digits):
    images, labels = digits
    runs = [engine(network) for _ in range(2)]
    for run, given in zip(runs, (labels, labels.astype(np.uint8)), strict=True):
        train(run, (images, given))
    assert_same_bits(*runs)


def test_what_is_exported_and_restored_goes_on_to_the_same_bits(network, digits):
    first = engine(network, threads=2)
    train(first, digits)
    exported = first.export()
    kept = {name: array.copy() for name, array in flat(exported).items()}
    second = engine(network, threads=2)
    train(second, digits, sizes=(33,), seed=9)  # somewhere else first
    second.restore(*exported)
    np.testing.assert_array_equal(second.logits(digits[0]), first.logits(digits[0]))
    losses = [train(run, digits, sizes=(16, 50), seed=5) for run in (first, second)]
    np.testing.assert_array_equal(*losses)
    assert_same_bits(first, second)
    for name, array in flat(exported).items():
        np.testing.assert_array_equal(array, kept[name])  # copies, out of reach of what came later


def test_the_networks_own_arrays_stay_as_they_are(network, digits):
    before = {name: array.copy() for name, array in (network.params | network.state).items()}
    train(engine(network), digits)
    for name, array in (network.params | network.state).items():
        np.testing.assert_array_equal(array, before[name])


def test_training_does_not_touch_its_arguments(network, digits):
    order, rates = np.arange(50), np.full(4, 0.01)
    arguments = [digits[0], digits[1], order, rates]
    kept = [array.copy() for array in arguments]
    engine(network).train(*digits, order, 16, rates, np.random.default_rng(0))
    for array, before in zip(arguments, kept, strict=True):
        np.testing.assert_array_equal(array, before)


def test_steps_in_chunks_are_the_steps_of_one_call(network, digits):
    """A run that is cut into chunks learns the same bits."""
    whole, parts = engine(network, threads=2), engine(network, threads=2)
    order, rates = np.arange(96), np.linspace(0.01, 0.02, 6)
    taken = whole.train(*digits, order, 16, rates, np.random.default_rng(0))
    rng, losses = np.random.default_rng(0), []
    for at in (0, 1, 4):
        until = {0: 1, 1: 4, 4: 6}[at]
        chunk = order[16 * at : 16 * until], 16, rates[at:until]
        losses.append(parts.train(*digits, *chunk, rng).losses)
    np.testing.assert_array_equal(np.concatenate(losses), taken.losses)
    assert_same_bits(whole, parts)


def test_no_steps_change_nothing(network, digits):
    executor = engine(network)
    taken = executor.train(*digits, np.arange(0), 16, np.zeros(0), np.random.default_rng(0))
    assert taken.losses.shape == taken.correct.shape == (0,)
    with pytest.raises(RangeError, match="batch_size: expected at least 1, got 0"):
        executor.train(*digits, np.arange(8), 0, np.ones(1), np.random.default_rng(0))


def test_arrays_that_the_caller_changes_later_do_not_reach_the_engine(network, digits):
    before, after = engine(network), engine(network)
    for array in network.params.values():
        array += 1
    after.logits(digits[0])
    assert_same_bits(before, after)
