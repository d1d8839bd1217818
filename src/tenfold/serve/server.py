"""The server: it starts workers, answers requests, and stops without losing an accepted request."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import ssl
import sys
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from functools import partial
from typing import Any

import uvicorn

from tenfold.backend.cpu.threads import available
from tenfold.errors import BusyError, ConfigError
from tenfold.files import os_error_text
from tenfold.serve.app import application, open_to
from tenfold.serve.asgi import App
from tenfold.serve.connections import Connections
from tenfold.serve.file_descriptors import FileDescriptors, limits_that_fit
from tenfold.serve.http_protocol import BoundedHttpProtocol
from tenfold.serve.request_filter import OneToken, RequestFilter
from tenfold.serve.server_metrics import Metrics
from tenfold.serve.settings import Settings
from tenfold.serve.static import public_files
from tenfold.serve.tls import Certificate
from tenfold.serve.v2 import infer_path
from tenfold.serve.worker_pool import WorkerPool

log = logging.getLogger(__name__)

PROBES = ("/v2/health/live", "/v2/health/ready")
"""Paths for balancers. They need no token and no Host, because many balancers send another one, or none."""

FREE = ("/docs", "/openapi.json", *PROBES)
"""Paths that need no token, in addition to the files of the page."""

_MOST_WORKERS = 4  # by default
_INTERVAL = 0.1  # seconds between two checks for open connections
_RENEWED = 2.0  # seconds between two looks at the certificate
_NEVER = 3600  # seconds; `Connections` closes idle connections
HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' blob: data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
"""Headers of every response."""


def serve(settings: Settings, on_ready: Callable[[str, str], None]) -> None:
    """Serve until a signal arrives.

    Parameters
    ----------
    settings : Settings
    on_ready : callable
        Called with the model's name and the address when the server is ready.

    Raises
    ------
    ConfigError, BusyError
        If the address is invalid or in use.
    TenfoldError
        If the model cannot be served.
    """
    certificate = None if settings.tls is None else Certificate(settings.tls)
    with bind(settings.host, settings.port) as listening:
        run_until_stopped(_serve(settings, listening, on_ready, certificate))


def run_until_stopped(serving: Coroutine[Any, Any, None]) -> None:
    """Run a server in an event loop of its own."""
    with asyncio.Runner(loop_factory=_loop_factory()) as runner, suppress(asyncio.CancelledError):
        runner.run(serving)


@contextmanager
def _cancelled_by_signals() -> Iterator[None]:
    """Cancel the current task on a signal, while uvicorn does not handle signals yet."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    numbers = (signal.SIGINT, signal.SIGTERM, *_hang_up())
    if task is None or threading.current_thread() is not threading.main_thread() or sys.platform == "win32":
        yield
        return
    for number in numbers:
        loop.add_signal_handler(number, task.cancel)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


def _hang_up() -> tuple[signal.Signals, ...]:
    """Return SIGHUP, unless the system lacks it or it is ignored (as under ``nohup``)."""
    number = getattr(signal, "SIGHUP", None)
    return () if number is None or signal.getsignal(number) is signal.SIG_IGN else (number,)


async def _serve(
    settings: Settings,
    listening: socket.socket,
    on_ready: Callable[[str, str], None],
    certificate: Certificate | None,
) -> None:
    workers = settings.workers or min(available(), _MOST_WORKERS)
    metrics, connections = Metrics(), Connections(limits_that_fit(settings.limits, workers))
    metrics.gauge("connections", "Open connections.", lambda: len(connections))
    metrics.gauge("stopping", "1 while the server is stopping.", lambda: connections.draining)
    async with AsyncExitStack() as stack:
        with _cancelled_by_signals():
            started = WorkerPool(settings.served, workers, settings.limits, metrics)
            pool = await stack.enter_async_context(started)
        files = public_files("index.html" if pool.model_info["reads_digits"] else "classify.html")
        batch = infer_path(pool.model_info["name"])
        guard = None if settings.token is None else OneToken(settings.token)
        heads = RequestFilter(
            settings, pool.refusal, {*FREE, *files}, batch, PROBES, guard=guard, origins=settings.origins
        )
        protocol = partial(BoundedHttpProtocol, heads=heads, connections=connections, metrics=metrics)
        app = open_to(settings.origins, application(pool, metrics, files, connections))
        ready = partial(on_ready, pool.model_info["name"], address_of(listening, settings.tls))
        await serve_application(app, protocol, connections, listening, ready, certificate=certificate)


async def serve_application(
    app: App,
    protocol: Any,
    connections: Connections,
    listening: socket.socket,
    on_ready: Callable[[], None],
    headers: Mapping[str, str] = HEADERS,
    certificate: Certificate | None = None,
) -> None:
    """Serve an application until a signal arrives.

    Parameters
    ----------
    app : application
    protocol : callable
        Makes the `BoundedHttpProtocol` of a connection.
    connections : Connections
    listening : socket
        From `bind`.
    on_ready : callable
        Called when the server listens.
    headers : mapping of str to str
        Of every response.
    certificate : Certificate, optional
        For TLS; by default connections are not encrypted.
    """
    context = None if certificate is None else certificate.context
    server = GracefulServer(_config(app, protocol, headers, context), connections, on_ready)
    async with AsyncExitStack() as stack:
        stack.enter_context(connections.watched(FileDescriptors(connections).check))
        if certificate is not None:
            await stack.enter_async_context(_renewed(certificate))
        await server.serve(sockets=[listening])


