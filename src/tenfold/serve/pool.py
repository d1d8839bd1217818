"""The workers, and what becomes of a request that one of them does not survive."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from types import TracebackType
from typing import Any

from tenfold.errors import TenfoldError
from tenfold.serve.faults import Fault, overloaded
from tenfold.serve.limits import Limits
from tenfold.serve.metrics import Metrics
from tenfold.serve.queue import Job, Queue
from tenfold.serve.wire import Head, Parcel
from tenfold.serve.worker_process import WorkerProcess

log = logging.getLogger(__name__)

_ATTEMPTS = 2
_ENDS = (EOFError, OSError)  # how asking shows that a worker has ended, or takes too long
_LONGEST_PAUSE = 5.0  # seconds before another attempt to start a worker


class Pool:
    """Shares requests out among processes that read; those that wait at the same time go together.

    Reading is Python for the most part: it takes processes to do it on more than one core. And a picture
    that brings its reader down costs a process, not the server.

    Parameters
    ----------
    run : Path or None
        What is served; see `tenfold.serve.Settings`.
    workers : int
    limits : Limits
    metrics : Metrics

    Attributes
    ----------
    about : dict
        What the workers say of their model.
    """

    def __init__(self, run: Path | None, workers: int, limits: Limits, metrics: Metrics) -> None:
        self.about: dict[str, Any] = {}
        self._run, self._count, self._limits, self._metrics = run, workers, limits, metrics
        self._queue = Queue(workers, limits.batch_requests)
        self._ready = 0
        self._tasks: list[asyncio.Task[None]] = []
        metrics.gauge("waiting", "Requests that wait for a worker.", lambda: len(self._queue))
        metrics.gauge("workers", "Workers that can read.", lambda: self._ready)

    @property
    def ready(self) -> bool:
        """Whether anybody can read."""
        return self._ready > 0

    @property
    def full(self) -> bool:
        """Whether as much waits as may."""
        return len(self._queue) >= self._limits.waiting

    async def ask(self, head: Head, body: bytes) -> Parcel:
        """Have a request worked on.

        Raises
        ------
        Fault
            If too much waits already, no worker survives it, or the worker says so.
        """
        if self.full:
            raise overloaded()
        job = Job(head, body, asyncio.get_running_loop().create_future())
        self._queue.put(job)
        answer = await job.answer
        if "fault" in answer[0]:
            raise Fault(answer[0]["status"], answer[0]["fault"])
        return answer

    async def __aenter__(self) -> Pool:
        first = await WorkerProcess.start(self._run)  # compiles the engine, if need be, for the others too
        self.about = first.about
        others = await asyncio.gather(*(WorkerProcess.start(self._run) for _ in range(1, self._count)))
        self._tasks = [asyncio.create_task(self._keep_working(worker)) for worker in (first, *others)]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _keep_working(self, worker: WorkerProcess) -> None:
        """Let a worker work; when it has ended, another one."""
        while True:
            self._ready += 1
            try:
                await self._until_it_ends(worker)
            finally:
                self._ready -= 1
                await worker.kill()
            log.error("a worker has ended; another one takes its place")
            self._metrics.restarted()
            worker = await self._another()

    async def _until_it_ends(self, worker: WorkerProcess) -> None:
        """Let a worker work; return when it does not answer, or its process has ended."""
        tasks = [asyncio.create_task(self._work(worker)), asyncio.create_task(worker.ended())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            for outcome in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(outcome, Exception) and not isinstance(outcome, _ENDS):
                    log.error("what gives a worker its work has failed", exc_info=outcome)

    async def _work(self, worker: WorkerProcess) -> None:
        """Give a worker what waits, over and over."""
        while True:
            jobs = await self._queue.get()
            seconds = self._limits.work_seconds * len(jobs)
            try:
                answers = await worker.ask([(job.head, job.body) for job in jobs], seconds)
                for job, answer in zip(jobs, answers, strict=True):
                    if not job.answer.done():  # else nobody waits for it any more
                        job.answer.set_result(answer)
            except BaseException as error:
                self._try_again(jobs, late=isinstance(error, TimeoutError))
                raise
            self._metrics.judged(len(jobs), sum(head.get("images", 0) for head, _ in answers))

    def _try_again(self, jobs: list[Job], *, late: bool) -> None:
        """Put back what a worker was at, each by itself from now on; give up what has had its chance.

        That is what has been there before, and what took too long all by itself.
        """
        unanswered = [job for job in jobs if not job.answer.done()]
        for job in unanswered:
            job.attempts = _ATTEMPTS if late and len(jobs) == 1 else job.attempts + 1
            if job.attempts >= _ATTEMPTS:
                job.answer.set_exception(Fault(503, "this could not be worked on"))
        self._queue.put_back([job for job in unanswered if job.attempts < _ATTEMPTS])

    async def _another(self) -> WorkerProcess:
        """Start a worker with the same model, however long it takes until there is one."""
        pause = 0.0
        while True:
            await asyncio.sleep(pause)
            pause = min(2 * pause + 0.5, _LONGEST_PAUSE)
            try:
                worker = await WorkerProcess.start(self._run)
            except Exception as error:
                cause = None if isinstance(error, (TenfoldError, *_ENDS)) else error
                log.error("a worker could not be started: %s", error, exc_info=cause)
                continue
            if worker.about == self.about:
                return worker
            await worker.kill()
            log.error("the model has been replaced: start the server again to serve the new one")
