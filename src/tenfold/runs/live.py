"""A run recorded while it goes on: ``--live``, and whether a run still goes on."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tenfold import locks
from tenfold.errors import BusyError, ConfigError, DivergedError
from tenfold.files import open_lock_file, storage
from tenfold.interrupt import Interrupted
from tenfold.quoting import message

if TYPE_CHECKING:
    from tenfold.runs.job import Job
    from tenfold.train.live import EventLog, LiveRecorder
    from tenfold.zoo import NetworkModel, Splits

OPTION = "--live"
_LOCK = "lock"
_TRIES = 50


@contextmanager
def recording(job: Job) -> Iterator[EventLog | None]:
    """Record a job's events from its beginning to its end; nothing if that is not asked for.

    While it goes on, this process holds a lock of the folder, so that others see that it does.
    """
    if not job.live:
        yield None
        return
    from tenfold.train.live import LIVE, EventLog

    log = EventLog(job.out / LIVE)
    descriptor = open_lock_file(log.folder / _LOCK, ConfigError)
    try:
        _lock(descriptor)
        log.add("start", model=job.entry.name, dataset=job.corpus.name, seed=job.seed, pid=os.getpid())
        yield log
        log.add("end")
    except BaseException as error:
        why = error.end if isinstance(error, Interrupted) else message(error, most=500)
        log.add("end", error=why, diverged=isinstance(error, DivergedError))
        raise
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> None:
    """Lock the file; another process may hold it for a moment, to see whether the run goes on."""
    for _ in range(_TRIES):
        try:
            return locks.lock(descriptor)
        except OSError as error:
            if not locks.is_held(error):
                raise
            time.sleep(0.01)
    raise BusyError("expected no other process that records into this folder, found one; wait for it")


def recorder(log: EventLog | None, model: NetworkModel, splits: Splits) -> LiveRecorder | None:
    """Return who records the training of a network; None if that is not asked for."""
    if log is None or model.recipe is None:
        return None
    from tenfold.train.live import LiveRecorder

    return LiveRecorder(log, model.network, model.recipe, splits.train, splits.held_out)


def goes_on(folder: Path) -> bool:
    """Return whether a process records into a run's folder now.

    Raises
    ------
    StorageError
        If the folder cannot be read.
    """
    from tenfold.train.live import LIVE

    path = folder / LIVE / _LOCK
    if not path.is_file():
        return False
    descriptor = open_lock_file(path, ConfigError)
    try:
        locks.lock(descriptor)
    except OSError as error:
        if locks.is_held(error):
            return True
        with storage(path):
            raise
    finally:
        os.close(descriptor)
    return False
