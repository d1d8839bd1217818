"""Predictions of one's own are compared like trials of the ledger."""

from __future__ import annotations

import numpy as np
import pytest

from tenfold.errors import ShapeError
from tenfold.evaluate.comparison import compare, from_predictions

LABELS = np.arange(100) % 10


def predicted(errors: list[int]) -> np.ndarray:
    """One row for each run, with that many of the first images wrong."""
    rows = np.tile(LABELS, (len(errors), 1))
    for row, count in zip(rows, errors, strict=True):
        row[:count] = (row[:count] + 1) % 10
    return rows


def test_accuracy_and_errors_are_those_of_the_predictions() -> None:
    found = from_predictions("mine", predicted([3, 0]), LABELS, seeds=[7, 4])
    assert [trial.seed for trial in found.trials] == [4, 7]
    assert found.trials[1].wrong == (0, 1, 2)
    np.testing.assert_allclose(found.accuracies, [1.0, 0.97])
    assert found.trials[0].train_seconds is None


def test_two_of_them_are_compared_image_by_image() -> None:
    better, worse = (
        from_predictions(name, predicted(e), LABELS) for name, e in (("a", [1, 2]), ("b", [30, 31]))
    )
    [pair] = compare([better, worse]).pairs
    assert pair.images.p < 1e-6


@pytest.mark.parametrize(
    ("rows", "labels", "seeds", "words"),
    [
        (LABELS, LABELS, None, r"expected shape \(runs, n\)"),
        (predicted([1, 2]), LABELS[:50], None, "the labels of the same images"),
        (predicted([1, 2]), LABELS, [3], "expected 2, one for each run, got 1"),
    ],
)
def test_shapes_that_do_not_fit(
    rows: np.ndarray, labels: np.ndarray, seeds: list[int] | None, words: str
) -> None:
    with pytest.raises(ShapeError, match=words):
        from_predictions("mine", rows, labels, seeds)
