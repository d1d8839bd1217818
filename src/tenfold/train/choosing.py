"""Which executor computes a network: the arrays decide."""

from __future__ import annotations

import sys
import warnings

import numpy as np

from tenfold.errors import SlowerWarning
from tenfold.nn import Loss, Sequential
from tenfold.optim import Optimizer
from tenfold.train.definition import DefinitionExecutor
from tenfold.train.executor import Executor

_PACKAGE = __name__.partition(".")[0]


def executor_for(
    network: Sequential,
    loss: Loss,
    optimizer: Optimizer,
    *,
    threads: int | None = None,
    deterministic: bool = False,
) -> Executor:
    """Return the executor for a network: compiled for float32 NumPy arrays, otherwise the definition.

    A layer, loss or optimiser without compiled code runs as written, in NumPy, within the compiled step.

    Warns
    -----
    SlowerWarning
        If there is such a part.
    """
    if not _is_float32_numpy(network):
        return DefinitionExecutor(network, loss, optimizer)
    from tenfold.train.compiled import CompiledExecutor  # here, for Numba takes its time to import

    executor = CompiledExecutor(network, loss, optimizer, threads=threads, deterministic=deterministic)
    if executor.notice is not None:
        warnings.warn(executor.notice, SlowerWarning, stacklevel=_users_level())
    return executor


def _users_level() -> int:
    """How many calls above the caller the user's own line is: the first outside of this package."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == _PACKAGE:
        level, frame = level + 1, frame.f_back
    return level


def _is_float32_numpy(network: Sequential) -> bool:
    arrays = (*network.params.values(), *network.state.values())
    return all(isinstance(array, np.ndarray) and array.dtype == np.float32 for array in arrays)
