"""Initialisers: bounds, spread, fans, and the same network in either dtype."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tenfold.errors import ConfigError
from tenfold.nn import Conv2d, Dense
from tenfold.nn.initialisers import bias_initialiser, fans, weight_initialiser

# name, shape -> standard deviation, bound (None: a normal distribution)
TABLE = [
    ("glorot_uniform", (300, 100), math.sqrt(2 / 400), math.sqrt(6 / 400)),
    ("glorot_uniform", (5, 5, 16, 32), math.sqrt(2 / 1200), math.sqrt(6 / 1200)),
    ("glorot_normal", (300, 100), math.sqrt(2 / 400), None),
    ("glorot_normal", (3, 3, 32, 64), math.sqrt(2 / (9 * 96)), None),
    ("he_uniform", (300, 100), math.sqrt(2 / 300), math.sqrt(6 / 300)),
    ("he_normal", (300, 100), math.sqrt(2 / 300), None),
    ("he_normal", (5, 5, 16, 32), math.sqrt(2 / 400), None),
    ("uniform(0.5)", (300, 100), 0.5 / math.sqrt(3), 0.5),
    ("uniform(2)", (30_000,), 2 / math.sqrt(3), 2),
    ("normal(0.05)", (300, 100), 0.05, None),
    ("normal(2)", (30_000,), 2, None),
    ("zeros", (30, 10), 0, 0),
]


@pytest.mark.parametrize(("name", "shape", "deviation", "bound"), TABLE)
def test_spread_and_bounds(name, shape, deviation, bound):
    weight = weight_initialiser(name)(np.random.default_rng(0), shape, np.float64)
    assert weight.shape == shape
    assert weight.mean() == pytest.approx(0, abs=4 * deviation / math.sqrt(weight.size))
    assert weight.std() == pytest.approx(deviation, rel=0.03)
    if bound is None:
        assert np.abs(weight).max() > 3 * deviation
    else:
        assert 0.99 * bound <= np.abs(weight).max() <= bound


@pytest.mark.parametrize("name", [row[0] for row in TABLE])
def test_dtypes_agree_to_rounding_and_seeds_decide(name):
    def draw(dtype, seed=3):
        return weight_initialiser(name)(np.random.default_rng(seed), (20, 30), dtype)

    assert draw(np.float32).dtype == np.float32
    np.testing.assert_array_equal(draw(np.float32), draw(np.float64).astype(np.float32))
    np.testing.assert_array_equal(draw(np.float64), draw(np.float64))
    assert name == "zeros" or not np.array_equal(draw(np.float64), draw(np.float64, seed=4))


def test_fans():
    assert fans((784, 10)) == (784, 10)
    assert fans((5, 3, 6, 16)) == (90, 240)


@pytest.mark.parametrize("layer", [Dense(30, 40), Conv2d(3, 4, 5)], ids=repr)
def test_layers_draw_glorot_uniform_then_zeros_unless_told(layer):
    layer.initialise(np.random.default_rng(0))
    shapes = layer.param_shapes()
    weight = weight_initialiser("glorot_uniform")(np.random.default_rng(0), shapes["weight"], np.float32)
    np.testing.assert_array_equal(layer.params["weight"], weight)
    np.testing.assert_array_equal(layer.params["bias"], np.zeros(shapes["bias"], np.float32))


@pytest.mark.parametrize("cls", [lambda **options: Dense(3, 4, **options), lambda **o: Conv2d(3, 4, 5, **o)])
def test_layers_draw_as_told_weight_before_bias(cls):
    layer = cls(weight_init="uniform(0.5)", bias_init="uniform(0.25)")
    layer.initialise(np.random.default_rng(0), np.float64)
    rng = np.random.default_rng(0)
    shapes = layer.param_shapes()
    np.testing.assert_array_equal(layer.params["weight"], rng.uniform(-0.5, 0.5, shapes["weight"]))
    np.testing.assert_array_equal(layer.params["bias"], rng.uniform(-0.25, 0.25, shapes["bias"]))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("he_norma", "unknown initialiser 'he_norma'; did you mean 'he_normal'?"),
        ("uniform(-1)", "unknown initialiser 'uniform(-1)'; did you mean 'uniform(0.5)'?"),
        ("normal(-1)", "unknown initialiser 'normal(-1)'; did you mean 'normal(0.05)'?"),
        ("uniform(__import__('os'))", "unknown initialiser \"uniform(__import__('os'))\"; "),
        (
            "kaiming",
            "unknown initialiser 'kaiming'; choose from glorot_normal, glorot_uniform, he_normal, "
            "he_uniform, normal(0.05), uniform(0.5), zeros",
        ),
    ],
)
def test_names_refused(name, message):
    with pytest.raises(ConfigError) as error:
        weight_initialiser(name)
    assert str(error.value).startswith(message)


def test_a_bias_has_no_fans():
    message = r"^'he_normal' scales with a weight's fans, which a bias has not; try 'zeros'$"
    with pytest.raises(ConfigError, match=message):
        bias_initialiser("he_normal")
    with pytest.raises(ConfigError, match=message):
        Dense(3, 4, bias_init="he_normal")
