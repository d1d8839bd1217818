"""The worker processes, and what happens to a request when its worker fails."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from tenfold.errors import TenfoldError
from tenfold.quoting import message
from tenfold.serve.asgi import HttpError, overloaded
from tenfold.serve.limits import Limits
from tenfold.serve.messages import Header, Message
from tenfold.serve.readiness import Readiness
from tenfold.serve.request_queue import QueuedRequest, RequestQueue
from tenfold.serve.server_metrics import Metrics
from tenfold.serve.worker_process import WorkerProcess

log = logging.getLogger(__name__)

_ATTEMPTS = 2
_WORKER_FAILED = (EOFError, OSError)  # raised by `WorkerProcess.ask` if the worker has ended or hangs
_REPLACED = "the model's files have changed; restart the server to serve the new model"
_LONGEST_PAUSE = 5.0  # seconds before the next attempt to start a worker


class WorkerPool:
    """Distributes requests among worker processes; small requests that are waiting go in batches.

    Reading is mostly Python code, so it needs processes to use more than one core. And a picture that
    crashes its reader ends a worker, not the server.

    Parameters
    ----------
    served : sequence of str, or None
        The run to serve and its files; see `tenfold.serve.Settings`.
    workers : int
    limits : Limits
    metrics : Metrics

    Attributes
    ----------
    model_info : dict
        Name and fingerprint of the model, from the workers.
    """

    def __init__(self, served: Sequence[str] | None, workers: int, limits: Limits, metrics: Metrics) -> None:
        self.model_info: dict[str, Any] = {}
        self._served, self._count, self.limits, self._metrics = served, workers, limits, metrics
        self._queue = RequestQueue(workers, limits)
        self._readiness = Readiness(limits.ready_seconds, self._refuse_all)
        self._tasks: list[asyncio.Task[None]] = []
        metrics.gauge("waiting", "Requests that wait for a worker.", lambda: len(self._queue))
        metrics.gauge("workers", "Workers that are ready.", lambda: self._readiness.workers)

    @property
    def ready(self) -> bool:
        """Whether at least one worker is ready."""
        return self._readiness.workers > 0

    def refusal(self) -> HttpError | None:
        """Return why no request can be accepted now; None if one can."""
        if self._readiness.unavailable:
            return not_ready()
        return overloaded() if len(self._queue) >= self.limits.waiting else None

    async def ask(self, header: Header, body: bytes, pixels: int) -> Message:
        """Have a worker answer a request. Cancelling this removes the request from the queue.

        Parameters
        ----------
        header, body : dict, bytes
        pixels : int
            Estimate of the work.

        Raises
        ------
        HttpError
            If the queue is full, no worker is ready, two workers failed, or the worker refuses it.
        """
        if error := self.refusal():
            raise error
        request = QueuedRequest(header, body, pixels, asyncio.get_running_loop().create_future())
        self._queue.put(request)
        try:
            answer = await request.answer
        except asyncio.CancelledError:
            self._queue.discard(request)
            raise
        if "error" in answer[0]:
            raise HttpError(answer[0]["status"], answer[0]["error"])
        return answer

    async def __aenter__(self) -> WorkerPool:
        first = await self._start()  # compiles the engine, if necessary, for the other workers too
        self.model_info = first.model_info
        others = await asyncio.gather(*(self._start() for _ in range(1, self._count)))
        self._tasks = [asyncio.create_task(self._keep_running(worker)) for worker in (first, *others)]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._readiness.stop()

    async def _start(self) -> WorkerProcess:
        return await WorkerProcess.start(self._served, self.limits)

    def _refuse_all(self) -> None:
        """Refuse the queued requests: no worker is ready, and none is expected soon."""
        for request in self._queue.clear():
            _refuse(request, not_ready())

    async def _keep_running(self, worker: WorkerProcess) -> None:
        """Let a worker work; when it has ended, start another one."""
        while True:
            with self._readiness.running():
                await self._work_until_end(worker)
            self._metrics.count_restart()
            worker = await self._restart()

    async def _work_until_end(self, worker: WorkerProcess) -> None:
        """Let a worker work until it ends, hangs or holds too much memory; then kill it."""
        batch: list[QueuedRequest] = []  # the requests that the worker has now
        tasks = [asyncio.create_task(self._work(worker, batch)), asyncio.create_task(worker.ended())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
            await worker.kill()
        for outcome in outcomes:
            if isinstance(outcome, Exception) and not isinstance(outcome, _WORKER_FAILED):
                log.error("internal error while a worker was given requests", exc_info=outcome)
        hangs = isinstance(outcomes[0], TimeoutError)
        self._retry(batch, late=hangs or worker.overspent)
        cause = (
            "did not answer" if hangs else "reached its limit on CPU time" if worker.overspent else "ended"
        )
        cause = "used too much memory" if outcomes[0] is None else cause
        log.error("a worker %s; another one is started", cause)

    async def _work(self, worker: WorkerProcess, batch: list[QueuedRequest]) -> None:
        """Give a worker batch after batch, until it holds too much memory."""
        while True:
            batch[:] = await self._queue.get()
            answers = await worker.ask([(request.header, request.body) for request in batch])
            for request, answer in zip(batch, answers, strict=True):
                if not request.answer.done():  # else the client has disconnected
                    request.answer.set_result(answer)
            self._metrics.count_batch(len(batch), sum(header.get("images", 0) for header, _ in answers))
            if batch[0].pixels > self.limits.batch_pixels and worker.bloated:
                return
            batch.clear()

    def _retry(self, batch: list[QueuedRequest], *, late: bool) -> None:
        """Queue the unanswered requests of a failed worker again, or refuse them.

        A request is refused after its second failure, or if it took too long alone.
        """
        unanswered = [request for request in batch if not request.answer.done()]
        for request in unanswered:
            request.attempts = _ATTEMPTS if late and len(batch) == 1 else request.attempts + 1
            if request.attempts >= _ATTEMPTS:
                _refuse(request, HttpError(503, "this request could not be processed"))
        self._queue.put_back([request for request in unanswered if request.attempts < _ATTEMPTS])

    async def _restart(self) -> WorkerProcess:
        """Start a worker with the same model; try again until it works."""
        pause, logged = 0.0, ""
        while True:
            await asyncio.sleep(pause)
            pause = min(2 * pause + 0.5, _LONGEST_PAUSE)
            try:
                worker = await self._start()
            except Exception as error:
                cause = None if isinstance(error, (TenfoldError, *_WORKER_FAILED)) else error
                permanent = isinstance(error, TenfoldError)
                text = f"a worker could not be started: {error if permanent else message(error)}"
            else:
                if worker.model_info == self.model_info:
                    return worker
                await worker.kill()
                cause, text, permanent = None, _REPLACED, True
            if permanent:
                self._readiness.start_failed()
            if text != logged:  # once, however many attempts follow
                log.error("%s", text, exc_info=cause)
            logged = text


def not_ready() -> HttpError:
    """Return the 503 response for when no worker is ready."""
    return overloaded("no worker is ready; retry in a second")


def _refuse(request: QueuedRequest, error: HttpError) -> None:
    if not request.answer.done():
        request.answer.set_exception(error)
