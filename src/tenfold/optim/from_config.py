"""Optimisers and schedules from configurations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tenfold.errors import ConfigError
from tenfold.optim.optimizer import Optimizer
from tenfold.optim.per_layer import OPTIMIZERS, PerLayer
from tenfold.optim.schedules import SCHEDULES, Product, Schedule
from tenfold.registry import construct, extended


def is_optimizer(cls: object) -> bool:
    """Return whether something is a class of optimisers."""
    return isinstance(cls, type) and all(hasattr(cls, name) for name in ("kind", "config", "init", "update"))


def is_schedule(cls: object) -> bool:
    """Return whether something is a class of schedules."""
    return isinstance(cls, type) and all(hasattr(cls, name) for name in ("kind", "config", "__call__"))


def optimizer_from_config(kind: str, config: Mapping[str, Any], own: Iterable[Any] = ()) -> Optimizer:
    """Build an optimiser from its kind and what its ``config()`` returned; ``own`` are your own classes.

    Raises
    ------
    ConfigError
        If the kind or an option is unknown, missing or out of range.

    Examples
    --------
    >>> optimizer_from_config("sgd", {"learning_rate": 0.1, "momentum": 0.9})
    SGD(learning_rate=0.1, momentum=0.9, nesterov=False, weight_decay=0.0)
    """
    known: Mapping[str, type[Optimizer]] = {**OPTIMIZERS, PerLayer.kind: PerLayer}
    return construct("optimizer", kind, config, extended(known, kind, own, is_optimizer))


def schedule_from_config(kind: str, config: Mapping[str, Any], own: Iterable[Any] = ()) -> Schedule:
    """Build a schedule from its kind and what its ``config()`` returned; ``own`` are your own classes.

    Raises
    ------
    ConfigError
        If the kind or an option is unknown, missing or out of range.
    """
    own = tuple(own)
    if kind == Product.kind:
        try:
            config = {
                name: schedule_from_config(part["kind"], part["config"], own) for name, part in config.items()
            }
        except (KeyError, TypeError) as error:
            raise ConfigError(
                f"product: expected two schedules, each with kind and config, got {config!r}"
            ) from error
    return construct("schedule", kind, config, extended(SCHEDULES, kind, own, is_schedule))
