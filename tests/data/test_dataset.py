"""Dataset, Corpus and the one conversion to float."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tenfold.data import Corpus, Dataset, as_float, split
from tenfold.errors import DTypeError, RangeError, ShapeError

IMAGES = np.zeros((4, 28, 28), np.uint8)
LABELS = np.array([0, 1, 2, 9])

REFUSED = {
    "float images": (IMAGES / 255, LABELS, DTypeError, "images: expected uint8 0-255, found float64"),
    "flat images": (
        IMAGES.reshape(4, 784),
        LABELS,
        ShapeError,
        r"expected the shape \(n, h, w\) or \(n, h, w, c\), found \(4, 784\)",
    ),
    "no pixels": (IMAGES[:, :0], LABELS, ShapeError, r"found \(4, 0, 28\)"),
    "float labels": (IMAGES, LABELS / 1, DTypeError, "labels: expected int64, found float64"),
    "one-hot labels": (IMAGES, np.eye(4, dtype=int), ShapeError, r"found \(4, 4\)"),
    "too few labels": (
        IMAGES,
        LABELS[:3],
        ShapeError,
        r"expected the shape \(4,\) of 4 images, found \(3,\)",
    ),
    "label 10": (
        IMAGES,
        np.array([0, 1, 10, 11]),
        RangeError,
        "expected 0-9, found 10 at position 2; of 12 classes, write classes=12; otherwise correct",
    ),
    "huge labels": (
        IMAGES,
        np.full(4, 2**63, np.uint64),
        RangeError,
        "found 9223372036854775808 at position 0",
    ),
    "true and false": (IMAGES, LABELS > 1, DTypeError, "labels: expected int64, found bool"),
    "texts": (IMAGES, LABELS.astype(str), DTypeError, "labels: expected int64, found <U"),
    "not a number": (IMAGES, np.full(4, np.nan), DTypeError, "labels: expected int64, found float64"),
    "label -1": (
        IMAGES,
        np.array([0, -1, 1, 1]),
        RangeError,
        "expected 0-9, found -1 at position 1; correct its label",
    ),
}


@pytest.mark.fault(
    "data in memory", "images or labels of a wrong dtype, shape or range", "rejected in one line"
)
@pytest.mark.parametrize("fault", REFUSED)
def test_what_is_no_dataset_is_refused(fault: str) -> None:
    images, labels, error, words = REFUSED[fault]
    with pytest.raises(error, match=words):
        Dataset(images, labels, "test")


# names, number of classes -> error
MISNAMED: dict[str, tuple[object, int, type[Exception], str]] = {
    "one text": ("cat", 10, DTypeError, "expected a name for each class, found 'cat'"),
    "numbers": ([1, 2], 10, DTypeError, "expected a name for each class"),
    "an empty name": (["cat", ""], 10, DTypeError, "expected a name for each class"),
    "the same twice": (["cat", "dog", "cat"], 10, RangeError, "expected each name once, found 'cat' twice"),
    "too few": (["cat", "dog"], 3, RangeError, "expected a name for each of 3 classes, found 2"),
}


@pytest.mark.parametrize("fault", MISNAMED)
def test_names_that_do_not_fit_the_classes_are_refused(fault: str) -> None:
    names, classes, error, words = MISNAMED[fault]
    with pytest.raises(error, match=words):
        Dataset(IMAGES, np.zeros(4, int), "test", classes, names)  # type: ignore[arg-type]


UNWEIGHTED: dict[str, tuple[object, type[Exception], str]] = {
    "too few": ([1, 1], ShapeError, r"a number for each of 4 images, found int64 of shape \(2,\)"),
    "texts": (["1"] * 4, ShapeError, "found <U1 of shape"),
    "negative": ([1, 1, -1, 1], RangeError, "numbers of at least 0, found -1 to 1"),
    "not a number": ([1, np.nan, 1, 1], RangeError, "numbers of at least 0"),
}


@pytest.mark.parametrize("fault", UNWEIGHTED)
def test_weights_that_cannot_be_used_are_refused(fault: str) -> None:
    weights, error, words = UNWEIGHTED[fault]
    with pytest.raises(error, match=f"weights: expected .*{words}"):
        Dataset(IMAGES, LABELS, "test", weights=weights)  # type: ignore[arg-type]


def test_a_part_may_have_no_weight() -> None:
    data = Dataset(IMAGES, LABELS, "test", weights=np.array([0, 0, 3, 4]))
    for part in (data.subset([0, 1]), data.subset(slice(2)), data.subset([0, 0]).subset([1])):
        for again in (
            part,
            copy.copy(part),
            pickle.loads(pickle.dumps(part)),
            dataclasses.replace(part, name="other"),
        ):
            assert again.weights is not None
            assert not again.weights.any()


def test_weights_go_along() -> None:
    data = Dataset(IMAGES, LABELS, "test", weights=np.array([1, 2, 3, 4]))
    plain = Dataset(IMAGES, LABELS, "test")
    for again in (copy.deepcopy(data), pickle.loads(pickle.dumps(data)), dataclasses.replace(data, name="x")):
        assert again.weights is not None
        assert again.weights.tolist() == [1, 2, 3, 4]
        assert not again.weights.flags.writeable
    for index in ([3, 0], slice(1, 3), LABELS == 2):
        weights = data.subset(index).weights
        assert weights is not None
        assert weights.tolist() == (np.arange(1, 5)[index]).tolist()
    joined = data.joined(plain).weights
    assert joined is not None
    assert joined.tolist() == [1, 2, 3, 4, 1, 1, 1, 1]
    assert plain.joined(plain).weights is None
    assert data.sha256 != plain.sha256


PETS = Dataset(
    np.arange(5 * 32 * 30 * 3, dtype=np.uint32).astype(np.uint8).reshape(5, 32, 30, 3),
    np.array([0, 2, 1, 1, 0]),
    "pets",
    class_names=["cat", "dog", "owl"],
)


@pytest.mark.parametrize(
    "again",
    [
        lambda data: data,
        lambda data: data.subset([4, 0]),
        lambda data: data.subset([]),
        lambda data: data.like(data.images[:2], data.labels[:2]),
        lambda data: dataclasses.replace(data, name="other"),
        copy.deepcopy,
        lambda data: pickle.loads(pickle.dumps(data)),
        lambda data: split(data, (2, 1), seed=0)[0],
        lambda data: Corpus("pets", data, data.subset([1]), "made up", split="held-out").undivided().train,
    ],
    ids=["itself", "chosen", "none", "like", "renamed", "copied", "pickled", "split", "undivided"],
)
def test_names_and_channels_go_along(again: Callable[[Dataset], Dataset]) -> None:
    data = again(PETS)
    assert (data.classes, data.class_names, data.named) == (3, ("cat", "dog", "owl"), True)
    assert data.image_shape == (32, 30, 3)


def test_classes_without_names_are_named_by_their_numbers() -> None:
    data = Dataset(IMAGES, LABELS, "test", 12)
    assert data.class_names == tuple("0 1 2 3 4 5 6 7 8 9 10 11".split())
    assert not data.named


def test_one_channel_is_grey() -> None:
    grey, again = Dataset(IMAGES, LABELS, "test"), Dataset(IMAGES[..., None], LABELS, "test")
    assert again.images.shape == IMAGES.shape
    assert again.sha256 == grey.sha256
    assert grey.image_shape == again.image_shape == (28, 28, 1)


def test_labels_beyond_bytes_are_hashed_whole() -> None:
    labels = np.array([0, 1, 2, 256])
    assert Dataset(IMAGES, labels, "test", 300).sha256 != Dataset(IMAGES, labels % 256, "test", 300).sha256


def test_colour_is_scaled_as_grey_is() -> None:
    scaled = as_float(PETS.images)
    assert scaled.shape == PETS.images.shape
    np.testing.assert_array_equal(scaled[..., 1], as_float(PETS.images[..., 1])[..., 0])


def test_subset_keeps_order_and_copies(digits) -> None:
    whole = digits(20)
    part = whole.subset([13, 2, 2])
    assert part.labels.tolist() == [3, 2, 2]
    np.testing.assert_array_equal(part.images, whole.images[[13, 2, 2]])
    assert not np.shares_memory(part.images, whole.images)
    assert len(whole.subset([])) == 0
    assert len(whole.subset(whole.labels == 4)) == 2
    assert part.name == whole.name


def test_arrays_are_as_the_engine_wants_them() -> None:
    data = Dataset(np.zeros((28, 28, 4), np.uint8).T, LABELS.astype(np.uint8), "test")
    assert data.images.flags.c_contiguous
    assert data.labels.dtype == np.int64


changed_later = pytest.mark.fault(
    "data in memory",
    "the caller changes the arrays later",
    "the data set does not change",
)


def writable() -> tuple[np.ndarray, np.ndarray]:
    return np.arange(4 * 28 * 28, dtype=np.uint32).astype(np.uint8).reshape(4, 28, 28), LABELS.copy()


# how the arrays are given -> images and labels, and those that the caller still writes to
GIVEN: dict[str, Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]] = {
    "arrays": lambda x, y: (x, y),
    "views": lambda x, y: (x[:], y[:]),
    "parts": lambda x, y: (x[1:3], y[1:3]),
    "views that are read-only": lambda x, y: (np.broadcast_to(x, x.shape), np.broadcast_to(y, y.shape)),
    "buffers": lambda x, y: (
        np.frombuffer(x.data, np.uint8).reshape(x.shape),
        np.frombuffer(y.data, y.dtype),
    ),
    "read-only buffers": lambda x, y: (
        np.frombuffer(x.data.toreadonly(), np.uint8).reshape(x.shape),
        np.frombuffer(y.data.toreadonly(), y.dtype),
    ),
    "transposed": lambda x, y: (x.T.reshape(28, 28, 4).T, y[::-1]),
}


@changed_later
@pytest.mark.parametrize("hashed", [True, False], ids=["hashed before", "not hashed"])
@pytest.mark.parametrize("how", GIVEN)
def test_what_the_caller_writes_afterwards_does_not_reach_it(how: str, hashed: bool) -> None:
    images, labels = writable()
    data = Dataset(*GIVEN[how](images, labels), "test")
    want = data.images.copy(), data.labels.copy()
    before = data.sha256 if hashed else Dataset(*want, "test").sha256
    images[...] += 1
    labels[...] = (labels + 1) % 10
    np.testing.assert_array_equal(data.images, want[0])
    np.testing.assert_array_equal(data.labels, want[1])
    assert data.sha256 == before == Dataset(*want, "test").sha256


@changed_later
@pytest.mark.parametrize(
    "again",
    [
        lambda data: data,
        lambda data: data.subset([2, 1]),
        lambda data: data.subset(slice(1, 3)),
        lambda data: dataclasses.replace(data, name="other"),
        copy.copy,
        copy.deepcopy,
        lambda data: pickle.loads(pickle.dumps(data)),
    ],
    ids=["itself", "chosen", "a slice", "renamed", "copied", "copied deeply", "pickled"],
)
def test_nobody_can_write_to_it(again: Callable[[Dataset], Dataset]) -> None:
    first = Dataset(*writable(), "test")
    assert first.sha256
    data = again(first)
    for array in (data.images, data.labels):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
        with pytest.raises(ValueError, match="WRITEABLE"):
            array.setflags(write=True)
    assert data.sha256 == Dataset(data.images.copy(), data.labels.copy(), "other").sha256


def test_what_nobody_can_write_to_is_shared(tmp_path: Path) -> None:
    images, labels = writable()
    np.save(tmp_path / "images.npy", images)
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
    frozen, parsed = images.copy(), np.frombuffer(images.tobytes(), np.uint8).reshape(images.shape)
    frozen.setflags(write=False)
    for given in (mapped, frozen, parsed, Dataset(images, labels, "first").images):
        data = Dataset(given, labels, "test")
        assert np.shares_memory(data.images, given)
        np.testing.assert_array_equal(data.images, images)
    data = Dataset(images, labels, "test")
    assert not np.shares_memory(data.images, images)
    assert np.shares_memory(data.subset(slice(2)).images, data.images)
    open_to_writing = np.load(tmp_path / "images.npy", mmap_mode="c")
    assert not np.shares_memory(Dataset(open_to_writing, labels, "test").images, open_to_writing)


def test_frozen(digits) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        digits(3).name = "other"


def test_checksum_tells_images_labels_and_order_apart(digits) -> None:
    whole = digits(20)
    other = Dataset(whole.images, (whole.labels + 1) % 10, whole.name)
    hashes = {whole.sha256, other.sha256, whole.subset(np.arange(20)[::-1]).sha256, digits(20, 1).sha256}
    assert len(hashes) == 4
    assert whole.sha256 == Dataset(whole.images.copy(), whole.labels, "other name").sha256


def test_corpus_checksum_covers_both_sets(digits) -> None:
    first, second = digits(20), digits(20, 1)
    assert Corpus("a", first, second, "here").sha256 != Corpus("a", second, first, "here").sha256
    assert Corpus("a", first, second, "here", sha256="known").sha256 == "known"


def test_as_float_divides_exactly() -> None:
    images = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    scaled = as_float(images)
    assert scaled.shape == (1, 16, 16, 1)
    assert scaled.dtype == np.float32
    np.testing.assert_array_equal(scaled.ravel(), (np.arange(256) / 255).astype(np.float32))
    assert scaled.max() == 1.0


@pytest.mark.parametrize(
    ("images", "error", "words"),
    [
        (IMAGES / 255, DTypeError, "expected uint8 0-255, found float64"),
        (IMAGES[0], ShapeError, r"expected the shape \(n, h, w\) or \(n, h, w, c\), found \(28, 28\)"),
    ],
)
def test_as_float_refuses(images: np.ndarray, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        as_float(images)


def test_other_classes_than_digits() -> None:
    letters = Dataset(IMAGES, np.array([0, 25, 7, 25]), "letters", classes=26)
    assert letters.subset([1, 3]).classes == 26
    with pytest.raises(RangeError, match="labels: expected 0-25, found 26 at position 1"):
        Dataset(IMAGES, np.array([0, 26, 7, 25]), "letters", classes=26)
    for classes in (0, 65_537, 2.5, 10**30):
        with pytest.raises(RangeError, match="classes: expected 1 to 65,536, found "):
            Dataset(IMAGES, LABELS, "letters", classes)
