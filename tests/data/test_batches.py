"""The order of an epoch: a permutation, and what becomes of a short last minibatch."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfold.data import epoch_order
from tenfold.errors import ConfigError


@given(n=st.integers(1, 300), batch=st.integers(1, 400), seed=st.integers(0, 3))
def test_resampling_visits_all_and_fills_the_last(n: int, batch: int, seed: int) -> None:
    order = epoch_order(n, batch, np.random.default_rng(seed), "resample")
    assert order.dtype == np.int64
    assert len(order) == -(-n // batch) * batch
    assert sorted(order[:n].tolist()) == list(range(n))
    assert order.min() >= 0
    assert order.max() < n


@given(n=st.integers(1, 300), batch=st.integers(1, 300), seed=st.integers(0, 3))
def test_keep_and_drop_repeat_nothing(n: int, batch: int, seed: int) -> None:
    kept = epoch_order(n, batch, np.random.default_rng(seed), "keep")
    assert sorted(kept.tolist()) == list(range(n))
    if batch <= n:
        dropped = epoch_order(n, batch, np.random.default_rng(seed), "drop")
        assert dropped.tolist() == kept[: n // batch * batch].tolist()


def test_the_fill_is_drawn_from_the_whole_set() -> None:
    fill = np.concatenate([epoch_order(5, 4, np.random.default_rng(seed))[5:] for seed in range(200)])
    counts = np.bincount(fill, minlength=5)  # 600 draws, 120 expected each, standard deviation 9.8
    assert len(fill) == 600
    assert counts.min() > 75
    assert counts.max() < 165


def test_the_generator_decides() -> None:
    rng = np.random.default_rng(0)
    first, second = epoch_order(100, 32, rng), epoch_order(100, 32, rng)
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(first, epoch_order(100, 32, np.random.default_rng(0)))


@pytest.mark.parametrize(
    ("n", "batch", "short", "words"),
    [
        (0, 4, "resample", "at least 1 image .* found 0 and 4"),
        (10, 0, "resample", "batch size of at least 1, found 10 and 0"),
        (10, -3, "keep", "found 10 and -3"),
        (10, 11, "drop", "one whole batch of 11, found 10 images"),
        (10, 4, "wrap", "'resample', 'drop' or 'keep', found 'wrap'"),
    ],
)
def test_refused(n: int, batch: int, short: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        epoch_order(n, batch, np.random.default_rng(0), short)
