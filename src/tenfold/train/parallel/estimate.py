"""Whether several workers are faster than one: both take some steps, and are timed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tenfold.nn import Loss, Sequential
from tenfold.optim import Optimizer
from tenfold.train.compiled import CompiledExecutor
from tenfold.train.executor import Executor
from tenfold.train.parallel.executor import ParallelExecutor
from tenfold.train.parallel.team import Team

_ROUNDS = 3
_ROUND_SECONDS = 0.3
_GAIN = 1.05  # less is not worth the processes


@dataclass(frozen=True)
class Estimate:
    """Seconds a step, and of these seconds for the exchange of the gradients.

    Attributes
    ----------
    workers : int
    alone, together, exchange : float
        With one worker on all cores of this machine, with all workers, and for the exchange alone.
    gradients : int
        How many numbers are exchanged.
    """

    workers: int
    alone: float
    together: float
    exchange: float
    gradients: int

    @property
    def pays(self) -> bool:
        """Whether several workers are worth it."""
        return self.alone > _GAIN * self.together

    def __str__(self) -> str:
        alone, together, exchange = (f"{1e3 * t:.3g} ms" for t in (self.alone, self.together, self.exchange))
        decided = "" if self.pays else "; this network is trained with one worker, as that is no slower"
        return (
            f"a step takes about {together} with {self.workers} workers, {exchange} of it for the exchange "
            f"of {self.gradients:,} gradients, and {alone} with one worker on all cores{decided}"
        )


def estimate(
    network: Sequential, loss: Loss, optimizer: Optimizer, batch_size: int, team: Team
) -> Estimate:  # fmt: skip
    """Time some steps on random images, on copies of the network.

    Parameters
    ----------
    network : Sequential
        Need not have values.
    loss, optimizer : Loss, Optimizer
    batch_size : int
    team : Team
    """
    rng = np.random.default_rng(0)
    copy = Sequential.from_config(network.config())
    copy.initialise(rng)
    together = ParallelExecutor(copy, loss, optimizer, team=team)
    executors: list[Executor] = [CompiledExecutor(copy, loss, optimizer), together]
    runs = [_steps(one, network, batch_size, rng) for one in executors]
    seconds = [min(times) for times in zip(*([run() for run in runs] for _ in range(_ROUNDS)), strict=True)]
    return Estimate(team.size, seconds[0], seconds[1], together.exchange_seconds(), network.n_parameters)


def _steps(
    executor: Executor, network: Sequential, batch_size: int, rng: np.random.Generator
) -> Callable[[], float]:
    """Return a function that takes steps for a moment and returns the seconds of one."""
    images = rng.integers(0, 256, (batch_size, *network.input_shape), np.uint8)
    labels = rng.integers(0, network.output_shape[-1], batch_size)
    executor.prepare()

    def run(steps: int) -> float:
        began = time.perf_counter()
        order = np.tile(np.arange(batch_size), steps)
        executor.train(images, labels, order, batch_size, np.zeros(steps), rng)  # a rate of 0: no overflow
        return (time.perf_counter() - began) / steps

    first = min(run(1), run(1))
    steps = max(1, int(_ROUND_SECONDS / first))
    return lambda: run(steps)
