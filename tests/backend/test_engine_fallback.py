"""Networks of which a layer, the loss or the optimiser is not compiled, against the definition."""

from __future__ import annotations

import numpy as np
import pytest

from tenfold.errors import ConfigError, ShapeError
from tenfold.nn import (
    LAYERS,
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    Layer,
    LeakyReLU,
    Loss,
    MaxPool2d,
    MeanSquaredError,
    OpenSetCrossEntropy,
    PartialConv2d,
    ReLU,
    Scale,
    ScaledTanh,
    Sequential,
    SoftmaxCrossEntropy,
    Tanh,
)
from tenfold.optim import SGD, Adam, PerLayer, RMSprop
from tenfold.optim.optimizer import OptimizerState
from tenfold.train import DefinitionExecutor
from tenfold.train.compiled import CompiledExecutor


class Swish(Layer):
    kind = "swish"

    def forward(self, x, *, training=False, rng=None):
        gate = 1 / (1 + np.exp(-x))
        return x * gate, lambda dy: (dy * gate * (1 + x * (1 - gate)), {})


class Gain(Layer):
    """A learned gain for each channel, and one for all."""

    kind = "gain"

    def __init__(self, c):
        super().__init__()
        self.c = c

    def config(self):
        return {"c": self.c}

    def param_shapes(self):
        return {"gain": (self.c,), "all": ()}

    def initialise(self, rng, dtype=np.float32):
        self.params = {"gain": np.linspace(0.5, 1.5, self.c, dtype=dtype), "all": np.array(1.25, dtype)}

    def forward(self, x, *, training=False, rng=None):
        gain, scale = self.params["gain"], self.params["all"]
        axes = tuple(range(x.ndim - 1))

        def backward(dy):
            return dy * gain * scale, {"gain": (dy * x * scale).sum(axis=axes), "all": (dy * x * gain).sum()}

        return x * gain * scale, backward


class Noise(Layer):
    """Draws in training, as dropout does."""

    kind = "noise"

    def forward(self, x, *, training=False, rng=None):
        factor = rng.random(x.shape, np.float32).astype(x.dtype) + 0.5 if training else 1.0
        return x * factor, lambda dy: (dy * factor, {})


class Block(Layer):
    """A network within a network: what it computes is added to its input."""

    kind = "block"

    def __init__(self, c):
        super().__init__()
        self.inner = Sequential({"fc": Dense(c, c), "tanh": Tanh()}, (c,))

    def config(self):
        return {"c": self.inner.input_shape[0]}

    def param_shapes(self):
        return {name.replace(".", "_"): shape for name, shape in self.inner.param_shapes.items()}

    def initialise(self, rng, dtype=np.float32):
        self.inner.initialise(rng, dtype)
        self.params = {name.replace(".", "_"): array for name, array in self.inner.params.items()}

    def forward(self, x, *, training=False, rng=None):
        self.inner.assign({name: self.params[name.replace(".", "_")] for name in self.inner.param_shapes})
        y, inner = self.inner.forward(x, training=training, rng=rng)

        def backward(dy):
            dx, grads = inner(dy)
            return dx + dy, {name.replace(".", "_"): grad for name, grad in grads.items()}

        return x + y, backward


class OwnDense(Dense):
    """A class of the user's own under a kind that is compiled."""

    kind = Dense.kind


class OwnConv(Conv2d):
    kind = Conv2d.kind


class OwnNorm(BatchNorm):
    kind = BatchNorm.kind


class OwnPool(MaxPool2d):
    kind = MaxPool2d.kind


class OwnFlatten(Flatten):
    kind = Flatten.kind


@pytest.fixture(autouse=True)
def known(monkeypatch):
    """The double is built from a configuration, which names layers by their kind."""
    for layer in (Swish, Gain, Noise, Block):
        monkeypatch.setitem(LAYERS, layer.kind, layer)


def named(*layers):
    return {f"l{i}_{layer.kind}": layer for i, layer in enumerate(layers)}


def convolutional():
    return [
        Conv2d(2, 6, 3), ReLU(), MaxPool2d(2), Conv2d(6, 18, 2), LeakyReLU(), Flatten(), Dense(72, 12),
        ReLU(), Dense(12, 10),
    ]  # fmt: skip


def dense():
    return [Flatten(), Dense(128, 40), ReLU(), Dense(40, 20), Tanh(), Dense(20, 10)]


def normalised():
    return [
        BatchNorm(2), Conv2d(2, 5, 3, padding="same"), BatchNorm(5), ReLU(), MaxPool2d(2), Dropout(0.25),
        Flatten(), Dense(80, 20), BatchNorm(20), Tanh(), Dropout(0.5), Dense(20, 10),
    ]  # fmt: skip


