"""The definition's executor, on every array library that is there."""

import io
from dataclasses import replace

import array_api_strict
import numpy as np
import pytest

from tenfold.backend.arrays import to_numpy
from tenfold.data import as_float
from tenfold.nn import (
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Elementwise,
    Flatten,
    Layer,
    LeakyReLU,
    Sequential,
    SoftmaxCrossEntropy,
)
from tenfold.optim import EMA, SGD, Adam, PerLayer
from tenfold.train import DefinitionExecutor, PlainLines, Recipe, executor_for, fit
from tenfold.train.definition import load_weights, network_input

LIBRARIES = {"numpy": np.asarray, "array-api-strict": array_api_strict.asarray}


def run(network, digits, optimizer=None, steps=5):
    executor = DefinitionExecutor(network, SoftmaxCrossEntropy(), optimizer or Adam(0.01))
    order, rates = np.arange(16 * steps), np.full(steps, 0.01)
    taken = executor.train(digits.images, digits.labels, order, 16, rates, np.random.default_rng(0))
    return executor, taken


def moved(network, asarray):
    network.assign(
        {name: asarray(a) for name, a in network.params.items()},
        {n: asarray(a) for n, a in network.state.items()},
    )
    return network


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("library", LIBRARIES)
def test_every_library_gives_what_numpy_gives(new_network, digits, library, dtype):
    results = []
    for asarray in (np.asarray, LIBRARIES[library]):
        network = new_network()
        network.initialise(0, dtype)
        executor, taken = run(moved(network, asarray), digits)
        assert isinstance(network.params["fc1.weight"], type(asarray(np.zeros(1))))
        results.append((executor.export(), taken, executor.logits(digits.images)))
    (ours, our_steps, our_logits), (theirs, their_steps, their_logits) = results
    tolerance = 1e-5 if dtype == np.float32 else 1e-12
    np.testing.assert_allclose(their_steps.losses, our_steps.losses, rtol=tolerance)
    np.testing.assert_array_equal(their_steps.correct, our_steps.correct)
    np.testing.assert_allclose(their_logits, our_logits, rtol=tolerance, atol=tolerance)
    for name, array in ours.params.items():
        np.testing.assert_allclose(theirs.params[name], array, rtol=tolerance, atol=tolerance)
    assert ours.params["fc1.weight"].dtype == dtype


def test_the_figures_of_a_step_are_those_before_its_update(network, digits):
    network.initialise(0)
    x, labels = network_input(network, digits.images[:16]), digits.labels[:16]
    logits = network.forward(x, training=True, rng=np.random.default_rng(0))[0]
    _, taken = run(network, digits, steps=1)
    assert taken.losses[0] == pytest.approx(float(SoftmaxCrossEntropy().forward(logits, labels)[0]), rel=1e-6)
    assert taken.correct[0] == np.sum(logits.argmax(axis=1) == labels)
    assert (taken.losses.dtype, taken.correct.dtype) == (np.float64, np.int64)


def test_a_short_last_minibatch_is_a_step_of_its_own(network, digits):
    network.initialise(0)
    executor = DefinitionExecutor(network, SoftmaxCrossEntropy(), SGD(0.1))
    taken = executor.train(
        digits.images, digits.labels, np.arange(20), 16, np.full(2, 0.1), np.random.default_rng(0)
    )
    assert len(taken.losses) == 2
    assert taken.correct[1] <= 4
    assert executor.optimizer_state.step == 2


def test_nothing_moves_after_a_loss_that_is_not_finite(digits):
    network = Sequential({"flatten": Flatten(), "fc": Dense(64, 10)}, (8, 8, 1))
    network.initialise(0)
    executor = DefinitionExecutor(network, SoftmaxCrossEntropy(), SGD(1.0))
    rates = np.array([0.1, 1e38, 0.1, 0.1])
    taken = executor.train(digits.images, digits.labels, np.arange(64), 16, rates, np.random.default_rng(0))
    assert np.isfinite(taken.losses[:-1]).all()
    assert not np.isfinite(taken.losses[-1])
    assert executor.optimizer_state.step == len(taken.losses) - 1 < 4


def test_what_is_exported_and_restored_is_a_copy(new_network, digits):
    network = new_network()
    network.initialise(0)
    executor, _ = run(network, digits)
    exported = executor.export()
    before = {name: array.copy() for name, array in exported.params.items()}
    run_on = new_network()
    run_on.initialise(1)
    other = DefinitionExecutor(run_on, SoftmaxCrossEntropy(), Adam(0.01))
    other.restore(*exported)
    arguments = digits.images, digits.labels, np.arange(32), 16, np.full(2, 0.01)
    first = executor.train(*arguments, np.random.default_rng(5))
    second = other.train(*arguments, np.random.default_rng(5))
    np.testing.assert_array_equal(first.losses, second.losses)
    for name, array in executor.export().params.items():
        np.testing.assert_array_equal(other.export().params[name], array)
        np.testing.assert_array_equal(exported.params[name], before[name])
        assert not np.array_equal(array, before[name])


