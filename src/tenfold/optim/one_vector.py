"""An optimiser's step over all parameters at once."""

from __future__ import annotations

import math

from tenfold.backend.arrays import Array, namespace
from tenfold.errors import ShapeError
from tenfold.optim.optimizer import Named, Optimizer, OptimizerState, check_names
from tenfold.optim.per_layer import OPTIMIZERS

_ALL = "all parameters"


class ByName:
    """Moves parameters one after the other, as an optimiser does.

    Parameters
    ----------
    optimizer : Optimizer
    params : mapping of str to array
    state : OptimizerState
    """

    def __init__(self, optimizer: Optimizer, params: Named, state: OptimizerState) -> None:
        self._optimizer, self._params, self.state = optimizer, params, state

    def step(self, grads: Named, rate: float) -> dict[str, Array]:
        """Return the parameters after a step."""
        self._params, self.state = self._optimizer.update(self._params, grads, self.state, rate)
        return dict(self._params)


class AsOneVector:
    """Moves parameters as one vector, each a part of it: the same numbers in fewer and larger operations.

    Parameters
    ----------
    optimizer : Optimizer
        One that does the same with every number; see `moving`.
    params : mapping of str to array
        All of one dtype.
    state : OptimizerState
    """

    def __init__(self, optimizer: Optimizer, params: Named, state: OptimizerState) -> None:
        self._optimizer = optimizer
        self._shapes = {name: tuple(array.shape) for name, array in params.items()}
        self._vector = self._joined(params)
        slots = {slot: {_ALL: self._joined(arrays)} for slot, arrays in state.slots.items()}
        self._state = OptimizerState(state.step, slots)

    def step(self, grads: Named, rate: float) -> dict[str, Array]:
        """Return the parameters after a step."""
        check_names(self._shapes, grads, OptimizerState(), ())
        before, gradient = {_ALL: self._vector}, {_ALL: self._joined(grads)}
        moved, self._state = self._optimizer.update(before, gradient, self._state, rate)
        self._vector = moved[_ALL]
        return self._parts(self._vector)

    @property
    def state(self) -> OptimizerState:
        """The optimiser's state, by the names of the parameters."""
        slots = {slot: self._parts(arrays[_ALL]) for slot, arrays in self._state.slots.items()}
        return OptimizerState(self._state.step, slots)

    def _joined(self, named: Named) -> Array:
        for name, shape in self._shapes.items():
            if tuple(named[name].shape) != shape:
                raise ShapeError(
                    f"{name}: expected a gradient of shape {shape}, got {tuple(named[name].shape)}; "
                    "correct the layer's backward"
                )
        xp = namespace(*named.values())
        return xp.concat([xp.reshape(named[name], (-1,)) for name in self._shapes])

    def _parts(self, vector: Array) -> dict[str, Array]:
        xp, parts, at = namespace(vector), {}, 0
        for name, shape in self._shapes.items():
            size = math.prod(shape)
            parts[name] = xp.reshape(vector[at : at + size], shape)
            at += size
        return parts


def moving(optimizer: Optimizer, params: Named, state: OptimizerState) -> ByName | AsOneVector:
    """Return what moves these parameters: as one vector where the optimiser moves every number alike."""
    alike = type(optimizer) in OPTIMIZERS.values() and len({array.dtype for array in params.values()}) == 1
    return (AsOneVector if alike else ByName)(optimizer, params, state)
