"""Many pictures at once: batches are shared out to processes, and answered in the order of the files.

Reading is mostly Python code, so it needs processes to use more than one core. They are new, not
forked: a fork would copy the locks of other threads. This process reads too: the first batches, so that the
code is compiled once, and others while the new processes start and work.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import reduce
from itertools import chain
from operator import add
from queue import SimpleQueue
from types import TracebackType
from typing import Any

from tenfold.errors import DataError
from tenfold.files import shown
from tenfold.runs.line_worker import LineWorker
from tenfold.runs.picture_answers import AnsweredBatch, PictureAnswers

BATCH = 64
"""So many pictures at most are evaluated together."""
_BATCH_BYTES = 1 << 20  # of files: a photo or two
_WORTH_IT = 2.0  # seconds of work that are left; starting a process takes more than one
_AHEAD = 2  # batches a process that are given out at once
_MOST_WAITING = 64  # batches a process that are read, and wait for those before them
MODULE = "tenfold.runs.picture_worker"


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
        self._free: SimpleQueue[LineWorker] = SimpleQueue()
        self._workers = [LineWorker(MODULE, settings, "use --jobs 1") for _ in range(jobs)]
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

    def _asked(self, worker: LineWorker, batch: Sequence[str]) -> AnsweredBatch:
        """Have a batch read; if its process ends, each picture alone, so that one does not spoil the rest."""
        found = worker.ask(list(batch))
        if found is not None:
            return AnsweredBatch(**found)
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
