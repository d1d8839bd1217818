"""Evidence is the fall of the logarithm of the probability where ink is erased."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tenfold.predict.recogniser import Predictions
from tenfold.serve.evidence import evidence


class Weighed:
    """A recogniser of the digit 3: its score is a sum over the pixels, so each pixel's share is known."""

    def __init__(self, weight: np.ndarray) -> None:
        self.weight = weight  # (28, 28)
        self.asked = 0

    def predict(self, images: np.ndarray) -> Predictions:
        self.asked += len(images)
        p = np.exp(np.minimum((images / 255.0 * self.weight).sum(axis=(1, 2)) - 5, -1e-3))  # (n,)
        probabilities = np.full((len(images), 10), 1e-12)
        probabilities[:, 3] = 1.0
        return Predictions(probabilities, 1 - p)


def of(weight: np.ndarray, *images: np.ndarray) -> tuple[np.ndarray, Weighed]:
    recogniser: Any = Weighed(weight)
    stacked = np.stack(images)
    return evidence(recogniser, stacked, recogniser.predict(stacked)), recogniser


@pytest.fixture
def bar() -> np.ndarray:
    """Two upright bars, one on the left and one on the right."""
    image = np.zeros((28, 28), np.uint8)
    image[4:24, 3:6] = image[4:24, 22:25] = 255
    return image


def test_ink_that_raises_the_score_speaks_for_the_digit(bar: np.ndarray) -> None:
    weight = np.zeros((28, 28))
    weight[:, :14], weight[:, 14:] = 0.02, -0.01
    [found], _ = of(weight, bar)
    assert (found[bar == 0] == 0).all()
    assert (found[4:24, 3:6] > 0).all()
    assert (found[4:24, 22:25] < 0).all()
    assert found.max() == 1
    assert found[10, 23] == pytest.approx(-found[10, 4] / 2, abs=2e-3)


def test_an_image_is_judged_by_itself(bar: np.ndarray) -> None:
    weight = np.linspace(-0.02, 0.03, 784).reshape(28, 28)
    turned = np.ascontiguousarray(bar.T)
    together, _ = of(weight, bar, turned)
    for one, image in zip(together, (bar, turned), strict=True):
        np.testing.assert_array_equal(one, of(weight, image)[0][0])


def test_windows_without_ink_are_not_asked_for(bar: np.ndarray) -> None:
    _, recogniser = of(np.zeros((28, 28)), bar)
    assert 1 < recogniser.asked < 64
    [blank], recogniser = of(np.zeros((28, 28)), np.zeros((28, 28), np.uint8))
    assert recogniser.asked == 1
    assert not blank.any()
