"""The names of a network's layers: given, or made from their kinds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from tenfold.errors import ConfigError, RangeError
from tenfold.nn.layer import Layer
from tenfold.quoting import quoted
from tenfold.registry import unknown

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


class NoLayerError(ConfigError, KeyError):
    """A layer that a network does not have; a mapping's answers `in` and `get` need a `KeyError`."""

    def __str__(self) -> str:
        return str(self.args[0])


class NamedLayers(Mapping[str, Layer]):
    """A network's layers in order, by name, or by place from 0 or, with -1, from the end; not to be changed.

    Parameters
    ----------
    layers : dict of str to Layer

    Examples
    --------
    >>> from tenfold.nn import Dense, ReLU
    >>> layers = NamedLayers({"hidden": Dense(4, 3), "relu": ReLU()})
    >>> layers["relu"] is layers[1] is layers[-1]
    True
    """

    def __init__(self, layers: dict[str, Layer]) -> None:
        self._layers = layers

    def __getitem__(self, which: str | int) -> Layer:
        if isinstance(which, int):
            n = len(self._layers)
            if not -n <= which < n:
                raise RangeError(
                    f"layers: expected a place from 0 to {n - 1}, got {which}; there are {n} layers"
                )
            return [*self._layers.values()][which]
        if which not in self._layers:
            raise NoLayerError(str(unknown("layer", which, self._layers)))
        return self._layers[which]

    def __iter__(self) -> Iterator[str]:
        return iter(self._layers)

    def __len__(self) -> int:
        return len(self._layers)

    def __repr__(self) -> str:
        return repr(self._layers)


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
        advice = "derive its class from tenfold.nn.Layer"
        if isinstance(layer, tuple):
            advice = "write Sequential(dict([...]), input_shape=...)"
        elif isinstance(layer, str):
            advice = "write the layer itself, such as Flatten()"
        elif type(layer).__name__ == "Sequential":
            advice = "put its layers into the list: [*network, ...]"
        raise ConfigError(f"{name}: expected a layer, got {quoted(layer)}; {advice}")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ConfigError(f"expected a layer name of letters, digits and _, got {quoted(name)}; rename it")