def test_what_was_exported_does_not_follow_the_network(network, digits):
    network.initialise(0)
    executor, _ = run(network, digits)
    exported = executor.export()
    for array in (*network.params.values(), *network.state.values()):
        array[:] = 7
    assert not any((array == 7).any() for array in (*exported.params.values(), *exported.state.values()))


def test_images_reach_the_network_scaled_once(network, digits):
    network.initialise(0)
    x = network_input(network, digits.images)
    assert x.shape == (len(digits), 8, 8, 1)
    assert 0 <= x.min()
    assert 0.5 < x.max() <= 1
    np.testing.assert_array_equal(network_input(network, as_float(digits.images)), x)


def test_weights_are_put_as_copies(network):
    network.initialise(0)
    params = {name: array.copy() for name, array in network.params.items()}
    load_weights(network, params, {name: array.copy() for name, array in network.state.items()})
    params["fc1.weight"][:] = 7
    assert to_numpy(network.params["fc1.weight"]).max() < 7


class Shouting(Dense):
    """A layer of the user's own under a name that is taken."""


class Swish(Layer):
    """A layer of the user's own."""

    def forward(self, x, *, training=False, rng=None):
        gate = 1 / (1 + np.exp(-x))  # (n, c)
        return x * gate, lambda dy: (dy * gate * (1 + x * (1 - gate)), {})


class Stubborn(SGD):
    """An optimiser of the user's own."""


DEFINED = {
    "float64": (np.float64, np.asarray),
    "another library": (np.float32, array_api_strict.asarray),
}


@pytest.mark.parametrize("act", [LeakyReLU, Swish])
@pytest.mark.parametrize("case", DEFINED)
def test_the_definition_runs_what_the_engine_cannot(case, act):
    dtype, asarray = DEFINED[case]
    network = Sequential({"flatten": Flatten(), "fc": Dense(64, 10), "act": act()}, (8, 8, 1))
    network.initialise(0, dtype)
    executor = executor_for(moved(network, asarray), SoftmaxCrossEntropy(), Adam(0.01))
    assert type(executor) is DefinitionExecutor


def test_the_engine_runs_what_it_can(network):
    from tenfold.train.compiled import CompiledExecutor

    network.initialise(0)
    assert type(executor_for(network, SoftmaxCrossEntropy(), Adam(0.01))) is CompiledExecutor


def built(act, fc1=Dense):
    layers = {"flatten": Flatten(), "fc1": fc1(64, 12), "act": act, "fc2": Dense(12, 10)}
    return Sequential(layers, (8, 8, 1))


class Tabled(Elementwise):
    """Elementwise, by a function that is not compiled."""

    kind = "tabled"

    @staticmethod
    def function(x):
        return np.interp(x, [-1, 1], [-1, 1]).astype(x.dtype)

    @staticmethod
    def derivative(x):
        return (abs(x) < 1).astype(x.dtype)


class Passing(Tabled):
    """Elementwise, by a pass of its own."""

    kind = "passing"

    def infer(self, x):
        return x


class Hinge(SoftmaxCrossEntropy):
    """A loss of the user's own."""


# What is said: by a warning, and in the run's notices. None if everything is compiled.
NOTICES = {
    "all is known": (lambda: built(LeakyReLU()), SoftmaxCrossEntropy, Adam, None),
    "a layer": (
        lambda: built(Swish()),
        SoftmaxCrossEntropy,
        Adam,
        "layer 'act' (Swish) runs as written, in NumPy, which is slower; the rest is compiled; if act "
        "is elementwise, derive it from tenfold.nn.Elementwise and it is compiled too",
    ),
    "a layer with parameters": (
        lambda: built(LeakyReLU(), Shouting),
        SoftmaxCrossEntropy,
        Adam,
        "layer 'fc1' (Shouting) runs as written, in NumPy, which is slower; the rest is compiled",
    ),
    "an expression that cannot be compiled": (
        lambda: built(Tabled()),
        SoftmaxCrossEntropy,
        Adam,
        "layer 'act' (Tabled) runs as written, in NumPy, which is slower; the rest is compiled; act: "
        "compiled code cannot use one of its expressions; use NumPy's elementwise functions",
    ),
    "a pass of its own": (
        lambda: built(Passing()),
        SoftmaxCrossEntropy,
        Adam,
        "layer 'act' (Passing) runs as written, in NumPy, which is slower; the rest is compiled; act: "
        "it has its own infer, and only its expressions can be compiled",
    ),
    "several parts": (
        lambda: built(Swish(), Shouting),
        Hinge,
        Stubborn,
        "layer 'fc1' (Shouting), layer 'act' (Swish), the loss Hinge, the optimiser Stubborn run as "
        "written, in NumPy, which is slower; the rest is compiled; if act is elementwise, derive it from "
        "tenfold.nn.Elementwise and it is compiled too",
    ),
}


