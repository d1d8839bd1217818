"""The studio's server: the one of ``tenfold serve``, with other routes and no workers."""

from __future__ import annotations

import socket
from collections.abc import Callable
from functools import partial

from tenfold.files import make_subfolder, storage
from tenfold.runs.models import Models
from tenfold.serve.connections import Connections
from tenfold.serve.file_descriptors import limits_that_fit
from tenfold.serve.http_protocol import BoundedHttpProtocol
from tenfold.serve.request_filter import RequestFilter
from tenfold.serve.server import address_of, bind, run_until_stopped, serve_application
from tenfold.serve.server_metrics import Metrics
from tenfold.studio.api import Api
from tenfold.studio.app import HEADERS, application, page_files
from tenfold.studio.door import Door
from tenfold.studio.processes import KEPT, Processes
from tenfold.studio.session import SessionApi
from tenfold.studio.settings import StudioSettings
from tenfold.studio.stream import EventStream
from tenfold.users import AuditLog

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
    with bind(settings.host, settings.port) as listening:
        run_until_stopped(_serve(settings, models, listening, on_ready))


def _door(settings: StudioSettings) -> tuple[Door | None, AuditLog | None]:
    """Return who is let in and where it is logged; None without users."""
    if settings.users is None:
        return None, None
    kept = settings.folder / KEPT
    make_subfolder(kept)
    return Door(settings.users, kept / "sessions.json"), AuditLog(kept / "audit.jsonl")


async def _serve(
    settings: StudioSettings, models: Models, listening: socket.socket, on_ready: Callable[[str], None]
) -> None:
    metrics, connections = Metrics(), Connections(limits_that_fit(settings.limits, 0))
    processes, files = Processes(settings.folder, models), page_files()
    door, log = _door(settings)
    api = Api(settings.folder, settings.data, models, processes, log)
    stream = EventStream(settings.folder, processes, lambda: connections.draining)
    guard = None if door is None else door.check
    heads = RequestFilter(settings, lambda: None, files, advice=_ADVICE, guard=guard)
    protocol = partial(BoundedHttpProtocol, heads=heads, connections=connections, metrics=metrics)
    sessions = None if door is None or log is None else SessionApi(door, log)
    app = application(api, stream, metrics, files, door, sessions)
    ready = partial(on_ready, address_of(listening))
    await serve_application(app, protocol, connections, listening, ready, HEADERS)
