"""What an augmentation is: minibatch in, minibatch out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from tenfold.errors import DTypeError, ShapeError

Augmentation: TypeAlias = Callable[[np.ndarray[Any, Any], np.random.Generator], np.ndarray[Any, Any]]
"""``augment(images, rng) -> images``, both float32 of shape (n, h, w, c) and 0 to 1."""


def augment(
    augmentation: Augmentation, images: np.ndarray[Any, Any], rng: np.random.Generator
) -> np.ndarray[Any, Any]:
    """Return the altered images, checked.

    Raises
    ------
    ShapeError, DTypeError
        If the augmentation changed the images' shape or dtype.
    """
    altered = augmentation(images, rng)
    if altered.shape != images.shape:
        raise ShapeError(f"augmentation: expected images of shape {images.shape} back, got {altered.shape}")
    if altered.dtype != images.dtype:
        raise DTypeError(f"augmentation: expected {images.dtype} back, got {altered.dtype}; convert it")
    return altered


def augmentation_config(augmentation: Augmentation) -> dict[str, Any]:
    """Return what identifies an augmentation in a recipe: its kind and its options."""
    named = getattr(augmentation, "__qualname__", type(augmentation).__qualname__)
    kind = getattr(augmentation, "kind", named)
    options = augmentation.config() if hasattr(augmentation, "config") else {}
    return {"kind": str(kind), "config": options}