@asynccontextmanager
async def _renewed(certificate: Certificate) -> AsyncIterator[None]:
    """Load a certificate again whenever it has changed, while a ``with`` block runs."""

    async def look() -> None:
        while True:
            await asyncio.sleep(_RENEWED)
            certificate.check()

    task = asyncio.create_task(look())
    try:
        yield
    finally:
        task.cancel()


def _config(
    app: Any, protocol: Any, headers: Mapping[str, str], context: ssl.SSLContext | None
) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        ssl_context_factory=None if context is None else lambda _config, _usual: context,
        http=protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        headers=list(headers.items()),
        timeout_keep_alive=_NEVER,
        timeout_graceful_shutdown=1,  # all connections are closed by then
    )


class GracefulServer(uvicorn.Server):
    """A uvicorn server that tells its clients before it stops.

    Parameters
    ----------
    config : uvicorn.Config
    connections : Connections
    on_ready : callable
        Called when the server listens.
    """

    def __init__(
        self, config: uvicorn.Config, connections: Connections, on_ready: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._connections, self._on_ready = connections, on_ready

    def _protocol(self) -> asyncio.Protocol:
        make: Any = self.config.http_protocol_class
        protocol: asyncio.Protocol = make(config=self.config, server_state=self.server_state, app_state={})
        return protocol

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle SIGHUP as uvicorn handles SIGTERM."""
        here = threading.current_thread() is threading.main_thread()
        before = {number: signal.signal(number, self.handle_exit) for number in (_hang_up() if here else ())}
        try:
            with super().capture_signals():
                yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen and call ``on_ready``."""
        loop, seconds = asyncio.get_running_loop(), self._connections.limits.head_seconds
        self.servers = [
            await loop.create_server(
                self._protocol, sock=one, backlog=self.config.backlog, **self._tls(seconds)
            )
            for one in sockets or []
        ]
        self.started = True
        self._on_ready()

    def _tls(self, seconds: float) -> dict[str, Any]:
        """Return what listening and accepting needs for TLS: a slow handshake is ended."""
        return {} if self.config.ssl is None else {"ssl": self.config.ssl, "ssl_handshake_timeout": seconds}

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer requests for a moment longer, telling each client that its connection ends; then stop.

        Closing a connection while its next request is on the way would lose that request. So clients learn
        in time that they must not send another one, and new connections may still send their first.
        A balancer learns from the readiness, before that, that it must not send another connection.
        """
        self._connections.draining = True
        await self._leave()
        await asyncio.sleep(self._connections.limits.drain_seconds)
        waiting = _accept_waiting(sockets or [])
        for server in self.servers:
            server.close()
        seconds, accept = self._connections.limits.drain_seconds, asyncio.get_running_loop()
        accepted = [
            accept.connect_accepted_socket(self._protocol, connection, **self._tls(seconds))
            for connection in waiting
        ]
        await asyncio.gather(*accepted, return_exceptions=True)  # a handshake may fail
        await asyncio.sleep(seconds)
        await self._finish()
        await super().shutdown(sockets)
        self._captured_signals.clear()  # else uvicorn would raise them again

    async def _leave(self) -> None:
        """Give balancers time to notice that the server is not ready; a second Ctrl-C ends it."""
        clock = asyncio.get_running_loop().time
        end = clock() + self._connections.limits.leave_seconds
        while not self.force_exit and (left := end - clock()) > 0:
            await asyncio.sleep(min(left, _INTERVAL))

    async def _finish(self) -> None:
        """Wait for the accepted requests to be answered; after ``stop_seconds`` answer the rest with 503."""
        state, clock = self.server_state, asyncio.get_running_loop().time
        for connection in list(state.connections):
            connection.shutdown()
        end = clock() + self._connections.limits.stop_seconds
        while state.connections and clock() < end and not self.force_exit:
            await asyncio.sleep(_INTERVAL)
        late = list(state.tasks)
        if late:
            log.error("%d requests could not be answered in time", len(late))
            for task in late:
                task.cancel()
            await asyncio.wait(late, timeout=_INTERVAL)
            await asyncio.sleep(_INTERVAL)  # so that the responses are sent
        for connection in list(state.connections):
            connection.transport.abort()


def _accept_waiting(listening: list[socket.socket]) -> list[socket.socket]:
    """Accept the connections that are waiting; otherwise they would be reset when listening stops."""
    found = []
    for one in listening:
        with suppress(OSError):  # none is left
            while True:
                found.append(one.accept()[0])
    return found


def bind(host: str, port: int) -> socket.socket:
    """Return a socket that is bound to an address.

    Raises
    ------
    ConfigError
        If the host is unknown.
    BusyError
        If the address cannot be bound.
    """
    try:
        [(family, _, _, _, address), *_] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, OverflowError) as error:
        raise ConfigError(
            f"--host {host}: expected an address or host name of this machine; use 127.0.0.1"
        ) from error
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.setblocking(False)
    except OSError as error:
        listening.close()
        raise BusyError(
            f"{host}:{port}: expected a free address, found {os_error_text(error)}; "
            "choose another port with --port"
        ) from error
    return listening


def address_of(listening: socket.socket, tls: object = None) -> str:
    """Return the URL of a socket that listens; with anything for ``tls`` it is that of TLS."""
    host, port = listening.getsockname()[:2]
    scheme = "http" if tls is None else "https"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return uvloop's event loop if it is installed; it is faster than asyncio's."""
    try:
        import uvloop
    except ImportError:  # uvloop does not support Windows
        return None
    return uvloop.new_event_loop