@pytest.fixture(params=NOTICES)
def noticed(request):
    """A network, a recipe, and what is said of them."""
    build, loss, optimizer, notice = NOTICES[request.param]
    return build(), Recipe(2, batch_size=16, loss=loss(), optimizer=optimizer(0.01)), notice


@pytest.mark.filterwarnings("always::tenfold.errors.SlowerWarning")
def test_a_run_says_once_what_is_slower_and_keeps_it(digits, noticed, recwarn, tmp_path):
    network, recipe, notice = noticed
    lines = io.StringIO()
    history = fit(network, recipe, digits, out=tmp_path, progress=PlainLines(lines))
    assert [str(one.message) for one in recwarn] == ([] if notice is None else [notice])
    assert [one.filename for one in recwarn] == [__file__] * len(recwarn)  # the user's own line
    assert history.notices == ([] if notice is None else [notice])
    assert "as written" not in lines.getvalue()  # the warning has said it
    resumed = fit(network, replace(recipe, epochs=3), digits, out=tmp_path, resume=True)
    assert resumed.notices == history.notices


@pytest.mark.filterwarnings("ignore::tenfold.errors.SlowerWarning")
def test_a_layer_of_ones_own_works_among_compiled_ones(digits, held_out):
    network = built(Swish())
    history = fit(network, Recipe(8, batch_size=16, optimizer=Adam(0.01)), digits, held_out)
    logits = executor_for(network, SoftmaxCrossEntropy(), Adam(0.01)).logits(held_out.images)
    recognised = float(np.mean(logits.argmax(axis=1) == held_out.labels))
    assert history.rows[-1].validation_accuracy == recognised > 0.9
    want = network.infer(network_input(network, held_out.images))
    np.testing.assert_allclose(logits, want, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_was_chosen_needs_no_remark(digits, dtype):
    """Float64, and the definition named as the executor: nobody expects the engine there."""
    network, lines = built(Swish()), io.StringIO()
    network.initialise(0, dtype)
    executor = DefinitionExecutor if dtype == np.float32 else executor_for
    recipe = Recipe(1, batch_size=16, optimizer=Adam(0.01))
    fit(network, recipe, digits, initialise=False, executor=executor, progress=PlainLines(lines))
    assert "epoch 1/1" in lines.getvalue()
    assert "note" not in lines.getvalue()


def test_the_table_says_which_layers_are_compiled():
    rows = built(Swish(), Shouting).rows()
    assert {row.name: row.compiled for row in rows} == {
        "flatten": True,
        "fc1": False,
        "act": False,
        "fc2": True,
    }


class Halving(Layer):
    """A layer of the user's own with a draw in training and a running statistic."""

    kind = "halving"

    def state_shapes(self):
        return {"seen": ()}

    def initialise(self, rng, dtype=np.float32):
        self.params, self.state = {}, {"seen": np.zeros((), dtype)}

    def forward(self, x, *, training=False, rng=None):
        if training:
            self.state["seen"] = self.state["seen"] * 0.9 + rng.random(dtype=np.float32)
        return x / 2, lambda dy: (dy / 2, {})


RECIPES = {
    "adam": {"optimizer": Adam(0.01)},
    "an optimiser for each layer": {"optimizer": PerLayer(SGD(0.05), {"fc2": Adam(0.01)})},
    "an optimiser and a loss of one's own": {"optimizer": Stubborn(0.05, momentum=0.9), "loss": Hinge()},
    "averaged weights": {"optimizer": Adam(0.01), "choose": "mean_of_last(2)"},
    "a moving average": {"optimizer": Adam(0.01), "average": EMA(0.9)},
    "a moving average by an optimiser of one's own": {
        "optimizer": Stubborn(0.05, momentum=0.9),
        "average": EMA(0.9),
    },
    "the best weights": {"optimizer": Adam(0.01), "choose": "best"},
}


@pytest.mark.filterwarnings("ignore::tenfold.errors.SlowerWarning")
@pytest.mark.parametrize("name", RECIPES)
def test_a_resumed_run_with_a_layer_of_ones_own_has_the_same_bits(digits, held_out, tmp_path, bits, name):
    def run(epochs, out=None, resume=False):
        layers = {
            "conv": Conv2d(1, 4, 3), "norm": BatchNorm(4), "act": Swish(), "drop": Dropout(0.2),
            "flatten": Flatten(), "fc1": Dense(144, 12), "half": Halving(), "fc2": Dense(12, 10),
        }  # fmt: skip
        network = Sequential(layers, (8, 8, 1))
        recipe = Recipe(epochs, batch_size=16, **RECIPES[name])
        fit(network, recipe, digits, held_out, out=out, resume=resume)
        return network

    unbroken = run(4)
    run(2, tmp_path)
    assert bits(run(4, tmp_path, resume=True)) == bits(unbroken)
    assert unbroken.state["half.seen"] > 0
