"""The studio's server: the one of ``tenfold serve``, with other routes and no workers."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

from tenfold.backend.cpu.threads import available
from tenfold.errors import TenfoldError
from tenfold.files import make_subfolder, storage
from tenfold.quoting import message
from tenfold.runs.models import Models
from tenfold.serve.connections import Connections
from tenfold.serve.file_descriptors import limits_that_fit
from tenfold.serve.http_protocol import BoundedHttpProtocol
from tenfold.serve.request_filter import RequestFilter
from tenfold.serve.server import address_of, bind, run_until_stopped, serve_application
from tenfold.serve.server_metrics import Metrics
from tenfold.serve.tls import Certificate
from tenfold.studio.api import Api
from tenfold.studio.app import HEADERS, application, page_files
from tenfold.studio.authenticator import Authenticator
from tenfold.studio.processes import KEPT, Processes
from tenfold.studio.provider_session import ProviderApi
from tenfold.studio.session import SessionApi
from tenfold.studio.settings import StudioSettings
from tenfold.studio.shared_processes import SharedProcesses
from tenfold.studio.stream import EventStream
from tenfold.users import AuditLog, IdentityProvider

log = logging.getLogger(__name__)

_EVERY = 0.3  # seconds between two looks at the queue
_ADVICE = "open the address that `tenfold studio` has printed, or start it with --users FILE --name HOST"


def studio(settings: StudioSettings, on_ready: Callable[[str], None]) -> None:
    """Serve the studio until a signal arrives. Trainings that go on then go on.

    Parameters
    ----------
    settings : StudioSettings
    on_ready : callable
        Called with the address when the server is ready.

    Raises
    ------
    BusyError
        If the port is in use.
    ConfigError
        If a file of the user's own cannot be used.
    StorageError
        If the folder cannot be made.
    CheckpointError
        If the file of users cannot be read.
    """
    models = Models.of(settings.networks)
    _ = models.entries  # errors now
    with storage(settings.folder):
        settings.folder.mkdir(parents=True, exist_ok=True)
    certificate = None if settings.tls is None else Certificate(settings.tls)
    with bind(settings.host, settings.port) as listening:
        run_until_stopped(_serve(settings, models, listening, on_ready, certificate))


def _authenticator(settings: StudioSettings) -> tuple[Authenticator | None, AuditLog | None]:
    """Return what finds who asks and where it is logged; None without users."""
    if settings.users is None:
        return None, None
    kept = settings.folder / KEPT
    make_subfolder(kept)
    return Authenticator(settings.users, kept / "sessions.json", settings.provider), AuditLog(
        kept / "audit.jsonl"
    )


async def _serve(
    settings: StudioSettings,
    models: Models,
    listening: socket.socket,
    on_ready: Callable[[str], None],
    certificate: Certificate | None,
) -> None:
    metrics, connections = Metrics(), Connections(limits_that_fit(settings.limits, 0))
    authenticator, log = _authenticator(settings)
    processes, files = _processes(settings, models, authenticator), page_files()
    api = Api(settings.folder, settings.data, models, processes, log)
    stream = EventStream(settings.folder, processes, lambda: connections.draining)
    guard = None if authenticator is None else authenticator.check
    heads = RequestFilter(settings, lambda: None, files, advice=_ADVICE, guard=guard)
    protocol = partial(BoundedHttpProtocol, heads=heads, connections=connections, metrics=metrics)
    sessions = None if authenticator is None or log is None else SessionApi(authenticator, log)
    provider = None
    if settings.provider is not None and authenticator is not None and log is not None:
        provider = ProviderApi(IdentityProvider(settings.provider), authenticator, log)
    app = application(api, stream, metrics, files, authenticator, sessions, provider)
    ready = partial(on_ready, address_of(listening, settings.tls))
    async with _turns(processes):
        await serve_application(app, protocol, connections, listening, ready, HEADERS, certificate)


def _processes(settings: StudioSettings, models: Models, authenticator: Authenticator | None) -> Processes:
    """Return what starts trainings: at once for one person, from a queue for several."""
    if authenticator is None:
        return Processes(settings.folder, models)
    most = settings.trainings or available()
    quotas = authenticator.all
    return SharedProcesses(
        settings.folder, models, most, lambda: {name: user.quota for name, user in quotas().items()}
    )


@asynccontextmanager
async def _turns(processes: Processes) -> AsyncIterator[None]:
    """Begin trainings whose turn it is, while a ``with`` block runs."""
    if not isinstance(processes, SharedProcesses):
        yield
        return
    task = asyncio.create_task(_tick(processes))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _tick(processes: SharedProcesses) -> None:
    said = ""
    while True:
        try:
            await asyncio.to_thread(processes.tick)
        except TenfoldError as error:  # a full disk, a damaged file of users: said once, and tried again
            if (trouble := message(error)) != said:
                log.error("the queue waits: %s", trouble)
            said = trouble
        await asyncio.sleep(_EVERY)
