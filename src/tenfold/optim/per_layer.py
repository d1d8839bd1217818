"""Different optimisers for different layers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from tenfold.backend.arrays import Array
from tenfold.errors import ConfigError
from tenfold.habits import constructor
from tenfold.optim.adam import Adam
from tenfold.optim.habits import NAMES
from tenfold.optim.optimizer import Named, Optimizer, OptimizerState
from tenfold.optim.rmsprop import RMSprop
from tenfold.optim.sgd import SGD
from tenfold.quoting import quoted
from tenfold.registry import construct, unknown

OPTIMIZERS: dict[str, type[Optimizer]] = {cls.kind: cls for cls in (SGD, RMSprop, Adam)}
"""Those that move every parameter alike; `PerLayer` is made of them."""


@constructor(example="PerLayer(Adam(1e-3), {'dense_1': Adam(1e-4)})", attributes=NAMES)
@dataclass(frozen=True)
class PerLayer:
    """Uses a separate optimiser for each named layer, and ``default`` for all others.

    A recipe's schedule multiplies every learning rate by the same factor. This optimiser has no compiled
    code: it runs as written, in NumPy, after each compiled step.

    Parameters
    ----------
    default : Optimizer
        Must have a learning rate above 0.
    layers : mapping of str to Optimizer
        By the layer's name: ``{"fc2": SGD(0.01)}``. Each optimiser may be a configuration instead:
        ``{"kind": "sgd", "learning_rate": 0.01}``.

    Raises
    ------
    ConfigError
        If an optimiser is invalid; in the first step, if the network has no such layer.

    Examples
    --------
    >>> import numpy as np
    >>> from tenfold.optim import SGD, Adam
    >>> mixed = PerLayer(SGD(0.1), {"fc2": SGD(0.5)})
    >>> params = {"fc1.weight": np.ones(1), "fc2.weight": np.ones(1)}
    >>> moved, state = mixed.update(params, params, mixed.init(params), rate=0.1)
    >>> moved["fc1.weight"], moved["fc2.weight"]
    (array([0.9]), array([0.5]))
    """

    kind: ClassVar[str] = "per_layer"

    default: Optimizer
    layers: Mapping[str, Optimizer]

    def __post_init__(self) -> None:
        object.__setattr__(self, "default", _optimizer("default", self.default))
        if not isinstance(self.layers, Mapping):
            raise ConfigError(
                f"per_layer: layers: expected a mapping from layers to optimisers, got {quoted(self.layers)}"
            )
        layers = {name: _optimizer(f"layers.{name}", found) for name, found in self.layers.items()}
        object.__setattr__(self, "layers", layers)
        if not self.default.learning_rate > 0:
            raise ConfigError(
                "per_layer: default: expected a learning rate above 0, got 0; schedules multiply it"
            )

    def __hash__(self) -> int:
        return hash((self.default, tuple(sorted(self.layers.items()))))

    @property
    def learning_rate(self) -> float:
        """The default optimiser's."""
        return self.default.learning_rate

    @property
    def weight_decay(self) -> float:
        """The default optimiser's."""
        return self.default.weight_decay

    def config(self) -> dict[str, Any]:
        return {
            "default": _config_of(self.default),
            "layers": {name: _config_of(x) for name, x in self.layers.items()},
        }

    def init(self, params: Named) -> OptimizerState:
        return _merged(0, [one.init(own) for one, own in self._split(params)])

    def update(
        self, params: Named, grads: Named, state: OptimizerState, rate: float
    ) -> tuple[dict[str, Array], OptimizerState]:
        factor, moved, states = rate / self.learning_rate, {}, []
        for one, own in self._split(params):
            mine = {name: grad for name, grad in grads.items() if name in own}
            kept = {slot: _select(arrays, own) for slot, arrays in state.slots.items()}
            before = OptimizerState(state.step, {slot: kept[slot] for slot in kept if kept[slot]})
            new, after = one.update(own, mine, before, factor * one.learning_rate)
            moved.update(new)
            states.append(after)
        return {name: moved[name] for name in params}, _merged(state.step + 1, states)

    def _split(self, params: Named) -> list[tuple[Optimizer, dict[str, Array]]]:
        """Return each optimiser with its parameters; optimisers without parameters are left out."""
        if not params:  # `init` before there are parameters, to learn the slots
            return [(one, {}) for one in (self.default, *self.layers.values())]
        known = list(dict.fromkeys(name.rpartition(".")[0] for name in params))
        for layer in self.layers:
            if layer not in known:
                raise unknown("layer with parameters in per_layer:", layer, known)
        parts: dict[str | None, dict[str, Array]] = {None: {}, **{layer: {} for layer in self.layers}}
        for name, array in params.items():
            layer = name.rpartition(".")[0]
            parts[layer if layer in self.layers else None][name] = array
        return [
            (self.default if layer is None else self.layers[layer], own)
            for layer, own in parts.items()
            if own
        ]


def _select(arrays: Named, own: Named) -> dict[str, Array]:
    return {name: arrays[name] for name in own if name in arrays}


def _merged(step: int, states: list[OptimizerState]) -> OptimizerState:
    """Return all states as one: each slot with the arrays of all optimisers that have it."""
    slots: dict[str, dict[str, Array]] = {}
    for state in states:
        for slot, arrays in state.slots.items():
            slots.setdefault(slot, {}).update(arrays)
    return OptimizerState(step, slots)


def _config_of(one: Optimizer) -> dict[str, Any]:
    return {"kind": one.kind, "config": one.config()}


def _optimizer(where: str, value: object) -> Any:
    """Return an optimiser, built if a configuration is given."""
    if isinstance(value, Mapping) and isinstance(value.get("kind"), str):
        options = value["config"] if value.keys() == {"kind", "config"} else _without_kind(value)
        value = construct("optimizer", value["kind"], options, {**OPTIMIZERS, PerLayer.kind: PerLayer})
    if type(value) not in OPTIMIZERS.values():
        raise ConfigError(
            f"per_layer: {where}: expected an optimiser such as Adam(1e-3), got {quoted(value)}; "
            f"name one of {', '.join(OPTIMIZERS)}"
        )
    return value


def _without_kind(value: Mapping[str, Any]) -> dict[str, Any]:
    return {key: option for key, option in value.items() if key != "kind"}
