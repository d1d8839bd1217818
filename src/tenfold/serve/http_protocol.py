"""uvicorn's HTTP/1.1 with limits on headers, bodies, time and memory.

uvicorn itself reads headers of any size without a time limit, and starts the application before the body
has arrived. Here a request reaches the application with its whole body, or not at all.

The *head* of a request is its request line and headers.
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

from tenfold.serve.asgi import SERVER_STOPS, ErrorApp, HttpError, answer_until_disconnect, overloaded
from tenfold.serve.connections import Connections, network_of
from tenfold.serve.lingering_close import LingeringClose
from tenfold.serve.request_filter import RequestFilter, RequestHead, too_large
from tenfold.serve.server_metrics import Metrics

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_LINGER = 2.0  # seconds
_PIPELINED = 16  # requests


class Stage(Enum):
    """Which part of a request is being read."""

    NONE = "none"
    HEAD = "head"
    BODY = "body"


class BoundedHttpProtocol(HttpToolsProtocol):
    """One connection.

    Parameters
    ----------
    *args, **kwargs
        As uvicorn passes them to a protocol.
    heads : RequestFilter
        Checks the head of each request.
    connections : Connections
        All open connections.
    metrics : Metrics
        Counts refused requests.
    """

    def __init__(
        self, *args: Any, heads: RequestFilter, connections: Connections, metrics: Metrics, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._heads, self._connections, self._metrics = heads, connections, metrics
        self._limits = connections.limits
        self._stage = Stage.NONE
        self._head_bytes = self._body_bytes = self._most = self._held = 0
        self.address = ""
        self._ended = False  # the current data completed a head, a piece of a body or a request
        self._drop_input = False  # all further input is dropped
        self._refused = False  # the current request has its (error) response already
        self._working = False
        self._half_closed = False  # the client has closed its sending side, but may still read
        self._probe_sent = False
        self._task: asyncio.Task[None] | None = None
        self._waiting: tuple[RequestResponseCycle, Any] | None = None  # until its body is complete
        self._deadline = math.inf

    # Time

    @property
    def deadline(self) -> float:
        """When the client is late; never while the application works on an answer.

        A client that half-closed its connection may have disconnected meanwhile, so it is probed often.
        """
        if not self._working or self.flow.write_paused:
            return self._deadline
        return 0.0 if self._half_closed else math.inf

    def _set_deadline(self, seconds: float) -> None:
        self._deadline = self.loop.time() + seconds

    def _set_deadline_for_stage(self) -> None:
        if self.flow is not None and self.flow.write_paused:
            return  # more requests give no more time to read the responses
        limits = self._limits
        waiting = limits.head_seconds if self._stage is Stage.HEAD else limits.body_seconds
        self._set_deadline(limits.idle_seconds if self._stage is Stage.NONE else waiting)

    def expire(self) -> None:
        """Handle a client that is late or may have disconnected."""
        if self._half_closed and self._working and not self.flow.write_paused:
            self._probe()
        elif self._connections.draining:
            self._end(overloaded(SERVER_STOPS))
        elif self._stage is Stage.HEAD:
            self._end(HttpError(408, f"expected all headers within {self._limits.head_seconds:g} seconds"))
        else:
            self._end(HttpError(408, f"expected the body within {self._limits.body_seconds:g} seconds"))

    def close_for_another(self) -> None:
        """Close this connection, because another one needs its place."""
        self._end(overloaded())

    def abort(self) -> None:
        """Close at once and drop what has not been sent."""
        self.transport.abort()

    def _end(self, error: HttpError) -> None:
        """Close the connection; a client that is sending a request gets the error first."""
        if self.transport.is_closing() or self.flow.write_paused:
            self.transport.abort()
        elif self._stage is Stage.HEAD:
            self._refuse_head(error)
        elif self._stage is Stage.BODY and not self._refused:
            self._refuse(error, close=True)
        else:
            self.transport.close()
        self._set_deadline(_LINGER)

    def _probe(self) -> None:
        """Find out whether a client that half-closed its connection has disconnected.

        The two look the same until something is sent; then a client that has disconnected resets the
        connection. An interim response (100 Continue) may be sent at any time, except to HTTP/1.0.

        References
        ----------
        RFC 9110, section 15.2.
        """
        if self.transport.get_extra_info("socket").getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self.transport.abort()
        elif not self._probe_sent and self.scope["http_version"] == "1.1":
            self._probe_sent = True
            self.transport.write(_CONTINUE)

    # Connection

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Accept the connection, if there is room."""
        super().connection_made(LingeringClose(transport, self._is_unread))
        self.address = network_of(self.client[0] if self.client else "")
        self._set_deadline_for_stage()
        if not self._connections.add(self):
            self._refuse_head(overloaded())

    def _is_unread(self) -> bool:
        return not self._half_closed and (self._drop_input or self._stage is not Stage.NONE)

    def connection_lost(self, exc: Exception | None) -> None:
        """Clean up, and cancel the work for this client."""
        self._connections.remove(self)
        self._release()
        self._waiting = None
        self.pipeline.clear()
        if self._task is not None:
            self._task.cancel()
        super().connection_lost(exc)

    def eof_received(self) -> bool:  # type: ignore[override]
        """The client has closed its sending side: answer its complete requests, then close."""
        if self._stage is Stage.BODY and not self._refused and self._waiting is None and self.pipeline:
            self.pipeline.popleft()  # the newest request, which stays incomplete
        self._waiting = None
        self._half_closed = self._drop_input = True
        one_side = self.transport.get_extra_info("sslcontext") is None  # TLS closes both sides at once
        return self._working and one_side  # whether the connection stays open

    def _update_state(self) -> None:
        """Tell `Connections` whether this connection waits for its client, and for what."""
        if self._working and not self.flow.write_paused:
            self._connections.busy(self)
        elif self._stage is Stage.NONE and not self.flow.write_paused:
            self._connections.idle(self)
        else:
            self._connections.unfinished(self)

    def _release(self) -> None:
        self._connections.held -= self._held
        self._held = 0

    def pause_writing(self) -> None:
        """The client does not read the response: it gets as much time as between two requests."""
        super().pause_writing()
        self._set_deadline(self._limits.idle_seconds)
        self._update_state()

    def resume_writing(self) -> None:
        """The client reads again."""
        super().resume_writing()
        self._set_deadline_for_stage()
        self._update_state()

    def shutdown(self) -> None:
        """The server is stopping: close an idle connection now, another one after its response or soon."""
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.keep_alive = False
        elif self._stage is Stage.NONE:
            self.transport.close()
        self._deadline = min(self._deadline, self.loop.time() + _LINGER)

    # Reading

    def data_received(self, data: bytes) -> None:
        """Parse input, unless all further input is dropped."""
        if self._drop_input:
            return
        self._ended = False
        super().data_received(data)
        if self._stage is not Stage.NONE and not self._drop_input and not self._ended:
            self._head_bytes += len(data)
            if error := self._head_too_large():
                if self._stage is Stage.HEAD:
                    self._refuse_head(error)
                else:  # extensions of chunks are not part of the body
                    self._drop_rest(error)

    def _head_too_large(self) -> HttpError | None:
        """Return the error for a head beyond the limit; data that completed nothing else count as head."""
        parsed = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if max(parsed, self._head_bytes) <= self._limits.head_bytes:
            return None
        return HttpError(431, f"expected at most {self._limits.head_bytes} bytes of headers; send fewer")

    def on_message_begin(self) -> None:
        """Start a request."""
        super().on_message_begin()
        if self._drop_input:
            return
        self._stage, self._head_bytes, self._refused = Stage.HEAD, 0, False
        self._set_deadline_for_stage()
        self._update_state()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Store a header. A trailer is refused, because it would bypass the `RequestFilter`."""
        if self._stage is Stage.HEAD:
            super().on_header(name, value)
        elif not self._drop_input:
            self._drop_rest(HttpError(400, "expected chunks without trailers; send headers first"))

    def on_headers_complete(self) -> None:
        """Check a complete head and accept or refuse the request."""
        if self._drop_input:
            return
        path = self._path()
        self._stage, self._body_bytes = Stage.BODY, 0
        self._set_deadline_for_stage()
        self._most = self._heads.most(path)
        error = self._head_too_large() or self._heads.check(
            RequestHead(self.parser.get_method().decode("ascii"), path, self.headers)
        )
        self._head_bytes, self._ended = 0, True
        if error is not None and not self._unanswered:
            self._refuse(error, close=error.status != 503)
            return
        super().on_headers_complete()
        self.flow.resume_reading()  # else a disconnect would go unnoticed
        if self._connections.draining:
            self.cycle.keep_alive = False
        if len(self.pipeline) > _PIPELINED:
            error = overloaded("too many pipelined requests; wait for a response before the next request")
            self._refuse(error, close=True)
        elif error is not None:
            self._refuse(error, close=error.status != 503)
        elif self._waiting is not None and self.expect_100_continue:
            self.cycle.waiting_for_100_continue = False
            self.transport.write(_CONTINUE)

    def _path(self) -> str:
        """Return the path. Without one the parser's error is raised, as for input that is not HTTP."""
        path = httptools.parse_url(self.url).path
        if path is None:
            raise httptools.HttpParserInvalidURLError("expected a path")
        return urllib.parse.unquote(path.decode("ascii"))

    @property
    def _unanswered(self) -> bool:
        """Whether the application has not answered an earlier request, or this one."""
        return self.cycle is not None and not self.cycle.response_complete

    def on_body(self, body: bytes) -> None:
        """Store a piece of the body, within the limits."""
        if self._drop_input:
            return
        self._head_bytes, self._ended = 0, True
        self._body_bytes += len(body)
        if self._body_bytes > self._most:
            self._drop_rest(too_large(self._most))
        elif not self._refused:
            self.cycle.body += body
            self._held += len(body)
            self._connections.held += len(body)
            if self._connections.held > self._limits.held_bytes:
                self._refuse(overloaded(), close=True)

    def on_message_complete(self) -> None:
        """Finish a request."""
        if self._drop_input:
            return
        if not self._refused:
            super().on_message_complete()
        self._stage, self._ended = Stage.NONE, True
        self._set_deadline_for_stage()
        if self._waiting is not None:
            cycle, app = self._waiting
            self._waiting = None
            self._start_asgi_task(cycle, app)
        self._update_state()

    # Answering

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """Start the application, but only when the whole body has arrived."""
        if cycle.more_body and not isinstance(app, ErrorApp):
            self._waiting = cycle, app
            return
        self._working = True
        self._task = self.loop.create_task(cycle.run_asgi(partial(answer_until_disconnect, cycle, app)))
        self._task.add_done_callback(self.tasks.discard)
        self.tasks.add(self._task)

    def on_response_complete(self) -> None:
        """Continue with the next request."""
        self._working = False
        if not self.pipeline:
            self._release()
        self._set_deadline_for_stage()
        super().on_response_complete()
        self._update_state()
        if self._half_closed and not self._working:
            self.transport.close()

    def _refuse(self, error: HttpError, *, close: bool) -> None:
        """Answer the current request with an error, after the requests before it."""
        error = self._heads.readable(error, self.headers)
        close = close or self._connections.draining or not self.parser.should_keep_alive()
        self._refused, self._drop_input = True, close
        if self._waiting is not None:  # it is next, and the application has not started
            self._waiting = None
            self.cycle.response_complete = True
        if self._unanswered:
            self.cycle.body.clear()
            app: Any = ErrorApp(error, close=close)
            self.pipeline[0] = self.cycle, app  # the newest request is at the left end
            self._metrics.count_refusal(error.status)
        else:
            self._answer(error, close=close)

    def _drop_rest(self, error: HttpError) -> None:
        """Drop the rest of a request that is beyond a limit; answer it, unless that has happened already."""
        if not self._refused:
            self._refuse(error, close=True)
            return
        self._drop_input = True
        if self._unanswered:
            self.cycle.keep_alive = False
        else:
            self.transport.close()

    def _refuse_head(self, error: HttpError) -> None:
        """Answer an incomplete head with an error and close; earlier requests are answered first."""
        self._drop_input = True
        if self._unanswered:
            self.cycle.keep_alive = False
        else:
            self._answer(error, close=True)

    def _answer(self, error: HttpError, *, close: bool) -> None:
        """Send the error at once, without a task: under overload most requests end here."""
        self._metrics.count_refusal(error.status)
        reply = error.reply()
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
            self._set_deadline(_LINGER)

    def send_400_response(self, msg: str) -> None:
        """Answer input that is not HTTP."""
        if self._drop_input:
            return
        error = HttpError(400, "expected a valid HTTP/1.1 request")
        if self._stage is Stage.BODY and not self._refused:
            self._refuse(error, close=True)
        else:
            self._refuse_head(error)
