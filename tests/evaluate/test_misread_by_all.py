"""The images that all members of an ensemble misread."""

from __future__ import annotations

import numpy as np
import pytest

from tenfold.data import Dataset
from tenfold.evaluate import misread_by_all


class Fixed:
    """A model with given probabilities, (n, k)."""

    def __init__(self, *rows: tuple[float, ...]) -> None:
        self._rows = np.array(rows)

    def predict_proba(self, images: np.ndarray) -> np.ndarray:
        assert len(images) == len(self._rows)
        return self._rows


def data(*labels: int) -> Dataset:
    return Dataset(np.zeros((len(labels), 4, 4), np.uint8), np.array(labels), "made up")


def test_an_image_counts_only_if_no_member_is_right() -> None:
    one = Fixed((0.8, 0.1, 0.1), (0.1, 0.8, 0.1), (0.1, 0.2, 0.7), (0.5, 0.2, 0.3))
    other = Fixed((0.1, 0.1, 0.8), (0.7, 0.2, 0.1), (0.2, 0.1, 0.7), (0.4, 0.5, 0.1))
    found = misread_by_all({"one": one, "other": other}, data(1, 0, 2, 2))
    assert [(row.index, row.label, dict(row.members)) for row in found] == [
        (0, 1, {"one": 0, "other": 2}),  # its label has the least probability
        (3, 2, {"one": 0, "other": 1}),
    ]
    assert [row.answer for row in found] == [0, 0]  # .45 each: the first
    assert [row.of_label for row in found] == pytest.approx([0.1, 0.2])
    assert [row.probability for row in found] == pytest.approx([0.45, 0.45])


def test_the_mean_may_be_right_where_no_member_is() -> None:
    one, other = Fixed((0.45, 0.1, 0.45 - 1e-3)), Fixed((0.1, 0.46, 0.44))
    [found] = misread_by_all({"one": one, "other": other}, data(2))
    assert (found.answer, found.label) == (2, 2)


def test_nothing_is_left() -> None:
    assert misread_by_all({}, data(0)) == []
    assert misread_by_all({"one": Fixed((1.0, 0.0))}, data(0)) == []
