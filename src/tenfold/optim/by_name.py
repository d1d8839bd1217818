"""Optimisers and schedules as users give them: by name, as a class, as an object; checked at once."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeAlias

from tenfold.errors import ConfigError
from tenfold.optim.optimizer import Optimizer, is_finite
from tenfold.optim.per_layer import OPTIMIZERS
from tenfold.quoting import message, quoted
from tenfold.registry import unknown

OptimizerLike: TypeAlias = str | type[Optimizer] | Optimizer
"""``"adam"``, `Adam`, or ``Adam(1e-3)``."""

RATES = {"adam": 1e-3, "rmsprop": 1e-3, "sgd": 1e-2}
"""The learning rate of an optimiser that is given without one."""

_PARTS = ("kind", "learning_rate", "weight_decay", "config", "init", "update")
_HABITS = {
    "adamw": "Adam's weight decay is decoupled, as AdamW's: write Adam(1e-3, weight_decay=0.01)",
    "momentum": "write SGD(0.01, momentum=0.9)",
    "nesterov": "write SGD(0.01, momentum=0.9, nesterov=True)",
}


def as_optimizer(given: OptimizerLike, learning_rate: float | None = None) -> Optimizer:
    """Return the optimiser that a name, a class or an object stands for.

    Parameters
    ----------
    given : str, class or Optimizer
        ``"adam"``, ``"rmsprop"`` or ``"sgd"``; a class, of tenfold or your own; or an object.
    learning_rate : float, optional
        For a name or a class; without it, 0.001, and 0.01 for ``"sgd"``. An object has its own.

    Raises
    ------
    ConfigError
        If there is no such optimiser, or an object has not all that the protocol `Optimizer` asks for.

    Examples
    --------
    >>> as_optimizer("sgd", 0.1)
    SGD(learning_rate=0.1, momentum=0.0, nesterov=False, weight_decay=0.0)
    """
    if isinstance(given, str):
        return _built(_named(given), learning_rate)
    if isinstance(given, type):
        return _built(given, learning_rate)
    optimizer = _checked(given)
    if learning_rate is not None:
        raise ConfigError(
            f"learning_rate: expected none with {type(given).__name__}(...), which has its own, "
            f"got {learning_rate!r}; write optimizer={type(given).__name__}({learning_rate!r})"
        )
    return optimizer


def check_schedule(name: str, given: object, *, instead: str) -> None:
    """Refuse what is not a schedule: a function ``(epoch, step, steps_per_epoch) -> number``, or an object.

    Parameters
    ----------
    name : str
        Where it was given.
    given : object
    instead : str
        What to write for a plain number.

    Raises
    ------
    ConfigError
        If it cannot be called like this, does not give a number, or an object has no ``kind`` and ``config``.
    """
    if not callable(given) or isinstance(given, type):
        raise ConfigError(f"{name}: expected a schedule, got {quoted(given)}; {instead}")
    plain = inspect.isroutine(given)
    missing = [] if plain else [part for part in ("kind", "config") if not hasattr(given, part)]
    if missing:
        raise ConfigError(
            f"{name}: expected a function or a schedule with kind and config(), got {type(given).__name__} "
            f"without {' and '.join(missing)}; add it"
        )
    try:
        first = given(0, 0, 1)
    except Exception as error:
        raise ConfigError(
            f"{name}: expected a schedule that is called as schedule(epoch, step, steps_per_epoch), got "
            f"{type(error).__name__}: {message(error)}; write for example lambda epoch, step, n: 0.9 ** epoch"
        ) from error
    if not is_finite(first):
        raise ConfigError(f"{name}: expected a schedule that gives a number, got {quoted(first)}; return one")


def _named(name: str) -> type[Optimizer]:
    known = name.lower()
    if known in OPTIMIZERS:
        return OPTIMIZERS[known]
    if known in _HABITS:
        raise ConfigError(f"unknown optimizer {quoted(name)}; {_HABITS[known]}")
    raise unknown("optimizer", name, OPTIMIZERS)


def _built(cls: type[Optimizer], learning_rate: float | None) -> Optimizer:
    """Return an optimiser of a class, with a learning rate if its constructor takes one."""
    make: Callable[..., Any] = cls
    rate = RATES.get(getattr(cls, "kind", ""), 1e-3) if learning_rate is None else learning_rate
    takes = inspect.signature(make).parameters
    try:
        given = make(learning_rate=rate) if "learning_rate" in takes else make()
    except TypeError as error:
        raise ConfigError(
            f"optimizer: expected a class that is built as {cls.__name__}(learning_rate=...), "
            f"got {message(error)}; give an object: optimizer={cls.__name__}(...)"
        ) from error
    if "learning_rate" not in takes and learning_rate is not None:
        raise ConfigError(
            f"learning_rate: {cls.__name__} takes none; set it in the class, or leave learning_rate out"
        )
    return _checked(given)


def _checked(given: Any) -> Optimizer:
    """Return an optimiser that has all that the protocol asks for."""
    missing = [part for part in _PARTS if not hasattr(given, part)]
    wrong = [part for part in _PARTS[3:] if not callable(getattr(given, part, print))]
    if missing or wrong or not isinstance(given.kind, str) or not given.kind:
        lacks = f"without {', '.join(missing or wrong or ['a name in kind'])}"
        raise ConfigError(
            f"optimizer: expected a name ({', '.join(OPTIMIZERS)}) or an object with {', '.join(_PARTS)}, "
            f'got {type(given).__name__} {lacks}; see docs/python.md, "Your own optimiser"'
        )
    found: Optimizer = given
    return found
