"""The workers of a run: how many, where they come from, and whether they are worth it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tenfold.errors import ConfigError
from tenfold.quoting import quoted
from tenfold.runs.folder import begun_workers
from tenfold.train import executor_for
from tenfold.train.executor import ExecutorFactory
from tenfold.train.parallel.local_workers import LocalWorkers
from tenfold.train.parallel.team import Starter, Team

if TYPE_CHECKING:
    from tenfold.runs.job import Prepared


MOST = 256


@dataclass(frozen=True)
class Workers:
    """The workers that a run asks for.

    Attributes
    ----------
    count : int
        The process that trains is one of them.
    starter : callable
        ``starter(count)`` returns what starts the others; by default processes on this machine.
    if_faster : bool
        Whether to measure first, and to train with one worker where several are not faster.
    """

    count: int
    starter: Callable[[int], Starter] = LocalWorkers
    if_faster: bool = False


def asked_workers(count: int | None, resumed: Path | None, *, if_faster: bool = False) -> Workers | None:
    """Return the workers that are asked for; where a run is resumed by default as many as it was begun on.

    Raises
    ------
    ConfigError
        If the number is none.
    """
    if count is None:
        return None if resumed is None else Workers(begun_workers(resumed))
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MOST:
        raise ConfigError(f"workers: expected a whole number from 1 to {MOST}, got {quoted(count)}; use 2")
    return Workers(count, if_faster=if_faster)


class Computing(NamedTuple):
    """What computes a run's steps: on how many workers, and what makes the executor."""

    workers: int
    executor: ExecutorFactory


ALONE = Computing(1, executor_for)


@contextmanager
def computing(wanted: Workers | None, given: Prepared, notice: Callable[[str], None]) -> Iterator[Computing]:
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

    recipe = given.model.known_recipe()
    parts = given.model.network, recipe.loss, recipe.optimizer
    if (why := why_not(*parts)) is not None:
        if not wanted.if_faster:
            raise ConfigError(f"workers: {why}; train it with one worker")
        notice(f"workers: {why}; the network is trained with one worker")
        yield ALONE
        return
    with Team(wanted.count, wanted.starter(wanted.count), notice) as team:
        if not wanted.if_faster or _pays(given, team, notice):
            yield Computing(wanted.count, partial(ParallelExecutor, team=team))
            return
        team.close()
        yield ALONE


def _pays(given: Prepared, team: Team, notice: Callable[[str], None]) -> bool:
    from tenfold.train.parallel.estimate import estimate

    recipe = given.model.known_recipe()
    found = estimate(
        given.model.network, recipe.loss, recipe.optimizer, recipe.batch_size_at(0), team
    )  # fmt: skip
    notice(str(found))
    return found.pays
