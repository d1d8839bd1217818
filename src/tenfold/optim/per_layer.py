"""An optimiser of its own for a layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from tenfold.backend.arrays import Array
from tenfold.errors import ConfigError
from tenfold.optim.optimizer import Named, Optimizer, OptimizerState
from tenfold.quoting import quoted
from tenfold.registry import unknown


@dataclass(frozen=True)
class PerLayer:
    """Moves the parameters of named layers by optimisers of their own, all others by ``default``.

    A recipe's schedule is a factor on every learning rate: on that of the default and on each layer's.
    It has no compiled code: it runs by its definition after each compiled step.

    Parameters
    ----------
    default : Optimizer
        Its learning rate is above 0.
    layers : mapping of str to Optimizer
        By the layer's name: ``{"fc2": SGD(0.01)}``. Each of both may be a configuration instead,
        ``{"kind": "sgd", "learning_rate": 0.01}``.

    Raises
    ------
    ConfigError
        If an optimiser cannot be used; in the first step, if the network has no such layer.

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
            raise ConfigError(f"per_layer: layers: expected optimisers by layer, got {quoted(self.layers)}")
        layers = {name: _optimizer(f"layers.{name}", found) for name, found in self.layers.items()}
        object.__setattr__(self, "layers", layers)
        if not self.default.learning_rate > 0:
            raise ConfigError(
                "per_layer: default: expected a learning rate above 0, of which a step's is a multiple, got 0"
            )

    def __hash__(self) -> int:
        return hash((self.default, tuple(sorted(self.layers.items()))))

    @property
    def learning_rate(self) -> float:
        """That of the default."""
        return self.default.learning_rate

    @property
    def weight_decay(self) -> float:
        """That of the default."""
        return self.default.weight_decay

    def config(self) -> dict[str, Any]:
        return {"default": _part(self.default), "layers": {name: _part(x) for name, x in self.layers.items()}}

    def init(self, params: Named) -> OptimizerState:
        return _joined(0, [one.init(own) for one, own in self._shared(params)])

    def update(
        self, params: Named, grads: Named, state: OptimizerState, rate: float
    ) -> tuple[dict[str, Array], OptimizerState]:
        factor, moved, states = rate / self.learning_rate, {}, []
        for one, own in self._shared(params):
            mine = {name: grad for name, grad in grads.items() if name in own}
            kept = {slot: _of(arrays, own) for slot, arrays in state.slots.items()}
            before = OptimizerState(state.step, {slot: kept[slot] for slot in kept if kept[slot]})
            new, after = one.update(own, mine, before, factor * one.learning_rate)
            moved.update(new)
            states.append(after)
        return {name: moved[name] for name in params}, _joined(state.step + 1, states)

    def _shared(self, params: Named) -> list[tuple[Optimizer, dict[str, Array]]]:
        """Return each optimiser with the parameters that it moves; those without any are left out."""
        if not params:  # asked what there is to remember, before there are parameters
            return [(one, {}) for one in (self.default, *self.layers.values())]
        known = list(dict.fromkeys(name.rpartition(".")[0] for name in params))
        for layer in self.layers:
            if layer not in known:
                raise unknown("layer with parameters in per_layer:", layer, known)
        shares: dict[str | None, dict[str, Array]] = {None: {}, **{layer: {} for layer in self.layers}}
        for name, array in params.items():
            layer = name.rpartition(".")[0]
            shares[layer if layer in self.layers else None][name] = array
        return [
            (self.default if layer is None else self.layers[layer], own)
            for layer, own in shares.items()
            if own
        ]


def _of(arrays: Named, own: Named) -> dict[str, Array]:
    return {name: arrays[name] for name in own if name in arrays}


def _joined(step: int, states: list[OptimizerState]) -> OptimizerState:
    """Return the states of all as one: each slot with the arrays of those who have it."""
    slots: dict[str, dict[str, Array]] = {}
    for state in states:
        for slot, arrays in state.slots.items():
            slots.setdefault(slot, {}).update(arrays)
    return OptimizerState(step, slots)


def _part(one: Optimizer) -> dict[str, Any]:
    return {"kind": one.kind, "config": one.config()}


def _optimizer(where: str, value: object) -> Any:
    """Return an optimiser, built if a configuration is given."""
    from tenfold.optim.from_config import OPTIMIZERS, optimizer_from_config  # it knows this class too

    if isinstance(value, Mapping) and isinstance(value.get("kind"), str):
        options = value["config"] if value.keys() == {"kind", "config"} else _but_kind(value)
        value = optimizer_from_config(value["kind"], options)
    if type(value) not in OPTIMIZERS.values():
        raise ConfigError(
            f"per_layer: {where}: expected an optimiser such as Adam(1e-3), got {quoted(value)}; "
            f"name one of {', '.join(OPTIMIZERS)}"
        )
    return value


def _but_kind(value: Mapping[str, Any]) -> dict[str, Any]:
    return {key: option for key, option in value.items() if key != "kind"}