def nothing_to_train():
    return [MaxPool2d(2), Tanh(), Flatten()]


SHAPE = (8, 8, 2)
BASES = {f.__name__: f for f in (convolutional, dense, normalised, nothing_to_train)}


def inserted(base, position, build):
    """Layers of a base with one of the user's own at a position; how many channels it sees is worked out."""
    layers, shape = BASES[base](), SHAPE
    for layer in layers[:position]:
        shape = layer.output_shape(shape)
    layers.insert(position, build(shape[-1]))
    return named(*layers)


POSITIONS = [(base, i) for base in BASES for i in range(len(BASES[base]()) + 1)]
OWN = {"swish": lambda c: Swish(), "gain": Gain}
REPLACED = {
    "the first layer": lambda: named(OwnConv(2, 6, 3), ReLU(), MaxPool2d(2), Flatten(), Dense(54, 10)),
    "a convolution": lambda: named(
        Conv2d(2, 6, 3), ReLU(), OwnConv(6, 4, 2), ReLU(), MaxPool2d(2), Flatten(), Dense(16, 10)
    ),
    "a pooling": lambda: named(Conv2d(2, 6, 3), ReLU(), OwnPool(2), Flatten(), Dense(54, 10)),
    "flatten": lambda: named(Conv2d(2, 6, 3), OwnFlatten(), Dense(216, 10)),
    "a normalisation": lambda: named(
        Conv2d(2, 6, 3), OwnNorm(6), ReLU(), BatchNorm(6), Flatten(), Dense(216, 10), OwnNorm(10)
    ),
    "the last layer": lambda: named(Flatten(), Dense(128, 30), ReLU(), OwnDense(30, 10)),
    "two in a row": lambda: named(Flatten(), Dense(128, 30), Swish(), Gain(30), Dense(30, 10)),
    "several": lambda: named(
        Swish(),
        OwnConv(2, 6, 3),
        Swish(),
        MaxPool2d(2),
        Gain(6),
        Flatten(),
        OwnDense(54, 20),
        ReLU(),
        Gain(20),
        Dense(20, 10),
        Swish(),
    ),
    "all": lambda: named(OwnConv(2, 6, 3), OwnPool(2), OwnFlatten(), Swish(), OwnDense(54, 10), Gain(10)),
    "large parameters": lambda: named(Flatten(), OwnDense(128, 70), ReLU(), Dense(70, 10)),
    "built in, without compiled code": lambda: named(
        Conv2d(2, 4, 3),
        ScaledTanh(),
        PartialConv2d(4, [[0, 1], [1, 2, 3]], 3),
        Scale(2),
        ReLU(),
        Flatten(),
        Dense(32, 10),
    ),
    "a network within": lambda: named(Flatten(), Dense(128, 12), ReLU(), Block(12), ReLU(), Dense(12, 10)),
    "draws of its own": lambda: named(Flatten(), Noise(), Dense(128, 12), Noise(), ReLU(), Dense(12, 10)),
}
RUNS = {
    "one thread": (7, 1, False),
    "two threads": (33, 2, False),
    "deterministic": (12, 3, True),
    "one image": (1, 2, False),
}


@pytest.mark.parametrize("own", OWN)
@pytest.mark.parametrize(("base", "position"), POSITIONS)
def test_gradients_and_outputs_are_the_definitions_wherever_the_layer_is(twins, base, position, own):
    pair = twins(inserted(base, position, OWN[own]), SHAPE, n=12, loss=SoftmaxCrossEntropy())
    pair.check_step(threads=2)
    want = pair.double.infer(pair.x.astype(float))
    np.testing.assert_allclose(pair.engine().logits(pair.x), want, rtol=1e-5, atol=1e-5 * abs(want).max())


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("name", REPLACED)
def test_gradients_and_outputs_are_the_definitions_whatever_the_layer_is(twins, name, run):
    n, threads, deterministic = RUNS[run]
    layers = REPLACED[name]()
    pair = twins(layers, SHAPE, n=max(n, 3) if "normal" in name else n)
    pair.check_step(threads=threads, deterministic=deterministic)
    want = pair.double.infer(pair.x.astype(float))
    got = pair.engine(threads=threads, deterministic=deterministic).logits(pair.x)
    np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-5 * abs(want).max())


# -- losses ----------------------------------------------------------------------------------------


