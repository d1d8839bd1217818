"""The definition of each kernel, in the Python Array API standard.

A window of size (kh, kw) slides over images (n, h, w, c) in strides of (sh, sw). Everything here goes over
the kh * kw *positions within the window*: the pixels at one position, over all windows, are one strided
slice of the images. So there are few steps, each a large one, and no index arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, TypeAlias

from tenfold.backend.arrays import Array, Shape, add_at, namespace, view_of_windows

Pair: TypeAlias = tuple[int, int]
Images: TypeAlias = tuple[int, int, int, int]
"""The shape (n, h, w, c)."""

Pads: TypeAlias = tuple[Pair, Pair]
"""Pixels added ((above, below), (left, right))."""

NO_PADS: Pads = ((0, 0), (0, 0))


def windows(size: Pair, kernel: Pair, stride: Pair, pads: Pads = NO_PADS) -> Pair:
    """Return how many windows fit into an image of ``size`` = (h, w), down and across."""
    (h, w), (kh, kw), (sh, sw), ((top, bottom), (left, right)) = size, kernel, stride, pads
    return (h + top + bottom - kh) // sh + 1, (w + left + right - kw) // sw + 1


def positions(size: Pair, kernel: Pair, stride: Pair) -> Iterator[tuple[slice, slice, slice, slice]]:
    """Yield, for each position in the window in row-major order, the index of its pixels in images."""
    (kh, kw), (sh, sw), (ho, wo) = kernel, stride, windows(size, kernel, stride)
    for i in range(kh):
        for j in range(kw):
            rows, columns = slice(i, i + (ho - 1) * sh + 1, sh), slice(j, j + (wo - 1) * sw + 1, sw)
            yield slice(None), rows, columns, slice(None)


def pad(x: Array, pads: Pads, value: float = 0.0) -> Array:
    """Return images (n, h, w, c) with a border of one value."""
    if pads == NO_PADS:
        return x
    for axis, sides in enumerate(pads, start=1):
        above, below = (_border(x, axis, pixels, value) for pixels in sides)
        x = namespace(x).concat([above, x, below], axis=axis)
    return x


def crop(x: Array, pads: Pads) -> Array:
    """Return images without their border: the adjoint of `pad`."""
    (top, bottom), (left, right) = pads
    return x[:, top : x.shape[1] - bottom, left : x.shape[2] - right, :]


def patches(x: Array, kernel: Pair, stride: Pair, pads: Pads) -> Array:
    """Copy every window of the images into a row of its own ("im2col").

    Parameters
    ----------
    x : array, shape (n, h, w, c)
    kernel, stride : (int, int)
        Height and width of the window and of its steps.
    pads : ((int, int), (int, int))
        Zeros above and below, left and right.

    Returns
    -------
    array, shape (n, ho, wo, kh * kw * c)
        The last axis in the order (row of the window, column of the window, channel).

    References
    ----------
    K. Chellapilla, S. Puri, P. Simard, "High Performance Convolutional Neural Networks for Document
    Processing" (2006), section 3.1.
    """
    xp, padded = namespace(x), pad(x, pads)
    n, ho, wo = x.shape[0], *windows(padded.shape[1:3], kernel, stride)
    seen = view_of_windows(padded, kernel, stride)  # (n, ho, wo, kh, kw, c)
    if seen is None:
        seen = xp.stack([padded[at] for at in positions(padded.shape[1:3], kernel, stride)], axis=3)
    return xp.reshape(seen, (n, ho, wo, kernel[0] * kernel[1] * x.shape[3]))


def patches_adjoint(drows: Array, shape: Images, kernel: Pair, stride: Pair, pads: Pads) -> Array:
    """Add every row of `patches` back onto the pixels that it was copied from ("col2im").

    This is the adjoint: ``sum(patches(x) * drows) == sum(x * patches_adjoint(drows))`` for all x and drows.

    Parameters
    ----------
    drows : array, shape (n, ho, wo, kh * kw * c)
    shape : (n, h, w, c)
        The shape of the images.

    Returns
    -------
    array, shape (n, h, w, c)
    """
    drows = namespace(drows).reshape(drows, (*drows.shape[:3], kernel[0] * kernel[1], shape[3]))
    padded = _zeros(_padded(shape, pads), drows)
    for position, at in enumerate(positions(padded.shape[1:3], kernel, stride)):
        padded = add_at(padded, at, drows[:, :, :, position, :])
    return crop(padded, pads)


def max_of_windows(x: Array, kernel: Pair, stride: Pair, pads: Pads = NO_PADS) -> tuple[Array, Array]:
    """Return the maximum of every window, and its position in the window.

    On a tie the first position in row-major order counts. A NaN in a window is its maximum; of several, the
    last counts.

    Parameters
    ----------
    x : array, shape (n, h, w, c)
    kernel, stride : (int, int)
    pads : ((int, int), (int, int))
        By how much windows reach beyond the image; nothing there is a maximum.

    Returns
    -------
    maximum, position : array, shape (n, ho, wo, c)
    """
    xp, x = namespace(x), pad(x, pads, -math.inf)
    maximum, *others = (x[at] for at in positions(x.shape[1:3], kernel, stride))
    position = xp.zeros_like(maximum, dtype=xp.int32)
    for index, pixels in enumerate(others, start=1):
        larger = (pixels > maximum) | xp.isnan(pixels)  # nothing is larger than a NaN, so it stays
        maximum = xp.where(larger, pixels, maximum)
        position = xp.where(larger, xp.full_like(position, index), position)
    return maximum, position


def max_of_windows_adjoint(
    dy: Array, position: Array, shape: Images, kernel: Pair, stride: Pair, pads: Pads = NO_PADS
) -> Array:
    """Add each window's gradient onto the pixel at its ``position``; returns the shape (n, h, w, c)."""
    xp = namespace(dy)
    dx, nothing = _zeros(_padded(shape, pads), dy), xp.zeros_like(dy)
    for index, at in enumerate(positions(dx.shape[1:3], kernel, stride)):
        dx = add_at(dx, at, xp.where(position == index, dy, nothing))
    return crop(dx, pads)


