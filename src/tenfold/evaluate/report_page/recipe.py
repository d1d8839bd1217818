"""A recipe's nested settings as short lines that people read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def recipe_rows(recipe: Mapping[str, object]) -> dict[str, str]:
    """Name and wording of each setting; ``None`` reads as "none".

    Examples
    --------
    >>> recipe_rows({"batch_size": 32, "optimizer": {"kind": "adam", "learning_rate": 0.001}})
    {'batch size': '32', 'optimizer': 'adam (learning rate 0.001)'}
    """
    return {str(name).replace("_", " "): _wording(value) for name, value in recipe.items()}


def _wording(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Mapping):
        return _mapping(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(_wording(part) for part in value)
    return str(value)


def _mapping(value: Mapping[str, object]) -> str:
    kind = value.get("kind")
    inner = value.get("config")
    rest: dict[str, object] = {key: part for key, part in value.items() if key not in ("kind", "config")}
    if isinstance(inner, Mapping):
        rest.update(inner)
    settings = ", ".join(f"{str(key).replace('_', ' ')} {_wording(part)}" for key, part in rest.items())
    if kind is None:
        return settings
    return f"{kind} ({settings})" if settings else str(kind)
