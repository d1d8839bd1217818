"""Whether saved tensors are those of a given network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tenfold.errors import CheckpointError
from tenfold.quoting import quoted

Spec = tuple[tuple[int, ...], str]
"""Shape and dtype name."""


def match_tensors(
    found: Mapping[str, np.ndarray[Any, Any]], expected: Mapping[str, Spec], *, where: str
) -> None:
    """Refuse tensors whose names, shapes or dtypes differ from what is expected, or that are not finite.

    Parameters
    ----------
    found : mapping of str to array
        What a file holds.
    expected : mapping of str to (shape, dtype name)
        What the network has, for instance ``{"dense.bias": ((10,), "float32")}``.
    where : str
        The file, for the message.

    Raises
    ------
    CheckpointError
        With the first tensor that is missing, extra, of another shape or dtype, or not finite.
    """
    for name in expected:
        if name not in found:
            raise CheckpointError(
                f"{where}: expected tensor {quoted(name)}, found none; is it another network's?"
            )
    for name in found:
        if name not in expected:
            raise CheckpointError(
                f"{where}: expected no tensor {quoted(name)}, found one; is it another network's?"
            )
    for name, (shape, dtype) in expected.items():
        array = found[name]
        if array.shape != tuple(shape):
            raise CheckpointError(
                f"{where}: tensor {quoted(name)}: expected shape {tuple(shape)}, got {array.shape}; "
                "is it another network's?"
            )
        if str(array.dtype) != dtype:
            found_dtype = str(array.dtype)
            raise CheckpointError(
                f"{where}: tensor {quoted(name)}: expected {dtype}, got {found_dtype}; convert it"
            )
        if not np.isfinite(array).all():
            raise CheckpointError(
                f"{where}: tensor {quoted(name)}: expected finite numbers, got NaN or infinity; "
                "use an earlier checkpoint"
            )
