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
        self._optimizer, self.params, self.state = optimizer, dict(params), state

    def step(self, grads: Named, rate: float) -> dict[str, Array]:
        """Return the parameters after a step."""
        moved, self.state = self._optimizer.update(self.params, grads, self.state, rate)
        self.params = dict(moved)
        return dict(moved)

    def joined(self, named: Named) -> dict[str, Array]:
        """Return arrays by the parameters' names as `params` holds them."""
        return dict(named)

    def parts(self, joined: Named) -> dict[str, Array]:
        """Return by their names what `joined` returned."""
        return dict(joined)


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
        self.params = self.joined(params)
        slots = {slot: self.joined(arrays) for slot, arrays in state.slots.items()}
        self._state = OptimizerState(state.step, slots)

    def step(self, grads: Named, rate: float) -> dict[str, Array]:
        """Return the parameters after a step."""
        check_names(self._shapes, grads, OptimizerState(), ())
        moved, self._state = self._optimizer.update(self.params, self.joined(grads), self._state, rate)
        self.params = dict(moved)
        return self.parts(moved)

    @property
    def state(self) -> OptimizerState:
        """The optimiser's state, by the names of the parameters."""
        slots = {slot: self.parts(arrays) for slot, arrays in self._state.slots.items()}
        return OptimizerState(self._state.step, slots)

    def joined(self, named: Named) -> dict[str, Array]:
        """Return arrays by the parameters' names as `params` holds them: as one vector."""
        for name, shape in self._shapes.items():
            if tuple(named[name].shape) != shape:
                raise ShapeError(
                    f"{name}: expected a gradient of shape {shape}, got {tuple(named[name].shape)}; "
                    "correct the layer's backward"
                )
        xp = namespace(*named.values())
        return {_ALL: xp.concat([xp.reshape(named[name], (-1,)) for name in self._shapes])}

    def parts(self, joined: Named) -> dict[str, Array]:
        """Return by their names what `joined` returned."""
        vector = joined[_ALL]
        xp, parts, at = namespace(vector), dict[str, Array](), 0
        for name, shape in self._shapes.items():
            size = math.prod(shape)
            parts[name] = xp.reshape(vector[at : at + size], shape)
            at += size
        return parts


def moving(optimizer: Optimizer, params: Named, state: OptimizerState) -> ByName | AsOneVector:
    """Return what moves these parameters: as one vector where the optimiser moves every number alike."""
    alike = type(optimizer) in OPTIMIZERS.values() and len({array.dtype for array in params.values()}) == 1
    return (AsOneVector if alike else ByName)(optimizer, params, state)
