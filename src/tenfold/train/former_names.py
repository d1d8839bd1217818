"""Names in files that earlier versions wrote: they call a loss ``cost``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tenfold.quoting import quoted

TODAY = {f"{images}cost": f"{images}loss" for images in ("", "train_", "validation_", "test_")}
"""Today's name of each figure that had another one."""
_LATER = ("average",)  # options of recipes that have been added
FORMER = {today: former for former, today in TODAY.items()}


def figures_today(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Return figures under today's names.

    Raises
    ------
    TypeError
        If they are not a mapping.

    Examples
    --------
    >>> figures_today({"epoch": 1, "train_cost": 0.25})
    {'epoch': 1, 'train_loss': 0.25}
    """
    if not isinstance(figures, Mapping):
        raise TypeError(f"expected figures by name, got {quoted(figures)}")
    return {TODAY.get(name, name): value for name, value in figures.items()}


def digested(config: Any) -> Any:
    """Return a configuration as digests are taken of it: as earlier versions wrote it, if they could.

    So equal recipes keep their digests: monitors have their former names, and options that came later are
    left out where they are not used.

    Examples
    --------
    >>> digested({"epochs": 3, "average": None, "plateau": {"monitor": "train_loss"}})
    {'epochs': 3, 'plateau': {'monitor': 'train_cost'}}
    """
    return with_monitors(_without_unused(config), FORMER)


def _without_unused(config: Any) -> Any:
    if not isinstance(config, Mapping):
        return config
    return {
        key: _without_unused(value) for key, value in config.items() if value is not None or key not in _LATER
    }


def with_monitors(config: Any, names: Mapping[str, str]) -> Any:
    """Return a configuration with every monitor under the name that ``names`` has for it.

    Examples
    --------
    >>> with_monitors({"plateau": {"monitor": "train_loss", "patience": 3}}, FORMER)
    {'plateau': {'monitor': 'train_cost', 'patience': 3}}
    """
    if isinstance(config, Mapping):
        return {
            key: names.get(value, value)
            if key == "monitor" and isinstance(value, str)
            else with_monitors(value, names)
            for key, value in config.items()
        }
    if isinstance(config, list):
        return [with_monitors(value, names) for value in config]
    return config
