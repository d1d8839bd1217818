"""The workers of a run: how many, where they come from, and whether they are worth it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, TypeAlias

from tenfold.errors import ConfigError
from tenfold.train import executor_for
from tenfold.train.executor import ExecutorFactory
from tenfold.train.parallel.local_workers import LocalWorkers
from tenfold.train.parallel.team import Starter, Team
from tenfold.zoo import NetworkModel

Say: TypeAlias = Callable[[str], None]


def local(count: int, say: Say) -> Starter:
    """Return what starts workers on this machine."""
    return LocalWorkers(count)


@dataclass(frozen=True)
class Workers:
    """The workers that a run asks for.

    Attributes
    ----------
    count : int
        The process that trains is one of them.
    starter : callable
        ``starter(count, say)`` returns what starts the others; by default processes on this machine.
    if_faster : bool
        Whether to measure first, and to train with one worker where several are not faster.
    """

    count: int
    starter: Callable[[int, Say], Starter] = local
    if_faster: bool = False


class Computing(NamedTuple):
    """What computes a run's steps: on how many workers, and what makes the executor."""

    workers: int
    executor: ExecutorFactory


ALONE = Computing(1, executor_for)


@contextmanager
def computing(wanted: Workers | None, model: NetworkModel, notice: Say) -> Iterator[Computing]:
    """Yield what computes the steps of a run; other workers end with the block.

    Raises
    ------
    ConfigError
        If other processes cannot compute the network, and this is not left to be found out.
    WorkerLostError
        If a worker cannot be started.
    """
    if wanted is None or wanted.count == 1:
        yield ALONE
        return
    from tenfold.train.parallel.executor import ParallelExecutor, why_not  # here, for they import Numba

    recipe = model.known_recipe()
    parts = model.network, recipe.loss, recipe.optimizer
    if (why := why_not(*parts)) is not None:
        if not wanted.if_faster:
            raise ConfigError(f"workers: {why}; train it with one worker")
        notice(f"workers: {why}; the network is trained with one worker")
        yield ALONE
        return
    with Team(wanted.count, wanted.starter(wanted.count, notice), notice) as team:
        if not wanted.if_faster or _pays(model, team, notice):
            yield Computing(wanted.count, partial(ParallelExecutor, team=team))
            return
        team.close()
        yield ALONE


def _pays(model: NetworkModel, team: Team, notice: Say) -> bool:
    from tenfold.train.parallel.estimate import estimate

    recipe = model.known_recipe()
    found = estimate(
        model.network, recipe.loss, recipe.optimizer, recipe.batch_size_at(0), team
    )  # fmt: skip
    notice(str(found))
    return found.pays
