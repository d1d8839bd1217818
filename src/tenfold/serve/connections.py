"""All open connections: how many, who is idle, who is late, how much they hold."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from tenfold.serve.limits import Limits

_LOOK = 0.2  # seconds between two looks at the clock


class Connection(Protocol):
    """What is asked of a connection here."""

    @property
    def deadline(self) -> float:
        """By the clock of the event loop."""

    def expire(self) -> None:
        """Act on a deadline that has passed."""


class Connections:
    """Counts connections and holds them to their deadlines.

    One look at all of them five times a second costs less than a timer for each step of each request.

    Parameters
    ----------
    limits : Limits

    Attributes
    ----------
    held : int
        Bytes of bodies that are not answered yet.
    draining : bool
        Whether the server is about to stop, and says so to each client.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.held = 0
        self.draining = False
        self._open: set[Connection] = set()
        self._idle: dict[Connection, None] = {}  # the longest idle first

    def __len__(self) -> int:
        return len(self._open)

    def add(self, connection: Connection) -> bool:
        """Take up a connection, if need be for the longest idle one; False if there is no room."""
        if len(self._open) >= self.limits.connections:
            if not self._idle:
                return False
            oldest = next(iter(self._idle))
            self.remove(oldest)
            oldest.expire()
        self._open.add(connection)
        self._idle[connection] = None
        return True

    def remove(self, connection: Connection) -> None:
        """Forget a connection that has ended."""
        self._open.discard(connection)
        self._idle.pop(connection, None)

    def busy(self, connection: Connection) -> None:
        """Note that a request begins."""
        self._idle.pop(connection, None)

    def idle(self, connection: Connection) -> None:
        """Note that a connection waits for its next request."""
        if connection in self._open:
            self._idle[connection] = None

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Hold the connections to their deadlines while in the block."""
        watch = asyncio.get_running_loop().create_task(self._watch())
        try:
            yield
        finally:
            watch.cancel()

    async def _watch(self) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            await asyncio.sleep(_LOOK)
            now = clock()
            for connection in [one for one in self._open if one.deadline < now]:
                connection.expire()
