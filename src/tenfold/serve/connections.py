"""All open connections: how many, who gives way, who is late, how much they hold."""

from __future__ import annotations

import asyncio
import ipaddress
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from tenfold.serve.limits import Limits

_LOOK = 0.2  # seconds between two looks at the clock
LEAVING = 8  # one in so many connections may still be closing when others have taken its place


class Connection(Protocol):
    """What is asked of a connection here."""

    @property
    def address(self) -> str:
        """Of the client."""

    @property
    def deadline(self) -> float:
        """By the clock of the event loop."""

    def expire(self) -> None:
        """Act on a deadline that has passed."""

    def close_for_another(self) -> None:
        """End: another connection needs the room."""

    def abort(self) -> None:
        """End at once, whatever has not been sent."""


class Connections:
    """Counts connections, shares them out among addresses and holds them to their deadlines.

    When there is no room, the address with the most connections gives up one of them: the longest idle,
    or else the one whose request is unfinished for the longest time. So no address can shut out another.

    One look at all of them five times a second costs less than a timer for each step of each request.

    Parameters
    ----------
    limits : Limits

    Attributes
    ----------
    most : int
        Connections at a time.
    held : int
        Bytes of bodies that are not answered yet.
    draining : bool
        Whether the server is about to stop, and says so to each client.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.most = limits.connections
        self.held = 0
        self.draining = False
        self._open: set[Connection] = set()
        self._leaving: dict[Connection, None] = {}  # without a place, but not closed yet
        self._addresses: Counter[str] = Counter()
        # Those that wait for their client, the longest first:
        self._idle: dict[Connection, None] = {}
        self._unfinished: dict[Connection, None] = {}

    def __len__(self) -> int:
        return len(self._open)

    def add(self, connection: Connection) -> bool:
        """Take up a connection, if need be for another one; False if there is no room."""
        if len(self._open) >= self.most and not self.make_room():
            self._leave(connection)
            return False
        self._open.add(connection)
        self._addresses[connection.address] += 1
        self._idle[connection] = None
        return True

    def make_room(self) -> bool:
        """End a connection that waits for its client; False if there is none."""
        waiting = [*self._idle, *self._unfinished]
        if not waiting:
            return False
        one = max(waiting, key=lambda each: self._addresses[each.address])  # the first of equal ones
        self.remove(one)
        self._leave(one)
        one.close_for_another()
        return True

    def shrink(self) -> None:
        """Have fewer connections: the system cannot hold as many at this moment."""
        self.most = max(LEAVING, min(self.most, len(self._open)) - LEAVING)
        while len(self._open) > self.most and self.make_room():
            pass

    def grow(self) -> None:
        """Have one connection more again, up to the limit: the system can hold those that there are."""
        self.most = min(self.limits.connections, self.most + 1)

    def _leave(self, connection: Connection) -> None:
        self._leaving[connection] = None
        if len(self._leaving) > 1 + self.most // LEAVING:
            oldest = next(iter(self._leaving))
            del self._leaving[oldest]
            oldest.abort()

    def remove(self, connection: Connection) -> None:
        """Forget a connection that has ended."""
        self._leaving.pop(connection, None)
        if connection in self._open:
            self._open.discard(connection)
            self.busy(connection)
            self._addresses[connection.address] -= 1
            if not self._addresses[connection.address]:
                del self._addresses[connection.address]

    def busy(self, connection: Connection) -> None:
        """Note that a connection has all it needs for its next answer."""
        self._idle.pop(connection, None)
        self._unfinished.pop(connection, None)

    def idle(self, connection: Connection) -> None:
        """Note that a connection waits for its next request."""
        if connection in self._open:
            self._unfinished.pop(connection, None)
            self._idle[connection] = None

    def unfinished(self, connection: Connection) -> None:
        """Note that a connection waits for the rest of a request, or for its client to read an answer."""
        if connection in self._open:
            self._idle.pop(connection, None)
            self._unfinished.setdefault(connection)

    @contextmanager
    def watched(self, *looks: Callable[[], None]) -> Iterator[None]:
        """Hold the connections to their deadlines while in the block.

        Parameters
        ----------
        *looks : callable
            What is called besides, whenever the connections are looked at.
        """
        watch = asyncio.get_running_loop().create_task(self._watch(looks))
        try:
            yield
        finally:
            watch.cancel()

    async def _watch(self, looks: tuple[Callable[[], None], ...]) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            await asyncio.sleep(_LOOK)
            now = clock()
            for connection in [one for one in (*self._open, *self._leaving) if one.deadline < now]:
                connection.expire()
            for look in looks:
                look()


def network_of(host: str) -> str:
    """Return the address that a client's connections are counted by: of IPv6, what one client has of them.

    Examples
    --------
    >>> network_of("192.0.2.1"), network_of("2001:db8::1"), network_of("::ffff:192.0.2.1")
    ('192.0.2.1', '2001:db8::/64', '192.0.2.1')
    """
    if ":" not in host:
        return host
    address = ipaddress.IPv6Address(host.partition("%")[0])
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(address), 64), strict=False))
