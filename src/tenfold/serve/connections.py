"""All open connections: their number, their deadlines and the memory of their requests."""

from __future__ import annotations

import asyncio
import ipaddress
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from tenfold.serve.limits import Limits

_INTERVAL = 0.2  # seconds between two checks of the deadlines
CLOSING_SHARE = 8  # besides the open connections, an eighth as many may still be closing


class Connection(Protocol):
    """A connection, as `Connections` uses it."""

    @property
    def address(self) -> str:
        """Address of the client."""

    @property
    def deadline(self) -> float:
        """When the client is late, by the clock of the event loop."""

    def expire(self) -> None:
        """Act on a deadline that has passed."""

    def close_for_another(self) -> None:
        """Close this connection, because another one needs its place."""

    def abort(self) -> None:
        """Close at once and drop what has not been sent."""


class Connections:
    """Limits the number of connections and enforces their deadlines.

    When there is no room, the client address with the most connections loses one: the longest idle one, or
    else the one whose request has been incomplete for longest. So no address can shut out the others.

    Checking all connections five times a second costs less than a timer for each step of each request.

    Parameters
    ----------
    limits : Limits

    Attributes
    ----------
    most : int
        Connections allowed at a time.
    held : int
        Bytes of the bodies of all unanswered requests.
    draining : bool
        Whether the server is stopping; every response then closes its connection.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.most = limits.connections
        self.held = 0
        self.draining = False
        self._open: set[Connection] = set()
        self._closing: dict[Connection, None] = {}  # not counted any more, but not closed yet
        self._addresses: Counter[str] = Counter()
        # Connections that wait for their client, the longest first:
        self._idle: dict[Connection, None] = {}
        self._unfinished: dict[Connection, None] = {}

    def __len__(self) -> int:
        return len(self._open)

    def add(self, connection: Connection) -> bool:
        """Add a connection, if necessary in place of another one; return False if there is no room."""
        if len(self._open) >= self.most and not self.make_room():
            self._start_closing(connection)
            return False
        self._open.add(connection)
        self._addresses[connection.address] += 1
        self._idle[connection] = None
        return True

    def make_room(self) -> bool:
        """Close a connection that waits for its client; return False if there is none."""
        waiting = [*self._idle, *self._unfinished]
        if not waiting:
            return False
        one = max(waiting, key=lambda each: self._addresses[each.address])  # the first, if several are equal
        self.remove(one)
        self._start_closing(one)
        one.close_for_another()
        return True

    def shrink(self) -> None:
        """Allow fewer connections than are open: the system has no free file descriptor."""
        self.most = max(CLOSING_SHARE, min(self.most, len(self._open)) - CLOSING_SHARE)
        while len(self._open) > self.most and self.make_room():
            pass

    def grow(self) -> None:
        """Allow one connection more, up to the limit."""
        self.most = min(self.limits.connections, self.most + 1)

    def _start_closing(self, connection: Connection) -> None:
        self._closing[connection] = None
        if len(self._closing) > 1 + self.most // CLOSING_SHARE:
            oldest = next(iter(self._closing))
            del self._closing[oldest]
            oldest.abort()

    def remove(self, connection: Connection) -> None:
        """Remove a connection that has closed."""
        self._closing.pop(connection, None)
        if connection in self._open:
            self._open.discard(connection)
            self.busy(connection)
            self._addresses[connection.address] -= 1
            if not self._addresses[connection.address]:
                del self._addresses[connection.address]

    def busy(self, connection: Connection) -> None:
        """Note that a connection waits for its answer, not for its client."""
        self._idle.pop(connection, None)
        self._unfinished.pop(connection, None)

    def idle(self, connection: Connection) -> None:
        """Note that a connection waits for its next request."""
        if connection in self._open:
            self._unfinished.pop(connection, None)
            self._idle[connection] = None

    def unfinished(self, connection: Connection) -> None:
        """Note that a connection waits for the rest of a request, or for its client to read a response."""
        if connection in self._open:
            self._idle.pop(connection, None)
            self._unfinished.setdefault(connection)

    @contextmanager
    def watched(self, *checks: Callable[[], None]) -> Iterator[None]:
        """Enforce the deadlines while in the block.

        Parameters
        ----------
        *checks : callable
            Called too, after each check of the deadlines.
        """
        watch = asyncio.get_running_loop().create_task(self._watch(checks))
        try:
            yield
        finally:
            watch.cancel()

    async def _watch(self, checks: tuple[Callable[[], None], ...]) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            await asyncio.sleep(_INTERVAL)
            now = clock()
            for connection in [one for one in (*self._open, *self._closing) if one.deadline < now]:
                connection.expire()
            for check in checks:
                check()


def network_of(host: str) -> str:
    """Return the network that a client is counted by: an IPv4 address, or the /64 of an IPv6 address.

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
