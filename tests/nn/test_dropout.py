"""Dropout: the numbers it draws, its mean, its corner cases, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

from tenfold.errors import ConfigError
from tenfold.nn import Dropout


def test_outside_training_nothing_changes_and_nothing_is_drawn():
    x = np.ones((2, 3))
    y, backward = Dropout(0.5).forward(x)
    assert y is x
    assert backward(x)[0] is x


def test_draws_16_bits_for_each_number_and_compares_with_the_threshold():
    rate, shape = 0.3, (500, 30, 20)
    x = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    y, backward = Dropout(rate).forward(x, training=True, rng=np.random.default_rng(7))
    bits = np.random.default_rng(7).integers(0, 65536, size=shape, dtype=np.uint16)
    assert (bits == 19661).any()  # the number on which the comparison turns is among them
    keep, kept = bits >= 19661, 1 - 19661 / 65536  # round(0.3 * 65536) = 19661
    assert y.dtype == np.float32
    np.testing.assert_array_equal(y, (x * keep / kept).astype(np.float32))
    np.testing.assert_array_equal(backward(x)[0], y)


def test_rate_and_mean_are_as_promised():
    x = np.ones((1000, 100))
    y, _ = Dropout(0.25).forward(x, training=True, rng=np.random.default_rng(0))
    assert np.mean(y == 0) == pytest.approx(0.25, abs=0.01)
    assert np.mean(y) == pytest.approx(1, abs=0.01)
    assert set(np.unique(y)) == {0.0, 1 / 0.75}


def test_rate_0_changes_nothing():
    x = np.random.default_rng(0).standard_normal((9, 9))
    y, backward = Dropout(0).forward(x, training=True, rng=np.random.default_rng(0))
    np.testing.assert_array_equal(y, x)
    np.testing.assert_array_equal(backward(x)[0], x)


def test_training_needs_a_generator():
    with pytest.raises(
        ConfigError, match=r"^dropout draws random numbers in training; give forward\(..., rng="
    ):
        Dropout(0.5).forward(np.ones((1, 1)), training=True)


@pytest.mark.parametrize("rate", [-0.1, 1, 1.5, float("nan")])
def test_refuses_other_rates(rate):
    with pytest.raises(ConfigError, match=f"^rate: expected a number from 0 to below 1, got {rate}$"):
        Dropout(rate)


def test_refuses_a_rate_that_rounds_to_1():
    message = r"^rate: expected at most 65535/65536, got 0\.999999; choose less$"
    with pytest.raises(ConfigError, match=message):
        Dropout(0.999999)
