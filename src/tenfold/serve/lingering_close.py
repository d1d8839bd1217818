"""Closing without losing the last answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any


class LingeringClose(asyncio.Transport):
    """A transport that, when closed while the client still sends, first only stops writing.

    To close a socket with unread input resets the connection, and the client may never see the answer
    that it was sent. So the input is read and thrown away until the client has closed its side; whoever
    made this sees to it that that does not take for ever.

    Parameters
    ----------
    transport : asyncio.Transport
    unread : callable
        Whether the client may still be sending.

    References
    ----------
    RFC 9112, section 9.6.
    """

    def __init__(self, transport: asyncio.Transport, unread: Callable[[], bool]) -> None:
        super().__init__()
        self._transport, self._unread = transport, unread
        self._lingers = False

    def close(self) -> None:
        """Close, or begin to."""
        if self.is_closing():
            return
        if self._unread():
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
        """Send."""
        self._transport.write(data)

    def pause_reading(self) -> None:
        """Let the client wait."""
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Let it go on."""
        self._transport.resume_reading()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return what the transport knows of itself."""
        return self._transport.get_extra_info(name, default)
