"""Arrays that nobody can write to."""

from __future__ import annotations

from mmap import mmap
from typing import Any

import numpy as np
import numpy.typing as npt


def read_only(given: npt.NDArray[Any], dtype: npt.DTypeLike | None = None) -> npt.NDArray[Any]:
    """Return a read-only array with these values: a view if nobody can write to them, else a copy."""
    array = np.ascontiguousarray(given, dtype=dtype)
    new = array is not given and array.base is None
    if not new and _can_change(array):
        array = array.copy()
    array.setflags(write=False)
    return array.view()


def _can_change(array: npt.NDArray[Any]) -> bool:
    """Return whether the memory of an array can be written through this or another array."""
    owner: object = array
    while isinstance(owner, np.ndarray):
        if owner.flags.writeable:
            return True
        owner = owner.base
    owner = owner.obj if isinstance(owner, memoryview) else owner
    return not isinstance(owner, (type(None), bytes, mmap))
