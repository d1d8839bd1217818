"""An answer, and how it is sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any, TypeAlias

JSON = b"application/json"
NOT_MODIFIED = 304

Headers: TypeAlias = tuple[tuple[bytes, bytes], ...]
Message: TypeAlias = MutableMapping[str, Any]
Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass(frozen=True)
class Reply:
    """What goes back to the client.

    Attributes
    ----------
    body : bytes
    status : int
    content_type : bytes
    headers : tuple of (bytes, bytes)
        Besides type and length.
    """

    body: bytes
    status: int = 200
    content_type: bytes = JSON
    headers: Headers = ()

    async def send(self, send: Send, *, close: bool = False) -> None:
        """Send it, and close the connection after it if so told."""
        headers = [(b"content-type", self.content_type), *self.headers]
        if self.status != NOT_MODIFIED:  # there it would be the length of what has not changed
            headers.append((b"content-length", b"%d" % len(self.body)))
        if close:
            headers.append((b"connection", b"close"))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})
