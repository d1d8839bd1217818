"""Augmentations: functions from images to images; some of the built-in ones also change labels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, TypeGuard

import numpy as np
import numpy.typing as npt

from tenfold.data import AUGMENTATIONS, Augmenter, as_float
from tenfold.errors import DTypeError, ShapeError

Own: TypeAlias = Callable[[np.ndarray[Any, Any], np.random.Generator], np.ndarray[Any, Any]]
"""``augment(images, rng) -> images``, both float32 of shape (n, h, w, c) and 0 to 1."""

Augmentation: TypeAlias = Augmenter | Own


def built_in(augmentation: Augmentation | None) -> TypeGuard[Augmenter]:
    """Return whether an augmentation is built in; these take bytes and a number of threads."""
    return type(augmentation) in AUGMENTATIONS.values()


def augment(
    augmentation: Augmentation,
    images: npt.NDArray[np.uint8],
    labels: npt.NDArray[np.int64],
    rng: np.random.Generator,
    threads: int,
) -> tuple[np.ndarray[Any, Any], npt.NDArray[np.int64]]:
    """Return augmented images and their labels; the result of a user's own augmentation is checked.

    Parameters
    ----------
    augmentation : callable
    images : uint8 array (n, h, w) or (n, h, w, c)
    labels : int64 array (n,)
    rng : numpy.random.Generator
    threads : int
        How many cores may be used.

    Returns
    -------
    float32 array (n, h, w, c), and int64 array (n,)
        Labels change only where an augmentation `adds_negatives` images without a digit.

    Raises
    ------
    ShapeError, DTypeError
        If the augmentation changed the images' shape or dtype.
    """
    if isinstance(augmentation, Augmenter):
        return augmentation.examples(images, labels, rng, threads=threads)
    floats = as_float(images)
    altered = augmentation(floats, rng)
    if altered.shape != floats.shape:
        raise ShapeError(
            f"augmentation: expected images of shape {floats.shape} back, got {altered.shape}; keep the shape"
        )
    if altered.dtype != floats.dtype:
        raise DTypeError(f"augmentation: expected {floats.dtype} back, got {altered.dtype}; convert it")
    return altered, labels


def prepare(augmentation: Augmentation | None, images: npt.NDArray[np.uint8]) -> None:
    """Compile the augmentation now, so that the time of no epoch includes it."""
    if augmentation is not None and built_in(augmentation):
        augment(augmentation, images[:0], np.zeros(0, np.int64), np.random.default_rng(0), threads=1)


def augmentation_config(augmentation: Augmentation) -> dict[str, Any]:
    """Return what identifies an augmentation in a recipe: its kind and its options."""
    named = getattr(augmentation, "__qualname__", type(augmentation).__qualname__)
    kind = getattr(augmentation, "kind", named)
    options = augmentation.config() if hasattr(augmentation, "config") else {}
    return {"kind": str(kind), "config": options}
