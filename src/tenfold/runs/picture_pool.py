"""Many pictures at once: batches are shared out to processes, and answered in the order of the files.

Reading is mostly Python code, so it needs processes to use more than one core. They are new, not
forked: a fork would copy the locks of other threads. This process reads too: the first batches, so that the
code is compiled once, and others while the new processes start and work.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import reduce
from itertools import chain
from operator import add
from queue import SimpleQueue
from threading import Lock
from types import TracebackType
from typing import Any

from tenfold import errors
from tenfold.backend.cpu.environment import THREADS
from tenfold.errors import DataError, StorageError
from tenfold.files import shown, storage_error
from tenfold.runs.picture_answers import AnsweredBatch, PictureAnswers

BATCH = 64
"""So many pictures at most are evaluated together."""
_BATCH_BYTES = 1 << 20  # of files: a photo or two
_WORTH_IT = 2.0  # seconds of work that are left; starting a process takes more than one
_AHEAD = 2  # batches a process that are given out at once
_MOST_WAITING = 64  # batches a process that are read, and wait for those before them
_ONE_CORE = dict.fromkeys((THREADS, "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def batches(files: Iterable[str]) -> Iterator[list[str]]:
    """Divide files into batches: of a few kilobytes many, of photos one or two."""
    batch: list[str] = []
    size = 0
    for file in files:
        batch.append(file)
        try:
            size += os.stat(file).st_size
        except (OSError, ValueError):
            pass  # reading it says why
        if len(batch) == BATCH or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def answers(
    files: Sequence[str], reader: PictureAnswers, settings: Mapping[str, Any], jobs: int, *, at_once: bool
) -> Generator[AnsweredBatch, None, None]:
    """Yield the answers of one batch after the other.

    Parameters
    ----------
    files : sequence of str
    reader : PictureAnswers
        Of this process.
    settings : mapping
        For others that read as it does, see `tenfold.runs.picture_worker.settings_of`.
    jobs : int
        How many processes to use, this one among them.
    at_once : bool
        Start them whatever is left to do.
    """
    parts, left = batches(files), len(files)
    for number, batch in enumerate(parts):
        start = time.perf_counter()
        found = reader.batch(batch)
        seconds = time.perf_counter() - start
        left -= len(batch)
        yield found
        much = number > 0 and seconds / len(batch) * left > _WORTH_IT  # the first one sets the engine up
        if jobs > 1 and left and (at_once or much):
            break
    first = next(parts, None)
    if first is not None:
        with PicturePool(reader, settings, jobs - 1) as pool:
            yield from pool.answers(chain([first], parts))


class PicturePool:
    """Processes that read pictures.

    Parameters
    ----------
    reader : PictureAnswers
        Says what becomes of a picture that ends its process.
    settings : mapping
    jobs : int
        How many, besides this one.
    """

    def __init__(self, reader: PictureAnswers, settings: Mapping[str, Any], jobs: int) -> None:
        self._reader, self._jobs = reader, jobs
        self._free: SimpleQueue[_Worker] = SimpleQueue()
        self._workers = [_Worker(settings) for _ in range(jobs)]
        self._threads = ThreadPoolExecutor(jobs, thread_name_prefix="tenfold-pictures")
        for worker in self._workers:
            self._free.put(worker)

    def __enter__(self) -> PicturePool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for worker in self._workers:
            worker.stop()
        self._threads.shutdown(cancel_futures=True)
        for worker in self._workers:
            worker.end()

    def answers(self, parts: Iterable[Sequence[str]]) -> Iterator[AnsweredBatch]:
        """Yield the answers of each batch, in their order; this process reads some of them."""
        waiting: deque[Future[AnsweredBatch]] = deque()
        for batch in parts:
            if sum(not one.done() for one in waiting) < _AHEAD * self._jobs:
                waiting.append(self._threads.submit(self._answer, batch))
            else:
                waiting.append(_done(self._reader.batch(batch)))
            while waiting and (waiting[0].done() or len(waiting) > _MOST_WAITING * self._jobs):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def _answer(self, batch: Sequence[str]) -> AnsweredBatch:
        worker = self._free.get()
        try:
            return self._asked(worker, batch)
        finally:
            self._free.put(worker)

    def _asked(self, worker: _Worker, batch: Sequence[str]) -> AnsweredBatch:
        """Have a batch read; if its process ends, each picture alone, so that one does not spoil the rest."""
        found = worker.ask(batch)
        if found is not None:
            return found
        if len(batch) > 1:
            return reduce(add, (self._asked(worker, [file]) for file in batch))
        [file] = batch
        text = (
            f"{shown(file)}: expected a picture that can be read, found one that ended the process that read "
            "it, perhaps for want of memory; scale it down or save it again"
        )
        return AnsweredBatch.of([self._reader.unreadable(file, DataError(text))], self._reader.wanted)


def _done(found: AnsweredBatch) -> Future[AnsweredBatch]:
    future: Future[AnsweredBatch] = Future()
    future.set_result(found)
    return future


class _Worker:
    """One process, started when it is first needed and again when it has ended."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings
        self._process: subprocess.Popen[str] | None = None
        self._closed = False
        self._lock = Lock()

    def ask(self, files: Sequence[str]) -> AnsweredBatch | None:
        """Return the answers; None if the process ended instead.

        Raises
        ------
        TenfoldError
            What it reports.
        """
        if self._process is None and self._line(self._start(), self._settings) is None:
            raise StorageError(
                "expected a second process that reads pictures, found that it ended at its start",
                "use --jobs 1",
            )
        process = self._process
        found = None if process is None else self._line(process, list(files))
        if found is None:
            self.end()
        return found

    def _line(self, process: subprocess.Popen[str], question: object) -> AnsweredBatch | None:
        """Return the answer to a line, None if there is none."""
        try:
            if process.stdin is None or process.stdout is None:
                return None
            process.stdin.write(json.dumps(question) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except (OSError, ValueError):  # it has ended, or was closed
            return None
        if not line.endswith("\n"):
            return None
        found = json.loads(line)
        if "kind" in found:
            raise getattr(errors, found["kind"], errors.TenfoldError)(*found["words"])
        return AnsweredBatch(**found)

    def stop(self) -> None:
        """Kill the process, whatever it does, and start no other; for any thread."""
        with self._lock:
            self._closed = True
            if self._process is not None:
                self._process.kill()

    def end(self) -> None:
        """End the process and close its pipes; for the thread that asks it."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            with process, suppress(OSError):  # what is not yet written is for nobody
                process.communicate()

    def _start(self) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        with self._lock:
            if self._closed:
                raise StorageError("expected a process that reads pictures, found it closed", "try again")
            try:
                self._process = subprocess.Popen(  # a session of its own: Ctrl-C is for us alone
                    [sys.executable, "-m", "tenfold.runs.picture_worker"],
                    stdin=pipe,
                    stdout=pipe,
                    text=True,
                    encoding="ascii",
                    start_new_session=True,
                    env=os.environ | _ONE_CORE,
                )
            except OSError as error:
                raise storage_error(error) from error
            return self._process
