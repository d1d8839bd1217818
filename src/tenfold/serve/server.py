"""The server: it starts workers, answers, and stops so that nothing it accepted is lost."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from functools import partial
from typing import Any

import uvicorn

from tenfold.backend.cpu.threads import available
from tenfold.errors import BusyError, ConfigError
from tenfold.files import os_error_text
from tenfold.serve.app import application
from tenfold.serve.connections import Connections
from tenfold.serve.file_descriptors import FileDescriptors, limits_that_fit
from tenfold.serve.http_protocol import BoundedHttpProtocol
from tenfold.serve.request_filter import RequestFilter
from tenfold.serve.server_metrics import Metrics
from tenfold.serve.settings import Settings
from tenfold.serve.static import public_files
from tenfold.serve.v2 import infer_path
from tenfold.serve.worker_pool import WorkerPool

log = logging.getLogger(__name__)

FREE = ("/docs", "/openapi.json", "/v2/health/live", "/v2/health/ready")
"""What needs no token, besides the files of the page."""

_MOST_WORKERS = 4  # unless told otherwise
_LOOK = 0.1  # seconds between two looks at what is still open
_NEVER = 3600  # seconds; connections that are idle are closed by `Connections`
_HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' blob: data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
"""With every answer."""


def serve(settings: Settings, on_ready: Callable[[str, str], None]) -> None:
    """Serve until a signal comes.

    Parameters
    ----------
    settings : Settings
    on_ready : callable
        Told the model's name and the address as soon as requests are answered.

    Raises
    ------
    ConfigError, BusyError
        If there is no listening at that address, or somebody else does.
    TenfoldError
        If the model cannot be served.
    """
    listening = bind(settings.host, settings.port)
    with listening, asyncio.Runner(loop_factory=_loop_factory()) as runner, suppress(asyncio.CancelledError):
        runner.run(_serve(settings, listening, on_ready))


@contextmanager
def _cancelled_by_signals() -> Iterator[None]:
    """Cancel what is done here when a signal comes: uvicorn, which takes over later, is not there yet."""
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
    """Return SIGHUP, if the system has it and it is not ignored, as it is under ``nohup``."""
    number = getattr(signal, "SIGHUP", None)
    return () if number is None or signal.getsignal(number) is signal.SIG_IGN else (number,)


async def _serve(settings: Settings, listening: socket.socket, on_ready: Callable[[str, str], None]) -> None:
    workers = settings.workers or min(available(), _MOST_WORKERS)
    metrics, connections = Metrics(), Connections(limits_that_fit(settings.limits, workers))
    metrics.gauge("connections", "Open connections.", lambda: len(connections))
    async with AsyncExitStack() as stack:
        with _cancelled_by_signals():
            started = WorkerPool(settings.run, workers, settings.limits, metrics)
            pool = await stack.enter_async_context(started)
        files = public_files()
        batch = infer_path(pool.model_info["name"])
        heads = RequestFilter(settings, pool.refusal, {*FREE, *files}, batch)
        protocol = partial(BoundedHttpProtocol, heads=heads, connections=connections, metrics=metrics)
        config = _config(application(pool, metrics, files), protocol)
        ready = partial(on_ready, pool.model_info["name"], _address(listening))
        server = GracefulServer(config, connections, ready)
        with connections.watched(FileDescriptors(connections).look):
            await server.serve(sockets=[listening])


def _config(app: Any, protocol: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        headers=list(_HEADERS.items()),
        timeout_keep_alive=_NEVER,
        timeout_graceful_shutdown=1,  # all is over by then
    )


class GracefulServer(uvicorn.Server):
    """Tells its clients that it stops before it does.

    Parameters
    ----------
    config : uvicorn.Config
    connections : Connections
    on_ready : callable
        Called when it listens.
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
        """Take SIGHUP as uvicorn takes SIGTERM."""
        here = threading.current_thread() is threading.main_thread()
        before = {number: signal.signal(number, self.handle_exit) for number in (_hang_up() if here else ())}
        try:
            with super().capture_signals():
                yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer what comes for a moment longer, each with word that the connection ends; then stop.

        A connection that is closed while its next request is under way loses that request. So those that
        are busy hear in time that they should not send one, and those that have just been made may send
        their first.
        """
        self._connections.draining = True
        await asyncio.sleep(self._connections.limits.drain_seconds)
        last = _accepted(sockets or [])
        for server in self.servers:
            server.close()
        for connection in last:
            await asyncio.get_running_loop().connect_accepted_socket(self._protocol, connection)
        await asyncio.sleep(self._connections.limits.drain_seconds)
        await self._finish()
        await super().shutdown(sockets)
        self._captured_signals.clear()  # uvicorn would raise them again: to stop was all they asked for

    async def _finish(self) -> None:
        """Let all that was accepted be answered, within bounds: what is late is told so."""
        state, clock = self.server_state, asyncio.get_running_loop().time
        for connection in list(state.connections):
            connection.shutdown()
        end = clock() + self._connections.limits.stop_seconds
        while state.connections and clock() < end and not self.force_exit:
            await asyncio.sleep(_LOOK)
        late = list(state.tasks)
        if late:
            log.error("requests that could not be answered in time: %d", len(late))
            for task in late:
                task.cancel()
            await asyncio.wait(late, timeout=_LOOK)
            await asyncio.sleep(_LOOK)  # so that it is sent
        for connection in list(state.connections):
            connection.transport.abort()


def _accepted(listening: list[socket.socket]) -> list[socket.socket]:
    """Return the connections that are waiting: whoever stops listening would reset them."""
    found = []
    for one in listening:
        with suppress(OSError):  # there is none left
            while True:
                found.append(one.accept()[0])
    return found


def bind(host: str, port: int) -> socket.socket:
    """Return a socket that is bound to an address.

    Raises
    ------
    ConfigError, BusyError
        If that cannot be done; one line says why.
    """
    try:
        [(family, _, _, _, address), *_] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, OverflowError) as error:
        raise ConfigError(f"--host {host}: expected an address or a name of this machine's") from error
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.setblocking(False)
    except OSError as error:
        listening.close()
        raise BusyError(
            f"{host}:{port}: expected a free address, got: {os_error_text(error)}; choose another with --port"
        ) from error
    return listening


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return what makes the fastest event loop that is installed."""
    try:
        import uvloop
    except ImportError:  # there is none for Windows
        return None
    return uvloop.new_event_loop
