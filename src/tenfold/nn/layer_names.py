"""The names of a network's layers: given, or made from their kinds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from tenfold.errors import ConfigError
from tenfold.nn.layer import Layer
from tenfold.quoting import quoted

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def named_layers(layers: Mapping[str, Layer] | Sequence[Layer]) -> dict[str, Layer]:
    """Return layers by name; those of a sequence are named after their kinds, each kind counted from 1.

    A layer's name does not depend on layers of other kinds, so that weights keep their names if, for
    instance, an activation is exchanged.

    Raises
    ------
    ConfigError
        If there is no layer, something is not a layer, or a name or kind cannot be used.

    Examples
    --------
    >>> from tenfold.nn import Dense, ReLU
    >>> [*named_layers([Dense(4, 3), ReLU(), Dense(3, 2)])]
    ['dense_1', 'relu_1', 'dense_2']
    """
    if not isinstance(layers, (Mapping, Sequence)):
        raise ConfigError(
            f"expected a list of layers, or a dict of them by name, got {quoted(layers)}; "
            "write [Flatten(), ...]"
        )
    if not layers:
        raise ConfigError("expected at least one layer, got none; add one")
    named = dict(layers) if isinstance(layers, Mapping) else _by_kind(layers)
    for name, layer in named.items():
        _check(name, layer)
    if len({id(layer) for layer in named.values()}) < len(named):
        raise ConfigError("expected a layer for each name, got one under two names; build a second")
    return named


def _by_kind(layers: Sequence[Layer]) -> dict[str, Layer]:
    seen: Counter[str] = Counter()
    named = {}
    for layer in layers:
        kind = re.sub(r"\W", "_", str(getattr(layer, "kind", type(layer).__name__)), flags=re.ASCII)
        seen[kind] += 1
        named[f"{kind}_{seen[kind]}"] = layer
    return named


def _check(name: object, layer: object) -> None:
    if isinstance(layer, type) and issubclass(layer, Layer):
        raise ConfigError(
            f"{name}: expected a layer, got the class {layer.__name__}; write {layer.__name__}(...)"
        )
    if not isinstance(layer, Layer):
        raise ConfigError(
            f"{name}: expected a layer, got {quoted(layer)}; derive its class from tenfold.nn.Layer"
        )
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ConfigError(f"expected a layer name of letters, digits and _, got {quoted(name)}; rename it")
