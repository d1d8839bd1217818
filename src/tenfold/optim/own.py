"""An optimiser of the user's own takes one step before it is used, so that a mistake in it is named."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import numpy as np

from tenfold.errors import ConfigError
from tenfold.optim.optimizer import Named, Optimizer, OptimizerState
from tenfold.optim.per_layer import OPTIMIZERS, PerLayer
from tenfold.quoting import message


def check_own_optimizer(optimizer: Optimizer, params: Named) -> None:
    """Take one step with an optimiser of the user's own, on copies, and forget it.

    Raises
    ------
    ConfigError
        With what it returned and what it should return.
    """
    if type(optimizer) in (*OPTIMIZERS.values(), PerLayer):
        return
    label = f"the optimiser {type(optimizer).__name__}"
    optimizer, copies = deepcopy(optimizer), deepcopy(dict(params))  # one that keeps a state in itself too
    grads = {name: array * 0 + 1 for name, array in params.items()}
    state: Any = first_state(optimizer, copies)
    try:
        with np.errstate(all="ignore"):
            given: Any = optimizer.update(copies, grads, state, optimizer.learning_rate)
    except Exception as error:
        raise _failed(f"{label}: update(params, grads, state, rate)", error) from error
    if not (isinstance(given, tuple) and len(given) == 2):
        raise ConfigError(
            f"{label}: expected update to return (params, state), got {type(given).__name__}; return both"
        )
    moved, state = given
    _check_state(f"{label}: update", state)
    _check_moved(label, moved, params)
    _check_kept(f"{label}: update", "params", copies, params)
    _check_kept(f"{label}: update", "grads", grads, {name: 1 for name in params})


def first_state(optimizer: Optimizer, params: Named) -> OptimizerState:
    """Return the state before the first step.

    Raises
    ------
    ConfigError
        If ``init`` fails or returns something else.
    """
    label = f"the optimiser {type(optimizer).__name__}"
    try:
        state: Any = optimizer.init(params)
    except Exception as error:
        raise _failed(f"{label}: init(params)", error) from error
    _check_state(f"{label}: init", state)
    found: OptimizerState = state
    return found


def _failed(what: str, error: Exception) -> ConfigError:
    return ConfigError(f"{what} failed: {type(error).__name__}: {message(error)}; correct it")


def _check_state(label: str, state: Any) -> None:
    if not isinstance(state, OptimizerState):
        raise ConfigError(
            f"{label}: expected an OptimizerState, got {type(state).__name__}; "
            "return tenfold.optim.OptimizerState(step, slots), which is saved with each checkpoint"
        )


def _check_moved(label: str, moved: Any, params: Named) -> None:
    """Check that there is a new array for each parameter."""
    if not hasattr(moved, "keys") or moved.keys() != params.keys():
        found = sorted(moved.keys()) if hasattr(moved, "keys") else type(moved).__name__
        raise ConfigError(
            f"{label}: expected update to return every parameter by name, got {found}; "
            "return a dict of the same names"
        )
    for name, array in params.items():
        if tuple(moved[name].shape) != tuple(array.shape):
            raise ConfigError(
                f"{label}: expected {name} of shape {tuple(array.shape)}, got {tuple(moved[name].shape)}; "
                "keep the shape"
            )


def _check_kept(label: str, what: str, after: Named, before: Mapping[str, Any]) -> None:
    """Refuse an update in place: a step that is not finite could not be taken back."""
    changed = [name for name in before if name not in after or not bool((after[name] == before[name]).all())]
    if changed:
        raise ConfigError(
            f"{label}: expected {what} as they were, found {what}[{changed[0]!r}] changed in place; "
            "make new arrays: write params[name] - step, not params[name] -= step"
        )
