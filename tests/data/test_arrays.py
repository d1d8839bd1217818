"""Arrays, lists and data frames of every usual form: the same images, or advice that says what to write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tenfold.data import from_arrays, load_corpus
from tenfold.errors import TenfoldError

RNG = np.random.default_rng(0)
GREY = RNG.integers(0, 256, (6, 5, 5), dtype=np.uint8)
COLOUR = RNG.integers(0, 256, (6, 8, 8, 3), dtype=np.uint8)
LABELS = np.array([2, 0, 1, 1, 0, 2])
NAMES = np.array(["dog", "ant", "cat", "cat", "ant", "dog"])

IMAGES: dict[str, Callable[[np.ndarray], Any]] = {
    "bytes": lambda x: x,
    "whole numbers": lambda x: x.astype(np.int64),
    "floats of 0 to 255": lambda x: x.astype(float),
    "floats of 0 to 1": lambda x: x / 255,
    "float32 of 0 to 1": lambda x: (x / 255).astype(np.float32),
    "lists": lambda x: x.tolist(),
    "with a channel": lambda x: x[..., None] if x.ndim == 3 else x,
    "channels first": lambda x: x[:, None] if x.ndim == 3 else x.transpose(0, 3, 1, 2),
    "rows": lambda x: x.reshape(6, -1) if x.ndim == 3 else x,
}


@pytest.mark.parametrize("form", IMAGES)
@pytest.mark.parametrize("images", [GREY, COLOUR], ids=["grey", "colour"])
def test_images_of_every_form_are_the_same(images: np.ndarray, form: str) -> None:
    np.testing.assert_array_equal(from_arrays(IMAGES[form](images), LABELS).images, images)


def test_a_data_frame_is_an_array() -> None:
    pandas = pytest.importorskip("pandas")
    data = from_arrays(pandas.DataFrame(GREY.reshape(6, 25)), pandas.Series(NAMES))
    np.testing.assert_array_equal(data.images, GREY)
    assert data.class_names == ("ant", "cat", "dog")


KINDS: dict[str, Any] = {
    "numbers": LABELS,
    "bytes": LABELS.astype(np.uint8),
    "floats": LABELS.astype(float),
    "a list": LABELS.tolist(),
    "a column": LABELS[:, None],
    "numbers as text": LABELS.astype(str),
    "names": NAMES,
    "names as objects": NAMES.astype(object),
}


@pytest.mark.parametrize("kind", KINDS)
def test_labels_of_every_kind_are_the_same(kind: str) -> None:
    data = from_arrays(GREY, KINDS[kind])
    assert data.labels.tolist() == LABELS.tolist()
    assert data.class_names == (("ant", "cat", "dog") if "names" in kind else ("0", "1", "2"))


def test_names_may_be_given_in_another_order() -> None:
    data = from_arrays(GREY, NAMES, class_names=["dog", "cat", "ant", "owl"])
    assert data.labels.tolist() == [0, 2, 1, 1, 2, 0]
    assert data.classes == 4


def test_both_sets_number_their_classes_alike() -> None:
    corpus = load_corpus((GREY, NAMES, GREY[:2], ["cat", "dog"]))
    assert corpus.test.labels.tolist() == [1, 2]
    assert corpus.train.class_names == corpus.test.class_names == ("ant", "cat", "dog")


REFUSED: dict[str, tuple[Any, Any, str]] = {
    "an unclear scale": (
        GREY.astype(int) // 16,
        LABELS,
        "which may be either; if 15 is full ink, pass X / 15",
    ),
    "standardised": (GREY / 255 - 0.5, LABELS, "pass them as they are, not standardised"),
    "not a number": (np.where(GREY > 200, np.nan, GREY / 255), LABELS, "expected finite numbers"),
    "texts": (GREY.astype(str), LABELS, "expected numbers, found <U3"),
    "rows that are no squares": (GREY.reshape(6, 25)[:, :24], LABELS, "square number of pixels"),
    "two sizes": ([GREY[0], GREY[1][:3]], LABELS[:2], "expected all of one size"),
    "one-hot labels": (GREY, np.eye(6), r"write y.argmax\(axis=1\)"),
    "too few labels": (GREY, LABELS[:5], "pass one label for each image"),
    "a missing label": (GREY, [*NAMES[:5], None], "found none at position 5"),
    "negative labels": (GREY, LABELS - 1, "labels of 0 and more, found -1"),
    "fractions": (GREY, LABELS / 2, "found 0.5 at position 2"),
    "names and numbers": (GREY, ["12", "a", "b", "a", "b", "a"], "all numbers or all names"),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_what_cannot_be_used_is_refused(fault: str, refused_in_one_line: Any) -> None:
    images, labels, words = REFUSED[fault]
    with refused_in_one_line(TenfoldError, words):
        from_arrays(images, labels)


def test_a_label_without_a_name_is_refused(refused_in_one_line: Any) -> None:
    with refused_in_one_line(TenfoldError, "expected one of .*'ant', 'cat'.*, found 'dog'"):
        from_arrays(GREY, NAMES, class_names=["ant", "cat"])
