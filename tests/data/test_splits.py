"""Splits: exact sizes, no overlap, every digit's share, fixed by the seed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfold.data import Dataset, split
from tenfold.errors import ConfigError


def numbered(labels: list[int]) -> Dataset:
    """Images that carry their own position, so that a split can be traced."""
    images = np.arange(len(labels), dtype=np.uint32).view(np.uint8).reshape(-1, 2, 2)
    return Dataset(images, np.array(labels, np.int64), "numbered")


def positions(part: Dataset) -> np.ndarray:
    return part.images.reshape(len(part), 4).view(np.uint32).ravel()


@given(
    labels=st.lists(st.integers(0, 9), min_size=1, max_size=200),
    cuts=st.lists(st.integers(0, 200), min_size=0, max_size=3),
    seed=st.integers(0, 5),
)
def test_sizes_are_exact_parts_disjoint_and_shares_kept(
    labels: list[int], cuts: list[int], seed: int
) -> None:
    whole = numbered(labels)
    edges = sorted(min(cut, len(labels)) for cut in cuts)
    sizes = [b - a for a, b in zip([0, *edges], [*edges, len(labels)], strict=True)]
    parts = split(whole, sizes, seed)
    assert [len(part) for part in parts] == sizes
    assert sorted(np.concatenate([positions(part) for part in parts])) == list(range(len(labels)))
    for part in parts:
        np.testing.assert_array_equal(part.labels, whole.labels[positions(part)])
    share = np.bincount(labels, minlength=10) * (sizes[0] / len(labels))
    assert np.abs(np.bincount(parts[0].labels, minlength=10) - share).max() < 1


def test_every_part_of_mnist_sizes_keeps_the_shares() -> None:
    labels = np.random.default_rng(0).choice(10, 6_000, p=np.array([1, 2, 3, 4, 5, 5, 4, 3, 2, 1]) / 30)
    parts = split(numbered(labels.tolist()), (4_000, 1_000, 500, 500), seed=3)
    for part in parts:
        share = np.bincount(labels, minlength=10) * (len(part) / 6_000)
        assert np.abs(np.bincount(part.labels, minlength=10) - share).max() < 2


def test_the_seed_fixes_the_split() -> None:
    whole = numbered([i % 10 for i in range(500)])
    first, again, other = (positions(split(whole, (400, 100), seed)[0]).tolist() for seed in (1, 1, 2))
    assert first == again
    assert first != other
    assert sorted(first) != sorted(other)


def test_the_split_is_the_same_on_every_machine() -> None:
    train, _ = split(numbered([i % 10 for i in range(50)]), (40, 10), 0)
    assert positions(train)[:8].tolist() == [28, 11, 3, 17, 36, 46, 2, 34]


def test_parts_are_shuffled() -> None:
    part = split(numbered(sorted(range(10)) * 20), (100, 100), seed=0)[0]
    assert len(set(part.labels[:20].tolist())) > 5
    assert not np.array_equal(positions(part), np.sort(positions(part)))


def test_fractions_use_every_image() -> None:
    parts = split(numbered([0] * 101), (0.7, 0.2, 0.1), seed=0)
    assert [len(part) for part in parts] == [71, 20, 10]
    assert sum(map(len, split(numbered([0] * 100), (0.5,), seed=0))) == 50


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ((9, 2), r"at most 10, found \(9, 2\)"),
        ((0.9, 0.2), r"at most 1.0, found \(0.9, 0.2\)"),
        ((-1, 2), r"found \(-1, 2\)"),
        ((0.5, 2), r"found \(0.5, 2\)"),
        ((float("nan"),), r"found \(nan,\)"),
        ((), r"found \(\)"),
    ],
)
def test_parts_that_make_no_split_are_refused(parts: tuple, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        split(numbered(list(range(10))), parts, seed=0)


def test_every_class_is_split_where_there_are_more_than_ten() -> None:
    images, labels = np.zeros((60, 2, 2), np.uint8), np.arange(60) % 12
    train, validation = split(Dataset(images, labels, "dozen", classes=12), (48, 12), seed=0)
    assert sorted(validation.labels.tolist()) == list(range(12))
    assert (len(train), train.classes) == (48, 12)
