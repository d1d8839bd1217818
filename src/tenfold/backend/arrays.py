"""The array decides where it is computed: a few helpers around the Python Array API standard."""

from __future__ import annotations

from typing import Any, TypeAlias

import array_api_compat
import numpy as np

from tenfold.errors import DTypeError

Array: TypeAlias = Any
"""An array of any Array API namespace: NumPy, array-api-strict, PyTorch, CuPy."""

Shape: TypeAlias = tuple[int, ...]


def namespace(*arrays: Array) -> Any:
    """Return the Array API namespace (``xp``) that the arrays belong to."""
    try:
        return array_api_compat.array_namespace(*arrays)
    except TypeError as error:  # its own words name no way out
        kinds = ", ".join(dict.fromkeys(type(one).__name__ for one in arrays))
        raise DTypeError(
            f"expected arrays of one library, got {kinds}; write numpy.asarray(x, numpy.float32)"
        ) from error


def asarray_like(values: Array, like: Array, dtype: Any = None, *, copy: bool | None = None) -> Array:
    """Return ``values`` in the namespace and on the device of ``like``.

    This is how labels and random numbers, which are made on the host, reach the arrays of a GPU.
    """
    readonly = isinstance(values, np.ndarray) and not values.flags.writeable
    if readonly and array_api_compat.is_torch_array(like):
        copy = True  # or else PyTorch warns
    return namespace(like).asarray(values, dtype=dtype, device=array_api_compat.device(like), copy=copy)


def copied(array: Array) -> Array:
    """Return a copy in the same namespace and place."""
    return namespace(array).asarray(array, copy=True)


def dtype_name(array: Array) -> str:
    """Return the name of an array's dtype, the same in every namespace (``"float32"``)."""
    return str(array.dtype).rpartition(".")[2]


def is_floating(array: Array) -> bool:
    """Return whether an array holds real floating-point numbers."""
    return bool(namespace(array).isdtype(array.dtype, "real floating"))


def is_finite(array: Array) -> bool:
    """Return whether an array holds neither NaN nor infinity."""
    xp = namespace(array)
    return bool(xp.all(xp.isfinite(array)))


def add_at(x: Array, index: tuple[slice, ...], values: Array) -> Array:
    """Return ``x`` with values added to the numbers at an index. It is not to be used afterwards.

    Where arrays may be written to, they are; JAX's may not, and have `at` for that.
    """
    if hasattr(x, "at"):
        return x.at[index].add(values)
    part = x[index]
    part += values
    return x


def view_of_windows(x: Array, kernel: tuple[int, int], stride: tuple[int, int]) -> Array | None:
    """Return every window of images, shape (n, ho, wo, kh, kw, c), without a copy; None where that cannot be.

    Not in the Array API standard, which has no views; but NumPy and PyTorch have them, and then one step
    copies all windows, in place of one for each of their pixels.
    """
    (kh, kw), (sh, sw) = kernel, stride
    if isinstance(x, np.ndarray):
        seen = np.lib.stride_tricks.sliding_window_view(x, kernel, axis=(1, 2))
        return seen[:, ::sh, ::sw].transpose(0, 1, 2, 4, 5, 3)
    if array_api_compat.is_torch_array(x):
        return x.unfold(1, kh, sh).unfold(2, kw, sw).permute(0, 1, 2, 4, 5, 3)
    return None


def to_numpy(array: Array) -> np.ndarray[Any, Any]:
    """Return an array of any namespace as a NumPy array in the host's memory."""
    if isinstance(array, (np.ndarray, np.generic)):  # what NumPy makes of an array without axes
        return np.asarray(array)
    if dtype_name(array) == "bfloat16":
        raise DTypeError(
            "expected numbers that NumPy has too, got bfloat16; convert the parameters to float32"
        )
    if array_api_compat.is_torch_array(array) or array_api_compat.is_cupy_array(array):
        array = array_api_compat.to_device(array, "cpu")
    return np.from_dlpack(array)
