"""What is refused where arrays enter a network, each with what to do about it."""

from __future__ import annotations

import numpy as np

from tenfold.backend.arrays import Array, Shape, dtype_name, is_floating, namespace
from tenfold.errors import DTypeError, RangeError, ShapeError

TOLERANCE = 0.01
"""How far outside 0 to 1 a pixel may lie: interpolation overshoots a little."""


def check_array(x: object, what: str = "input") -> None:
    """Refuse what is not an array, such as a list.

    Raises
    ------
    DTypeError
    """
    if not hasattr(x, "shape") or not hasattr(x, "dtype"):
        raise DTypeError(
            f"expected {what} as an array, got {type(x).__name__}; write numpy.asarray(x, numpy.float32)"
        )


def check_library(x: Array, param: Array) -> None:
    """Refuse a minibatch of NumPy for parameters of another library, which would mix the two.

    Raises
    ------
    DTypeError
    """
    if isinstance(x, np.ndarray) and not isinstance(param, np.ndarray):
        kind = type(param)
        raise DTypeError(
            f"expected input of {kind.__module__.partition('.')[0]}, as the parameters, got a NumPy array; "
            "convert it, or write network.to('cpu')"
        )


def check_shape(x: Array, input_shape: Shape) -> None:
    """Refuse a minibatch that is not (n, *input_shape).

    Raises
    ------
    ShapeError
        With the missing axis named, if that is what is wrong.
    """
    check_array(x)
    shape = tuple(x.shape)
    if shape[1:] == input_shape and len(shape) == len(input_shape) + 1:
        return
    wanted = f"(n, {', '.join(map(str, input_shape))})"
    if shape == input_shape:
        advice = "put the axis of the minibatch in front: x[None]"
    elif (*shape[1:], 1) == input_shape:
        advice = "add the axis of the channel: x[..., None]"
    else:
        advice = f"reshape it, or build the network for {shape[1:]}"
    raise ShapeError(f"expected input of shape {wanted}, got {shape}; {advice}")


def check_dtype(x: Array, expected: str | None) -> None:
    """Refuse a minibatch that is not floating point, or not of the parameters' dtype.

    Raises
    ------
    DTypeError
        With the conversion to try.
    """
    if not is_floating(x):
        wanted = expected or "float32"
        raise DTypeError(
            f"expected input of {wanted}, got {dtype_name(x)}; for pixels 0..255 try x.astype({wanted}) / 255"
        )
    if expected is not None and dtype_name(x) != expected:
        raise DTypeError(f"expected input of {expected}, as the parameters, got {dtype_name(x)}; convert it")


def check_images(images: Array) -> None:
    """Refuse images that are not floating point in 0 to 1.

    This is for the border where pictures come in; a layer or network by itself takes any numbers.

    Parameters
    ----------
    images : array, shape (n, h, w, c)
        Ink high: 0 is paper, 1 is full ink.

    Raises
    ------
    DTypeError
        If they are not floating point.
    RangeError
        If they hold NaN, or pixels outside 0 to 1.

    Examples
    --------
    >>> import numpy as np
    >>> check_images(np.zeros((1, 28, 28, 1), np.float32))
    """
    check_dtype(images, None)
    xp = namespace(images)
    if 0 in images.shape:
        return
    low, high = float(xp.min(images)), float(xp.max(images))  # both are NaN if any pixel is
    if -TOLERANCE <= low and high <= 1 + TOLERANCE:
        return
    if low != low or high != high:
        advice = "correct or remove the images that contain NaN"
    elif 0 <= low and 1 + TOLERANCE < high <= 255:
        advice = "images seem to be 0..255: divide by 255"
    else:
        advice = "give the pixels as they are, not standardised, and divided by their largest possible value"
    raise RangeError(f"expected pixels from 0 to 1, got {low:g} to {high:g}; {advice}")
