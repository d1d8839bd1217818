"""The trainings of several people: they wait in a queue for a place, and keep to quotas."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tenfold.checkpoint import dump_json, read_json
from tenfold.errors import BusyError, ConfigError, TenfoldError
from tenfold.files import write_atomically
from tenfold.predict import RECORD
from tenfold.quoting import message
from tenfold.studio.processes import KEPT, Processes
from tenfold.studio.queue_files import QueueFiles
from tenfold.studio.run_list import ended, last_change, last_saved
from tenfold.studio.turns import Entry, in_order
from tenfold.train.live import LIVE, Order, give_order
from tenfold.users import Quota

if TYPE_CHECKING:
    from tenfold.runs.models import Models

log = logging.getLogger(__name__)

MOST_WAITING = 20
"""Trainings of one user that wait."""

_TRIES = 3  # of a training whose process is killed together with the studio, without an epoch in between
_REMIND = 5.0  # seconds between two orders to stop
_MEASURE = 10.0  # seconds between two looks at the size of a user's folder
_MB = 1_000_000


class SharedProcesses(Processes):
    """Starts the trainings of several people, so many at a time.

    Parameters
    ----------
    folder : Path
        Of the runs; each user has a folder in it.
    models : Models
    most : int
        Trainings at once, of all users together.
    quotas : callable
        Returns each user's quota by name.

    Raises
    ------
    BusyError
        If another studio has the queue of this folder.
    ConfigError
        If the system cannot tell whether a process has ended.
    """

    def __init__(
        self, folder: Path, models: Models, most: int, quotas: Callable[[], dict[str, Quota]]
    ) -> None:
        super().__init__(folder, models)
        if sys.platform == "win32":
            raise ConfigError(
                "--users: expected Linux or macOS, where a process can inherit a lock, got Windows; run the "
                "studio in a container"
            )
        self._most, self._quotas = most, quotas
        self._files = QueueFiles(folder / KEPT / "queue")
        self._served = self._files.served()
        self._waiting = {entry.name: entry for entry in self._files.waiting()}
        self._active = {entry.name: entry for entry in self._files.running()}
        self._told: dict[str, float] = {}  # when a training was last told to stop
        self._dropped: dict[str, str] = {}  # what could not begin -> why
        self._sizes: dict[str, tuple[float, float]] = {}  # user -> when it was measured, MB
        self._recover()

    # What others ask

    def before(self, name: str) -> int | None:
        """Return how many trainings begin before one that waits; None if it does not wait."""
        if name not in self._waiting:
            return None
        order = in_order(list(self._waiting.values()), self._served)  # without the lock: pages ask often
        return next((i for i, entry in enumerate(order) if entry.name == name), None)

    def alive(self, name: str) -> bool:
        """Return whether a run's process goes on, also if an earlier studio started it."""
        return name in self._active or super().alive(name)

    def names(self) -> list[str]:
        """Return the runs that wait, go on, or have failed before there was a run."""
        return list(dict.fromkeys([*super().names(), *self._waiting, *self._active, *self._dropped]))

    def failure(self, name: str) -> str | None:
        """Return the error that ended a run's process, or why it could not begin; None without one."""
        return self._dropped.get(name) or super().failure(name)

    def reason(self, name: str) -> str | None:
        """Return why the studio itself ended a training, in one line."""
        return self._used(name)[1]

    def cancel(self, name: str) -> None:
        """Have a training wait no more.

        Raises
        ------
        BusyError
            If it does not wait.
        """
        with self._lock:
            entry = self._waiting.get(name)
            if entry is None:
                raise BusyError("expected a training that waits, found another; stop it instead")
            self._files.remove(entry)
            del self._waiting[name]
            if not entry.resume:
                self._kept(name, "json").unlink(missing_ok=True)

    def report(self, name: str) -> None:
        """Start to write the report of a finished run; a user has one written at a time."""
        user = _user(name)
        self._check_disk(user)
        with self._lock:
            own = [one for one in self._running if _user(one) == user and one not in self._active]
            if any(Processes.alive(self, one) for one in own):
                raise BusyError("expected one report at a time, found one that is being written; wait for it")
            super().report(name)

    # What happens by itself

    def tick(self) -> None:
        """See which trainings have ended or gone beyond a quota, and begin those whose turn it is."""
        with self._lock:
            quotas = self._quotas()
            for entry in [*self._active.values()]:
                if not self._goes_on(entry):
                    self._end(entry, time.time())
                elif (quota := quotas.get(entry.user)) is not None:
                    self._check_quota(entry, quota)
            for entry in [*self._waiting.values()]:
                if entry.user not in quotas:  # the user was removed
                    self.cancel(entry.name)
            while len(self._active) < self._most:
                entry_or_none = self._next(quotas)
                if entry_or_none is None:
                    return
                self._start_now(entry_or_none)

    def _next(self, quotas: dict[str, Quota]) -> Entry | None:
        """Return the first that waits and whose user may have one more at once."""
        users = [one.user for one in self._active.values()]
        order = in_order(self._waiting.values(), self._served)
        return next((one for one in order if users.count(one.user) < quotas[one.user].trainings), None)

    def _start_now(self, waiting: Entry) -> None:
        entry = replace(waiting, begun=time.time())
        served = {**self._served, entry.user: max(self._served.values(), default=0) + 1}
        self._files.begin(entry, served)
        del self._waiting[entry.name]
        self._active[entry.name], self._served = entry, served
        try:
            asked = self.asked(entry.name)
            if asked is None:
                raise ConfigError(f"{entry.name}: expected a training that was asked for, found none")
            self._check_disk(entry.user)
            arguments = asked.arguments(self._models, self._folder / entry.name, resume=entry.resume)
            descriptor = self._files.lock(entry.name)
            try:
                self._spawn(entry.name, arguments, (descriptor,))
            finally:
                os.close(descriptor)  # the process has it
        except TenfoldError as error:
            self._dropped[entry.name] = why = message(error, most=400)
            self._end(entry, entry.begun, why)

    def _goes_on(self, entry: Entry) -> bool:
        return Processes.alive(self, entry.name) or self._files.goes_on(entry.name)

    def _end(self, entry: Entry, at: float, why: str | None = None) -> None:
        """Note that a training has ended, and how long it took."""
        seconds, before = self._used(entry.name)
        used = {"seconds": seconds + max(0.0, at - entry.begun), "why": why or before}
        write_atomically(self._kept(entry.name, "used"), dump_json(used))
        self._files.remove(entry)
        self._active.pop(entry.name, None)
        self._told.pop(entry.name, None)

    def _recover(self) -> None:
        """Put back what was killed together with an earlier studio; a training that goes on goes on."""
        for entry in [*self._active.values()]:
            if self._files.goes_on(entry.name):
                continue
            path = self._folder / entry.name
            tries = 1 if last_saved(path) >= entry.begun else entry.tries + 1
            if (path / RECORD).is_file() or ended(path, entry.begun) or tries > _TRIES:
                why = f"ended after its process was killed {_TRIES} times before an epoch was done; resume it"
                self._end(entry, max(entry.begun, last_change(path)), why if tries > _TRIES else None)
                continue
            again = replace(entry, resume=True, tries=tries, begun=0.0)
            self._files.put_back(again)
            del self._active[entry.name]
            self._waiting[entry.name] = again

    # Quotas

    def _check_quota(self, entry: Entry, quota: Quota) -> None:
        """Have a training that has used its minutes, or its user's disk, saved and stopped."""
        seconds, _ = self._used(entry.name)
        path, now = self._folder / entry.name / LIVE, time.time()
        if now - self._told.get(entry.name, 0) < _REMIND:
            return
        if seconds + now - entry.begun >= 60 * quota.minutes:
            why = f"stopped after {quota.minutes} minutes, the most that a training of {entry.user} may take"
        elif self._size(entry.user, now) >= quota.disk:
            why = (
                f"stopped because the runs of {entry.user} take {quota.disk} MB, the most that they may take"
            )
        else:
            return
        write_atomically(self._kept(entry.name, "used"), dump_json({"seconds": seconds, "why": why}))
        self._told[entry.name] = now
        if path.is_dir():  # a training that has not begun sees no order; it is told again
            give_order(path, Order("stop"))

    def _check_admission(self, home: str) -> None:
        waiting = sum(entry.user == home for entry in self._waiting.values())
        if waiting >= MOST_WAITING:
            raise BusyError(
                f"expected at most {MOST_WAITING} trainings that wait, found {waiting}; cancel one"
            )
        self._check_disk(home)

    def _check_resumption(self, name: str) -> None:
        if name in self._waiting:
            raise BusyError(f"{name}: expected a run that has stopped, got one that waits")
        self._check_admission(_user(name))
        quota = self._quota(_user(name))
        seconds, _ = self._used(name)
        if seconds >= 60 * quota.minutes:
            raise ConfigError(
                f"expected a training of at most {quota.minutes} minutes, got one that has used them; ask "
                "the person who runs this studio for more"
            )
        if seconds:
            write_atomically(self._kept(name, "used"), dump_json({"seconds": seconds, "why": None}))

    def _check_disk(self, user: str) -> None:
        most, used = self._quota(user).disk, size_of(self._folder / user) / _MB
        if used >= most:
            raise ConfigError(
                f"expected at most {most} MB of runs, found {used:.0f}; remove some, "
                "or ask the person who runs this studio"
            )

    def _size(self, user: str, now: float) -> float:
        """Return the size of a user's folder in MB, which is measured now and then."""
        at, size = self._sizes.get(user, (0.0, 0.0))
        if now - at > _MEASURE:
            at, size = self._sizes[user] = now, size_of(self._folder / user) / _MB
        return size

    def _quota(self, user: str) -> Quota:
        return self._quotas().get(user, Quota())

    def _used(self, name: str) -> tuple[float, str | None]:
        """Return how many seconds the ended parts of a training took, and why the studio ended it."""
        path = self._kept(name, "used")
        found = read_json(path) if path.is_file() else {}
        return float(found.get("seconds", 0.0)), found.get("why")

    # Beginning

    def _begin(self, name: str, arguments: list[str], *, resume: bool) -> None:
        """Put a training into the queue; it begins at once if there is a place."""
        known = [*self._waiting.values(), *self._active.values()]
        entry = Entry(max((one.number for one in known), default=0) + 1, name, resume)
        self._files.add(entry)
        self._waiting[name] = entry
        self._dropped.pop(name, None)
        self.tick()


def size_of(folder: Path) -> int:
    """Return the size of all files below a folder, in bytes; links are not followed."""
    total = 0
    for where, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(where, name)).st_size
            except OSError:
                continue  # it was removed meanwhile
    return total


def _user(name: str) -> str:
    return name.partition("/")[0]
