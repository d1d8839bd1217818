"""Checks before compiled code runs, which checks no index and would read outside its arrays."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from tenfold.errors import DTypeError, RangeError, ShapeError

Array: TypeAlias = np.ndarray[Any, Any]


def check_images(images: Array, input_shape: tuple[int, ...]) -> None:
    """Refuse images of another shape or dtype than the network's input."""
    shape = tuple(images.shape[1:])
    channels_left_out = len(input_shape) == 3 and (*shape, 1) == tuple(input_shape)
    if images.ndim == 0 or (shape != tuple(input_shape) and not channels_left_out):
        raise ShapeError(f"expected images of shape {('n', *input_shape)}, got {images.shape}; reshape them")
    if images.dtype != np.uint8 and images.dtype.kind != "f":
        raise DTypeError(
            f"expected images as uint8 (0 to 255) or floats (0 to 1), got {images.dtype}; convert them"
        )


def check_labels(labels: Array, images: int, classes: int) -> None:
    """Refuse labels that do not belong to the images, or name no class."""
    if labels.shape != (images,):
        raise ShapeError(f"expected {images} labels, one for each image, got shape {labels.shape}; pass both")
    if labels.dtype.kind not in "iu":
        raise DTypeError(f"expected labels as integers, got {labels.dtype}; try labels.astype(numpy.int64)")
    if images and not 0 <= labels.min() <= labels.max() < classes:
        raise RangeError(
            f"expected labels from 0 to {classes - 1}, got {labels.min()} to {labels.max()}; correct them"
        )


def check_order(order: Array, images: int, steps: int, n: int) -> None:
    """Refuse an order that points past the images, or is not n images for each step."""
    if order.shape != (steps * n,):
        raise ShapeError(
            f"expected an order of {steps} x {n} images, got shape {order.shape}; one rate a step"
        )
    if order.size and not 0 <= order.min() <= order.max() < images:
        raise RangeError(
            f"expected an order of images 0 to {images - 1}, got {order.min()} to {order.max()}; correct it"
        )


def check_bits(bits: Array, size: int) -> None:
    """Refuse random bits that are not as many as the dropout layers use up."""
    if bits.shape != (size,) or bits.dtype != np.uint16:
        raise ShapeError(
            f"expected {size} random numbers of 16 bits for dropout, got {bits.dtype} of shape {bits.shape}; "
            "draw them for each step"
        )


def check_normalised(c_and_sizes: list[tuple[int, int]], n: int) -> None:
    """Refuse a minibatch that leaves a single number in a channel: it has no variance."""
    for c, size in c_and_sizes:
        if n * size // c < 2:
            raise ShapeError(
                f"expected at least 2 numbers in a channel to normalise, got a minibatch of {n}; "
                "give a minibatch of at least 2 images"
            )


def check_resampling(images: Array, matrices: Array) -> None:
    """Refuse images that are not bytes or float32, and matrices that are not finite or too few."""
    if (images.dtype, images.ndim) not in ((np.uint8, 3), (np.uint8, 4), (np.float32, 4)):
        raise DTypeError(
            "expected images as uint8 (n, h, w) or (n, h, w, c), or float32 (n, h, w, c), "
            f"got {images.dtype} of shape {images.shape}; convert them"
        )
    if matrices.shape != (len(images), 2, 3) or matrices.dtype != np.float64:
        raise ShapeError(
            f"expected float64 matrices of shape {(len(images), 2, 3)}, one for each image, "
            f"got {matrices.dtype} of shape {matrices.shape}; make one for each"
        )
    if not np.isfinite(matrices).all():
        raise RangeError("expected finite matrices, got NaN or infinity; check what they were made of")
