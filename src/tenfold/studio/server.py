"""The studio's server: the one of ``tenfold serve``, with other routes and no workers."""

from __future__ import annotations

import socket
from collections.abc import Callable
from functools import partial

from tenfold.files import storage
from tenfold.runs.models import Models
from tenfold.serve.connections import Connections
from tenfold.serve.file_descriptors import limits_that_fit
from tenfold.serve.http_protocol import BoundedHttpProtocol
from tenfold.serve.request_filter import RequestFilter
from tenfold.serve.server import address_of, bind, run_until_stopped, serve_application
from tenfold.serve.server_metrics import Metrics
from tenfold.serve.settings import Settings
from tenfold.studio.api import Api
from tenfold.studio.app import HEADERS, application, page_files
from tenfold.studio.processes import Processes
from tenfold.studio.settings import HOST, StudioSettings
from tenfold.studio.stream import EventStream


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
    """
    models = Models.of(settings.networks)
    _ = models.entries  # errors now
    with storage(settings.folder):
        settings.folder.mkdir(parents=True, exist_ok=True)
    with bind(HOST, settings.port) as listening:
        run_until_stopped(_serve(settings, models, listening, on_ready))


async def _serve(
    settings: StudioSettings, models: Models, listening: socket.socket, on_ready: Callable[[str], None]
) -> None:
    metrics, connections = Metrics(), Connections(limits_that_fit(settings.limits, 0))
    processes = Processes(settings.folder, models)
    api = Api(settings.folder, settings.data, models, processes)
    stream = EventStream(settings.folder, processes, lambda: connections.draining)
    own = Settings(HOST, settings.port, limits=settings.limits)
    heads = RequestFilter(own, lambda: None, advice="open the address that `tenfold studio` has printed")
    protocol = partial(BoundedHttpProtocol, heads=heads, connections=connections, metrics=metrics)
    app = application(api, stream, metrics, page_files())
    ready = partial(on_ready, address_of(listening))
    await serve_application(app, protocol, connections, listening, ready, HEADERS)
