"""uvicorn's HTTP/1.1 with bounds: on heads, on bodies, on time, on what is held at once.

uvicorn by itself reads heads of any size for as long as they take, and hands a request on before its body
is there. Here a request reaches the application with its whole body, or not at all.
"""

from __future__ import annotations

import asyncio
import math
import socket
import urllib.parse
from enum import Enum
from functools import partial
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from tenfold.serve.connections import Connections, network_of
from tenfold.serve.http_error import HttpError, overloaded
from tenfold.serve.lingering_close import LingeringClose
from tenfold.serve.request_filter import RequestFilter, RequestHead, too_large
from tenfold.serve.request_task import ErrorApp, answer_until_disconnect
from tenfold.serve.server_metrics import Metrics

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_LINGER = 2.0  # seconds
_PIPELINED = 16  # requests


class Stage(Enum):
    """Which part of a request is read."""

    NONE = "none"
    HEAD = "head"
    BODY = "body"


class BoundedHttpProtocol(HttpToolsProtocol):
    """One connection.

    Parameters
    ----------
    *arguments, **options
        What uvicorn gives its protocols.
    heads : RequestFilter
        Who decides by heads.
    connections : Connections
        Who keeps an eye on all of them.
    metrics : Metrics
        Who counts refusals.
    """

    def __init__(
        self,
        *arguments: Any,
        heads: RequestFilter,
        connections: Connections,
        metrics: Metrics,
        **options: Any,
    ) -> None:
        super().__init__(*arguments, **options)
        self._heads, self._all, self._metrics = heads, connections, metrics
        self._limits = connections.limits
        self._stage = Stage.NONE
        self._head_bytes = self._body_bytes = self._most = self._held = 0
        self.address = ""
        self._ended = False  # a head, a piece of a body or a request ended in the data at hand
        self._deaf = False  # nothing more is read
        self._refused = False  # the request that is read is answered already
        self._working = False
        self._half_closed = False  # the client sends nothing more, but may still read
        self._probed = False
        self._task: asyncio.Task[None] | None = None
        self._waiting: tuple[RequestResponseCycle, Any] | None = None  # for its body
        self._due = math.inf

    # Time

    @property
    def deadline(self) -> float:
        """When the client must have done its part; never while an answer is worked on.

        A client that half-closed may have left meanwhile: it is looked at over and over.
        """
        if not self._working or self.flow.write_paused:
            return self._due
        return 0.0 if self._half_closed else math.inf

    def _allow(self, seconds: float) -> None:
        self._due = self.loop.time() + seconds

    def _allow_for_stage(self) -> None:
        if self._stage is Stage.NONE:
            self._allow(self._limits.idle_seconds)
        elif self._stage is Stage.HEAD:
            self._allow(self._limits.head_seconds)
        else:
            self._allow(self._limits.body_seconds)

    def expire(self) -> None:
        """The client is late, or may have left."""
        if self._half_closed and self._working and not self.flow.write_paused:
            self._probe()
        elif self._all.draining:
            self._end(overloaded("the server stops"))
        elif self._stage is Stage.HEAD:
            self._end(HttpError(408, f"expected the head within {self._limits.head_seconds:g} seconds"))
        else:
            self._end(HttpError(408, f"expected the body within {self._limits.body_seconds:g} seconds"))

    def close_for_another(self) -> None:
        """End: another connection needs the room."""
        self._end(overloaded())

    def abort(self) -> None:
        """End at once, whatever has not been sent."""
        self.transport.abort()

    def _end(self, fault: HttpError) -> None:
        """Tell a client that is sending why, and end the connection; also if it is idle or does not read."""
        if self.transport.is_closing() or self.flow.write_paused:
            self.transport.abort()
        elif self._stage is Stage.HEAD:
            self._refuse_head(fault)
        elif self._stage is Stage.BODY and not self._refused:
            self._refuse(fault, close=True)
        else:
            self.transport.close()
        self._allow(_LINGER)

    def _probe(self) -> None:
        """End the connection of a client that has not only half-closed, but left.

        Both look the same until something is sent: a client that has left resets the connection then.
        An interim answer is what may be sent at any time, except to HTTP/1.0.

        References
        ----------
        RFC 9110, section 15.2.
        """
        if self.transport.get_extra_info("socket").getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self.transport.abort()
        elif not self._probed and self.scope["http_version"] == "1.1":
            self._probed = True
            self.transport.write(_CONTINUE)

    # Connection

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, if there is room."""
        super().connection_made(LingeringClose(transport, self._is_unread))
        self.address = network_of(self.client[0] if self.client else "")
        self._allow_for_stage()
        if not self._all.add(self):
            self._refuse_head(overloaded())

    def _is_unread(self) -> bool:
        return not self._half_closed and (self._deaf or self._stage is not Stage.NONE)

    def connection_lost(self, exc: Exception | None) -> None:
        """End, and with it all work for this client."""
        self._all.remove(self)
        self._release()
        self._waiting = None
        self.pipeline.clear()
        if self._task is not None:
            self._task.cancel()
        super().connection_lost(exc)

    def eof_received(self) -> bool:  # type: ignore[override]
        """The client sends nothing more: answer all that it has asked for, then close."""
        if self._stage is Stage.BODY and not self._refused and self._waiting is None and self.pipeline:
            self.pipeline.popleft()  # the newest: its rest will not come
        self._waiting = None
        self._half_closed = self._deaf = True
        return self._working  # whether the connection stays open

    def _note(self) -> None:
        """Say whether this connection waits for its client, and for what."""
        if self._working and not self.flow.write_paused:
            self._all.busy(self)
        elif self._stage is Stage.NONE and not self.flow.write_paused:
            self._all.idle(self)
        else:
            self._all.unfinished(self)

    def _release(self) -> None:
        self._all.held -= self._held
        self._held = 0

    def pause_writing(self) -> None:
        """The client does not read: it is given as long for that as for its next request."""
        super().pause_writing()
        self._allow(self._limits.idle_seconds)
        self._note()

    def resume_writing(self) -> None:
        """It reads again."""
        super().resume_writing()
        self._note()

    def shutdown(self) -> None:
        """The server stops: end idle connections, others with the answer that is under way, or soon."""
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.keep_alive = False
        elif self._stage is Stage.NONE:
            self.transport.close()
        self._due = min(self._due, self.loop.time() + _LINGER)

    # Reading

    def data_received(self, data: bytes) -> None:
        """Read, unless all is said."""
        if self._deaf:
            return
        self._ended = False
        super().data_received(data)
        if self._stage is not Stage.NONE and not self._deaf and not self._ended:
            self._head_bytes += len(data)
            if fault := self._head_too_large():
                if self._stage is Stage.HEAD:
                    self._refuse_head(fault)
                else:  # chunks have extensions and trailers, which are no body
                    self._cut(fault)

    def _head_too_large(self) -> HttpError | None:
        """Count what is known to be head, or what describes chunks: all data in which nothing else ended."""
        parsed = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if max(parsed, self._head_bytes) <= self._limits.head_bytes:
            return None
        return HttpError(431, f"expected at most {self._limits.head_bytes} bytes of request line and headers")

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        if self._deaf:
            return
        self._stage, self._head_bytes, self._refused = Stage.HEAD, 0, False
        self._allow_for_stage()
        self._note()

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header is there, or a trailer, which the gate would not see: none is taken."""
        if self._stage is Stage.HEAD:
            super().on_header(name, value)
        elif not self._deaf:
            self._cut(HttpError(400, "expected chunks without trailers"))

    def on_headers_complete(self) -> None:
        """Its head is there: judge by that."""
        if self._deaf:
            return
        path = self._path()
        self._stage, self._body_bytes = Stage.BODY, 0
        self._allow_for_stage()
        self._most = self._heads.most(path)
        fault = self._head_too_large() or self._heads.check(
            RequestHead(self.parser.get_method().decode("ascii"), path, self.headers)
        )
        self._head_bytes, self._ended = 0, True
        if fault is not None and not self._unanswered:
            self._refuse(fault, close=fault.status != 503)
            return
        super().on_headers_complete()
        self.flow.resume_reading()  # or nobody would notice that the client leaves
        if self._all.draining:
            self.cycle.keep_alive = False
        if len(self.pipeline) > _PIPELINED:
            fault = overloaded("expected the answer to be awaited before the next request")
            self._refuse(fault, close=True)
        elif fault is not None:
            self._refuse(fault, close=fault.status != 503)
        elif self._waiting is not None and self.expect_100_continue:
            self.cycle.waiting_for_100_continue = False
            self.transport.write(_CONTINUE)

    def _path(self) -> str:
        """Return what is asked for; fails, as no HTTP, while this is still a head if there is no path."""
        path = httptools.parse_url(self.url).path
        if path is None:
            raise httptools.HttpParserInvalidURLError("expected a path")
        return urllib.parse.unquote(path.decode("ascii"))

    @property
    def _unanswered(self) -> bool:
        """Whether an earlier request, or this one, is to be answered by an application."""
        return self.cycle is not None and not self.cycle.response_complete

    def on_body(self, body: bytes) -> None:
        """A piece of its body is there: keep it, within bounds."""
        if self._deaf:
            return
        self._head_bytes, self._ended = 0, True
        self._body_bytes += len(body)
        if self._body_bytes > self._most:
            self._cut(too_large(self._most))
        elif not self._refused:
            self.cycle.body += body
            self._held += len(body)
            self._all.held += len(body)
            if self._all.held > self._limits.held_bytes:
                self._refuse(overloaded(), close=True)

    def on_message_complete(self) -> None:
        """It is there."""
        if self._deaf:
            return
        if not self._refused:
            super().on_message_complete()
        self._stage, self._ended = Stage.NONE, True
        self._allow_for_stage()
        if self._waiting is not None:
            cycle, app = self._waiting
            self._waiting = None
            self._start_asgi_task(cycle, app)
        self._note()

    # Answering

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """Its turn has come: begin with the answer, but not before the body is there."""
        if cycle.more_body and not isinstance(app, ErrorApp):
            self._waiting = cycle, app
            return
        self._working = True
        self._task = self.loop.create_task(cycle.run_asgi(partial(answer_until_disconnect, cycle, app)))
        self._task.add_done_callback(self.tasks.discard)
        self.tasks.add(self._task)

    def on_response_complete(self) -> None:
        """It has been answered: what is next?"""
        self._working = False
        if not self.pipeline:
            self._release()
        self._allow_for_stage()
        super().on_response_complete()
        self._note()
        if self._half_closed and not self._working:
            self.transport.close()

    def _refuse(self, fault: HttpError, *, close: bool) -> None:
        """Answer the request that is being read with a fault, when its turn comes."""
        close = close or self._all.draining or not self.parser.should_keep_alive()
        self._refused, self._deaf = True, close
        if self._waiting is not None:  # its turn has come, and nobody has begun with it
            self._waiting = None
            self.cycle.response_complete = True
        if self._unanswered:
            self.cycle.body.clear()
            refusal: Any = ErrorApp(fault, close=close)
            self.pipeline[0] = self.cycle, refusal  # the newest is the first
            self._metrics.refused(fault.status)
        else:
            self._answer(fault, close=close)

    def _cut(self, fault: HttpError) -> None:
        """Refuse the rest of a request that goes beyond its bounds, unless it is answered already."""
        if not self._refused:
            self._refuse(fault, close=True)
            return
        self._deaf = True
        if self._unanswered:
            self.cycle.keep_alive = False
        else:
            self.transport.close()

    def _refuse_head(self, fault: HttpError) -> None:
        """Answer what has not become a request, and close; requests before it are answered first."""
        self._deaf = True
        if self._unanswered:
            self.cycle.keep_alive = False
        else:
            self._answer(fault, close=True)

    def _answer(self, fault: HttpError, *, close: bool) -> None:
        """Answer at once, without the application: under overload this is what most time goes into."""
        self._metrics.refused(fault.status)
        reply = fault.reply()
        lines = [
            *self.server_state.default_headers,
            (b"content-type", reply.content_type),
            (b"content-length", b"%d" % len(reply.body)),
            *reply.headers,
        ]
        if close:
            lines.append((b"connection", b"close"))
        head = b"".join([b"%b: %b\r\n" % line for line in lines])
        body = b"" if self.parser.get_method() == b"HEAD" else reply.body
        self.transport.write(b"%b%b\r\n%b" % (STATUS_LINE[reply.status], head, body))
        if close:
            self.transport.close()
            self._allow(_LINGER)

    def send_400_response(self, msg: str) -> None:
        """Answer what is not HTTP, unless all is said."""
        if self._deaf:
            return
        fault = HttpError(400, "expected HTTP/1.1")
        if self._stage is Stage.BODY and not self._refused:
            self._refuse(fault, close=True)
        else:
            self._refuse_head(fault)
