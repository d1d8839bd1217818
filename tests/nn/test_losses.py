"""The losses: values worked out by hand, properties, huge logits, and what they refuse."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenfold.errors import ConfigError, DTypeError, RangeError, ShapeError
from tenfold.nn import (
    LOSSES,
    MeanSquaredError,
    OpenSetCrossEntropy,
    SoftmaxCrossEntropy,
    log_softmax,
    loss_from_config,
    softmax,
)


def test_cross_entropy_by_hand():
    logits = np.log([[1.0, 2, 1], [1, 1, 6]])  # probabilities 1/4, 1/2, 1/4 and 1/8, 1/8, 3/4
    loss, backward = SoftmaxCrossEntropy().forward(logits, np.array([1, 0]))
    assert loss == pytest.approx((math.log(2) + math.log(8)) / 2, rel=1e-14)
    want = np.array([[0.25, -0.5, 0.25], [-0.875, 0.125, 0.75]]) / 2
    np.testing.assert_allclose(backward(), want, rtol=1e-14)


def test_smoothed_cross_entropy_by_hand():
    logits = np.log([[1.0, 2, 1]])
    loss, backward = SoftmaxCrossEntropy(label_smoothing=0.3).forward(logits, np.array([1]))
    assert loss == pytest.approx(0.1 * math.log(4) + 0.8 * math.log(2) + 0.1 * math.log(4), rel=1e-14)
    np.testing.assert_allclose(backward(), [[0.15, -0.3, 0.15]], rtol=1e-14)


def test_open_set_cross_entropy_by_hand():
    logits = np.log([[2.0, 1], [1, 6], [1, 2]])  # with 1 for none: 2/4, 1/4; 1/8, 6/8; 1/4, 2/4
    loss, backward = OpenSetCrossEntropy().forward(logits, np.array([0, 0, 2]))
    assert loss == pytest.approx((math.log(2) + math.log(8) + math.log(4)) / 3, rel=1e-14)
    want = np.array([[-0.5, 0.25], [-0.875, 0.75], [0.25, 0.5]]) / 3
    np.testing.assert_allclose(backward(), want, rtol=1e-14)


WEIGHTED = {f"{kind} {label}": loss for kind, cls in LOSSES.items() for label, loss in cls.examples().items()}


@pytest.mark.parametrize("name", WEIGHTED)
def test_a_weight_multiplies_the_loss_of_its_image(name):
    rng, loss, n = np.random.default_rng(0), WEIGHTED[name], 6
    logits, labels = rng.normal(0, 2, (n, 5)), rng.integers(5 + loss.extra_labels, size=n)
    weights = np.array([0, 1, 2, 0.5, 3, 1])
    each = [loss.forward(logits[i : i + 1], labels[i : i + 1]) for i in range(n)]
    value, backward = loss.forward(logits, labels, weights)
    assert value == pytest.approx(sum(w * one for w, (one, _) in zip(weights, each, strict=True)) / n)
    want = [w * slopes()[0] / n for w, (_, slopes) in zip(weights, each, strict=True)]
    np.testing.assert_allclose(backward(), want, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", WEIGHTED)
def test_weights_of_one_change_no_bit(name):
    rng, loss = np.random.default_rng(0), WEIGHTED[name]
    logits, labels = rng.normal(0, 2, (6, 5)), rng.integers(5, size=6)
    plain, weighted = loss.forward(logits, labels), loss.forward(logits, labels, np.ones(6))
    assert plain[0] == weighted[0]
    np.testing.assert_array_equal(plain[1](), weighted[1]())


def test_open_set_answers_none_where_no_output_is_above_0():
    logits = np.array([[-1.0, -2], [0.5, 1], [-1, 3]])
    np.testing.assert_array_equal(OpenSetCrossEntropy().answers(logits), [2, 1, 1])
    np.testing.assert_array_equal(SoftmaxCrossEntropy().answers(logits), [0, 1, 1])


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 6), st.integers(1, 10), st.integers(0, 2**32 - 1))
def test_open_set_is_the_cross_entropy_with_one_more_output_of_0(n, k, seed):
    rng = np.random.default_rng(seed)
    logits, labels = rng.normal(0, 5, (n, k)), rng.integers(k + 1, size=n)
    loss, backward = OpenSetCrossEntropy().forward(logits, labels)
    wider = np.concatenate([logits, np.zeros((n, 1))], axis=1)
    want, wider_backward = SoftmaxCrossEntropy().forward(wider, labels)
    assert loss == pytest.approx(float(want), rel=1e-12)
    np.testing.assert_allclose(backward(), wider_backward()[:, :k], atol=1e-14)


def test_mean_squared_error_by_hand():
    loss, backward = MeanSquaredError().forward(np.array([[0.0, 3.0], [1.0, 0.0]]), np.array([1, 0]))
    assert loss == 1.0  # (0 + 4 + 0 + 0) / 4
    np.testing.assert_array_equal(backward(), [[0, 1], [0, 0]])


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 6), st.integers(2, 10), st.floats(0, 0.9), st.integers(0, 2**32 - 1))
def test_cross_entropy_properties(n, k, smoothing, seed):
    rng = np.random.default_rng(seed)
    logits, labels = rng.normal(0, 5, (n, k)), rng.integers(k, size=n)
    loss, backward = SoftmaxCrossEntropy(smoothing).forward(logits, labels)
    assert loss > 0
    np.testing.assert_allclose(backward().sum(axis=1), 0, atol=1e-12)  # a shift of all logits changes nothing
    shifted, _ = SoftmaxCrossEntropy(smoothing).forward(logits + 7, labels)
    assert shifted == pytest.approx(loss, rel=1e-9)
    order = rng.permutation(n)
    again, _ = SoftmaxCrossEntropy(smoothing).forward(logits[order], labels[order])
    assert again == pytest.approx(loss, rel=1e-12)


@pytest.mark.parametrize("scale", [1e2, 1e4, 1e30])
def test_huge_logits_neither_overflow_nor_lose_the_loss(scale):
    logits = np.array([[0, scale, 0]], np.float32)
    right, backward = SoftmaxCrossEntropy().forward(logits, np.array([1]))
    assert right == 0
    assert np.isfinite(backward()).all()
    wrong, backward = SoftmaxCrossEntropy().forward(logits, np.array([0]))
    assert wrong == pytest.approx(scale, rel=1e-6)
    np.testing.assert_allclose(backward(), [[-1, 1, 0]], atol=1e-30)


def test_softmax_sums_to_1_and_is_the_exponential_of_its_logarithm():
    logits = np.random.default_rng(0).normal(0, 20, (50, 10))
    p = softmax(logits)
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_allclose(np.log(p), log_softmax(logits), rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("loss", [SoftmaxCrossEntropy(), OpenSetCrossEntropy(), MeanSquaredError()], ids=repr)
class TestEveryLoss:
    def test_nan_comes_through(self, loss):
        value, _ = loss.forward(np.array([[0.0, np.nan], [1.0, 2.0]]), np.array([0, 1]))
        assert np.isnan(value)

    def test_float32_stays_float32(self, loss):
        value, backward = loss.forward(np.ones((2, 3), np.float32), np.array([0, 1]))
        assert value.dtype == backward().dtype == np.float32

    @pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.int64])
    def test_labels_of_any_integer_dtype(self, loss, dtype):
        logits = np.random.default_rng(0).standard_normal((3, 10))
        value, _ = loss.forward(logits, np.array([0, 9, 5], dtype))
        assert value == loss.forward(logits, np.array([0, 9, 5]))[0]

    @pytest.mark.parametrize(
        ("error", "labels", "message"),
        [
            (
                ShapeError,
                np.array([0]),
                "expected one label for each of 2 images, got labels of shape (1,); give shape (n,)",
            ),
            (
                ShapeError,
                np.eye(2, 3, dtype=int),
                "expected one label for each of 2 images, got labels of shape (2, 3); give shape (n,)",
            ),
            (
                DTypeError,
                np.array([0.0, 1.0]),
                "expected labels as integers, got float64; try labels.astype(numpy.int64)",
            ),
            (RangeError, np.array([0, 9]), "expected labels from 0 to {}, got 0 to 9; correct them or"),
            (
                RangeError,
                np.array([-1, 2]),
                "expected labels from 0 to {}, got -1 to 2; correct them or",
            ),
        ],
    )
    def test_labels_refused(self, loss, error, labels, message):
        message = message.format(2 + loss.extra_labels) + (" raise k" if error is RangeError else "")
        with pytest.raises(error) as caught:
            loss.forward(np.zeros((2, 3)), labels)
        assert str(caught.value) == message

    def test_outputs_refused(self, loss):
        message = r"^expected outputs of shape \(n, k\), got \(2, 3, 1\); end with a Dense$"
        with pytest.raises(ShapeError, match=message):
            loss.forward(np.zeros((2, 3, 1)), np.array([0, 1]))
        with pytest.raises(ShapeError, match=r"^expected at least one image, got labels of shape"):
            loss.forward(np.zeros((0, 3)), np.zeros(0, int))

    def test_config_round_trip(self, loss):
        assert repr(loss_from_config(loss.kind, loss.config())) == repr(loss)


def test_the_registry_holds_every_loss_under_its_kind():
    assert all(cls.kind == kind for kind, cls in LOSSES.items())
    assert loss_from_config("softmax_cross_entropy", {"label_smoothing": 0.1}).label_smoothing == 0.1
    with pytest.raises(ConfigError, match=r"^unknown loss 'mean_squared'; did you mean 'mean_squared_error'"):
        loss_from_config("mean_squared", {})
    with pytest.raises(ConfigError, match=r"^label_smoothing: expected a number from 0 to below 1, got 1$"):
        SoftmaxCrossEntropy(1)
