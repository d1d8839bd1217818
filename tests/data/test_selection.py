"""A selection of images holds what a copy of them would hold, and copies nothing until it is asked."""

from __future__ import annotations

import pickle
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfold.data import Corpus, Dataset
from tenfold.data.dataset import Selection


def some(n: int, shape: tuple[int, ...] = (4, 3)) -> Dataset:
    rng = np.random.default_rng(n)
    images = rng.integers(0, 256, (n, *shape), dtype=np.uint8)
    return Dataset(images, rng.integers(0, 3, n), "some", class_names=["a", "b", "c"])


@given(st.lists(st.integers(-20, 19), max_size=30), st.lists(st.integers(0, 29), max_size=10), st.booleans())
def test_it_equals_a_copy(index: list[int], again: list[int], colour: bool) -> None:
    data = some(20, (4, 3, 3) if colour else (4, 3))
    chosen = data.subset(index)
    copy = data.like(data.images[np.array(index, int)], data.labels[np.array(index, int)])
    second = [i for i in again if i < len(index)]
    for got, want in ((chosen, copy), (chosen.subset(second), copy.subset(second))):
        assert isinstance(got, Selection)
        assert (len(got), got.image_shape, got.class_names) == (
            len(want),
            want.image_shape,
            want.class_names,
        )
        assert got.sha256 == Dataset(np.array(want.images), want.labels, "some", 3).sha256
        np.testing.assert_array_equal(got.images, want.images)
        np.testing.assert_array_equal(got.labels, want.labels)


def test_where_its_images_lie() -> None:
    data = some(20)
    chosen, order = data.subset([5, 3, 8, 3]), np.array([2, 0, 1])
    images, labels, _, at = chosen.located(order)
    assert np.shares_memory(images, data.images)
    np.testing.assert_array_equal(images[at], chosen.images[order])
    np.testing.assert_array_equal(labels[at], chosen.labels[order])
    np.testing.assert_array_equal(chosen.take(order), chosen.images[order])


def test_a_selection_of_a_selection_is_one_of_the_source() -> None:
    data = some(20)
    assert data.subset(np.arange(10)).subset([3, 1]).source is data  # type: ignore[attr-defined]


def test_parts_of_one_source_are_joined_without_a_copy() -> None:
    data = some(20)
    train, test = data.subset([4, 2, 9]), data.subset([7, 2])
    corpus = Corpus("some", train, test, "made up", split="held-out")
    whole = corpus.undivided().train
    assert isinstance(whole, Selection)
    assert whole.source is data
    assert not any("_images" in vars(one) for one in (train, test, whole))
    np.testing.assert_array_equal(whole.images, data.images[[4, 2, 9, 7, 2]])
    np.testing.assert_array_equal(whole.labels, data.labels[[4, 2, 9, 7, 2]])
    other = train.joined(some(20).subset([1]))
    np.testing.assert_array_equal(other.images, data.images[[4, 2, 9, 1]])


def test_its_images_are_copied_once() -> None:
    chosen = some(2000, (28, 28)).subset(np.arange(2000))
    tracemalloc.start()
    try:
        held = chosen.images.nbytes
        assert tracemalloc.get_traced_memory()[1] < 1.5 * held
    finally:
        tracemalloc.stop()


def test_parts_are_all_images_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenfold.data.dataset._PART_BYTES", 40)  # three images
    chosen = some(20).subset(np.arange(20)[::-1])
    parts = list(chosen.parts())
    assert [len(part) for part in parts] == [3, 3, 3, 3, 3, 3, 2]
    np.testing.assert_array_equal(np.concatenate(parts), chosen.images)


def test_images_out_of_range_are_refused_as_in_an_array() -> None:
    with pytest.raises(IndexError, match="out of bounds"):
        some(3).subset([3])


def test_renamed_or_unpickled_it_is_a_data_set_of_its_own_images() -> None:
    chosen = some(20).subset([4, 2])
    for again in (replace(chosen, name="other"), pickle.loads(pickle.dumps(chosen))):
        assert type(again) is Dataset
        assert again.sha256 == chosen.sha256
