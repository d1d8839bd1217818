"""Optimisers and schedules from configurations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tenfold.errors import ConfigError
from tenfold.optim.optimizer import Optimizer
from tenfold.optim.per_layer import OPTIMIZERS, PerLayer
from tenfold.optim.schedules import SCHEDULES, Product, Schedule
from tenfold.registry import construct


def optimizer_from_config(kind: str, config: Mapping[str, Any]) -> Optimizer:
    """Build an optimiser from its kind and what its ``config()`` returned.

    Raises
    ------
    ConfigError
        If the kind or an option is unknown, missing or out of range.

    Examples
    --------
    >>> optimizer_from_config("sgd", {"learning_rate": 0.1, "momentum": 0.9})
    SGD(learning_rate=0.1, momentum=0.9, nesterov=False, weight_decay=0.0)
    """
    return construct("optimizer", kind, config, {**OPTIMIZERS, PerLayer.kind: PerLayer})


def schedule_from_config(kind: str, config: Mapping[str, Any]) -> Schedule:
    """Build a schedule from its kind and what its ``config()`` returned.

    Raises
    ------
    ConfigError
        If the kind or an option is unknown, missing or out of range.
    """
    if kind == Product.kind:
        try:
            config = {
                name: schedule_from_config(part["kind"], part["config"]) for name, part in config.items()
            }
        except (KeyError, TypeError) as error:
            raise ConfigError(
                f"product: expected two schedules, each with kind and config, got {config!r}"
            ) from error
    return construct("schedule", kind, config, SCHEDULES)
