"""The compiled engines of several workers with the face of one executor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tenfold.backend.cpu import start
from tenfold.errors import ConfigError, WorkerLostError
from tenfold.nn import Loss, Sequential
from tenfold.optim import Optimizer
from tenfold.registry import UnknownNameError
from tenfold.train.compiled import CompiledExecutor
from tenfold.train.executor import HostArray, Steps
from tenfold.train.fallback import NotCompiled
from tenfold.train.parallel.collective import Centre, SharedCentre
from tenfold.train.parallel.shared_memory import Slots
from tenfold.train.parallel.team import Team

if TYPE_CHECKING:
    from tenfold.backend.cpu.engine import Engine
    from tenfold.train.parallel.leading_engine import LeadingEngine

_PAGE = 4096


class ParallelExecutor(CompiledExecutor):
    """Takes training steps on several workers; everything else as `CompiledExecutor`.

    Parameters
    ----------
    network, loss, optimizer
        All of them with compiled code, and of tenfold or an installed package: others cannot be built in
        another process.
    team : Team
        The other workers.

    Raises
    ------
    ConfigError
        If there is something else.
    """

    def __init__(self, network: Sequential, loss: Loss, optimizer: Optimizer, *, team: Team) -> None:
        super().__init__(network, loss, optimizer)
        self._team = team
        if why := why_not(network, loss, optimizer):
            raise ConfigError(f"workers: {why}; train it with one worker")

    @property
    def name(self) -> str:
        """What a run's bits depend on besides its recipe and its seed."""
        counts = self._team.threads
        each = str(counts[0]) if len(set(counts)) == 1 else ", ".join(map(str, counts))
        threads = "thread" if each == "1" else "threads"
        return f"the compiled engines of {len(counts)} workers on {each} {threads}"

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
        try:
            return super().train(images, labels, order, batch_size, rates, rng, weights)
        except WorkerLostError as error:
            raise self._team.explained(error) from error

    def _build(self) -> Engine:
        start.engine()  # compiles, the first time on a machine
        from tenfold.train.parallel.leading_engine import LeadingEngine

        self._leading = engine = LeadingEngine(
            self._network,
            self._loss,
            self._optimizer,
            threads=self.threads,
            part_threads=self._team.threads[0],
            links=self._team.links,
        )
        engine.warm_up()  # before the workers build theirs, so that they find the code compiled
        try:
            self._set_up(engine)
            engine.assign(self._params, self._state)
        except WorkerLostError as error:
            raise self._team.explained(error) from error
        return engine

    def _set_up(self, engine: LeadingEngine) -> None:
        """Have the workers build the network, and choose what carries the sums."""
        team, largest = self._team, max(engine.gradient.nbytes, 8 * engine.parameters.n_statistics)
        room = -(-largest // _PAGE) * _PAGE
        slots = Slots.new(1 + len(team.links), room) if team.share_memory else None
        description = {
            "do": "build",
            "network": self._network.config(),
            "loss": {"kind": self._loss.kind, "config": self._loss.config()},
            "optimizer": {"kind": self._optimizer.kind, "config": self._optimizer.config()},
            "size": 1 + len(team.links),
            "slots": None if slots is None else slots.file,
            "room": room,
        }
        try:
            for rank, link in enumerate(team.links, 1):
                link.send(description | {"rank": rank})
            for link in team.links:
                link.receive()  # it is ready
        finally:
            if slots is not None:
                slots.forget()
        engine.collective = Centre(team.links) if slots is None else SharedCentre(team.links, slots)

    def exchange_seconds(self) -> float:
        """Return how long the exchange of the gradients takes."""
        return self._leading.exchange_seconds()


def why_not(network: Sequential, loss: Loss, optimizer: Optimizer) -> str | None:
    """Return why other processes cannot compute a network, in words; None if they can."""
    if any(not isinstance(array, np.ndarray) for array in network.params.values()):
        return "expected a network on the processor, got one on another device"
    parts = NotCompiled.of(network, loss, optimizer).parts
    if parts:
        return f"expected parts with compiled code, got {parts}"
    try:
        Sequential.from_config(network.config())
    except UnknownNameError as error:
        return (
            f"expected parts that another process can build, got the {error.what} {error.name!r} of your own"
        )
    return None
