"""Closing a connection without losing the last response."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any


class LingeringClose(asyncio.Transport):
    """A transport that first closes only its sending side if the client is still sending.

    Closing a socket with unread input resets the connection, and the client may lose the response. So
    the input is read and dropped until the client closes its side. The owner of the transport limits
    how long that may take.

    Parameters
    ----------
    transport : asyncio.Transport
    unread : callable
        Returns whether the client may still be sending.

    References
    ----------
    RFC 9112, section 9.6.
    """

    def __init__(self, transport: asyncio.Transport, unread: Callable[[], bool]) -> None:
        super().__init__()
        self._transport, self._unread = transport, unread
        self._lingers = False

    def close(self) -> None:
        """Close the connection, or its sending side if the client is still sending."""
        if self.is_closing():
            return
        if self._unread() and self._transport.can_write_eof():  # TLS closes both sides, in good order
            self._lingers = True
            self._transport.resume_reading()
            self._transport.write_eof()
        else:
            self._transport.close()

    def is_closing(self) -> bool:
        """Return whether nothing more can be sent."""
        return self._lingers or self._transport.is_closing()

    def abort(self) -> None:
        """Close at once."""
        self._transport.abort()

    def write(self, data: Any) -> None:
        """Send data."""
        self._transport.write(data)

    def pause_reading(self) -> None:
        """Stop reading, so that the client has to wait."""
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Read again."""
        self._transport.resume_reading()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return information about the transport."""
        return self._transport.get_extra_info(name, default)
