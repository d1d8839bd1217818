"""Engines that share each minibatch out among them, in threads here, against one engine and definitions."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfold.backend.cpu.engine import Engine
from tenfold.backend.cpu.part import Part
from tenfold.backend.cpu.part_engine import PartEngine
from tenfold.nn import (
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    MaxPool2d,
    OpenSetCrossEntropy,
    ReLU,
    Sequential,
    SoftmaxCrossEntropy,
    Tanh,
)
from tenfold.optim import SGD, Adam, RMSprop

SHAPE, STEPS, N = (8, 8, 1), 12, 13
RATE = 2.0**20


def normalised():
    """Batch normalisation in both of its places, and dropout twice; tensors small and large."""
    return {
        "conv": Conv2d(1, 9, 3),
        "bn1": BatchNorm(9),
        "relu1": ReLU(),
        "pool": MaxPool2d(2),
        "drop1": Dropout(0.25),
        "flatten": Flatten(),
        "fc1": Dense(81, 60),
        "bn2": BatchNorm(60, momentum=0.6),
        "relu2": ReLU(),
        "drop2": Dropout(0.5),
        "fc2": Dense(60, 10),
    }


def smooth():
    return {"conv": Conv2d(1, 16, 3), "tanh": Tanh(), "flatten": Flatten(), "fc": Dense(576, 10)}


class Group:
    """Sums over threads, added in the order of their ranks."""

    def __init__(self, size):
        self.size, self.barrier, self.given = size, threading.Barrier(size, timeout=60), [None] * size

    def all_sum(self, rank):
        def sums(array):
            self.given[rank] = array.copy()
            self.barrier.wait()
            total = self.given[0].copy()
            for other in self.given[1:]:
                total += other
            self.barrier.wait()
            array[...] = total

        return sums

    def run(self, work):
        """Call ``work(rank, all_sum)`` in a thread for each rank; return the results."""
        found, errors = [None] * self.size, []

        def one(rank):
            try:
                found[rank] = work(rank, self.all_sum(rank))
            except BaseException as error:
                errors.append(error)
                self.barrier.abort()

        threads = [threading.Thread(target=one, args=(rank,)) for rank in range(self.size)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if errors:
            raise errors[0]
        return found


@pytest.fixture(scope="module")
def digits():
    rng = np.random.default_rng(3)
    return rng.integers(0, 256, (STEPS * N, 8, 8), np.uint8), rng.integers(0, 10, STEPS * N)


def built(layers):
    network = Sequential(layers, SHAPE)
    network.initialise(np.random.default_rng(0))
    return network


def features(network):
    return sum(np.prod(row.output_shape) for row in network.rows() if row.name.startswith("drop"))


def trained(network, digits, size, n=N, optimizer=None, threads=1, weights=None, rate=0.01, loss=None):
    """Train several parts for all steps; return the engines, and the losses and right answers of each."""
    images, labels = digits
    steps = len(images) // n if n > 1 else STEPS
    bits = random_bits(network, steps, n)

    def work(rank, all_sum):
        engine = PartEngine(
            network, loss or SoftmaxCrossEntropy(), optimizer or Adam(rate), part_threads=threads
        )
        engine.assign(network.params, network.state)
        part = Part.of(n, rank, size)
        own = np.arange(steps * n).reshape(steps, n)[:, part.first : part.last].ravel()
        sizes = [np.prod(row.output_shape) for row in network.rows() if row.name.startswith("drop")]
        counts = np.zeros(0) if weights is None else weights[own]
        return engine, *engine.train_part(
            images[own], labels[own], part, np.full(steps, rate), rows(bits, sizes, part), counts, all_sum
        )

    return Group(size).run(work)


def random_bits(network, steps, n):
    return np.random.default_rng(8).integers(0, 1 << 16, (steps, n * features(network)), np.uint16)


def rows(bits, sizes, part):
    starts = np.cumsum([0, *(part.whole * size for size in sizes)])
    found = [
        bits[:, start + part.first * size : start + part.last * size]
        for start, size in zip(starts, sizes, strict=False)
    ]
    return np.concatenate([bits[:, :0], *found], axis=1).ravel()


def whole(network, digits, n=N, optimizer=None, weights=None, rate=0.01):
    images, labels = digits
    steps = len(images) // n if n > 1 else STEPS
    engine = Engine(network, SoftmaxCrossEntropy(), optimizer or Adam(rate), threads=1)
    engine.assign(network.params, network.state)
    bits = random_bits(network, steps, n).ravel()
    order = np.arange(steps * n)
    return engine, *engine.train(
        images, labels, order, n, np.full(steps, rate), bits, weights=weights
    )  # fmt: skip


def bits_of(engine):
    slots = engine.optimizer_slots().values()
    return [array.tobytes() for named in (engine.params(), *slots) for array in named.values()]


@given(n=st.integers(0, 1000), size=st.integers(1, 40))
def test_parts_are_the_whole_and_the_first_is_never_empty(n, size):
    parts = [Part.of(n, rank, size) for rank in range(size)]
    assert [i for part in parts for i in range(part.first, part.last)] == list(range(n))
    assert max(part.n for part in parts) - min(part.n for part in parts) <= 1
    assert [part.leads for part in parts] == [n > 0] + [False] * (size - 1)


@pytest.mark.parametrize("optimizer", [Adam(0.01), SGD(0.1, momentum=0.9), RMSprop(1e-3)])
@pytest.mark.parametrize("threads", [1, 2])
def test_one_part_is_the_engine_to_the_bit(digits, optimizer, threads):
    network = built(normalised())
    engine = Engine(network, SoftmaxCrossEntropy(), optimizer, threads=threads)
    engine.assign(network.params, network.state)
    bits = random_bits(network, STEPS, N).ravel()
    want = engine.train(*digits, np.arange(STEPS * N), N, np.full(STEPS, 0.01), bits)
    [(part, *got)] = trained(network, digits, 1, optimizer=optimizer, threads=threads)
    assert bits_of(part) == bits_of(engine)
    np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("layers", [normalised, smooth])
@pytest.mark.parametrize("size", [2, 3])
def test_parts_agree_with_the_whole_and_have_equal_bits(digits, layers, size, near):
    network = built(layers())
    engine, losses, _ = whole(network, digits, optimizer=SGD(0.01))
    found = trained(network, digits, size, optimizer=SGD(0.01))
    for part, part_losses, _ in found:
        assert bits_of(part) == bits_of(found[0][0])
        np.testing.assert_allclose(part_losses, losses, rtol=1e-5)
        near(part.params(), engine.params(), tolerance=1e-5)
        near(part.state(), engine.state(), tolerance=1e-5)


def test_the_same_number_of_parts_gives_the_same_bits(digits):
    network = built(normalised())
    first, second = (trained(network, digits, 3) for _ in range(2))
    assert bits_of(first[0][0]) == bits_of(second[0][0])


@pytest.mark.parametrize("n", [1, 2])
def test_parts_without_an_image_join_in(digits, n, near):
    network = built(smooth())
    engine, losses, correct = whole(network, digits, n=n, optimizer=SGD(0.01))
    for part, part_losses, part_correct in trained(network, digits, 3, n=n, optimizer=SGD(0.01)):
        np.testing.assert_allclose(part_losses, losses, rtol=1e-5)
        np.testing.assert_array_equal(part_correct, correct)
        near(part.params(), engine.params(), tolerance=1e-5)


def test_weights_of_images_count(digits):
    network, weights = built(normalised()), np.random.default_rng(1).random(STEPS * N)
    _, losses, _ = whole(network, digits, weights=weights, optimizer=SGD(0.01))
    for _, part_losses, _ in trained(network, digits, 2, weights=weights, optimizer=SGD(0.01)):
        np.testing.assert_allclose(part_losses, losses, rtol=1e-5)


@pytest.mark.parametrize("loss", [SoftmaxCrossEntropy(0.1), OpenSetCrossEntropy()])
@pytest.mark.parametrize("layers", [normalised, smooth])
def test_the_sum_of_the_parts_gradients_is_the_definitions_in_float64(twins, near, layers, loss):
    drawn = {name: layer for name, layer in layers().items() if not name.startswith("drop")}
    pair = twins(drawn, SHAPE, loss=loss, n=11)
    assert pair.clear
    want_loss, correct, want = pair.wanted()

    def work(rank, all_sum):
        engine = PartEngine(pair.network, loss, SGD(0.1))
        engine.assign(pair.network.params, pair.network.state)
        part = Part.of(11, rank, 3)
        own = slice(part.first, part.last)
        none = np.zeros(0, np.uint16)
        taken = engine.train_part(
            pair.x[own], pair.labels[own], part, np.array([RATE]), none, np.zeros(0), all_sum
        )
        moved = engine.params()
        start = pair.network.params
        return taken, {name: (p.astype(float) - moved[name]) / RATE for name, p in start.items()}

    for (losses, right), got in Group(3).run(work):
        assert losses[0] == pytest.approx(want_loss, rel=1e-5)
        assert right[0] == correct
        near(got, want)


def test_the_gradients_of_parts_add_up_to_the_whole_minibatchs_in_float64():
    network, loss = Sequential(smooth(), SHAPE), SoftmaxCrossEntropy()
    rng = np.random.default_rng(5)
    network.initialise(rng, np.float64)
    x, labels = rng.standard_normal((11, *SHAPE)), rng.integers(0, 10, 11)

    def gradient(part):
        logits, backward = network.forward(x[part.first : part.last], training=True, rng=rng)
        _, loss_backward = loss.forward(logits, labels[part.first : part.last])
        return {name: g * part.n / part.whole for name, g in backward(loss_backward())[1].items()}

    want = gradient(Part(0, 11, 11))
    parts = [gradient(Part.of(11, rank, 4)) for rank in range(4)]
    for name, whole_gradient in want.items():
        np.testing.assert_allclose(sum(part[name] for part in parts), whole_gradient, rtol=1e-10, atol=1e-15)


def test_a_loss_that_is_not_finite_ends_all_parts_at_the_same_step(digits):
    network = built(smooth())
    images = digits[0].astype(np.float32) / 255
    images[5 * N + 12] = np.nan  # the last image of the sixth step: the last part's
    for part, losses, _ in trained(network, (images[..., None], digits[1]), 3):
        assert len(losses) == 6
        assert np.isnan(losses[-1])
        assert part.step == 5
