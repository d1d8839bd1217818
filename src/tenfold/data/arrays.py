"""Arrays, lists and data frames as data sets: their scale and their classes are known, or asked for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from tenfold.data.class_labels import datasets_of
from tenfold.data.corpus import Corpus
from tenfold.data.dataset import Dataset
from tenfold.data.pixel_values import shaped
from tenfold.data.splits import split
from tenfold.errors import DataError, DTypeError, RangeError, ShapeError
from tenfold.habits import keywords
from tenfold.quoting import message

ARRAYS = "arrays"
"""The name and the origin of data that are given as arrays."""

Pair: TypeAlias = tuple[npt.ArrayLike, npt.ArrayLike]
Arrays: TypeAlias = (
    Pair | tuple[Pair, Pair] | tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike, npt.ArrayLike]
)
"""``(X, y)``, ``(X, y, X_test, y_test)`` or ``((X, y), (X_test, y_test))``."""

_TEST = 1 / 7  # of arrays without a test set, as of a folder without one
_BRIGHT = 128  # the largest pixel of images whose scale is certainly 0 to 255


@keywords(
    {
        **dict.fromkeys(("X", "x", "data"), "write images=..."),
        **dict.fromkeys(("y", "targets", "target"), "write labels=..."),
        "target_names": "write class_names=[...]",
    },
    example="from_arrays(images, labels)",
)
def from_arrays(
    images: npt.ArrayLike,
    labels: npt.ArrayLike,
    *,
    name: str = ARRAYS,
    classes: int | None = None,
    class_names: Sequence[str] = (),
) -> Dataset:
    """Return images and labels of any usual form as a data set.

    Parameters
    ----------
    images : array, list or DataFrame
        (n, h, w), (n, h, w, c), or (n, pixels) of square grey images. Whole numbers from 0 to 255, floats
        from 0 to 255, or floats from 0 to 1.
    labels : array, list or Series, of n
        Whole numbers from 0, or names of the classes.
    name : str
        The name of the data, for reports.
    classes : int, optional
        How many there are; by default as many as the largest label says.
    class_names : sequence of str, optional
        The name of each class. Labels that are names get their numbers by it, and by the alphabet without it.

    Raises
    ------
    ShapeError, DTypeError, RangeError
        If they have another form, or it is not certain which scale the pixels have; the message says what to
        write.

    Examples
    --------
    >>> letters = from_arrays(np.full((2, 16), 0.5), ["b", "a"])
    >>> letters, letters.labels.tolist(), letters.class_names, letters.images.max()
    (Dataset('arrays', 2 images of 4 x 4), [1, 0], ('a', 'b'), np.uint8(128))
    """
    [data] = datasets_of([(as_pixels(images), _labels(labels))], name, "labels", class_names)
    return data if classes is None else replace(data, classes=classes, class_names=())


def corpus_from_arrays(arrays: Any, name: str = ARRAYS) -> Corpus:
    """Return a training and a test set of arrays; without a test set, a seventh is split off, stratified.

    Parameters
    ----------
    arrays : tuple
        ``(X, y)``, ``(X, y, X_test, y_test)`` or ``((X, y), (X_test, y_test))``; see `from_arrays`.
    name : str

    Raises
    ------
    DataError, ShapeError, DTypeError, RangeError
        If they have another form.
    """
    if isinstance(arrays, Corpus):
        return arrays
    if isinstance(arrays, Dataset):
        return divided(arrays)
    if isinstance(arrays, tuple) and len(arrays) == 2 and all(isinstance(one, Dataset) for one in arrays):
        return Corpus(arrays[0].name, *arrays, origin=arrays[0].name)
    train, test = _pairs(arrays)
    if test is None:
        return divided(from_arrays(*train, name=name))
    _check_order(train, test)
    parts = [(as_pixels(images), _labels(labels)) for images, labels in (train, test)]
    first, second = datasets_of(parts, name, "labels")
    if first.image_shape != second.image_shape:
        raise ShapeError(
            f"expected test images of {first.image_shape}, as the training images, "
            f"found {second.image_shape}; bring them to one size"
        )
    return Corpus(name, first, second, origin=name)


def _check_order(train: tuple[Any, Any], test: tuple[Any, Any]) -> None:
    """Refuse four arrays in the order of scikit-learn's ``train_test_split``."""
    if np.ndim(train[1]) > 1 and np.ndim(test[0]) == 1 and np.shape(train[1])[1:] == np.shape(train[0])[1:]:
        raise ShapeError(
            "expected arrays as (X, y, X_test, y_test), found labels third; train_test_split returns "
            "X, X_test, y, y_test: write load_corpus((X, y, X_test, y_test))"
        )


