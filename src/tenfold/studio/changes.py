"""What a learner changes of a network, as changes that ``tenfold train --set`` takes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self

from tenfold.errors import ConfigError
from tenfold.nn import LAYERS, Elementwise, Sequential
from tenfold.quoting import quoted
from tenfold.registry import unknown

if TYPE_CHECKING:
    from tenfold.train import Recipe

ACTIVATIONS = tuple(sorted({"relu", *(kind for kind, one in LAYERS.items() if issubclass(one, Elementwise))}))
AUGMENTATIONS: dict[str, Any] = {
    "none": False,
    "shift": {"kind": "random_affine", "shift": 0.1},
    "shift and turn": {"kind": "random_affine", "shift": 0.1, "rotation": 10},
    "elastic": {"kind": "random_elastic"},
    "erase": {"kind": "random_erasing"},
}
INITIALISATIONS = ("glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "normal(0.05)", "zeros")
OPTIMIZERS = ("adam", "rmsprop", "sgd")
_WEIGHTED = ("conv2d", "dense")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Change:
    """A change of a network and its recipe; None leaves everything as it is.

    Attributes
    ----------
    widths : mapping of str to int
        Units or channels of layers by name; not those of the last.
    activation : str, optional
        In place of every activation between the layers.
    dropout : float, optional
        The rate of all dropout layers. A network without any gets one behind the activation of each hidden
        dense layer; 0 removes them.
    initialisation : str, optional
        Of all weights.
    optimizer, augmentation : str, optional
    learning_rate : float, optional
    batch_size : int, optional

    Raises
    ------
    ConfigError
        If a value is of another type.
    """

    widths: Mapping[str, int] = field(default_factory=dict)
    activation: str | None = None
    dropout: float | None = None
    initialisation: str | None = None
    optimizer: str | None = None
    augmentation: str | None = None
    learning_rate: float | None = None
    batch_size: int | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.widths, Mapping):
            raise ConfigError(f"widths: expected numbers by the names of layers, got {quoted(self.widths)}")
        for name, width in self.widths.items():
            _check(f"widths.{name}", width, int, "a whole number")
        for name in ("dropout", "learning_rate"):
            _check(name, getattr(self, name), (int, float), "a number")
        _check("batch_size", self.batch_size, int, "a whole number")
        for name, known in _CHOICES.items():
            value = getattr(self, name)
            if value is not None and value not in known:
                raise unknown(name, value if isinstance(value, str) else quoted(value), known)

    @classmethod
    def of(cls, values: Any) -> Self:
        """Return the change that JSON values describe."""
        known = [one.name for one in fields(cls)]
        if not isinstance(values, Mapping):
            raise ConfigError(f"change: expected options by name, got {quoted(values)}")
        for key in values:
            if key not in known:
                raise unknown("change", key, known)
        return cls(**values)

    def settings(self, network: Sequential) -> dict[str, Any]:
        """Return the changes of this network as nested tables, see `tenfold.zoo.changes.changed`."""
        layers: dict[str, Any] = {}
        for name, options in self._of_layers(network):
            layers.setdefault(name, {}).update(options)
        removed = self.dropout == 0
        dropped = [name for name, layer in network.layers.items() if layer.kind == "dropout"]
        found: dict[str, Any] = {"network": layers | dict.fromkeys(dropped if removed else (), False)}
        if self.dropout and dropped:
            found["dropout"] = self.dropout
        elif self.dropout:
            found["network"] |= self._new_dropout(network)
        found["recipe"] = self._recipe()
        return {table: value for table, value in found.items() if value not in ({}, None)}

    def _of_layers(self, network: Sequential) -> Iterator[tuple[str, dict[str, Any]]]:
        weighted = [name for name, layer in network.layers.items() if layer.kind in _WEIGHTED]
        for name, width in self.widths.items():
            if name not in weighted[:-1]:
                raise unknown("layer with a width:", name, weighted[:-1])
            yield name, {"c_out": width}
        if self.initialisation is not None:
            yield from ((name, {"weight_init": self.initialisation}) for name in weighted)
        if self.activation is not None:
            yield from ((name, {"kind": self.activation}) for name in activations(network))

    def _new_dropout(self, network: Sequential) -> dict[str, Any]:
        """Return a dropout layer behind the activation of each hidden dense layer."""
        names = list(network.layers)
        behind = [
            after
            for before, after in pairwise(names)
            if network.layers[before].kind == "dense" and after in activations(network)
        ]
        if not behind:
            raise ConfigError(
                "dropout: expected a network with a hidden dense layer, got one without; leave it out"
            )
        return {
            f"studio_drop{i}": {"after": name, "kind": "dropout", "rate": self.dropout}
            for i, name in enumerate(behind, start=1)
        }

    def _recipe(self) -> dict[str, Any]:
        named = {name: getattr(self, name) for name in ("optimizer", "learning_rate", "batch_size")}
        found = {name: value for name, value in named.items() if value is not None}
        if self.augmentation is not None:
            found["augmentation"] = AUGMENTATIONS[self.augmentation]
        return found


def activations(network: Sequential) -> list[str]:
    """Return the names of the layers that are activations without parameters."""
    return [
        name
        for name, layer in network.layers.items()
        if layer.kind in ACTIVATIONS and not layer.param_shapes()
    ]


def as_options(settings: Mapping[str, Any]) -> list[str]:
    """Return nested changes as options of ``tenfold train``.

    Examples
    --------
    >>> as_options({"recipe": {"learning_rate": 0.1, "optimizer": "sgd"}, "network": {"drop1": False}})
    ['--set', 'recipe.learning_rate=0.1', '--set', 'recipe.optimizer="sgd"', '--set', 'network.drop1=false']
    """
    return [word for path, value in _leaves(settings) for word in ("--set", f"{path}={json.dumps(value)}")]


def _leaves(settings: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in settings.items():
        if not _NAME.fullmatch(key):
            raise ConfigError(f"change: expected names of letters, digits and _, got {quoted(key)}")
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value


def described(network: Sequential, recipe: Recipe) -> dict[str, Any]:
    """Return what a form for changes shows of a network at first."""
    weighted = [(name, layer) for name, layer in network.layers.items() if layer.kind in _WEIGHTED]
    kinds = {network.layers[name].kind for name in activations(network)}
    rates = {layer.config()["rate"] for layer in network.layers.values() if layer.kind == "dropout"}
    drawn = {layer.config()["weight_init"] for _, layer in weighted}
    batch = recipe.batch_size
    return {
        "layers": [
            {
                "name": row.name,
                "kind": row.kind,
                "shape": list(row.output_shape),
                "parameters": row.parameters,
            }
            for row in network.rows()
        ],
        "widths": {name: layer.config()["c_out"] for name, layer in weighted[:-1]},
        "activation": kinds.pop() if len(kinds) == 1 else None,
        "dropout": rates.pop() if len(rates) == 1 else (None if rates else 0),
        "can_drop": bool(rates) or any(layer.kind == "dense" for _, layer in weighted[:-1]),
        "initialisation": drawn.pop() if len(drawn) == 1 else None,
        "optimizer": recipe.optimizer.kind,
        "learning_rate": recipe.optimizer.learning_rate,
        "batch_size": batch if isinstance(batch, int) else None,
        "batch_sizes": None if isinstance(batch, int) else batch.kind,
        "augmentation": "none" if recipe.augmentation is None else None,
        "epochs": recipe.epochs,
    }


def _check(name: str, value: object, kinds: Any, wanted: str) -> None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, kinds)):
        raise ConfigError(f"{name}: expected {wanted}, got {quoted(value)}")


_CHOICES: dict[str, tuple[str, ...]] = {
    "activation": ACTIVATIONS,
    "initialisation": INITIALISATIONS,
    "optimizer": OPTIMIZERS,
    "augmentation": tuple(AUGMENTATIONS),
}
