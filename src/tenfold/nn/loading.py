"""Named arrays from elsewhere, held against what a network expects."""

from __future__ import annotations

from collections.abc import Mapping

from tenfold.backend.arrays import Array, Shape, dtype_name, is_finite
from tenfold.errors import CheckpointError, DTypeError, RangeError, ShapeError

FLOATS = ("float32", "float64")


def check_tensors(
    what: str, arrays: Mapping[str, Array], shapes: Mapping[str, Shape], dtype: str | None
) -> str | None:
    """Refuse arrays that are not those of a network.

    Parameters
    ----------
    what : str
        What the arrays are, for the message.
    arrays : mapping of str to array
        By dotted name.
    shapes : mapping of str to tuple
        The names and shapes expected.
    dtype : str or None
        The dtype expected; None for whichever the first one has, float32 or float64.

    Returns
    -------
    str or None
        The dtype that they all have.

    Raises
    ------
    CheckpointError
        If a name is missing or not known.
    ShapeError, DTypeError, RangeError
        If an array has the wrong shape or dtype, or holds NaN or infinity; the array is named.
    """
    if missing := [name for name in shapes if name not in arrays]:
        raise CheckpointError(f"expected {what} {missing[0]!r}, got none; is this another network's file?")
    if extra := [name for name in arrays if name not in shapes]:
        raise CheckpointError(f"expected no {what} {extra[0]!r}, got one; is this another network's file?")
    for name, shape in shapes.items():
        array = arrays[name]
        if tuple(array.shape) != tuple(shape):
            raise ShapeError(
                f"{name}: expected shape {tuple(shape)}, got {tuple(array.shape)}; "
                "is this another network's file?"
            )
        found = dtype_name(array)
        if found not in FLOATS or found != (dtype or found):
            wanted = dtype or " or ".join(FLOATS)
            raise DTypeError(f"{name}: expected {wanted}, got {found}; convert it, or build a new network")
        dtype = found
        if not is_finite(array):
            raise RangeError(f"{name}: expected finite numbers, got NaN or infinity; try an older file")
    return dtype
