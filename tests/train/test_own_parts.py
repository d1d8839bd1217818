"""A mistake in a layer, loss or optimiser of the user's own is named before the first step."""

from dataclasses import dataclass

import numpy as np
import pytest

from tenfold.errors import ConfigError, ShapeError
from tenfold.nn import Dense, Flatten, Layer, Loss, Sequential, SoftmaxCrossEntropy, gradcheck
from tenfold.nn.own_parts import check_own_layers
from tenfold.optim import SGD, Adam, CosineDecay, OptimizerState
from tenfold.optim.own import check_own_optimizer
from tenfold.train import DefinitionExecutor, Recipe, fit


class Own(Layer):
    """The identity, from which the wrong ones differ in one thing."""

    def forward(self, x, *, training=False, rng=None):
        return x, lambda dy: (dy, {})


class NoPair(Own):
    def forward(self, x, *, training=False, rng=None):
        return x


class NoDict(Own):
    def forward(self, x, *, training=False, rng=None):
        return x, lambda dy: dy * 2


class Halved(Own):
    def forward(self, x, *, training=False, rng=None):
        return x[:, ::2], lambda dy: (np.repeat(dy, 2, axis=1), {})


class WrongGradient(Own):
    def forward(self, x, *, training=False, rng=None):
        return x, lambda dy: (dy[:, :1], {})


class WrongName(Own):
    def param_shapes(self):
        return {"gain": (1,)}

    def initialise(self, rng, dtype=np.float32):
        self.params = {"gain": np.ones(1, dtype)}

    def forward(self, x, *, training=False, rng=None):
        return x * self.params["gain"], lambda dy: (
            dy * self.params["gain"],
            {"weight": dy.sum(keepdims=True)},
        )


class NotFilled(WrongName):
    def initialise(self, rng, dtype=np.float32):
        pass


class Raises(Own):
    def forward(self, x, *, training=False, rng=None):
        return x @ np.ones((3, 3)), None


LAYERS = {
    NoPair: (ConfigError, r"expected forward to return \(y, backward\), got ndarray"),
    NoDict: (
        ConfigError,
        r"expected backward\(dy\) to return \(dx, grads\), got ndarray; .* return dx, \{\}",
    ),
    Halved: (ShapeError, r"forward: expected the shape \(2, 64\), got \(2, 32\); define output_shape"),
    WrongGradient: (ShapeError, r"backward: expected the shape \(2, 64\), got \(2, 1\)"),
    WrongName: (ConfigError, r"expected gradients of \['gain'\], got \['weight'\]"),
    NotFilled: (ConfigError, r"expected initialise to fill params with \['gain'\]"),
    Raises: (ConfigError, "forward failed: ValueError: matmul"),
}


def network(layer):
    return Sequential([Flatten(), layer, Dense(64, 10)], input_shape=(8, 8, 1))


@pytest.mark.parametrize("kind", LAYERS)
def test_a_wrong_layer_is_named_by_fit_and_by_gradcheck(kind, digits):
    error, text = LAYERS[kind]
    with pytest.raises(error, match=rf"^[a-z_]+_1 \({kind.__name__}\): {text}"):
        fit(network(kind()), Recipe(1), digits, executor=DefinitionExecutor)
    with pytest.raises(error, match=rf"^{kind.__name__}: {text}"):
        gradcheck(kind(), (64,), np.random.default_rng(0))


class Counts(Own):
    def state_shapes(self):
        return {"passes": (1,)}

    def initialise(self, rng, dtype=np.float32):
        self.state = {"passes": np.zeros(1, dtype)}

    def forward(self, x, *, training=False, rng=None):
        self.state["passes"] += training
        return super().forward(x)


def test_the_trial_of_a_layer_does_not_change_its_state():
    counting = network(Counts())
    counting.initialise(0)
    check_own_layers(counting)
    assert counting.state["counts_1.passes"] == 0


def test_by_hand_too_a_wrong_pass_is_named():
    x = np.zeros((2, 8, 8, 1), np.float32)
    wrong = network(NoDict())
    wrong.initialise(0)
    _, backward = wrong.forward(x)
    with pytest.raises(ConfigError, match=r"^no_dict_1: expected backward\(dy\) to return"):
        backward(np.zeros((2, 10), np.float32))


def test_a_forgotten_output_shape_is_suggested_where_the_next_layer_does_not_fit():
    with pytest.raises(
        ShapeError, match=r"^dense_1 .*; if halved_1 \(Halved\) changes the shape, define its"
    ):
        Sequential([Flatten(), Halved(), Dense(32, 10)], input_shape=(8, 8, 1))


class Scaled(Own):
    def __init__(self, by):
        super().__init__()
        self.by = by


def test_a_layer_that_could_not_be_loaded_is_refused_before_it_is_saved(digits, tmp_path):
    text = r"scaled_1 \(Scaled\): expected config\(\) to return by, .* return \{'by': self.by\}"
    with pytest.raises(ConfigError, match=text):
        fit(network(Scaled(2)), Recipe(1), digits, out=tmp_path / "run", executor=DefinitionExecutor)
    assert len(fit(network(Scaled(2)), Recipe(1), digits, executor=DefinitionExecutor)) == 1


# --- losses


class OwnLoss(Loss):
    value, gradient = 0.0, (2, 10)

    def forward(self, logits, labels):
        return np.asarray(self.value, np.float32), lambda: np.zeros(self.gradient, np.float32)


LOSSES = {
    "a loss for each image": (
        {"value": [0.0, 1.0]},
        r"forward: expected the shape \(\), got \(2,\); return the mean",
    ),
    "a gradient of another shape": (
        {"gradient": (10,)},
        r"backward\(\): expected the shape \(2, 10\), got \(10,\)",
    ),
}


