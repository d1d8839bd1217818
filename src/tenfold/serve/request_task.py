"""What is run to answer one request, on a connection that may end before."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from tenfold.serve.asgi import App, Receive, Scope, Send
from tenfold.serve.http_error import HttpError, overloaded


class ErrorApp:
    """An application that answers with a fault."""

    def __init__(self, fault: HttpError, *, close: bool) -> None:
        self._fault, self._close = fault, close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        await self._fault.reply().send(send, close=self._close)


async def answer_until_disconnect(
    cycle: RequestResponseCycle, app: App, scope: Scope, receive: Receive, send: Send
) -> None:
    """Let an application answer, until the client has left or the server has stopped."""
    try:
        await app(scope, receive, send)
    except asyncio.CancelledError:
        if cycle.response_started or cycle.transport.is_closing():
            cycle.disconnected = True  # there is nobody to answer
        else:
            await overloaded("the server stops").reply().send(send, close=True)
