"""What is run to answer one request, on a connection that may end before."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from tenfold.serve.faults import Fault, overloaded
from tenfold.serve.reply import App, Receive, Scope, Send


class Refusal:
    """An application that answers with a fault."""

    def __init__(self, fault: Fault, *, close: bool) -> None:
        self._fault, self._close = fault, close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        await self._fault.reply().send(send, close=self._close)


async def answer_or_leave(
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