@pytest.mark.parametrize("name", LOSSES)
def test_a_wrong_loss_is_named(name, digits):
    wrong, text = LOSSES[name]
    with pytest.raises(ShapeError, match=f"^the loss Wrong: {text}"):
        fit(
            network(Own()),
            Recipe(1, loss=type("Wrong", (OwnLoss,), wrong)()),
            digits,
            executor=DefinitionExecutor,
        )


# --- optimisers


@dataclass(frozen=True)
class Lion:
    """Sign descent, all that the protocol asks for."""

    kind = "lion"
    learning_rate: float = 1e-3
    weight_decay: float = 0.0

    def config(self):
        return {"learning_rate": self.learning_rate}

    def init(self, params):
        return OptimizerState()

    def update(self, params, grads, state, rate):
        return {name: p - rate * np.sign(grads[name]) for name, p in params.items()}, OptimizerState(
            state.step + 1
        )


def in_place(what):
    def update(self, params, grads, state, rate):
        for array in {"params": params, "grads": grads}[what].values():
            array -= 0.5 * rate
        return {name: p - rate * grads[name] for name, p in params.items()}, state

    return update


WRONG = {
    "no pair": (
        {"update": lambda self, p, g, s, r: p},
        r"expected update to return \(params, state\), got dict",
    ),
    "no state": ({"init": lambda self, p: {}}, "init: expected an OptimizerState, got dict"),
    "not every parameter": (
        {"update": lambda self, p, g, s, r: ({}, s)},
        r"expected update to return every parameter by name, got \[\]",
    ),
    "an error": ({"update": lambda self, p, g, s, r: p["w"]}, "failed: KeyError: no 'w'; correct it"),
    "parameters in place": (
        {"update": in_place("params")},
        r"expected params as they were, found params\['[a-z_0-9]+.weight'\] changed in place; "
        r"make new arrays: write params\[name\] - step, not params\[name\] -= step",
    ),
    "gradients in place": ({"update": in_place("grads")}, "expected grads as they were, found grads"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_optimiser_is_named(name, digits):
    wrong, text = WRONG[name]
    given = network(Own())
    given.initialise(0)
    before = {name: array.copy() for name, array in given.params.items()}
    with pytest.raises(ConfigError, match=f"^the optimiser Wrong: {text}|^the optimiser Wrong: .*{text}"):
        fit(
            given,
            Recipe(1, optimizer=type("Wrong", (Lion,), wrong)()),
            digits,
            executor=DefinitionExecutor,
            initialise=False,
        )
    for name, array in given.params.items():
        np.testing.assert_array_equal(array, before[name])


def test_the_check_leaves_a_state_in_the_optimiser_alone():
    class Counts(Lion):
        def __init__(self):
            object.__setattr__(self, "steps", [])

        def update(self, params, grads, state, rate):
            self.steps.append(rate)
            return super().update(params, grads, state, rate)

    optimizer = Counts()
    check_own_optimizer(optimizer, {"w": np.ones(3, np.float32)})
    assert optimizer.steps == []


def test_a_correct_optimiser_trains(digits):
    history = fit(network(Own()), Recipe(3, 16, optimizer=Lion), digits, executor=DefinitionExecutor)
    assert history.rows[-1].train_loss < history.rows[0].train_loss


# --- recipes: names, classes and objects; what is wrong is refused where it is given


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"optimizer": "adam"}, {"optimizer": Adam(1e-3)}),
        ({"optimizer": "SGD"}, {"optimizer": SGD(1e-2)}),
        ({"optimizer": Adam}, {"optimizer": Adam(1e-3)}),
        ({"loss": "cross_entropy"}, {"loss": SoftmaxCrossEntropy()}),
        ({"loss": "mse"}, {"loss": "mean_squared_error"}),
    ],
)
def test_names_and_classes_stand_for_objects(given, expected):
    assert Recipe(1, **given) == Recipe(1, **expected)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"optimizer": "adan"}, "unknown optimizer 'adan'; did you mean 'adam'?"),
        ({"optimizer": "adamw"}, r"write Adam\(1e-3, weight_decay=0.01\)"),
        (
            {"optimizer": object()},
            "got object without kind, learning_rate, weight_decay, config, init, update",
        ),
        ({"loss": "sparse_categorical_crossentropy"}, "write loss='cross_entropy'"),
        ({"loss": print}, "expected a name .* or an object of a class derived from tenfold.nn.Loss"),
        ({"rate": 0.01}, r"rate: expected a schedule, got 0.01; .* write optimizer=Adam\(0.01\)"),
        ({"rate": lambda epoch: 1.0}, r"called as schedule\(epoch, step, steps_per_epoch\), got TypeError"),
        ({"rate": lambda epoch, step, n: None}, "expected a schedule that gives a number, got None"),
        ({"batch_size": CosineDecay}, "batch_size: expected a schedule, got <class .*; write batch_size=32"),
        ({"augmentation": 3}, r"augmentation: expected a function augment\(images, rng\), got 3"),
        ({"early_stopping": 5}, r"early_stopping: expected EarlyStopping\(...\), got 5"),
    ],
)
def test_a_wrong_part_is_refused_where_it_is_given(given, text):
    with pytest.raises(ConfigError, match=text):
        Recipe(1, **given)


def test_a_function_is_a_schedule(digits):
    recipe = Recipe(3, 16, rate=lambda epoch, step, n: 0.5**epoch, optimizer=Adam(0.01))
    history = fit(network(Own()), recipe, digits, executor=DefinitionExecutor)
    assert [row.learning_rate for row in history.rows] == [0.01, 0.005, 0.0025]
