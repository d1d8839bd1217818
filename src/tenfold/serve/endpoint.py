"""An ASGI application for one route, without what a framework does for every route."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from tenfold.serve.asgi import Receive, Reply, Scope, Send
from tenfold.serve.http_error import HttpError
from tenfold.serve.server_metrics import Metrics

log = logging.getLogger(__name__)

Handler: TypeAlias = Callable[[Scope, bytes], Awaitable[Reply]]


class Endpoint:
    """Answers requests, counts them, and turns faults into answers.

    Parameters
    ----------
    name : str
        For the metrics.
    answer : callable
        Given scope and body.
    metrics : Metrics
    """

    def __init__(self, name: str, answer: Handler, metrics: Metrics) -> None:
        self._name, self._answer, self._metrics = name, answer, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        began = time.perf_counter()
        body = await _body(receive)
        if body is None:
            return
        try:
            reply = await self._answer(scope, body)
        except asyncio.CancelledError:
            self._metrics.abandoned()
            raise
        except HttpError as fault:
            reply = fault.reply()
        except Exception:
            reply = HttpError(500, "an error of ours; the log has more under this id").reply()
            log.exception("%s", reply.body.decode())
        self._metrics.answered(self._name, reply.status, time.perf_counter() - began)
        await reply.send(send)


async def _body(receive: Receive) -> bytes | None:
    """Return the whole body; None if the client has gone."""
    message = await receive()
    pieces = [message.get("body", b"")]
    while message["type"] == "http.request" and message.get("more_body", False):
        message = await receive()
        pieces.append(message.get("body", b""))
    return b"".join(pieces) if message["type"] == "http.request" else None
