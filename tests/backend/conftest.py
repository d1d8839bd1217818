"""One network twice, with equal numbers: in float32 for the engine, in float64 for the definition."""

from __future__ import annotations

import numpy as np
import pytest

from tenfold.backend.cpu.instruction_set import instruction_set
from tenfold.nn import MeanSquaredError, Sequential
from tenfold.optim import SGD
from tenfold.train import DefinitionExecutor
from tenfold.train.compiled import CompiledExecutor

RATE = 2.0**20  # so large a step that what is left of the old parameter does not blur the gradient
CLEAR = 3e-6  # how far from a kink numbers must lie for float32 and float64 to be on the same side


def pytest_report_header():
    used = instruction_set()
    return f"engine: compiled for {used.cpu}, {used.lanes} lanes in a register"


class Twins:
    """A network and its double, a minibatch for both, and what each makes of it.

    The numbers are drawn again until no input of a ReLU lies near 0, no window of a max pooling has two
    near maxima and no channel that is normalised is nearly constant: there, rounding alone would change
    the gradient. ``clear`` tells whether that succeeded.
    """

    def __init__(self, layers, shape, *, n=7, loss=None, seed=0, own=(), weights=None):
        self.network, self.own = Sequential(layers, shape), own
        self.double = Sequential.from_config(self.network.config(), own)
        self.loss, self.n = loss or MeanSquaredError(), n
        self.weights = weights
        for attempt in range(20):
            self.rng = np.random.default_rng([seed, attempt])
            self._draw(shape)
            self.clear = self._margin() > CLEAR
            if self.clear:
                break

    def _draw(self, shape):
        self.network.initialise(self.rng)
        for array in self.network.params.values():
            if array.ndim == 1:  # biases, and the scales of batch normalisation
                array += 0.3 * self.rng.standard_normal(array.shape, np.float32)
        for array in self.network.state.values():
            array += self.rng.random(array.shape, np.float32)
        self.double.assign(as_double(self.network.params), as_double(self.network.state))
        self.x = self.rng.standard_normal((self.n, *shape), np.float32)
        self.labels = self.rng.integers(0, self.network.output_shape[-1] + self.loss.extra_labels, self.n)

    def _margin(self):
        """Return how near the minibatch comes to a kink on its way through the double."""
        nearest, _ = margin(self.double, self.x.astype(float), np.random.default_rng(0))
        return nearest

    def engine(self, optimizer=None, *, threads=1, deterministic=False):
        """Return the engine's executor with the numbers of the start."""
        return CompiledExecutor(
            self.network, self.loss, optimizer or SGD(0.1), threads=threads, deterministic=deterministic
        )

    def definition(self, optimizer=None, *, double=True):
        """Return the definition's executor, on a copy, with the numbers of the start."""
        source = self.double if double else self.network
        network = Sequential.from_config(source.config(), self.own)
        network.load(source.params, source.state)
        return DefinitionExecutor(network, self.loss, optimizer or SGD(0.1))

    def gradients(self, executor):
        """Return the loss and the gradients that one step of plain SGD reveals, in float64 by name."""
        before = executor.export().params
        order, rates = np.arange(self.n), np.array([RATE])
        rng = np.random.default_rng(0)
        taken = executor.train(self.x, self.labels, order, self.n, rates, rng, self.weights)
        after = executor.export().params
        return taken, {name: (p.astype(float) - after[name]) / RATE for name, p in before.items()}

    def wanted(self):
        """Return the loss and the gradients by the definition in float64."""
        executor = self.definition()
        logits, backward = executor.network.forward(
            self.x.astype(float), training=True, rng=np.random.default_rng(0)
        )
        given = [] if self.weights is None else [self.weights]
        loss, loss_backward = self.loss.forward(logits, self.labels, *given)
        correct = int(np.sum(self.loss.answers(logits) == self.labels))
        return float(loss), correct, backward(loss_backward())[1]

    def check_step(self, *, threads=1, deterministic=False):
        """Hold one step of the engine to the definition: loss, right answers and every gradient."""
        assert self.clear, "expected numbers away from kinks, got none in 20 attempts"
        taken, got = self.gradients(self.engine(threads=threads, deterministic=deterministic))
        loss, correct, want = self.wanted()
        assert taken.losses[0] == pytest.approx(loss, rel=1e-5)
        assert taken.correct[0] == correct
        assert_near(got, want)


def margin(network, x, rng):
    """Return how near x comes to a kink on its way through a network, and the output."""
    nearest = np.inf
    for layer in network.layers.values():
        gaps, state = layer.gaps(x), dict(layer.state)
        if layer.kind == "batch_norm" and x.var(axis=tuple(range(x.ndim - 1))).min() < 0.01:
            return 0.0, x
        nearest = min(nearest, np.min(gaps[gaps > 0], initial=np.inf))  # 0 is 0 in both precisions
        if hasattr(layer, "parts"):
            parts = [margin(part, x, rng) for part in layer.parts.values()]
            nearest = min(nearest, *(near for near, _ in parts))
            x = sum((y for _, y in parts), start=0 if layer.shortcut else x)
        else:
            x, _ = layer.forward(x, training=True, rng=rng)
        layer.state = state
    return nearest, x


def as_double(arrays):
    return {name: array.astype(float) for name, array in arrays.items()}


def assert_near(got, want, tolerance=1e-5):
    """Compare arrays by name: the distance, measured by the norm of each and a little by that of all.

    A gradient that cancels out, as that of a bias before batch normalisation, is only rounding.
    """
    assert got.keys() == want.keys()
    whole = np.sqrt(sum(np.sum(w * w) for w in want.values()))
    for name, w in want.items():
        distance = np.linalg.norm((got[name] - w).ravel())
        bound = tolerance * (np.linalg.norm(w.ravel()) + 0.1 * whole)
        assert distance <= bound, f"{name}: {distance:g} from the definition, at most {bound:g} expected"


@pytest.fixture(scope="session")
def twins():
    """Build a network and its double: `twins(layers, shape, n=7, loss=None, seed=0)`."""
    return Twins


@pytest.fixture(scope="session")
def near():
    """Compare arrays by name: `near(got, want, tolerance=1e-5)`."""
    return assert_near
