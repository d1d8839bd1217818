"""Checks that saved tensors match a network."""

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
    """Check that tensors have the expected names, shapes and dtypes, and are finite.

    Parameters
    ----------
    found : mapping of str to array
        The tensors of a file.
    expected : mapping of str to (shape, dtype name)
        The tensors of the network, for instance ``{"dense.bias": ((10,), "float32")}``.
    where : str
        The file, for the message.

    Raises
    ------
    CheckpointError
        For the first tensor that is missing, additional, has another shape or dtype, or is not finite.
    """
    for name in expected:
        if name not in found:
            raise CheckpointError(
                f"{where}: expected tensor {quoted(name)}, found none; use a file of this network"
            )
    for name in found:
        if name not in expected:
            raise CheckpointError(
                f"{where}: expected no tensor {quoted(name)}, found one; use a file of this network"
            )
    for name, (shape, dtype) in expected.items():
        array = found[name]
        if array.shape != tuple(shape):
            raise CheckpointError(
                f"{where}: tensor {quoted(name)}: expected shape {tuple(shape)}, got {array.shape}; "
                "use a file of this network"
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
