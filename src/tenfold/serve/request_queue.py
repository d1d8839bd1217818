"""The requests that wait for a worker, and the workers that wait for requests."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from dataclasses import dataclass

from tenfold.serve.limits import Limits
from tenfold.serve.messages import Head, Message


@dataclass(eq=False)
class QueuedRequest:
    """A request for a worker.

    Attributes
    ----------
    head, body : dict, bytes
        What the worker is given.
    pixels : int
        How much work it is.
    answer : asyncio.Future
        What the worker gives back; cancelled once nobody waits for it.
    attempts : int
        How often it was given to a worker that did not give it back.
    """

    head: Head
    body: bytes
    pixels: int
    answer: asyncio.Future[Message]
    attempts: int = 0


class RequestQueue:
    """First come, first served, in two lanes that take turns.

    Small requests that wait are given to a worker together. A large one goes alone, so that no small one
    waits for it with its share; so does one that a worker did not give back.

    Parameters
    ----------
    shares : int
        Among how many workers the small requests are shared out.
    limits : Limits
    """

    def __init__(self, shares: int, limits: Limits) -> None:
        self._shares, self._limits = shares, limits
        self._small: deque[QueuedRequest] = deque()
        self._alone: deque[QueuedRequest] = deque()
        self._alone_was_last = False
        self._idle: deque[asyncio.Future[None]] = deque()

    def __len__(self) -> int:
        return len(self._small) + len(self._alone)

    def put(self, job: QueuedRequest) -> None:
        """Let a job wait."""
        self._lane(job).append(job)
        self._wake()

    def put_back(self, jobs: list[QueuedRequest]) -> None:
        """Let jobs that were tried be the next again, each alone."""
        self._alone.extendleft(reversed(jobs))
        self._wake()

    def discard(self, job: QueuedRequest) -> None:
        """Forget a job, wherever it is."""
        with suppress(ValueError):
            self._lane(job).remove(job)

    def clear(self) -> list[QueuedRequest]:
        """Forget all jobs, and return them."""
        jobs = [*self._alone, *self._small]
        self._alone.clear()
        self._small.clear()
        return jobs

    async def get(self) -> list[QueuedRequest]:
        """Return the next jobs, as soon as there are any."""
        while not len(self):
            waiter = asyncio.get_running_loop().create_future()
            self._idle.append(waiter)
            try:
                await waiter
            except asyncio.CancelledError:
                if waiter.done() and not waiter.cancelled():
                    self._wake()  # somebody else, for this one was told already
                raise
        self._alone_was_last = not self._small or bool(self._alone and not self._alone_was_last)
        jobs = [self._alone.popleft()] if self._alone_was_last else self._share()
        if len(self):
            self._wake()
        return jobs

    def _share(self) -> list[QueuedRequest]:
        """Take a worker's share of the small jobs."""
        most = min(self._limits.batch_requests, -(-len(self._small) // self._shares))
        jobs = [self._small.popleft()]
        room = self._limits.batch_pixels - jobs[0].pixels
        while self._small and len(jobs) < most and self._small[0].pixels <= room:
            jobs.append(self._small.popleft())
            room -= jobs[-1].pixels
        return jobs

    def _lane(self, job: QueuedRequest) -> deque[QueuedRequest]:
        return self._alone if job.attempts or job.pixels > self._limits.batch_pixels else self._small

    def _wake(self) -> None:
        while self._idle:
            waiter = self._idle.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
