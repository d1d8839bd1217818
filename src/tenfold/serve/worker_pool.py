"""The workers, and what becomes of a request that one of them does not survive."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from types import TracebackType
from typing import Any

from tenfold.errors import TenfoldError
from tenfold.quoting import message
from tenfold.serve.http_error import HttpError, overloaded
from tenfold.serve.limits import Limits
from tenfold.serve.messages import Head, Message
from tenfold.serve.readiness import Readiness
from tenfold.serve.request_queue import QueuedRequest, RequestQueue
from tenfold.serve.server_metrics import Metrics
from tenfold.serve.worker_process import WorkerProcess

log = logging.getLogger(__name__)

_ATTEMPTS = 2
_ENDS = (EOFError, OSError)  # how asking shows that a worker has ended, or hangs
_REPLACED = "the model has been replaced: start the server again to serve the new one"
_LONGEST_PAUSE = 5.0  # seconds before another attempt to start a worker


class WorkerPool:
    """Shares requests out among processes that read; small ones that wait at the same time go together.

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
    model_info : dict
        What the workers say of their model.
    """

    def __init__(self, run: Path | None, workers: int, limits: Limits, metrics: Metrics) -> None:
        self.model_info: dict[str, Any] = {}
        self._run, self._count, self._limits, self._metrics = run, workers, limits, metrics
        self._queue = RequestQueue(workers, limits)
        self._readiness = Readiness(limits.ready_seconds, self._give_up)
        self._tasks: list[asyncio.Task[None]] = []
        metrics.gauge("waiting", "Requests that wait for a worker.", lambda: len(self._queue))
        metrics.gauge("workers", "Workers that can read.", lambda: self._readiness.workers)

    @property
    def ready(self) -> bool:
        """Whether anybody can read."""
        return self._readiness.workers > 0

    def refusal(self) -> HttpError | None:
        """Return why no request can be taken on at the moment; None if one can."""
        if self._readiness.unavailable:
            return not_ready()
        return overloaded() if len(self._queue) >= self._limits.waiting else None

    async def ask(self, head: Head, body: bytes, pixels: int) -> Message:
        """Have a request worked on, unless the caller is cancelled before its turn comes.

        Parameters
        ----------
        head, body : dict, bytes
        pixels : int
            How much work it is.

        Raises
        ------
        HttpError
            If too much waits already, no worker is ready or survives it, or the worker says so.
        """
        if fault := self.refusal():
            raise fault
        job = QueuedRequest(head, body, pixels, asyncio.get_running_loop().create_future())
        self._queue.put(job)
        try:
            answer = await job.answer
        except asyncio.CancelledError:
            self._queue.discard(job)
            raise
        if "error" in answer[0]:
            raise HttpError(answer[0]["status"], answer[0]["error"])
        return answer

    async def __aenter__(self) -> WorkerPool:
        first = await self._start()  # compiles the engine, if need be, for the others too
        self.model_info = first.model_info
        others = await asyncio.gather(*(self._start() for _ in range(1, self._count)))
        self._tasks = [asyncio.create_task(self._keep_working(worker)) for worker in (first, *others)]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._readiness.stop()

    async def _start(self) -> WorkerProcess:
        return await WorkerProcess.start(self._run, self._limits)

    def _give_up(self) -> None:
        """Answer what waits: no worker is ready, nor soon will be."""
        for job in self._queue.clear():
            _refuse(job, not_ready())

    async def _keep_working(self, worker: WorkerProcess) -> None:
        """Let a worker work; when it has ended, another one."""
        while True:
            with self._readiness.running():
                await self._until_it_ends(worker)
            self._metrics.restarted()
            worker = await self._another()

    async def _until_it_ends(self, worker: WorkerProcess) -> None:
        """Let a worker work until it does not answer, its process has ended or it should be replaced."""
        jobs: list[QueuedRequest] = []  # what it is at
        tasks = [asyncio.create_task(self._work(worker, jobs)), asyncio.create_task(worker.ended())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
            await worker.kill()
        for outcome in outcomes:
            if isinstance(outcome, Exception) and not isinstance(outcome, _ENDS):
                log.error("what gives a worker its work has failed", exc_info=outcome)
        hangs = isinstance(outcomes[0], TimeoutError)
        self._try_again(jobs, late=hangs or worker.overspent)
        reason = "hung" if hangs else "used up its CPU time" if worker.overspent else "ended"
        reason = "held too much memory" if outcomes[0] is None else reason
        log.error("a worker %s; another one takes its place", reason)

    async def _work(self, worker: WorkerProcess, jobs: list[QueuedRequest]) -> None:
        """Give a worker what waits, over and over, until it holds too much memory."""
        while True:
            jobs[:] = await self._queue.get()
            answers = await worker.ask([(job.head, job.body) for job in jobs])
            for job, answer in zip(jobs, answers, strict=True):
                if not job.answer.done():  # else nobody waits for it any more
                    job.answer.set_result(answer)
            self._metrics.judged(len(jobs), sum(head.get("images", 0) for head, _ in answers))
            if jobs[0].pixels > self._limits.batch_pixels and worker.bloated:
                return
            jobs.clear()

    def _try_again(self, jobs: list[QueuedRequest], *, late: bool) -> None:
        """Put back what a worker was at, each alone from now on; give up what has had its chance.

        That is what has been there before, and what took too long all alone. Where nobody waits for the
        answer any more, it is forgotten.
        """
        unanswered = [job for job in jobs if not job.answer.done()]
        for job in unanswered:
            job.attempts = _ATTEMPTS if late and len(jobs) == 1 else job.attempts + 1
            if job.attempts >= _ATTEMPTS:
                _refuse(job, HttpError(503, "this could not be worked on"))
        self._queue.put_back([job for job in unanswered if job.attempts < _ATTEMPTS])

    async def _another(self) -> WorkerProcess:
        """Start a worker with the same model, however long it takes until there is one."""
        pause, said = 0.0, ""
        while True:
            await asyncio.sleep(pause)
            pause = min(2 * pause + 0.5, _LONGEST_PAUSE)
            try:
                worker = await self._start()
            except Exception as error:
                cause = None if isinstance(error, (TenfoldError, *_ENDS)) else error
                hopeless = isinstance(error, TenfoldError)
                text = f"a worker could not be started: {error if hopeless else message(error)}"
            else:
                if worker.model_info == self.model_info:
                    return worker
                await worker.kill()
                cause, text, hopeless = None, _REPLACED, True
            if hopeless:
                self._readiness.failed()
            if text != said:  # once, however often it is tried
                log.error("%s", text, exc_info=cause)
            said = text


def not_ready() -> HttpError:
    """Return what is answered while no worker can read."""
    return HttpError(503, "no worker is ready; come back in a second", ((b"retry-after", b"1"),))


def _refuse(job: QueuedRequest, fault: HttpError) -> None:
    if not job.answer.done():
        job.answer.set_exception(fault)
