"""What waits for a worker, and which workers wait."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

from tenfold.serve.wire import Head, Parcel


@dataclass(eq=False)
class Job:
    """A request that is to be worked on.

    Attributes
    ----------
    head, body : dict, bytes
        What the worker is given.
    answer : asyncio.Future
        What it gives back.
    attempts : int
        How often it was given to a worker that did not give it back.
    """

    head: Head
    body: bytes
    answer: asyncio.Future[Parcel]
    attempts: int = 0


class Queue:
    """First come, first served, and those that wait are served together.

    Parameters
    ----------
    shares : int
        Among how many workers what waits is shared out.
    most : int
        Jobs that a worker is given at a time.
    """

    def __init__(self, shares: int, most: int) -> None:
        self._shares, self._most = shares, most
        self._jobs: deque[Job] = deque()
        self._idle: deque[asyncio.Future[None]] = deque()

    def __len__(self) -> int:
        return len(self._jobs)

    def put(self, job: Job) -> None:
        """Let a job wait."""
        self._jobs.append(job)
        self._wake()

    def put_back(self, jobs: list[Job]) -> None:
        """Let jobs be the next again."""
        self._jobs.extendleft(reversed(jobs))
        self._wake()

    async def get(self) -> list[Job]:
        """Return the next jobs, as soon as there are any; one that was tried before comes alone."""
        while not self._jobs:
            waiter = asyncio.get_running_loop().create_future()
            self._idle.append(waiter)
            try:
                await waiter
            except asyncio.CancelledError:
                if waiter.done() and not waiter.cancelled():
                    self._wake()  # somebody else, for this one was told already
                raise
        share = min(self._most, -(-len(self._jobs) // self._shares))
        jobs = [self._jobs.popleft()]
        while len(jobs) < share and not jobs[0].attempts and not self._jobs[0].attempts:
            jobs.append(self._jobs.popleft())
        if self._jobs:
            self._wake()
        return jobs

    def _wake(self) -> None:
        while self._idle:
            waiter = self._idle.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
