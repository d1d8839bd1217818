"""The task that answers one request on a connection that may close first."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from tenfold.serve.asgi import App, HttpError, Receive, Scope, Send, overloaded

SERVER_STOPS = "the server is stopping"


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
