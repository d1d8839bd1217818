"""Shards computed on other machines, many by each command that a launcher starts there."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeAlias

from tenfold import errors
from tenfold.backend.cpu.threads import available
from tenfold.errors import StorageError, TenfoldError
from tenfold.files import shown
from tenfold.resources import Resources
from tenfold.runs.launch import Choice, Exit, Launcher, Unit
from tenfold.runs.sharded.lot import Lot, done_in
from tenfold.runs.sharded.manifest import Manifest, Shard
from tenfold.runs.sharded.prediction import Runner
from tenfold.runs.sharded.shard_file import file_name
from tenfold.runs.sharded.shard_pool import LocalShards

IMAGES_A_LOT, PICTURES_A_LOT = 250_000, 10_000
"""Half a minute of work or more: a command takes two seconds to begin."""
_MOST_LOTS = 1_000
News: TypeAlias = int | BaseException | None
"""So many images are done, a lot cannot be done, or a thread has ended."""


def runner_of(place: Choice, remark: Callable[[str], None]) -> Runner:
    """Return what computes shards where ``--on`` says: here processes that take one shard after the other."""
    if place.on == "local":
        return LocalShards(place.jobs or available())
    return LaunchedShards(place.launcher, place.resources(Resources()), place.jobs, remark)


@dataclass(frozen=True)
class LaunchedShards:
    """Has lots of shards computed by a launcher.

    Attributes
    ----------
    launcher : callable
        Makes what runs the commands; called when there is something to run.
    resources : Resources
        Of each command; its images are shared out to so many processes as it has cores.
    jobs : int or None
        How many commands at a time, if that is known.
    remark : callable
        Told a line that the user should see.
    """

    launcher: Callable[[], Launcher]
    resources: Resources
    jobs: int | None
    remark: Callable[[str], None]

    def run(self, folder: Path, manifest: Manifest, shards: Sequence[Shard]) -> Generator[int, None, None]:
        """Have the files of shards written, and yield numbers of images whose answers are there.

        Raises
        ------
        TenfoldError
            If a command fails; the others save what they have.
        """
        lots: SimpleQueue[Lot | None] = SimpleQueue()
        parts = lots_with(shards, manifest, self.jobs)
        for lot in parts:
            lots.put(lot)
        news: SimpleQueue[News] = SimpleQueue()
        with self.launcher() as launcher:
            work = _Work(launcher, folder, manifest, self.resources, self.remark)
            threads = [
                Thread(target=_work_through, args=(work, lots, news), daemon=True)
                for _ in range(min(launcher.at_once, len(parts)))
            ]
            for thread in threads:
                lots.put(None)
                thread.start()
            try:
                yield from _heard(news, len(threads))
            finally:
                launcher.stop()
                for thread in threads:
                    thread.join()
        _check_files(folder, manifest, shards)


@dataclass(frozen=True)
class _Work:
    """What all lots share."""

    launcher: Launcher
    folder: Path
    manifest: Manifest
    resources: Resources
    remark: Callable[[str], None]

    def compute(self, lot: Lot, news: SimpleQueue[News]) -> None:
        unit = Unit(
            name=f"shards-{lot.name}",
            words=("run-shards", lot.name, "--jobs", str(self.resources.cores)),
            home=self.folder,
            option="--out",
            file=Path(lot.file),
            resources=self.resources,
        )
        found = self.launcher.run(unit, _Heard(news, self.remark))
        if found.code != 0:
            raise _failure(lot, found)


class _Heard:
    """Passes on what a lot's command says of itself: how many of its images are done by now."""

    def __init__(self, news: SimpleQueue[News], remark: Callable[[str], None]) -> None:
        self._news, self._remark, self._done = news, remark, 0

    def runs_on(self, where: str) -> None:
        """Where a lot runs matters to nobody."""

    def notice(self, line: str) -> None:
        """Pass on what the user should know."""
        self._remark(f"note: {line}")

    def stands(self, report: dict[str, Any]) -> None:
        """Tell how many more are done; a command that was started again counts those that it found."""
        now = done_in(report)
        if now > self._done:
            self._news.put(now - self._done)
            self._done = now


def lots_with(left: Sequence[Shard], manifest: Manifest, jobs: int | None) -> list[Lot]:
    """Return the lots with shards that are left.

    They are the lots of the first command, so that a cluster that still runs some of them knows them.
    """
    numbers = {shard.number for shard in left}
    return [lot for lot in lots_of(manifest, jobs) if not numbers.isdisjoint(range(lot.first, lot.last + 1))]


def lots_of(manifest: Manifest, jobs: int | None) -> list[Lot]:
    """Divide shards into lots of about equal size; if it is known how many run at a time, so many or more."""
    shards, images = manifest.shards(), manifest.images
    usual = IMAGES_A_LOT if manifest.parts else PICTURES_A_LOT
    count = -(-images // max(usual, images // _MOST_LOTS))
    if jobs is not None:
        count = -(-count // jobs) * jobs
    size = -(-images // count)
    found: list[Lot] = []
    held = 0
    first = shards[0].number
    for shard, following in zip(shards, [*shards[1:], None], strict=True):
        held += shard.stop - shard.start
        if held >= size or following is None:
            found.append(Lot(first, shard.number))
            held, first = 0, shard.number if following is None else following.number
    return found


def _work_through(work: _Work, lots: SimpleQueue[Lot | None], news: SimpleQueue[News]) -> None:
    """Compute lots until there are none, for a thread."""
    try:
        while (lot := lots.get()) is not None:
            work.compute(lot, news)
        news.put(None)
    except BaseException as error:
        news.put(error)


def _heard(news: SimpleQueue[News], threads: int) -> Generator[int, None, None]:
    """Yield numbers of images until so many threads have ended."""
    while threads:
        found = news.get()
        if isinstance(found, BaseException):
            raise found
        if found is None:
            threads -= 1
        else:
            yield found


def _failure(lot: Lot, found: Exit) -> TenfoldError:
    kinds = (errors.ConfigError, errors.DataError, errors.CheckpointError, errors.BusyError)
    text = f"shards {lot.name}: {found.words or f'its command ended with the exit code {found.code}'}"
    kind = next((one for one in kinds if one.exit_code == found.code), None)
    return StorageError(text, "the same command computes the others") if kind is None else kind(text)


def _check_files(folder: Path, manifest: Manifest, shards: Sequence[Shard]) -> None:
    for shard in shards:
        if not (folder / file_name(shard, manifest.form)).is_file():
            raise StorageError(
                f"{shown(folder)}: expected a file of answers for shard {shard.number}, found none",
                "give the command again",
            )
