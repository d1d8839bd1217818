"""Outputs of the compiled engine, for any number of images."""

from __future__ import annotations

import numpy as np
import pytest

from tenfold.data import as_float
from tenfold.nn import (
    AvgPool2d,
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    MaxPool2d,
    ReLU,
    Residual,
    Sequential,
    SoftmaxCrossEntropy,
    Tanh,
)
from tenfold.optim import Adam

SHAPE = (9, 8, 1)


def layers(normalised):
    norm = {"bn": BatchNorm(6)} if normalised else {}
    return {
        "conv": Conv2d(1, 6, 3), **norm, "relu": ReLU(), "pool": MaxPool2d(2), "drop": Dropout(0.5),
        "flatten": Flatten(), "fc": Dense(54, 10),
    }  # fmt: skip


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "normalised"])
def pair(twins, request):
    return twins(layers(request.param), SHAPE, loss=SoftmaxCrossEntropy())


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(5).integers(0, 256, (129, 9, 8), dtype=np.uint8)


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("n", [0, 1, 5, 64, 65, 128, 129])
def test_outputs_are_the_definitions(pair, images, n, threads):
    want = pair.double.infer(as_float(images).astype(float))[:n]
    got = pair.engine(threads=threads).logits(images[:n])
    assert (got.shape, got.dtype) == ((n, 10), np.float32)
    np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-5)


def test_an_image_has_the_same_outputs_in_any_company(pair, images):
    executor = pair.engine(threads=2)
    together = executor.logits(images)
    for part in (slice(0, 1), slice(128, 129), slice(3, 70), slice(None, None, -1)):
        np.testing.assert_array_equal(executor.logits(images[part]), together[part])
    np.testing.assert_array_equal(pair.engine(threads=1).logits(images), together)


def test_uint8_and_float_images_have_the_same_outputs(pair, images):
    executor = pair.engine()
    want = executor.logits(images)
    floats = as_float(images)  # (n, 9, 8, 1)
    for given in (floats, floats.astype(float), np.asfortranarray(floats), floats[::-1][::-1]):
        np.testing.assert_array_equal(executor.logits(given), want)


def test_outputs_follow_what_was_learned(pair, images):
    executor, labels = pair.engine(Adam(0.01)), np.arange(129) % 10
    before = executor.logits(images)
    executor.train(images, labels, np.arange(129), 32, np.full(5, 0.01), np.random.default_rng(0))
    after = executor.logits(images)
    assert abs(after - before).max() > 0.01
    learned = pair.definition(double=False)
    learned.restore(*executor.export())
    np.testing.assert_allclose(after, learned.logits(images), rtol=1e-4, atol=1e-5)


def residual(*inner):
    return Residual(Sequential([*inner], (7, 6, 6)))


# Where a batch normalisation may stand; it writes over its input if nothing else reads that.
NORMALISED = {
    "first": [BatchNorm(1), Conv2d(1, 6, 3), ReLU(), Flatten(), Dense(252, 10)],
    "after a convolution": [Conv2d(1, 6, 3), BatchNorm(6), ReLU(), Flatten(), Dense(252, 10)],
    "after 5 x 5 with a stride": [Conv2d(1, 6, 5, stride=2), BatchNorm(6), Flatten(), Dense(36, 10)],
    "after a ReLU": [Conv2d(1, 6, 3), ReLU(), BatchNorm(6), Flatten(), Dense(252, 10)],
    "after a tanh": [Conv2d(1, 6, 3), Tanh(), BatchNorm(6), Tanh(), Flatten(), Dense(252, 10)],
    "after a pooling": [Conv2d(1, 6, 3), ReLU(), MaxPool2d(2), BatchNorm(6), Flatten(), Dense(54, 10)],
    "before a pooling": [Conv2d(1, 6, 3), BatchNorm(6), ReLU(), AvgPool2d(2), Flatten(), Dense(54, 10)],
    "twice": [Conv2d(1, 6, 3), BatchNorm(6), BatchNorm(6), ReLU(), Flatten(), Dense(252, 10)],
    "of features, and last": [Flatten(), Dense(72, 20), BatchNorm(20), ReLU(), Dense(20, 10), BatchNorm(10)],
    "in a block that begins with it": [
        Conv2d(1, 6, 3), residual(BatchNorm(6), ReLU(), Conv2d(6, 6, 3, padding=1)), Flatten(), Dense(252, 10)
    ],
    "alone in a block": [Conv2d(1, 6, 3), residual(BatchNorm(6)), ReLU(), Flatten(), Dense(252, 10)],
    "around a block": [
        Conv2d(1, 6, 3), BatchNorm(6), residual(Conv2d(6, 6, 3, padding=1), BatchNorm(6)), BatchNorm(6),
        ReLU(), Flatten(), Dense(252, 10),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", NORMALISED)
def test_batch_normalisation_is_the_definitions_wherever_it_stands(twins, images, name):
    pair, floats = twins(NORMALISED[name], SHAPE, loss=SoftmaxCrossEntropy()), as_float(images)
    before = floats.copy()
    want = pair.double.infer(floats.astype(float))
    for given in (images, floats):
        np.testing.assert_allclose(
            pair.engine().logits(given), want, rtol=1e-4, atol=1e-5 * np.abs(want).max()
        )
    np.testing.assert_array_equal(floats, before)
