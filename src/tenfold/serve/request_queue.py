"""The queue between requests and workers."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from dataclasses import dataclass

from tenfold.serve.limits import Limits
from tenfold.serve.messages import Header, Message


@dataclass(eq=False)
class QueuedRequest:
    """A request that a worker should answer.

    Attributes
    ----------
    header, body : dict, bytes
        The message for the worker.
    pixels : int
        Estimate of the work.
    answer : asyncio.Future
        The worker's answer; cancelled when the client disconnects.
    attempts : int
        How often a worker failed to answer it.
    """

    header: Header
    body: bytes
    pixels: int
    answer: asyncio.Future[Message]
    attempts: int = 0


class RequestQueue:
    """First in, first out, in two lanes that take turns.

    Small requests that are waiting go to a worker in one batch. A large request goes alone, so that no
    small one has to wait for it in a batch; so does a request that a worker failed to answer.

    Parameters
    ----------
    workers : int
        The small requests that are waiting are divided among so many workers.
    limits : Limits
    """

    def __init__(self, workers: int, limits: Limits) -> None:
        self._workers, self._limits = workers, limits
        self._small: deque[QueuedRequest] = deque()
        self._alone: deque[QueuedRequest] = deque()
        self._alone_was_last = False
        self._waiters: deque[asyncio.Future[None]] = deque()  # of workers without work

    def __len__(self) -> int:
        return len(self._small) + len(self._alone)

    def put(self, request: QueuedRequest) -> None:
        """Append a request."""
        self._lane(request).append(request)
        self._wake()

    def put_back(self, requests: list[QueuedRequest]) -> None:
        """Put requests that a worker failed to answer at the front, each to be sent alone."""
        self._alone.extendleft(reversed(requests))
        self._wake()

    def discard(self, request: QueuedRequest) -> None:
        """Remove a request if it is still queued."""
        with suppress(ValueError):
            self._lane(request).remove(request)

    def clear(self) -> list[QueuedRequest]:
        """Remove all requests and return them."""
        requests = [*self._alone, *self._small]
        self._alone.clear()
        self._small.clear()
        return requests

    async def get(self) -> list[QueuedRequest]:
        """Wait for requests and return the next batch."""
        while not len(self):
            waiter = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            try:
                await waiter
            except asyncio.CancelledError:
                if waiter.done() and not waiter.cancelled():
                    self._wake()  # another worker, because this one had been woken already
                raise
        self._alone_was_last = not self._small or bool(self._alone and not self._alone_was_last)
        batch = [self._alone.popleft()] if self._alone_was_last else self._next_batch()
        if len(self):
            self._wake()
        return batch

    def _next_batch(self) -> list[QueuedRequest]:
        """Remove and return one worker's part of the small requests."""
        most = min(self._limits.batch_requests, -(-len(self._small) // self._workers))
        batch = [self._small.popleft()]
        room = self._limits.batch_pixels - batch[0].pixels
        while self._small and len(batch) < most and self._small[0].pixels <= room:
            batch.append(self._small.popleft())
            room -= batch[-1].pixels
        return batch

    def _lane(self, request: QueuedRequest) -> deque[QueuedRequest]:
        alone = request.attempts or request.pixels > self._limits.batch_pixels
        return self._alone if alone else self._small

    def _wake(self) -> None:
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
