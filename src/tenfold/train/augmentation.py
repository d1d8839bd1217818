"""What an augmentation is: minibatch in, minibatch out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, TypeGuard

import numpy as np
import numpy.typing as npt

from tenfold.data import AUGMENTATIONS, RandomAffine, as_float
from tenfold.errors import DTypeError, ShapeError

Augmentation: TypeAlias = Callable[[np.ndarray[Any, Any], np.random.Generator], np.ndarray[Any, Any]]
"""``augment(images, rng) -> images``, both float32 of shape (n, h, w, c) and 0 to 1."""


def built_in(augmentation: Augmentation | None) -> TypeGuard[RandomAffine]:
    """Return whether it is one of ours, which take bytes and a number of threads."""
    return type(augmentation) in AUGMENTATIONS.values()


def augment(
    augmentation: Augmentation, images: npt.NDArray[np.uint8], rng: np.random.Generator, threads: int
) -> np.ndarray[Any, Any]:
    """Return altered images; what an augmentation of somebody's own returns is checked.

    Parameters
    ----------
    augmentation : callable
    images : uint8 array (n, h, w)
    rng : numpy.random.Generator
    threads : int
        How many cores may be used.

    Returns
    -------
    float32 array (n, h, w, 1)

    Raises
    ------
    ShapeError, DTypeError
        If the augmentation changed the images' shape or dtype.
    """
    if built_in(augmentation):
        return augmentation(images, rng, threads=threads)
    floats = as_float(images)
    altered = augmentation(floats, rng)
    if altered.shape != floats.shape:
        raise ShapeError(f"augmentation: expected images of shape {floats.shape} back, got {altered.shape}")
    if altered.dtype != floats.dtype:
        raise DTypeError(f"augmentation: expected {floats.dtype} back, got {altered.dtype}; convert it")
    return altered


def prepare(augmentation: Augmentation | None, images: npt.NDArray[np.uint8]) -> None:
    """Have compiled now what altering images will call, so that no epoch is timed with it."""
    if built_in(augmentation):
        augmentation(images[:0], np.random.default_rng(0))


def augmentation_config(augmentation: Augmentation) -> dict[str, Any]:
    """Return what identifies an augmentation in a recipe: its kind and its options."""
    named = getattr(augmentation, "__qualname__", type(augmentation).__qualname__)
    kind = getattr(augmentation, "kind", named)
    options = augmentation.config() if hasattr(augmentation, "config") else {}
    return {"kind": str(kind), "config": options}