def divided(whole: Dataset) -> Corpus:
    """Return a data set without a test set as a corpus: a seventh is split off, seeded and stratified."""
    size = round(len(whole) * _TEST)
    if size == 0:
        raise DataError(f"{whole.name}: expected at least 4 images, found {len(whole)}; add more")
    train, test = split(whole, (len(whole) - size, size), seed=0)
    return Corpus(whole.name, train, test, origin=whole.name, split="held-out")


def as_pixels(images: npt.ArrayLike) -> npt.NDArray[np.uint8]:
    """Return images of any usual form as uint8 (n, h, w) or (n, h, w, c); see `from_arrays`."""
    try:
        array = _as_array("images", images)
    except ValueError as error:
        raise ShapeError(
            f"images: expected all of one size, got several ({message(error, 80)}); resize them first"
        ) from error
    return shaped(_scaled(array), "images")


def _as_array(what: str, given: npt.ArrayLike) -> npt.NDArray[Any]:
    """Return what is given as an array of NumPy.

    Raises
    ------
    DTypeError
        If it is a tensor that lies on a GPU, or waits for its gradient.
    """
    try:
        return np.asarray(given)
    except (TypeError, RuntimeError) as error:
        raise DTypeError(
            f"{what}: expected what NumPy can read, got {type(given).__name__} ({message(error, 80)}); "
            "write x.detach().cpu().numpy()"
        ) from error


def _scaled(array: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Return pixels from 0 to 255, if it is certain that they are meant so."""
    if array.dtype == np.uint8 or array.size == 0:
        return array.astype(np.uint8, copy=False)
    if array.dtype == bool:
        return array.astype(np.uint8) * np.uint8(255)
    if array.dtype.kind not in "iuf":
        raise DTypeError(f"images: expected numbers, found {array.dtype}; pass pixels from 0 to 255")
    low, high = float(array.min()), float(array.max())  # both are NaN if one pixel is
    if not (math.isfinite(low) and math.isfinite(high)):
        raise RangeError(
            "images: expected finite numbers, found NaN or infinity; correct or remove those images"
        )
    if low < 0 or high > 255:
        raise RangeError(
            f"images: expected pixels from 0 to 255, or from 0 to 1, found {low:g} to {high:g}; "
            "pass them as they are, not standardised: networks scale them"
        )
    if high == 0:
        return np.zeros(array.shape, np.uint8)
    if high == 1 or (array.dtype.kind == "f" and 1 / 16 < high < 1):
        whole: npt.NDArray[np.uint8] = np.rint(array * 255).astype(np.uint8)
        return whole
    if high >= _BRIGHT and bool((np.rint(array) == array).all()):
        return array.astype(np.uint8)
    raise RangeError(
        f"images: expected pixels from 0 to 255, or floats from 0 to 1, found {array.dtype} from {low:g} to "
        f"{high:g}, which may be either; {_way_out(high)}"
    )


def _way_out(high: float) -> str:
    if high >= _BRIGHT:
        return "round them: X.round().astype('uint8')"
    return f"if {high:g} is full ink, pass X / {high:g}, and if 255 is, X.astype('uint8')"


def _labels(labels: npt.ArrayLike) -> npt.NDArray[Any]:
    """Return labels as an array (n,)."""
    array = _as_array("labels", labels)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim == 1:
        return array
    one_hot = array.ndim == 2 and array.dtype.kind in "iuf"
    advice = "for one-hot labels write y.argmax(axis=1)" if one_hot else "give one label for each image"
    raise ShapeError(f"labels: expected the shape (n,), found {array.shape}; {advice}")


def _pairs(arrays: Any) -> tuple[tuple[Any, Any], tuple[Any, Any] | None]:
    """Return the training and the test pair."""
    if isinstance(arrays, (tuple, list)):
        if len(arrays) == 4:
            return (arrays[0], arrays[1]), (arrays[2], arrays[3])
        if len(arrays) == 2 and all(isinstance(pair, tuple) and len(pair) == 2 for pair in arrays):
            return (arrays[0][0], arrays[0][1]), (arrays[1][0], arrays[1][1])
        if len(arrays) == 2:
            return (arrays[0], arrays[1]), None
    raise DataError(
        f"expected a name, a path, or arrays as (X, y) or (X, y, X_test, y_test), "
        f"got {type(arrays).__name__}; write load_corpus((X, y))"
    )
