"""Layers, losses and optimisers without compiled code: they run as written, in NumPy.

Compiled code runs a step up to such a layer and stops. The layer's definition takes the whole minibatch
from the engine's memory and puts its outputs there; compiled code continues. On the backward pass it is
the same with the gradients, and those of the layer's parameters go to the first shard's gradients, where
the compiled update finds them. Your own loss replaces the compiled one. Your own optimiser runs after the
step, on gradients that compiled code has kept for it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from tenfold.backend.cpu import opcodes as oc
from tenfold.errors import ConfigError, ShapeError

if TYPE_CHECKING:
    from tenfold.backend.cpu.layout import Stop

Array: TypeAlias = np.ndarray[Any, Any]
Named: TypeAlias = Mapping[str, Array]
Lookup: TypeAlias = Callable[[str], Array]
Update: TypeAlias = Callable[[Named, Named, float], Named]


@dataclass(frozen=True)
class Fallback:
    """What of a training step is not compiled.

    Attributes
    ----------
    layers : frozenset of str
        By name.
    loss : bool
    update : callable or None
        ``update(params, grads, rate)`` returns the new parameters; None for a compiled optimiser.
    """

    layers: frozenset[str] = frozenset()
    loss: bool = False
    update: Update | None = None


NOTHING = Fallback()


class Definitions:
    """Runs the definitions of some layers, and of a loss, on the engine's memory.

    Parameters
    ----------
    network : Sequential
    loss : Loss or None
    names : collection of str
        Of the layers.
    parameter, statistic : callable
        ``parameter(dotted_name)`` returns a view of the engine's own numbers.
    """

    def __init__(
        self, network: Any, loss: Any, names: Collection[str], parameter: Lookup, statistic: Lookup
    ) -> None:
        self._layers = {name: network.layers[name] for name in names}
        self._shapes = {row.name: tuple(row.output_shape) for row in network.rows()}
        self._inputs = dict(zip(self._shapes, [network.input_shape, *self._shapes.values()], strict=False))
        self._loss, self._backward = loss, dict[str, Any]()
        self._params: dict[str, dict[str, Array]] = {}
        self._state: dict[str, dict[str, Array]] = {}
        for name, layer in self._layers.items():
            self._params[name] = {key: parameter(f"{name}.{key}") for key in layer.param_shapes()}
            self._state[name] = {key: statistic(f"{name}.{key}") for key in layer.state_shapes()}

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Let the layers compute with the engine's numbers; afterwards they have their own again."""
        own = {name: (layer.params, layer.state) for name, layer in self._layers.items()}
        try:
            for name, layer in self._layers.items():
                layer.params, layer.state = dict(self._params[name]), dict(self._state[name])
            with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
                yield
        finally:
            for name, layer in self._layers.items():
                layer.params, layer.state = own[name]
            self._backward.clear()

    def infer(self, stop: Stop, memory: Array, n: int) -> None:
        """Take n images from x to y, as at prediction."""
        x = _view(memory, stop.x.at, n, self._inputs[stop.layer])
        y = self._layers[stop.layer].infer(x.copy())
        self._put(stop, "output", y, memory, stop.y.at, (n, *self._shapes[stop.layer]))

    def forward(self, stop: Stop, memory: Array, n: int, rng: Any) -> None:
        """Take n images from x to y, as in training."""
        name, layer = stop.layer, self._layers[stop.layer]
        x = _view(memory, stop.x.at, n, self._inputs[name])
        y, self._backward[name] = layer.forward(x.copy(), training=True, rng=rng)
        self._put(stop, "output", y, memory, stop.y.at, (n, *self._shapes[name]))
        _take_back(layer.params, self._params[name])
        _take_back(layer.state, self._state[name])

    def backward(self, stop: Stop, memory: Array, n: int) -> None:
        """Take the gradient of n images from y to x, and put down those of the parameters."""
        dy = _view(memory, stop.y.gradient, n, self._shapes[stop.layer])
        dx, grads = self._backward[stop.layer](dy.copy())
        if grads.keys() != stop.gradients.keys():
            raise ConfigError(
                f"{self._shown(stop)}: expected gradients of {_names(stop.gradients)}, got those of "
                f"{_names(grads)}; return one for each parameter"
            )
        for key, at in stop.gradients.items():
            self._put(stop, f"gradient of {key}", grads[key], memory, at, self._params[stop.layer][key].shape)
        if stop.x.trained:
            self._put(stop, "gradient", dx, memory, stop.x.gradient, (n, *self._inputs[stop.layer]))

    def loss(
        self, stop: Stop, memory: Array, labels: Array, weights: Array | None = None
    ) -> tuple[float, int]:
        """Return the loss and how many images are right; put down the gradient of the outputs."""
        n, shape = len(labels), list(self._shapes.values())[-1]
        logits = _view(memory, stop.x.at, n, shape).copy()  # (n, k)
        loss, backward = self._loss.forward(logits, labels, *([] if weights is None else [weights]))
        correct = int(np.sum(self._loss.answers(logits) == labels))
        if np.isfinite(float(loss)) and stop.x.trained:
            self._put(stop, "gradient", backward(), memory, stop.x.gradient, (n, *shape))
        return float(loss), correct

    def _put(
        self, stop: Stop, what: str, values: Any, memory: Array, at: int, shape: tuple[int, ...]
    ) -> None:
        if np.shape(values) != shape:
            raise ShapeError(
                f"{self._shown(stop)}: expected its {what} of shape {shape}, got {np.shape(values)}; "
                "correct its forward, its backward or its output_shape"
            )
        memory[at : at + math.prod(shape)] = np.reshape(values, -1)

    def _shown(self, stop: Stop) -> str:
        if stop.code == oc.FALLBACK_LOSS:
            return type(self._loss).__name__
        return f"{stop.layer} ({type(self._layers[stop.layer]).__name__})"


def _view(memory: Array, at: int, n: int, shape: tuple[int, ...]) -> Array:
    """What lies in memory for n images."""
    return memory[at : at + n * math.prod(shape)].reshape(n, *shape)


def _take_back(arrays: dict[str, Array], views: Named) -> None:
    """Put what a layer has replaced, such as running statistics, into the engine's memory."""
    for name, view in views.items():
        if arrays[name] is not view:
            view[...] = arrays[name]
            arrays[name] = view


def _names(named: Mapping[str, Any]) -> str:
    return ", ".join(named) or "none"