class Hinge(Loss):
    """A loss of the user's own: what each wrong output exceeds the right one by, plus 1."""

    kind = "hinge"

    def forward(self, logits, labels):
        rows = np.arange(len(labels))
        gaps = np.maximum(logits - logits[rows, labels][:, None] + 1, 0)  # (n, k)
        gaps[rows, labels] = 0

        def backward():
            slopes = (gaps > 0).astype(logits.dtype)
            slopes[rows, labels] = -slopes.sum(axis=1)
            return slopes / len(labels)

        return gaps.sum() / len(labels), backward


LOSSES = {
    "cross-entropy": SoftmaxCrossEntropy,
    "smoothed": lambda: SoftmaxCrossEntropy(label_smoothing=0.1),
    "open set": OpenSetCrossEntropy,
    "squared error": MeanSquaredError,
    "hinge": Hinge,
}
NETWORKS = {
    "compiled": convolutional,
    "one of one's own": lambda: [*convolutional()[:4], Swish(), *convolutional()[5:]],
    "the last of one's own": lambda: [*convolutional(), Gain(10)],
    "normalised": lambda: [  # no bias directly before a mean is subtracted: its gradient is only rounding
        BatchNorm(2), Conv2d(2, 5, 3, padding="same"), Swish(), MaxPool2d(2), BatchNorm(5), Dropout(0.25),
        Flatten(), Dense(80, 20), Tanh(), OwnNorm(20), Dropout(0.5), Dense(20, 10),
    ],
}  # fmt: skip


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("network", NETWORKS)
def test_losses_are_the_definitions(twins, network, loss, threads):
    pair = twins(named(*NETWORKS[network]()), SHAPE, n=9, loss=LOSSES[loss]())
    pair.check_step(threads=threads)


@pytest.mark.parametrize("loss", ["cross-entropy", "weighted hinge"])
def test_weighted_losses_are_the_definitions(twins, loss):
    class Weighted(Hinge):
        def forward(self, logits, labels, weights=None):
            each = [Hinge.forward(self, logits[i : i + 1], labels[i : i + 1]) for i in range(len(labels))]
            rows = [w * slopes()[0] for w, (_, slopes) in zip(weights, each, strict=True)]
            value = sum(w * one for w, (one, _) in zip(weights, each, strict=True)) / len(labels)
            return value, lambda: np.stack(rows) / len(labels)

    weights = np.array([0, 1, 2, 0.5, 3, 0.25, 1, 0, 1.5], np.float32)
    one = Weighted() if loss == "weighted hinge" else LOSSES[loss]()
    layers = named(*NETWORKS["one of one's own"]())
    twins(layers, SHAPE, n=9, loss=one, weights=weights).check_step()


# -- training --------------------------------------------------------------------------------------


class Signs(SGD):
    """An optimiser of the user's own: steps of one size, against a mean of gradients."""

    kind = "signs"

    def init(self, params):
        return OptimizerState(0, {"mean": {name: np.zeros_like(p) for name, p in params.items()}})

    def update(self, params, grads, state, rate):
        mean = {name: 0.9 * state.slots["mean"][name] + 0.1 * g for name, g in grads.items()}
        moved = {name: p - rate * np.sign(mean[name]) for name, p in params.items()}
        return moved, OptimizerState(state.step + 1, {"mean": mean})


OPTIMIZERS = {
    "sgd": lambda names: SGD(0.05),
    "momentum": lambda names: SGD(0.05, momentum=0.9, nesterov=True, weight_decay=0.01),
    "rmsprop": lambda names: RMSprop(0.01),
    "adam": lambda names: Adam(0.01, weight_decay=0.01),
    "one for each layer": lambda names: PerLayer(SGD(0.05), {names[-1]: Adam(0.01)}),
    "of one's own": lambda names: Signs(0.01),
}
N, STEPS = 16, 6


@pytest.fixture
def images():
    rng = np.random.default_rng(1)
    return rng.random((N * STEPS, *SHAPE), np.float32), rng.integers(0, 10, N * STEPS)


def network_of(name):
    network = Sequential(named(*NETWORKS[name]()), SHAPE)
    network.initialise(0)
    return network


def train(executor, images, steps=range(STEPS), rng=None):
    order, rates = np.arange(N * steps.start, N * steps.stop), np.full(len(steps), 0.01)
    return executor.train(*images, order, N, rates, rng or np.random.default_rng(5))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("network", NETWORKS)
