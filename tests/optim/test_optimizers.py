"""Optimisers: one step by hand, test functions minimised, purity, and what they refuse."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenfold.errors import ConfigError
from tenfold.optim import (
    OPTIMIZERS,
    SGD,
    Adam,
    EpochCorrectedAdam,
    OptimizerState,
    RMSprop,
    optimizer_from_config,
)

EACH = [
    SGD(0.1),
    SGD(0.1, momentum=0.9),
    SGD(0.1, momentum=0.9, nesterov=True, weight_decay=0.1),
    RMSprop(0.1),
    RMSprop(0.1, weight_decay=0.1),
    Adam(0.1),
    Adam(0.1, weight_decay=0.1),
]


def run(optimizer, gradient, start, steps, rate):
    params, state = {"w": np.array(start, float)}, None
    state = optimizer.init(params)
    for step in range(steps):
        grads = {"w": gradient(params["w"])}
        params, state = optimizer.update(params, grads, state, rate(step) if callable(rate) else rate)
    assert state.step == steps
    return params["w"]


def bowl(w):
    """Gradient of w0 ** 2 / 2 + 10 w1 ** 2, ten times steeper one way than the other; minimum at 0."""
    return np.array([w[0], 20 * w[1]])


def rosenbrock(w):
    """Gradient of (1 - x) ** 2 + 100 (y - x ** 2) ** 2, a long curved valley; minimum at (1, 1)."""
    x, y = w
    return np.array([-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)])


def saddle(w):
    """Gradient of x ** 2 + (y ** 2 - 1) ** 2; minima at (0, -1) and (0, 1), a saddle between."""
    x, y = w
    return np.array([2 * x, 4 * y * (y * y - 1)])


def falling(start, steps):
    """Return a rate that falls to 0, for optimisers whose steps do not shrink by themselves."""
    return lambda step: start * (1 - step / steps)


# optimiser, rate on the bowl (500 steps), on Rosenbrock's valley (20,000), on the saddle (1,000)
MINIMISERS = [
    (SGD(1.0), 0.05, 1.5e-3, 0.05),
    (SGD(1.0, momentum=0.9), 0.02, 5e-4, 0.02),
    (SGD(1.0, momentum=0.9, nesterov=True), 0.02, 5e-4, 0.02),
    (RMSprop(1.0), falling(0.05, 500), falling(0.01, 20_000), falling(0.05, 1000)),
    (Adam(1.0), falling(0.1, 500), falling(0.02, 20_000), falling(0.1, 1000)),
]


@pytest.mark.parametrize(("optimizer", "rate"), [(row[0], row[1]) for row in MINIMISERS])
def test_minimises_a_bowl(optimizer, rate):
    np.testing.assert_allclose(run(optimizer, bowl, [3, -2], 500, rate), [0, 0], atol=1e-4)


@pytest.mark.parametrize(("optimizer", "rate"), [(row[0], row[2]) for row in MINIMISERS])
def test_minimises_rosenbrocks_valley(optimizer, rate):
    np.testing.assert_allclose(run(optimizer, rosenbrock, [-1, 1], 20_000, rate), [1, 1], atol=1e-3)


@pytest.mark.parametrize(("optimizer", "rate"), [(row[0], row[3]) for row in MINIMISERS])
def test_leaves_a_saddle(optimizer, rate):
    np.testing.assert_allclose(run(optimizer, saddle, [1, 1e-3], 1000, rate), [0, 1], atol=1e-4)


# Two steps with the gradients 2 and -1 from w = 1 at the rate 0.1, worked out from the formulas.
M2 = 0.9 * 0.2 - 0.1  # Adam's m after both steps
V2 = 0.999 * 0.004 + 0.001
BY_HAND = [
    (SGD(0.1), [0.8, 0.9]),
    (SGD(0.1, momentum=0.5), [0.8, 0.8]),  # m = 2, then 0.5 * 2 - 1 = 0
    (SGD(0.1, momentum=0.5, nesterov=True), [0.7, 0.8]),  # 2 + 0.5 * 2 = 3, then -1 + 0.5 * 0 = -1
    (SGD(0.1, weight_decay=0.5), [0.75, 0.8125]),  # 1 * 0.95 - 0.2, then 0.75 * 0.95 + 0.1
    (RMSprop(0.1, rho=0.75, eps=0), [0.8, 0.8 + 0.1 / 1.0]),  # v = 1, then 0.75 + 0.25 = 1
    (RMSprop(0.1, rho=0.75, eps=1), [0.9, 0.95]),
    (RMSprop(0.1, rho=0.75, eps=1, weight_decay=1), [0.8, 0.77]),
    (Adam(0.1, eps=0), [0.9, 0.9 - 0.1 * (M2 / (1 - 0.81)) / math.sqrt(V2 / (1 - 0.999**2))]),
    (Adam(0.1, eps=2), [0.95, 0.95 - 0.1 * (M2 / 0.19) / (math.sqrt(V2 / (1 - 0.999**2)) + 2)]),
    (
        Adam(0.1, eps=2, weight_decay=1),
        [0.85, 0.85 * 0.9 - 0.1 * (M2 / 0.19) / (math.sqrt(V2 / 0.001999) + 2)],
    ),
]


@pytest.mark.parametrize(("optimizer", "want"), BY_HAND, ids=repr)
def test_two_steps_by_hand(optimizer, want):
    params = {"w": np.array([1.0])}
    state = optimizer.init(params)
    for gradient, expected in zip((2.0, -1.0), want, strict=True):
        params, state = optimizer.update(params, {"w": np.array([gradient])}, state, rate=0.1)
        np.testing.assert_allclose(params["w"], [expected], rtol=1e-12)


@pytest.mark.parametrize("optimizer", EACH, ids=repr)
class TestEveryOptimizer:
    def test_update_is_pure(self, optimizer):
        rng = np.random.default_rng(0)
        params = {"a.weight": rng.standard_normal((3, 2)), "a.bias": rng.standard_normal(2)}
        grads = {name: rng.standard_normal(p.shape) for name, p in params.items()}
        state = optimizer.init(params)
        kept = json.dumps([{k: p.tolist() for k, p in named.items()} for named in (params, grads)])
        once, next_state = optimizer.update(params, grads, state, rate=0.1)
        again, _ = optimizer.update(params, grads, state, rate=0.1)
        assert json.dumps([{k: p.tolist() for k, p in named.items()} for named in (params, grads)]) == kept
        assert (state.step, next_state.step) == (0, 1)
        assert next_state.slots.keys() == state.slots.keys()
        for slot in state.slots.values():
            assert all(not array.any() for array in slot.values())
        for name, p in once.items():
            np.testing.assert_array_equal(p, again[name])
            assert not np.array_equal(p, params[name])

    def test_float32_stays_float32(self, optimizer):
        params = {"w": np.ones(3, np.float32)}
        new, state = optimizer.update(params, {"w": np.ones(3, np.float32)}, optimizer.init(params), rate=0.1)
        assert new["w"].dtype == np.float32
        assert all(slot["w"].dtype == np.float32 for slot in state.slots.values())

    def test_rate_0_changes_nothing(self, optimizer):
        params = {"w": np.array([1.0, -2.0])}
        new, _ = optimizer.update(params, {"w": np.array([3.0, 4.0])}, optimizer.init(params), rate=0.0)
        np.testing.assert_array_equal(new["w"], params["w"])

    def test_nan_comes_through(self, optimizer):
        params = {"w": np.array([1.0])}
        new, _ = optimizer.update(params, {"w": np.array([np.nan])}, optimizer.init(params), rate=0.1)
        assert np.isnan(new["w"]).all()

    def test_without_gradient_the_decay_alone_moves(self, optimizer):
        params = {"w": np.array([1.0, -2.0])}
        new, _ = optimizer.update(params, {"w": np.zeros(2)}, optimizer.init(params), rate=0.5)
        np.testing.assert_allclose(new["w"], params["w"] * (1 - 0.5 * optimizer.weight_decay), rtol=1e-15)

    def test_config_round_trip_through_json(self, optimizer):
        assert optimizer_from_config(optimizer.kind, json.loads(json.dumps(optimizer.config()))) == optimizer

    @pytest.mark.parametrize("junk", ["x", None, [1], {}, math.nan, -1], ids=repr)
    def test_junk_in_an_option_is_refused(self, optimizer, junk):
        for name in optimizer.config().keys() - {"nesterov"}:
            with pytest.raises(ConfigError, match=f"^{name}: expected a "):
                optimizer_from_config(optimizer.kind, optimizer.config() | {name: junk})

    def test_gradients_of_other_parameters_are_refused(self, optimizer):
        params = {"a": np.ones(1), "b": np.ones(1)}
        state = optimizer.init(params)
        message = r"^expected a gradient for every parameter, got none for 'b'; use those of one network"
        with pytest.raises(ConfigError, match=message):
            optimizer.update(params, {"a": np.ones(1)}, state, rate=0.1)
        message = "^expected a gradient for every parameter, got one without a parameter for 'c'; use those"
        with pytest.raises(ConfigError, match=message):
            optimizer.update(params, params | {"c": np.ones(1)}, state, rate=0.1)

    def test_a_state_of_another_optimizer_is_refused(self, optimizer):
        params = {"a": np.ones(1)}
        message = r"^expected a state with the slots \(.*\), got \('z',\); take it from init\(params\)$"
        with pytest.raises(ConfigError, match=message):
            optimizer.update(params, params, OptimizerState(3, {"z": params}), rate=0.1)


def test_a_state_of_other_parameters_is_refused():
    params = {"a": np.ones(1)}
    message = r"^expected 'm' in the state for every parameter, got none for 'a'; use those of one network"
    with pytest.raises(ConfigError, match=message):
        Adam(0.1).update(params, params, OptimizerState(1, {"m": {}, "v": {}}), rate=0.1)


@settings(max_examples=50, deadline=None)
@given(st.floats(0.01, 100), st.integers(0, 2**32 - 1))
def test_adam_and_rmsprop_do_not_care_for_the_gradients_scale(scale, seed):
    rng = np.random.default_rng(seed)
    for optimizer in (Adam(0.1, eps=0), RMSprop(0.1, eps=0)):
        params = scaled = {"w": rng.standard_normal(4)}
        state, scaled_state = optimizer.init(params), optimizer.init(params)
        for _ in range(3):
            g = rng.standard_normal(4)
            params, state = optimizer.update(params, {"w": g}, state, rate=0.1)
            scaled, scaled_state = optimizer.update(scaled, {"w": scale * g}, scaled_state, rate=0.1)
        np.testing.assert_allclose(scaled["w"], params["w"], rtol=1e-9, atol=1e-12)


@settings(max_examples=50, deadline=None)
@given(st.floats(1e-3, 1e3), st.integers(0, 2**32 - 1))
def test_the_first_step_of_adam_is_the_rate_long(rate, seed):
    g = np.random.default_rng(seed).standard_normal(5)
    adam, params = Adam(1.0, eps=0), {"w": np.zeros(5)}
    new, _ = adam.update(params, {"w": g}, adam.init(params), rate=rate)
    np.testing.assert_allclose(new["w"], -rate * np.sign(g), rtol=1e-12)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: SGD(-1), "learning_rate: expected a finite number of at least 0, got -1"),
        (lambda: SGD(float("nan")), "learning_rate: expected a finite number of at least 0, got nan"),
        (lambda: SGD(0.1, momentum=1), "momentum: expected a number from 0 to below 1, got 1"),
        (
            lambda: SGD(0.1, nesterov=True),
            "nesterov: expected a momentum above 0 with it, got 0; try momentum=0.9",
        ),
        (lambda: RMSprop(0.1, rho=1.1), "rho: expected a number from 0 to below 1, got 1.1"),
        (lambda: RMSprop(0.1, eps=-1), "eps: expected a finite number of at least 0, got -1"),
        (lambda: Adam(0.1, beta2=1), "beta2: expected a number from 0 to below 1, got 1"),
        (
            lambda: Adam(0.1, weight_decay=float("inf")),
            "weight_decay: expected a finite number of at least 0, got inf",
        ),
        (lambda: optimizer_from_config("adma", {}), "unknown optimizer 'adma'; did you mean 'adam'?"),
        (
            lambda: optimizer_from_config("adam", {"learning_rate": 1, "beta": 0.9}),
            "unknown option of optimizer 'adam': 'beta'; did you mean 'beta2'?",
        ),
        (
            lambda: optimizer_from_config("adam", {}),
            "optimizer 'adam' needs learning_rate, found none; add it",
        ),
    ],
)
def test_options_refused(build, message):
    with pytest.raises(ConfigError) as error:
        build()
    assert str(error.value) == message


def test_the_registry_holds_every_optimizer_under_its_kind():
    assert {kind: cls.kind for kind, cls in OPTIMIZERS.items()} == {k: k for k in ("sgd", "rmsprop", "adam")}


@pytest.mark.parametrize(("epochs", "steps"), [(1, 50), (4, 7), (30, 1), (3, 100)])
def test_adam_with_the_factor_is_one_whose_correction_counts_epochs(epochs, steps):
    """The referee keeps Adam's running means from 0 and divides by corrections of the epoch, from 1."""
    rng, rate, beta1, beta2 = np.random.default_rng(5), 0.01, 0.9, 0.999
    gradients = rng.normal(0, 1, (epochs * steps, 6)) + np.arange(6)
    w, m, v = np.ones(6), np.zeros(6), np.zeros(6)
    factor, adam = EpochCorrectedAdam(beta1, beta2), Adam(rate, beta1, beta2, eps=1e-8)
    params = {"w": np.ones(6)}
    state = adam.init(params)
    for at, g in enumerate(gradients):
        epoch, step = divmod(at, steps)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat, v_hat = m / (1 - beta1 ** (epoch + 1)), v / (1 - beta2 ** (epoch + 1))
        w = w - rate * m_hat / (np.sqrt(v_hat) + 1e-8)
        params, state = adam.update(params, {"w": g}, state, rate * factor(epoch, step, steps))
        np.testing.assert_allclose(params["w"], w, rtol=0, atol=1e-7)
    assert not np.allclose(w, 1, atol=0.01)