def mean_of_windows(x: Array, kernel: Pair, stride: Pair, pads: Pads = NO_PADS) -> Array:
    """Return the mean of the pixels in every window of images (n, h, w, c), shape (n, ho, wo, c)."""
    return _sum_of_windows(x, kernel, stride, pads) / _pixels(x, kernel, stride, pads)


def mean_of_windows_adjoint(
    dy: Array, shape: Images, kernel: Pair, stride: Pair, pads: Pads = NO_PADS
) -> Array:
    """Share each window's gradient equally among its pixels; returns the shape (n, h, w, c)."""
    dx = _zeros(_padded(shape, pads), dy)
    share = dy / _pixels(_zeros((1, *shape[1:3], 1), dy), kernel, stride, pads)
    for at in positions(dx.shape[1:3], kernel, stride):
        dx = add_at(dx, at, share)
    return crop(dx, pads)


def _sum_of_windows(x: Array, kernel: Pair, stride: Pair, pads: Pads) -> Array:
    padded = pad(x, pads)
    first, *others = (padded[at] for at in positions(padded.shape[1:3], kernel, stride))
    return sum(others, start=first)


def _pixels(x: Array, kernel: Pair, stride: Pair, pads: Pads) -> Any:
    """Return how many pixels each window has: a number, or (1, ho, wo, 1) if windows reach beyond images."""
    if pads == NO_PADS:
        return kernel[0] * kernel[1]
    return _sum_of_windows(namespace(x).ones_like(x[:1, :, :, :1]), kernel, stride, pads)


def _padded(shape: Images, pads: Pads) -> Images:
    (n, h, w, c), ((top, bottom), (left, right)) = shape, pads
    return n, top + h + bottom, left + w + right, c


def _zeros(shape: Shape, like: Array) -> Array:
    xp = namespace(like)
    return xp.zeros(tuple(shape), dtype=like.dtype, device=like.device)


def _border(x: Array, axis: int, pixels: int, value: float) -> Array:
    """Return so many rows (axis 1) or columns (axis 2) of one value, as high or wide as the images."""
    shape = (*x.shape[:axis], pixels, *x.shape[axis + 1 :])
    return namespace(x).full(shape, value, dtype=x.dtype, device=x.device)
