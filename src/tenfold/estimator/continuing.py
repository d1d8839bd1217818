"""Executors that continue with the optimiser's state of the training before."""

from __future__ import annotations

from tenfold.nn import Loss, Sequential
from tenfold.optim import Optimizer, OptimizerState
from tenfold.train import Executor, executor_for


class ContinuingExecutors:
    """Makes the executor of a training.

    Parameters
    ----------
    state : OptimizerState or None
        Of the training before; None to begin without one.
    """

    def __init__(self, state: OptimizerState | None) -> None:
        self._before = state
        self._made: Executor | None = None

    def __call__(self, network: Sequential, loss: Loss, optimizer: Optimizer) -> Executor:
        made = executor_for(network, loss, optimizer, deterministic=True)  # the same bits on any cores
        if self._before is not None:
            made.restore(network.params, network.state, self._before)
        self._made = made
        return made

    @property
    def state(self) -> OptimizerState | None:
        """The optimiser's state after the training."""
        return None if self._made is None else self._made.export()[2]
