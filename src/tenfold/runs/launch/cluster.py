"""What Slurm and Ray have in common: a unit is given to a cluster, watched, and given again if it is lost."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Event, Lock
from types import TracebackType
from typing import Protocol, Self

from tenfold.errors import BusyError, ConfigError
from tenfold.files import storage, whole_files, write_atomically
from tenfold.interrupt import INTERRUPTED
from tenfold.resources import Resources
from tenfold.runs.launch.carried import LAUNCHED, MARK, processor_kind
from tenfold.runs.launch.launcher import Listener
from tenfold.runs.launch.moved_files import files_in, put_files
from tenfold.runs.launch.order import Order, Status
from tenfold.runs.launch.unit import Exit, Unit

ATTEMPTS = 3
"""How often a unit is started: one that takes its machine down with it must not do so for ever."""
_SECONDS_BETWEEN = 0.5
_WAITS = "waits for a machine"
_LEFT_OVER = 120.0  # seconds after which a lock of a lost machine is none any more
_GRACE = 120.0  # seconds for a unit to save where it is


class Lost(Exception):
    """A unit that a cluster runs no more, without an end of its own.

    Parameters
    ----------
    reason : str
    advice : str or None
        What to change before it is run again; None if it is to be run again as it is.
    """

    def __init__(self, reason: str, advice: str | None = None) -> None:
        super().__init__(reason)
        self.reason, self.advice = reason, advice


class Job(Protocol):
    """A unit in the hands of a cluster."""

    def status(self) -> Status | None:
        """Return where it stands, None while it waits to be run.

        Raises
        ------
        Lost
        """

    def stop(self) -> None:
        """Have it save where it is and end."""

    def fetch(self) -> Mapping[str, bytes]:
        """Return what it has written, by path in its home, its file last."""

    def end(self) -> None:
        """It has ended, or is to end now; nothing of it stays."""


class Cluster(Protocol):
    """Where jobs run."""

    shares_folders: bool
    """Whether a home that is not shared is a mistake."""

    def start(self, order: Order, resources: Resources, files: Mapping[str, bytes]) -> Job:
        """Give a unit to the cluster, or find it there if it has been given before.

        The files are those that it needs, by path in its home, for a machine that does not share the home.
        """

    def close(self) -> None:
        """Let go of the cluster."""


class ClusterLauncher:
    """Runs units on a cluster.

    Parameters
    ----------
    cluster : Cluster
    at_once : int
        How many units the cluster is given at a time; it decides itself how many it runs.
    """

    def __init__(self, cluster: Cluster, at_once: int) -> None:
        self.at_once = at_once
        self._cluster = cluster
        self._stopped = Event()
        self._jobs: set[Job] = set()
        self._lock = Lock()
        self._marks: dict[Path, str] = {}
        self._kinds: set[str] = set()

    def run(self, unit: Unit, listener: Listener) -> Exit:
        """Run a unit; see `Launcher`."""
        reason = ""
        for attempt in range(ATTEMPTS):
            if self._stopped.is_set():
                return Exit(INTERRUPTED)
            if attempt:
                listener.notice(f"{unit.name}: {reason}; starting it again")
            try:
                return self._attempt(unit, listener) if attempt == 0 else self._retried(unit, listener)
            except Lost as lost:
                reason = lost.reason
                if lost.advice is not None:
                    return Exit(1, f"{reason}; {lost.advice}")
        return Exit(1, f"lost {ATTEMPTS} times, the last time because {reason}")

    def stop(self) -> None:
        """Have every unit end; see `Launcher`."""
        self._stopped.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()
        for job in list(self._jobs):
            job.end()
        self._cluster.close()
        self._sweep()

    def _retried(self, unit: Unit, listener: Listener) -> Exit:
        """Run a unit again; what is left of the lost one may hold its folder for a while."""
        deadline = time.monotonic() + _LEFT_OVER
        while True:
            found = self._attempt(unit, listener)
            if found.code != BusyError.exit_code or time.monotonic() > deadline or self._stopped.is_set():
                return found
            time.sleep(_SECONDS_BETWEEN)

    def _attempt(self, unit: Unit, listener: Listener) -> Exit:
        order = Order.of(unit, self._mark(unit.home))
        files = {} if unit.needs is None or self._cluster.shares_folders else files_in(unit.home, unit.needs)
        job = self._cluster.start(order, unit.resources, files)
        self._jobs.add(job)
        try:
            status = self._followed(job, listener)
            if status is None:
                return Exit(INTERRUPTED)
            if status.code == 0 and not status.shared:
                put_files(unit.home, job.fetch())
            return Exit(status.code or 0, status.words)
        finally:
            self._jobs.discard(job)
            job.end()

    def _followed(self, job: Job, listener: Listener) -> Status | None:
        """Watch a job until it has ended; None if it was stopped and had nothing to say."""
        before: Status | None = None
        deadline = None
        listener.runs_on(_WAITS)
        while True:
            status = job.status()
            if self._stopped.is_set():
                if status is None or (deadline is not None and time.monotonic() > deadline):
                    return None
                if deadline is None:
                    deadline = time.monotonic() + _GRACE
                    job.stop()
            if status is not None:
                self._tell(before, status, listener)
                if status.lost is not None:
                    raise Lost(status.lost)
                if status.code is not None:
                    return status
            before = status
            time.sleep(_SECONDS_BETWEEN)

    def _tell(self, before: Status | None, now: Status, listener: Listener) -> None:
        """Pass on what is new."""
        if before is None:
            listener.runs_on(now.host)
            self._check(now, listener)
        if now.report is not None and (before is None or now.reports != before.reports):
            listener.stands(now.report)

    def _check(self, status: Status, listener: Listener) -> None:
        """Refuse a machine with another version; say if its processor may round differently.

        Raises
        ------
        ConfigError
        """
        if status.refused is not None:
            raise ConfigError(status.refused)
        if self._cluster.shares_folders and not status.shared:
            raise ConfigError(
                f"{status.host}: expected the folder of the results to be shared with this machine, found "
                "another one; choose a shared folder"
            )
        own = processor_kind()
        with self._lock:
            new = status.processor not in {own, *self._kinds}
            self._kinds.add(status.processor)
        if new:
            listener.notice(
                f"{status.host} computes as {status.processor}, this machine as {own}: the last digits of "
                "figures may differ between them"
            )

    def _mark(self, home: Path) -> str:
        """Return what is in a home's mark: whoever sees the same there shares it."""
        path = home / MARK
        with self._lock, storage(path):
            if home not in self._marks:
                self._marks[home] = path.read_text() if path.exists() else secrets.token_hex(16)
            if not path.exists():  # another launcher may have ended, and removed it
                path.parent.mkdir(parents=True, exist_ok=True)
                write_atomically(path, self._marks[home].encode())
            return self._marks[home]

    def _sweep(self) -> None:
        """Remove the marks, but not where another launcher's units run."""
        for home in self._marks:
            if [path.name for path in whole_files(home / LAUNCHED, "*")] == ["mark"]:
                with suppress(OSError):
                    (home / MARK).unlink()
                    (home / LAUNCHED).rmdir()
