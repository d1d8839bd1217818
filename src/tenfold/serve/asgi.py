"""ASGI without a framework: headers of requests, replies and error replies."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:  # the workers do without uvicorn
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

log = logging.getLogger(__name__)

JSON = b"application/json"
NOT_MODIFIED = 304
SERVER_STOPS = "the server is stopping"

Headers: TypeAlias = tuple[tuple[bytes, bytes], ...]
Event: TypeAlias = MutableMapping[str, Any]
Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Event]]
Send: TypeAlias = Callable[[Event], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]


def header(scope: Scope, name: bytes) -> bytes | None:
    """Return the value of a request header; None if it is absent. ``name`` is in lower case."""
    return next((value for key, value in scope["headers"] if key == name), None)


def content_type(scope: Scope) -> str:
    """Return the media type of the body, in lower case and without parameters; empty if absent."""
    value = header(scope, b"content-type") or b""
    return value.partition(b";")[0].strip().lower().decode("latin-1")


@dataclass(frozen=True)
class Reply:
    """A response.

    Attributes
    ----------
    body : bytes
    status : int
    content_type : bytes
    headers : tuple of (bytes, bytes)
        In addition to content type and length.
    """

    body: bytes
    status: int = 200
    content_type: bytes = JSON
    headers: Headers = ()

    async def send(self, send: Send, *, close: bool = False) -> None:
        """Send the response. With ``close``, tell the client that the connection ends."""
        headers = [(b"content-type", self.content_type), *self.headers]
        if self.status != NOT_MODIFIED:  # its length would be that of the file that is not sent
            headers.append((b"content-length", b"%d" % len(self.body)))
        if close:
            headers.append((b"connection", b"close"))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


class HttpError(Exception):
    """Ends a request with an error response.

    Parameters
    ----------
    status : int
    text : str
        What was expected. It must not repeat anything from the request.
    headers : sequence of (bytes, bytes)
        Additional headers of the response.
    """

    def __init__(self, status: int, text: str, headers: Headers = ()) -> None:
        super().__init__(text)
        self.status, self.text, self.headers = status, text, headers

    def reply(self) -> Reply:
        """Return the response. It carries a new request id, which the log holds too."""
        request_id = secrets.token_hex(8)
        log.info("%s %d %s", request_id, self.status, self.text)
        content = json.dumps({"error": self.text, "request_id": request_id})
        return Reply(content.encode(), status=self.status, headers=self.headers)


def overloaded(text: str = "server overloaded; retry in a second") -> HttpError:
    """Return the 503 response, which asks the client to retry in a second."""
    return HttpError(503, text, ((b"retry-after", b"1"),))


class ErrorApp:
    """An application that sends an error response."""

    def __init__(self, error: HttpError, *, close: bool) -> None:
        self._error, self._close = error, close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self._error.reply().send(send, close=self._close)


async def answer_until_disconnect(
    cycle: RequestResponseCycle, app: App, scope: Scope, receive: Receive, send: Send
) -> None:
    """Run an application until it has answered, the client disconnects or the server stops."""
    try:
        await app(scope, receive, send)
    except asyncio.CancelledError:
        if cycle.response_started or cycle.transport.is_closing():
            cycle.disconnected = True  # no response can be sent any more
        else:
            await overloaded(SERVER_STOPS).reply().send(send, close=True)
