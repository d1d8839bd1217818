"""Batch normalisation: its statistics, those it keeps, and minibatches of one."""

from __future__ import annotations

import numpy as np
import pytest

from tenfold.errors import ShapeError
from tenfold.nn import BatchNorm


def ready(layer):
    layer.initialise(np.random.default_rng(0), np.float64)
    return layer


@pytest.mark.parametrize("shape", [(8, 3), (4, 5, 2, 3)])
def test_training_gives_mean_0_and_variance_1(shape):
    x = np.random.default_rng(0).normal(5, 3, shape)
    y, _ = ready(BatchNorm(3)).forward(x, training=True)
    axes = tuple(range(len(shape) - 1))
    np.testing.assert_allclose(y.mean(axis=axes), 0, atol=1e-12)
    np.testing.assert_allclose(y.var(axis=axes), 1, rtol=1e-5)  # below 1 by eps


def test_running_statistics_by_hand():
    layer = ready(BatchNorm(1, momentum=0.9))
    layer.forward(np.array([[1.0], [3.0]]), training=True)
    np.testing.assert_allclose(layer.state["running_mean"], 0.9 * 0 + 0.1 * 2)
    np.testing.assert_allclose(layer.state["running_var"], 0.9 * 1 + 0.1 * 2)  # 2 is the unbiased one


def test_prediction_uses_the_running_statistics_and_leaves_them():
    layer = ready(BatchNorm(1, eps=1.0))
    layer.state = {"running_mean": np.array([2.0]), "running_var": np.array([3.0])}
    layer.params = {"weight": np.array([10.0]), "bias": np.array([1.0])}
    np.testing.assert_allclose(layer.infer(np.array([[4.0]])), [[11.0]])  # (4 - 2) / sqrt(3 + 1) * 10 + 1
    np.testing.assert_array_equal(layer.state["running_mean"], [2.0])


def test_a_minibatch_of_one_vector_is_refused_in_training_alone():
    layer = ready(BatchNorm(3))
    message = (
        r"^expected at least 2 numbers in a channel to normalise, got \(1, 3\); "
        "give a minibatch of at least 2 images$"
    )
    with pytest.raises(ShapeError, match=message):
        layer.forward(np.ones((1, 3)), training=True)
    assert layer.infer(np.ones((1, 3))).shape == (1, 3)


def test_a_minibatch_of_one_image_is_enough():
    y, _ = ready(BatchNorm(1)).forward(np.array([0.0, 2.0]).reshape(1, 1, 2, 1), training=True)
    np.testing.assert_allclose(y[0, 0, :, 0], [-1, 1], rtol=1e-5)


def test_arrays_handed_out_before_do_not_change():
    layer = ready(BatchNorm(1))
    before = layer.state["running_mean"]
    layer.forward(np.array([[1.0], [3.0]]), training=True)
    np.testing.assert_array_equal(before, 0)
