"""The compiled engine where things go wrong: NaN and infinity, callers at once."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from tenfold.backend.cpu import engine as module
from tenfold.backend.cpu.engine import Engine
from tenfold.errors import RangeError, ShapeError
from tenfold.nn import (
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    LeakyReLU,
    MaxPool2d,
    MeanSquaredError,
    ReLU,
    Sequential,
    SoftmaxCrossEntropy,
)
from tenfold.optim import SGD, Adam
from tenfold.train import DefinitionExecutor
from tenfold.train.compiled import CompiledExecutor

SHAPE = (6, 6, 1)
HEADS = {
    "dense": lambda: {"flatten": Flatten(), "first": Dense(36, 10)},
    "dense, relu": lambda: {
        "flatten": Flatten(), "first": Dense(36, 17), "relu": ReLU(), "fc": Dense(17, 10),
    },
    "conv, relu, pool": lambda: {
        "first": Conv2d(1, 5, 3), "relu": ReLU(), "pool": MaxPool2d(2), "flatten": Flatten(),
        "fc": Dense(20, 10),
    },
    "conv, leaky relu, pool": lambda: {
        "first": Conv2d(1, 20, 3), "relu": LeakyReLU(), "pool": MaxPool2d(2, 1), "flatten": Flatten(),
        "fc": Dense(180, 10),
    },
    "conv, norm": lambda: {
        "first": Conv2d(1, 5, 3), "bn": BatchNorm(5), "relu": ReLU(), "flatten": Flatten(),
        "fc": Dense(80, 10),
    },
}  # fmt: skip
N, GOOD = 8, 3  # images of a minibatch, steps before the bad one


def new_network(head, seed=0):
    network = Sequential(HEADS[head](), SHAPE)
    network.initialise(seed)
    return network


@pytest.fixture
def digits():
    rng = np.random.default_rng(3)
    return rng.random((N * 6, *SHAPE), np.float32), rng.integers(0, 10, N * 6)


def steps(executor, digits, count):
    order, rates = np.arange(count * N), np.full(count, 0.01)
    return executor.train(*digits, order, N, rates, np.random.default_rng(0))


@pytest.mark.fault("training", "a pixel is NaN or infinite", "training stops before its update")
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("loss", [SoftmaxCrossEntropy, MeanSquaredError])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("head", HEADS)
def test_a_bad_pixel_ends_the_steps_before_its_update(digits, head, bad, loss, threads):
    images, labels = digits
    network = new_network(head)
    unbroken = CompiledExecutor(network, loss(), Adam(0.01), threads=threads)
    good = steps(unbroken, digits, GOOD)
    images[GOOD * N + 5, 3, 2] = bad  # in the middle of minibatch 3
    executor = CompiledExecutor(network, loss(), Adam(0.01), threads=threads)
    taken = steps(executor, (images, labels), 6)
    assert len(taken.losses) == len(taken.correct) == GOOD + 1
    assert not np.isfinite(taken.losses[-1])
    np.testing.assert_array_equal(taken.losses[:-1], good.losses)
    got, want = executor.export(), unbroken.export()
    assert got.optimizer.step == want.optimizer.step == GOOD
    for name, array in want.params.items():
        np.testing.assert_array_equal(got.params[name], array)
        for slot, arrays in want.optimizer.slots.items():
            np.testing.assert_array_equal(got.optimizer.slots[slot][name], arrays[name])


@pytest.mark.fault(
    "training", "a parameter is NaN or infinite", "detected wherever the definition detects it"
)
@pytest.mark.parametrize("tensor", ["weight", "bias"])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("head", HEADS)
def test_a_bad_parameter_is_noticed_where_the_definition_notices_it(digits, head, bad, tensor):
    """A ReLU turns minus infinity into 0: then the loss is finite, and the steps go on."""
    network = new_network(head)
    network.params[f"first.{tensor}"].flat[0] = bad
    results = []
    for build in (CompiledExecutor, DefinitionExecutor):
        executor = build(network, SoftmaxCrossEntropy(), SGD(0.01))
        before = executor.export().params
        finite = bool(np.isfinite(steps(executor, digits, 1).losses[0]))
        after = executor.export().params
        moved = any(not np.array_equal(a, before[name], equal_nan=True) for name, a in after.items())
        assert moved == finite
        results.append(finite)
    assert results[0] == results[1]
    if np.isnan(bad):
        assert results[0] is False


@pytest.mark.fault(
    "training", "the learning rate is a million", "one line names step, layer and the last good checkpoint"
)
def test_a_rate_far_too_large_ends_in_a_loss_that_is_not_finite(digits):
    executor = CompiledExecutor(new_network("dense, relu"), SoftmaxCrossEntropy(), SGD(1.0))
    order, rates = np.arange(6 * N), np.full(6, 1e30)
    taken = executor.train(*digits, order, N, rates, np.random.default_rng(0))
    assert len(taken.losses) < 6
    assert np.isfinite(taken.losses[:-1]).all()
    assert not np.isfinite(taken.losses[-1])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("head", HEADS)
def test_a_bad_image_spoils_its_own_outputs_only(digits, head, bad):
    images, _ = digits
    executor = CompiledExecutor(new_network(head), SoftmaxCrossEntropy(), SGD(0.1), threads=2)
    want = executor.logits(images)
    images[7, 3, 2] = bad
    got = executor.logits(images)
    assert not np.isfinite(got[7]).all()
    np.testing.assert_array_equal(np.delete(got, 7, axis=0), np.delete(want, 7, axis=0))


REFUSED = {
    "images of another size": (
        lambda run, x, y: run.train(x[:, :5], y, np.arange(8), 8, np.ones(1), np.random.default_rng(0)),
        ShapeError,
    ),
    "images of another size, to be predicted": (lambda run, x, y: run.logits(x[:, :5]), ShapeError),
    "images of too many channels": (lambda run, x, y: run.logits(np.repeat(x, 2, axis=3)), ShapeError),
    "a label too large": (
        lambda run, x, y: run.train(x, y + 5, np.arange(8), 8, np.ones(1), np.random.default_rng(0)),
        RangeError,
    ),
    "a label below 0": (
        lambda run, x, y: run.train(x, y - 9, np.arange(8), 8, np.ones(1), np.random.default_rng(0)),
        RangeError,
    ),
    "one image to normalise": (
        lambda run, x, y: run.train(x, y, np.arange(9), 8, np.ones(2), np.random.default_rng(0)),
        ShapeError,
    ),
}


@pytest.mark.fault("training", "arrays do not fit the network", "rejected before compiled code sees them")
@pytest.mark.parametrize("build", [CompiledExecutor, DefinitionExecutor])
@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_fit_is_refused(digits, name, build):
    """Compiled code checks no index: it would read what lies beside."""
    call, error = REFUSED[name]
    network = Sequential({"flatten": Flatten(), "fc": Dense(36, 10), "bn": BatchNorm(10)}, SHAPE)
    network.initialise(0)
    executor = build(network, SoftmaxCrossEntropy(), SGD(0.1))
    with pytest.raises(error, match="expected"):
        call(executor, *digits)


def at_once(*functions):
    """Call the functions at the same time; return what each gave, and fail if one does not return."""
    results = [None] * len(functions)

    def call(i):
        results[i] = functions[i]()

    callers = [threading.Thread(target=call, args=(i,), daemon=True) for i in range(len(functions))]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(30)
    assert not any(caller.is_alive() for caller in callers), "callers wait for each other for ever"
    return results


@pytest.mark.parametrize("threads", [1, 2])
def test_two_callers_of_one_executor_get_their_own_outputs(digits, threads):
    images = np.tile(digits[0], (50, 1, 1, 1))  # so many that the two are at it at the same time
    executor = CompiledExecutor(new_network("conv, norm"), SoftmaxCrossEntropy(), SGD(0.1), threads=threads)
    halves = images[:1000], images[1000:]
    want = [executor.logits(half) for half in halves]
    got = at_once(*(lambda half=half: [executor.logits(half) for _ in range(50)] for half in halves))
    for repeated, once in zip(got, want, strict=True):
        for logits in repeated:
            np.testing.assert_array_equal(logits, once)


def test_training_and_predicting_at_once_do_not_mix(digits):
    def trained():
        executor = CompiledExecutor(new_network("conv, norm"), SoftmaxCrossEntropy(), Adam(0.01), threads=2)
        for _ in range(20):
            steps(executor, digits, 6)
        return executor.export().params

    predictor = CompiledExecutor(
        new_network("conv, relu, pool", seed=1), SoftmaxCrossEntropy(), SGD(0.1), threads=2
    )
    want, once = trained(), predictor.logits(digits[0])
    first, second, repeated = at_once(
        trained, trained, lambda: [predictor.logits(digits[0]) for _ in range(50)]
    )
    for name, array in want.items():
        np.testing.assert_array_equal(first[name], array)
        np.testing.assert_array_equal(second[name], array)
    for logits in repeated:
        np.testing.assert_array_equal(logits, once)


def test_random_bits_of_another_number_are_refused():
    layers = {"flatten": Flatten(), "drop": Dropout(0.5), "fc": Dense(36, 10)}
    network = Sequential(layers, SHAPE)
    network.initialise(0)
    engine = Engine(network, SoftmaxCrossEntropy(), SGD(0.1), threads=1)
    engine.assign(network.params, network.state)
    images, labels = np.zeros((4, *SHAPE), np.float32), np.zeros(4, np.int64)
    for bits in (None, np.zeros(4 * 36 - 1, np.uint16), np.zeros(4 * 36, np.int32)):
        with pytest.raises(ShapeError, match="expected 144 random numbers of 16 bits for dropout, got "):
            engine.train(images, labels, np.arange(4), 4, np.array([0.1]), bits)


@pytest.mark.fault("training", "there is not enough memory for a batch", "the engine does not change")
def test_a_minibatch_that_memory_does_not_suffice_for_leaves_the_engine_as_it_was(monkeypatch):
    network = new_network("conv, relu, pool")
    engine = Engine(network, SoftmaxCrossEntropy(), SGD(0.1), threads=1)
    engine.assign(network.params, network.state)
    images, labels = np.zeros((64, *SHAPE), np.float32), np.zeros(64, np.int64)
    engine.train(images, labels, np.arange(2), 2, np.array([0.0]))
    allocate = module.aligned_zeros

    def scarce(size):
        raise MemoryError

    monkeypatch.setattr(module, "aligned_zeros", scarce)
    with pytest.raises(MemoryError):
        engine.train(images, labels, np.arange(64), 64, np.array([0.0]))
    monkeypatch.setattr(module, "aligned_zeros", allocate)
    before = engine._memory.size
    engine.train(images, labels, np.arange(64), 64, np.array([0.0]))
    assert engine._memory.size > before