def test_training_is_the_definitions(near, images, network, optimizer):
    """Parameters, running statistics and the optimiser's numbers after some steps, with dropout."""
    found, wanted = network_of(network), network_of(network)
    how = OPTIMIZERS[optimizer](list(found.layers))
    engine = CompiledExecutor(found, SoftmaxCrossEntropy(), how, threads=2)
    definition = DefinitionExecutor(wanted, SoftmaxCrossEntropy(), how)
    taken, want = train(engine, images), train(definition, images)
    np.testing.assert_allclose(taken.losses, want.losses, rtol=1e-3)
    got, expected = engine.export(), definition.export()
    near(got.params, expected.params, 2e-3)
    near(got.state, expected.state, 2e-3) if expected.state else None
    assert got.optimizer.step == expected.optimizer.step == STEPS
    assert got.optimizer.slots.keys() == expected.optimizer.slots.keys() or optimizer == "sgd"
    for layer in found.layers.values():  # the network has its own numbers, as they were
        for array in layer.params.values():
            assert array.base is None


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("network", [name for name in NETWORKS if name != "compiled"])
def test_a_resumed_run_has_the_same_bits(images, network, optimizer):
    how = OPTIMIZERS[optimizer](list(network_of(network).layers))
    made = [CompiledExecutor(network_of(network), SoftmaxCrossEntropy(), how, threads=2) for _ in range(2)]
    unbroken, rng = made[0], np.random.default_rng(5)
    train(unbroken, images)
    first = CompiledExecutor(network_of(network), SoftmaxCrossEntropy(), how, threads=2)
    train(first, images, range(2), rng)
    resumed = made[1]
    resumed.restore(*first.export())
    train(resumed, images, range(2, STEPS), rng)
    for got, want in zip(resumed.export()[:2], unbroken.export()[:2], strict=True):
        for name, array in want.items():
            np.testing.assert_array_equal(got[name], array, err_msg=name)
    np.testing.assert_array_equal(resumed.logits(images[0]), unbroken.logits(images[0]))


def test_dropout_and_draws_of_ones_own_do_not_depend_on_how_steps_are_cut(images):
    def draws():
        layers = named(Flatten(), Dropout(0.5), Dense(128, 12), Noise(), ReLU(), Dropout(0.2), Dense(12, 10))
        network = Sequential(layers, SHAPE)
        network.initialise(0)
        return CompiledExecutor(network, SoftmaxCrossEntropy(), SGD(0.1), threads=1)

    whole, cut, rng = draws(), draws(), np.random.default_rng(5)
    train(whole, images)
    for part in (range(1), range(1, 4), range(4, STEPS)):
        train(cut, images, part, rng)
    for name, array in whole.export().params.items():
        np.testing.assert_array_equal(cut.export().params[name], array)


def test_deterministic_results_are_those_of_any_number_of_threads(images):
    results = []
    for threads in (1, 2, 3):
        executor = CompiledExecutor(
            network_of("normalised"), SoftmaxCrossEntropy(), Adam(0.01), threads=threads, deterministic=True
        )
        train(executor, images)
        results.append(executor.export())
    for other in results[1:]:
        for got, want in zip(other[:2], results[0][:2], strict=True):
            for name, array in want.items():
                np.testing.assert_array_equal(got[name], array, err_msg=name)


def test_many_images_are_predicted_as_few_are(images):
    executor = CompiledExecutor(network_of("normalised"), SoftmaxCrossEntropy(), SGD(0.1), threads=2)
    many = np.concatenate([images[0]] * 4)  # more than are computed at a time
    want = executor.logits(images[0][:1])
    assert executor.logits(many[:0]).shape == (0, 10)
    np.testing.assert_allclose(
        executor.logits(many)[:: len(images[0])], np.repeat(want, 4, axis=0), rtol=1e-5
    )


# -- layers that do not keep to what is agreed ------------------------------------------------------


def one(layer):
    """A network with a layer of the user's own in its middle."""
    network = Sequential({"fc": Dense(4, 6), "own": layer, "out": Dense(6, 3)}, (4,))
    network.initialise(0)
    return CompiledExecutor(network, SoftmaxCrossEntropy(), SGD(0.1), threads=1)


def layer_with(forward):
    return type("Odd", (Layer,), {"kind": "odd", "forward": forward})()


