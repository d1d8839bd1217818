"""The compiled engine with the face of an executor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from tenfold.backend.cpu import start
from tenfold.backend.cpu.fallback import Fallback
from tenfold.backend.cpu.threads import checked
from tenfold.backend.forked import ForkSafeLock
from tenfold.errors import RangeError
from tenfold.nn import Loss, Sequential
from tenfold.nn.dropout import random_bits
from tenfold.optim import EMA, Optimizer, OptimizerState
from tenfold.optim.optimizer import Named
from tenfold.train.executor import Exported, HostArray, Steps, Weights
from tenfold.train.fallback import NotCompiled

if TYPE_CHECKING:
    from tenfold.backend.cpu.engine import Engine

_MOST_BITS = 1 << 22  # random numbers of dropout that are drawn before the steps that use them


class CompiledExecutor:
    """Takes training steps in compiled code, on all cores.

    Parameters
    ----------
    network : Sequential
        With float32 NumPy parameters, of layers that the engine knows.
    loss : Loss
    optimizer : Optimizer
    threads : int, optional
        All cores unless given.
    deterministic : bool
        Whether the result must be the same for any number of threads.
    """

    def __init__(
        self,
        network: Sequential,
        loss: Loss,
        optimizer: Optimizer,
        *,
        threads: int | None = None,
        deterministic: bool = False,
    ) -> None:
        self._network, self._loss, self._optimizer = network, loss, optimizer
        self._not_compiled = NotCompiled.of(network, loss, optimizer)
        self._params, self._state = _copies(network.params), _copies(network.state)
        self._own_state = optimizer.init(_copies(self._params)) if self._not_compiled.optimizer else None
        self._built: Engine | None = None
        self._average: EMA | None = None
        self._averaged: Engine | None = None  # the same network with the averaged weights, for predictions
        self._building = ForkSafeLock()
        self.threads, self._deterministic = checked(threads), deterministic

    @property
    def _engine(self) -> Engine:
        with self._building:
            if self._built is None:
                self._built = self._build()
                self._averaged = self._averaging(self._built)
            return self._built

    def _averaging(self, engine: Engine) -> Engine | None:
        """Return an engine for the averaged weights, which follow the other's from now on."""
        if self._average is None:
            return None
        averaged = start.engine()(
            self._network,
            threads=self.threads,
            deterministic=self._deterministic,
            fallback=Fallback(frozenset(self._not_compiled.layers)),
        )
        averaged.assign(engine.params(), engine.state())
        engine.average_into(averaged, self._average.decay)
        return averaged

    @property
    def _evaluated(self) -> Engine:
        """The engine with the weights that are evaluated."""
        engine = self._engine
        return engine if self._averaged is None else self._averaged

    def _build(self) -> Engine:
        engine = start.engine()(  # compiles, the first time on a machine
            self._network,
            self._loss,
            self._optimizer,
            threads=self.threads,
            deterministic=self._deterministic,
            fallback=self._fallback(),
        )
        engine.assign(self._params, self._state)
        return engine

    def _fallback(self) -> Fallback:
        parts = self._not_compiled
        update = None if parts.optimizer is None else self._update
        return Fallback(frozenset(parts.layers), parts.loss is not None, update)

    def _update(self, params: Named, grads: Named, rate: float) -> Named:
        """Move the parameters by an optimiser of the user's own."""
        state = self._own_state or self._optimizer_state
        moved, self._own_state = self._optimizer.update(params, grads, state, rate)
        return moved

    @property
    def _optimizer_state(self) -> OptimizerState:
        """Copies of what the optimiser keeps."""
        if self._own_state is None:
            return OptimizerState(step=self._engine.step, slots=self._engine.optimizer_slots())
        slots = self._own_state.slots.items()
        return OptimizerState(self._own_state.step, {slot: _copies(arrays) for slot, arrays in slots})

    @property
    def name(self) -> str:
        """What a run's bits depend on besides its recipe and its seed."""
        count = "any number of threads" if self._deterministic else f"{self.threads} threads"
        threads = "1 thread" if count == "1 threads" else count
        parts = self._not_compiled.parts
        return f"the compiled engine on {threads}" + (f", but {parts} by definition" if parts else "")

    @property
    def notice(self) -> str | None:
        """What is slower than it could be, in one line."""
        return self._not_compiled.notice

    def prepare(self) -> None:
        """Compile the engine, which takes some seconds the first time and is logged."""
        start.compile_first("run.train")
        self._engine.warm_up()

    def keep_average(self, average: EMA) -> None:
        """Average the weights from now on, beginning with those that there are."""
        self._average = average
        with self._building:
            if self._built is not None:
                self._averaged = self._averaging(self._built)

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
        """Take training steps; see `Executor`."""
        if batch_size < 1:
            raise RangeError(f"batch_size: expected at least 1, got {batch_size}")
        losses, correct = [np.zeros(0)], [np.zeros(0, np.int64)]
        for part, n, part_rates in self._pieces(order, batch_size, rates):
            bits = self._draw(n, len(part_rates), rng)
            some_losses, some_correct = self._engine.train(
                images,
                labels,
                np.ascontiguousarray(part, np.int64),
                n,
                np.asarray(part_rates, np.float64),
                bits,
                rng,
                weights,
            )
            losses.append(some_losses)
            correct.append(some_correct)
            if not np.isfinite(some_losses[-1]):
                break
        return Steps(np.concatenate(losses), np.concatenate(correct))

    def _pieces(
        self, order: HostArray, batch_size: int, rates: HostArray
    ) -> Iterator[tuple[HostArray, int, HostArray]]:
        """So many steps at a time that their random bits stay small; a last one of another size by itself.

        Where layers of the user's own may draw as well, one step: it draws the same however steps are cut.
        """
        whole = len(rates) if len(order) == len(rates) * batch_size else len(rates) - 1
        features = sum(self._engine.dropouts)
        steps = max(1, _MOST_BITS // max(1, batch_size * features))
        if features and self._not_compiled.layers:
            steps = 1
        for first in range(0, whole, steps):
            last = min(first + steps, whole)
            yield order[first * batch_size : last * batch_size], batch_size, rates[first:last]
        if len(order) > whole * batch_size:
            yield order[whole * batch_size :], len(order) - whole * batch_size, rates[whole:]

    def _draw(self, n: int, steps: int, rng: np.random.Generator) -> HostArray | None:
        """The random bits of dropout, drawn in the order in which the layers draw them."""
        features = self._engine.dropouts
        if not features:
            return None
        bits = np.empty(steps * n * sum(features), np.uint16)
        at = 0
        for size in features * steps:
            bits[at : at + n * size] = random_bits(rng, n * size)
            at += n * size
        return bits

    def logits(self, images: HostArray) -> HostArray:
        """Return the outputs at prediction, shape (n, k): of the averaged weights, if an average is kept."""
        if self._built is None:
            start.compile_first("run.train" if self._not_compiled.layers else "run.predict")
        engine = self._evaluated
        if self._averaged is not None:
            engine.refresh()  # since it was used last, steps may have changed its weights
        return engine.logits(images)

    def weights(self) -> Weights:
        """Return copies of the weights that `logits` uses: the averages, if they are kept."""
        return Weights(self._evaluated.params(), self._evaluated.state())

    def export(self) -> Exported:
        """Return copies of parameters and statistics as they are trained, and of the optimiser's state."""
        return Exported(self._engine.params(), self._engine.state(), self._optimizer_state)

    def restore(
        self,
        params: Mapping[str, HostArray],
        state: Mapping[str, HostArray],
        optimizer_state: OptimizerState,
    ) -> None:
        """Use copies of the arrays that `export` returned."""
        self._engine.assign(params, state, optimizer_state.slots, optimizer_state.step)
        if self._own_state is not None:
            slots = {slot: _copies(arrays) for slot, arrays in optimizer_state.slots.items()}
            self._own_state = OptimizerState(optimizer_state.step, slots)

    def restore_average(self, weights: Weights) -> None:
        """Use copies of the averages that `weights` returned; only if averages are kept."""
        self._evaluated.assign(weights.params, weights.state)


def _copies(arrays: Mapping[str, HostArray]) -> dict[str, HostArray]:
    return {name: np.array(array) for name, array in arrays.items()}
