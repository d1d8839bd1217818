"""What the training loop asks of an executor, which computes the steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeAlias

import numpy as np

from tenfold.nn import Loss, Sequential
from tenfold.optim import EMA, Optimizer, OptimizerState

HostArray: TypeAlias = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Steps:
    """What some training steps gave.

    Attributes
    ----------
    losses : float64 array, shape (steps,)
        The mean loss of each minibatch, before its update. If the last is not finite, the steps
        ended there, before that update.
    correct : int64 array, shape (steps,)
        How many images of each minibatch were recognised.
    """

    losses: HostArray
    correct: HostArray


class Weights(NamedTuple):
    """Parameters and running statistics by dotted name."""

    params: dict[str, HostArray]
    state: dict[str, HostArray]


class Exported(NamedTuple):
    """Everything that a run has learned, as copies in NumPy arrays by dotted name."""

    params: dict[str, HostArray]
    state: dict[str, HostArray]
    optimizer: OptimizerState


class Executor(Protocol):
    """The interface between the training loop and the code that computes.

    Attributes
    ----------
    name : str
        In words; what a run's bits depend on besides its recipe and its seed.
    threads : int
        How many cores it may use.
    notice : str or None
        What is slower than it could be, in one line.
    """

    @property
    def name(self) -> str: ...

    @property
    def threads(self) -> int: ...

    @property
    def notice(self) -> str | None: ...

    def prepare(self) -> None:
        """Do now what must be done once; if it takes long, log it."""

    def keep_average(self, average: EMA) -> None:
        """Average the weights from now on, beginning with those that there are."""

    def train(
        self,
        images: HostArray,
        labels: HostArray,
        order: HostArray,
        batch_size: int,
        rates: HostArray,
        rng: np.random.Generator,
        weights: HostArray | None = None,
    ) -> Steps:
        """Take training steps.

        Parameters
        ----------
        images : uint8 array (n, h, w) or (n, h, w, c), 0 to 255, or float array (n, h, w, c), 0 to 1
        labels : int64 array, shape (n,)
        order : int64 array
            Which image comes when: ``batch_size`` of them in each step, and in the last all that are left,
            be they fewer or more.
        batch_size : int
        rates : float64 array, shape (steps,)
            The learning rate of each step.
        rng : numpy.random.Generator
            For dropout.
        weights : float32 array, shape (n,), optional
            How much each image counts in the loss.
        """

    def logits(self, images: HostArray) -> HostArray:
        """Return the outputs at prediction, shape (n, k): of the averaged weights, if an average is kept."""

    def weights(self) -> Weights:
        """Return copies of the weights that `logits` uses: the averages, if they are kept."""

    def export(self) -> tuple[dict[str, HostArray], dict[str, HostArray], OptimizerState]:
        """Return copies of parameters and statistics as they are trained, and of the optimiser's state."""

    def restore(
        self, params: Mapping[str, HostArray], state: Mapping[str, HostArray], optimizer_state: OptimizerState
    ) -> None:
        """Use copies of the arrays that `export` returned."""

    def restore_average(self, weights: Weights) -> None:
        """Use copies of the averages that `weights` returned; only if averages are kept."""


ExecutorFactory: TypeAlias = Callable[[Sequential, Loss, Optimizer], Executor]