ODD = {
    "its output has another shape": (
        lambda self, x, *, training=False, rng=None: (x[:, :1], lambda dy: (dy, {})),
        ShapeError,
        r"own \(Odd\): expected its output of shape \(5, 6\), got \(5, 1\); correct its forward",
    ),
    "its gradient has another shape": (
        lambda self, x, *, training=False, rng=None: (x, lambda dy: (dy.sum(), {})),
        ShapeError,
        r"own \(Odd\): expected its gradient of shape \(5, 6\), got \(\); correct its forward",
    ),
    "it gives a gradient of what is no parameter": (
        lambda self, x, *, training=False, rng=None: (x, lambda dy: (dy, {"gain": dy})),
        ConfigError,
        r"own \(Odd\): expected gradients of none, got those of gain; return one for each parameter",
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_a_layer_that_does_not_fit_is_named(name):
    forward, error, text = ODD[name]
    executor = one(layer_with(forward))
    with pytest.raises(error, match=text):
        executor.train(
            np.zeros((5, 4), np.float32),
            np.zeros(5, np.int64),
            np.arange(5),
            5,
            np.full(1, 0.1),
            np.random.default_rng(0),
        )


@pytest.mark.fault("training", "a layer of one's own raises", "its error, and the steps before it stay")
def test_the_steps_before_a_layer_raised_stay():
    calls = []

    def forward(self, x, *, training=False, rng=None):
        calls.append(training)
        if len(calls) == 3:
            raise ZeroDivisionError("of the user's own")
        return x, lambda dy: (dy, {})

    executor, twin = one(layer_with(forward)), one(layer_with(lambda self, x, **_: (x, lambda dy: (dy, {}))))
    images, labels = np.random.default_rng(0).random((5, 4), np.float32), np.arange(5) % 3
    arguments = images, labels, np.tile(np.arange(5), 4), 5, np.full(4, 0.1)
    with pytest.raises(ZeroDivisionError, match="of the user's own"):
        executor.train(*arguments, np.random.default_rng(0))
    twin.train(images, labels, np.tile(np.arange(5), 2), 5, np.full(2, 0.1), np.random.default_rng(0))
    assert executor.export().optimizer.step == 2
    for name, array in twin.export().params.items():
        np.testing.assert_array_equal(executor.export().params[name], array)
    assert executor.logits(images).shape == (5, 3)  # it still computes


@pytest.mark.fault("training", "a pixel is NaN or infinite", "training stops before its update")
@pytest.mark.parametrize("loss", [SoftmaxCrossEntropy, Hinge])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_nothing_moves_after_a_loss_that_is_not_finite(loss, bad, images):
    x, labels = images
    x[N * 3] = bad
    executor = CompiledExecutor(network_of("one of one's own"), loss(), Adam(0.01), threads=2)
    twin = CompiledExecutor(network_of("one of one's own"), loss(), Adam(0.01), threads=2)
    taken = train(executor, (x, labels))
    train(twin, images, range(3))
    assert len(taken.losses) == 4
    assert np.isfinite(taken.losses[:3]).all()
    assert not np.isfinite(taken.losses[3])
    assert executor.export().optimizer.step == 3
    for name, array in twin.export().params.items():
        np.testing.assert_array_equal(executor.export().params[name], array)


def test_what_a_layer_keeps_of_its_input_stays_as_it_was(images):
    seen = []

    def forward(self, x, *, training=False, rng=None):
        seen.append((x, x.copy()))
        return x, lambda dy: (dy, {})

    layers = {"flatten": Flatten(), "fc": Dense(128, 6), "own": layer_with(forward), "out": Dense(6, 10)}
    network = Sequential(layers, SHAPE)
    network.initialise(0)
    train(CompiledExecutor(network, SoftmaxCrossEntropy(), SGD(0.1)), images)
    assert len(seen) == STEPS
    for kept, copy in seen:
        np.testing.assert_array_equal(kept, copy)


def test_a_layer_may_ask_another_network(images):
    other = CompiledExecutor(network_of("compiled"), SoftmaxCrossEntropy(), SGD(0.1))

    def forward(self, x, *, training=False, rng=None):
        return x + 0 * other.logits(images[0][: len(x)]), lambda dy: (dy, {})

    layers = {"flatten": Flatten(), "fc": Dense(128, 10), "own": layer_with(forward)}
    network = Sequential(layers, SHAPE)
    network.initialise(0)
    assert np.isfinite(train(CompiledExecutor(network, SoftmaxCrossEntropy(), SGD(0.1)), images).losses).all()


def test_an_attribute_that_changes_between_steps_is_seen(images):
    class Strength(Layer):
        kind, strength = "strength", 1.0

        def forward(self, x, *, training=False, rng=None):
            return x * self.strength, lambda dy: (dy * self.strength, {})

    network = Sequential({"own": Strength(), "flatten": Flatten(), "fc": Dense(128, 10)}, SHAPE)
    network.initialise(0)
    executor = CompiledExecutor(network, SoftmaxCrossEntropy(), SGD(0.1))
    before = executor.logits(images[0])
    network.layers["own"].strength = 0.0
    assert np.ptp(executor.logits(images[0]), axis=0).max() == 0 < np.ptp(before, axis=0).min()
