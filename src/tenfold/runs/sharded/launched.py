"""Shards computed on other machines, by commands that a launcher starts there."""

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
from tenfold.resources import Resources
from tenfold.runs.launch import Choice, Exit, Launcher, Unit
from tenfold.runs.sharded.manifest import Manifest, Shard
from tenfold.runs.sharded.prediction import Runner
from tenfold.runs.sharded.shard_pool import LocalShards
from tenfold.runs.sharded.share import Share, done_in, missing

IMAGES_A_COMMAND, PICTURES_A_COMMAND = 250_000, 10_000
"""Half a minute of work or more: a command takes seconds to begin."""
_MOST_COMMANDS = 256
News: TypeAlias = int | Exit | BaseException
"""So many images more are done, a command has ended, or cannot be run."""


def runner_of(place: Choice, remark: Callable[[str], None]) -> Runner:
    """Return what computes shards where ``--on`` says; on this machine without further commands."""
    if place.on == "local":
        return LocalShards(place.jobs or available())
    return LaunchedShards(place.launcher, place.resources(Resources()), place.jobs, remark)


@dataclass(frozen=True)
class LaunchedShards:
    """Has shards computed by commands of a launcher.

    Attributes
    ----------
    launcher : callable
        Makes what runs the commands; called when there is something to run.
    resources : Resources
        Of each command, which uses as many processes as it has cores.
    jobs : int or None
        How many commands; by default each gets as many images as are worth a start.
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
            If files are missing after all commands have ended; what one of them said.
        """
        news: SimpleQueue[News] = SimpleQueue()
        with self.launcher() as launcher:
            threads = [
                Thread(target=self._command, args=(launcher, folder, share, news), daemon=True)
                for share in shares_of(manifest, self.jobs)
            ]
            for thread in threads:
                thread.start()
            try:
                ended = yield from _heard(news, len(threads), lambda: not missing(folder, manifest))
            finally:
                launcher.stop()
                for thread in threads:
                    thread.join()
        if missing(folder, manifest):
            raise _failure(ended)

    def _command(self, launcher: Launcher, folder: Path, share: Share, news: SimpleQueue[News]) -> None:
        """Run one command, in a thread."""
        unit = Unit(
            name=f"share-{share.name}",
            words=("run-shards", share.name, "--jobs", str(self.resources.cores)),
            home=folder,
            option="--out",
            file=Path(share.file),
            resources=self.resources,
        )
        try:
            news.put(launcher.run(unit, _Heard(news, self.remark)))
        except BaseException as error:
            news.put(error)


class _Heard:
    """Passes on what a command says of itself: how many images it has computed by now."""

    def __init__(self, news: SimpleQueue[News], remark: Callable[[str], None]) -> None:
        self._news, self._remark, self._done = news, remark, 0

    def runs_on(self, where: str) -> None:
        """Where a command runs is of no interest: any of them computes any shard."""

    def notice(self, line: str) -> None:
        """Pass on what the user should know."""
        self._remark(f"note: {line}")

    def stands(self, report: dict[str, Any]) -> None:
        """Tell how many more are done; a command that was started again counts from 0."""
        now = done_in(report)
        self._done = self._done if now >= self._done else 0
        self._news.put(now - self._done)
        self._done = now


def shares_of(manifest: Manifest, jobs: int | None) -> list[Share]:
    """Return the shares of a prediction: so many as are wanted; by default each is worth a start.

    A command that is given again has the same, so that a cluster that still runs some of them knows them.
    """
    enough = IMAGES_A_COMMAND if manifest.parts else PICTURES_A_COMMAND
    count = jobs or min(-(-manifest.images // enough), _MOST_COMMANDS)
    return [Share(number, count) for number in range(1, count + 1)]


def _heard(
    news: SimpleQueue[News], commands: int, finished: Callable[[], bool]
) -> Generator[int, None, list[Exit]]:
    """Yield numbers of images until all commands have ended, or all is done; return how they ended."""
    ended: list[Exit] = []
    while len(ended) < commands:
        found = news.get()
        if isinstance(found, BaseException):
            raise found
        if isinstance(found, int):
            yield found
            continue
        ended.append(found)
        if finished():  # others may have been started too late to find any work
            break
    return ended


def _failure(ended: Sequence[Exit]) -> TenfoldError:
    """Return the error of the first command that failed."""
    failed = next((one for one in ended if one.code != 0), Exit(1, "files of answers are missing"))
    text = failed.words or f"a command ended with the exit code {failed.code}"
    kinds = (errors.ConfigError, errors.DataError, errors.CheckpointError, errors.BusyError)
    kind = next((one for one in kinds if one.exit_code == failed.code), None)
    return StorageError(text, "the same command computes the others") if kind is None else kind(text)
