"""Checks and conversions of the images that a user passes to a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tenfold.errors import DTypeError, ShapeError
from tenfold.nn import check_images

if TYPE_CHECKING:
    from tenfold.data import Dataset

Shape: TypeAlias = tuple[int, ...]

DIGIT: Shape = (28, 28, 1)
"""The shape of MNIST's images."""


def shape_words(shape: Shape) -> str:
    """Return a shape in words: of grey images without the channel.

    Examples
    --------
    >>> shape_words((28, 28, 1)), shape_words((32, 32, 3))
    ('28 x 28', '32 x 32 x 3')
    """
    return " x ".join(map(str, shape[:-1] if shape[-1:] == (1,) else shape))


def of_digits(data: Dataset) -> bool:
    """Return whether images are digits as MNIST has them: grey, 28 x 28, ten classes without other names."""
    return not data.named and (data.classes, data.image_shape) == (10, DIGIT)


def named(data: Dataset) -> tuple[str, ...]:
    """Return the names of the classes, if the data name them."""
    return tuple(data.class_names) if data.named else ()


def as_images(images: NDArray[Any], shape: Shape = DIGIT) -> NDArray[np.uint8] | NDArray[np.float32]:
    """Return images in the form that executors take; bytes stay bytes.

    Parameters
    ----------
    images : uint8, or floats in 0..1; (n, h, w, c), or (n, h, w) of grey images
        Of digits, ink high.
    shape : (h, w, c)
        That of the network's input.

    Returns
    -------
    uint8 (n, h, w) or (n, h, w, c), or float32 (n, h, w, c) in 0..1

    Raises
    ------
    ShapeError, DTypeError, RangeError
        If they are anything else, such as pixels 0..255 that were not scaled.

    Examples
    --------
    >>> as_images(np.ones((1, 28, 28))).shape
    (1, 28, 28, 1)
    >>> as_images(np.zeros((2, 32, 32, 3), np.uint8), (32, 32, 3)).shape
    (2, 32, 32, 3)
    """
    images = _checked(images, shape)  # (n, h, w, c)
    if images.dtype == np.uint8:
        return images[..., 0] if images.shape[3:] == (1,) else images
    return images.astype(np.float32)


def as_rows(images: NDArray[Any], shape: Shape = DIGIT) -> NDArray[np.float64]:
    """Return images in the form that classical models take: float64 (n, h * w * c), in 0..1."""
    images = _checked(images, shape)
    rows = images.reshape(len(images), int(np.prod(shape)))
    # in float64 from the start, as in the source document
    return rows / 255.0 if rows.dtype == np.uint8 else rows.astype(np.float64)


def _checked(images: NDArray[Any], shape: Shape) -> NDArray[Any]:
    """Return images as (n, h, w, c); refuse those that a model cannot take."""
    images, shape = np.asarray(images), tuple(shape)
    grey = shape[:-1] if shape[-1:] == (1,) else shape  # grey images may come without channels
    if images.ndim == 0 or images.shape[1:] not in (shape, grey):
        expected = ", ".join(map(str, grey))
        raise ShapeError(
            f"expected images (n, {expected}), got {images.shape}; {_advice(images.shape, shape, grey)}"
        )
    images = images.reshape(len(images), *shape)
    if images.dtype == np.uint8:
        return images
    if not np.issubdtype(images.dtype, np.floating):
        raise DTypeError(f"expected images as uint8 or floats, got {images.dtype}; convert them with astype")
    check_images(images)
    return images


def _advice(given: Shape, shape: Shape, grey: Shape) -> str:
    """Return what to do with images of another shape."""
    if given in (shape, grey):
        return "for one image pass image[None]"
    if given[1:3] != shape[:2] or len(given) > 4:
        return "resize them first"
    return "convert them to grey" if grey != shape else f"give each {shape[-1]} channels"
