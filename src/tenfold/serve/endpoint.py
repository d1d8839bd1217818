"""An ASGI application for one route, without the cost of a framework."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from tenfold.serve.asgi import HttpError, Receive, Reply, Scope, Send
from tenfold.serve.server_metrics import Metrics

log = logging.getLogger(__name__)

Handler: TypeAlias = Callable[[Scope, bytes], Awaitable[Reply]]


class Endpoint:
    """Answers requests, counts them, and turns exceptions into error responses.

    Parameters
    ----------
    name : str
        Label in the metrics.
    handler : callable
        Takes scope and body.
    metrics : Metrics
    """

    def __init__(self, name: str, handler: Handler, metrics: Metrics) -> None:
        self._name, self._handler, self._metrics = name, handler, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        start = time.perf_counter()
        body = await _body(receive)
        if body is None:
            return
        try:
            reply = await self._handler(scope, body)
        except asyncio.CancelledError:
            self._metrics.count_disconnect()
            raise
        except HttpError as error:
            reply = error.reply()
        except Exception:
            reply = HttpError(500, "internal error; the server's log has details under this id").reply()
            log.exception("%s", reply.body.decode())
        self._metrics.count_response(self._name, reply.status, time.perf_counter() - start)
        await reply.send(send)


async def _body(receive: Receive) -> bytes | None:
    """Return the whole body; None if the client has disconnected."""
    event = await receive()
    pieces = [event.get("body", b"")]
    while event["type"] == "http.request" and event.get("more_body", False):
        event = await receive()
        pieces.append(event.get("body", b""))
    return b"".join(pieces) if event["type"] == "http.request" else None
