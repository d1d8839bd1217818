"""The application with all routes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.routing import Route

from tenfold import __version__
from tenfold.serve import v1, v2
from tenfold.serve.asgi import App, HttpError, Receive, Reply, Scope, Send
from tenfold.serve.connections import Connections
from tenfold.serve.docs_page import docs_page
from tenfold.serve.endpoint import Endpoint
from tenfold.serve.openapi import MEANINGS, describe, errors
from tenfold.serve.schemas import Live, ModelMetadata, ModelReady, Models, Ready, ServerMetadata
from tenfold.serve.server_metrics import Metrics
from tenfold.serve.static import StaticFile
from tenfold.serve.worker_pool import WorkerPool

_DESCRIPTION = "Recognises handwritten digits with neural networks written from scratch."
_CLASSES = "Classifies pictures with neural networks written from scratch."


class Shortcut:
    """Sends the requests of the two busiest routes past the framework.

    FastAPI's overhead for a request is as large as all other work outside of the workers.

    Parameters
    ----------
    app : application
        Answers all other requests.
    routes : mapping of str to application
        By path, for POST.
    """

    def __init__(self, app: App, routes: Mapping[str, App]) -> None:
        self._app, self._routes = app, routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        direct = self._routes.get(scope["path"]) if scope["method"] == "POST" else None
        if scope["method"] == "HEAD":  # like GET; the protocol leaves out the body
            scope = {**scope, "method": "GET"}
        await (direct or self._app)(scope, receive, send)


def open_to(origins: Sequence[str], app: App) -> App:
    """Return an application whose answers pages of other sites can read (CORS).

    Cookies are not among what these may send; a token is.
    """
    if not origins:
        return app
    names = ["authorization", "content-type", "inference-header-content-length"]
    return CORSMiddleware(
        app,
        allow_origins=origins,
        allow_methods=["GET", "HEAD", "POST"],
        allow_headers=names,
        expose_headers=["retry-after", "inference-header-content-length"],
        allow_private_network=True,  # a page on the internet may reach a server on its user's machine
    )


def application(
    pool: WorkerPool, metrics: Metrics, files: Mapping[str, StaticFile], connections: Connections
) -> App:
    """Return the application.

    Parameters
    ----------
    pool : WorkerPool
        With workers.
    metrics : Metrics
    files : mapping of str to StaticFile
        By path.
    connections : Connections
        They know whether the server is stopping.
    """
    app = FastAPI(
        title="tenfold",
        version=__version__,
        description=_DESCRIPTION if pool.model_info["reads_digits"] else _CLASSES,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    _add_protocol(app, pool, connections)
    _add_descriptions(app, pool, metrics)
    read, infer = Endpoint("digits", v1.ReadDigits(pool), metrics), Endpoint("infer", v2.Infer(pool), metrics)
    path = v1.path(pool.model_info)
    app.router.routes += [
        Route(path, read, methods=["POST"]),
        Route(v2.infer_path("{name}"), infer, methods=["POST"]),
        *(Route(path, file, methods=["GET"]) for path, file in files.items()),
    ]
    for kind in (HttpError, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, _error_response)
    return Shortcut(app, {path: read, v2.infer_path(pool.model_info["name"]): infer})


def _add_protocol(app: FastAPI, pool: WorkerPool, connections: Connections) -> None:
    """Add the metadata and health routes of the Open Inference Protocol."""

    @app.get("/v2", responses=errors(), summary="Name and version of the server")
    async def server() -> ServerMetadata:
        return v2.server_metadata()

    @app.get("/v2/health/live", responses=errors(), summary="Whether the server runs")
    async def live() -> Live:
        return Live(live=True)

    @app.get("/v2/health/ready", responses=errors(503), summary="Whether the server accepts requests")
    async def ready() -> Ready:
        v2.check_ready(pool, stopping=connections.draining)
        return Ready(ready=True)

    @app.get("/v2/models", responses=errors(), summary="Names of the models")
    async def models() -> Models:
        return Models(models=[pool.model_info["name"]])

    @app.get(
        "/v2/models/{name}",
        responses=errors(404),
        summary="Inputs and outputs of a model",
        response_model_exclude_none=True,
    )
    async def model(name: str) -> ModelMetadata:
        v2.check_name(name, pool)
        return v2.model_metadata(pool.model_info)

    @app.get("/v2/models/{name}/ready", responses=errors(404, 503), summary="Whether a model is ready")
    async def model_ready(name: str) -> ModelReady:
        v2.check_name(name, pool)
        v2.check_ready(pool, stopping=connections.draining)
        return ModelReady(name=name, ready=True)


def _add_descriptions(app: FastAPI, pool: WorkerPool, metrics: Metrics) -> None:
    """Add the metrics and the documentation."""
    described = cache(lambda: describe(app, pool.model_info))
    app.openapi = described  # type: ignore[method-assign]
    text: dict[int | str, dict[str, Any]]
    text = {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}

    @app.get("/metrics", responses=errors() | text, summary="Metrics for Prometheus", response_class=Response)
    async def figures() -> Response:
        return _response(metrics.reply())

    @app.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        return Response(docs_page(described()), media_type="text/html")


def _response(reply: Reply) -> Response:
    headers = {name.decode(): value.decode() for name, value in reply.headers}
    return Response(reply.body, reply.status, headers, reply.content_type.decode())


async def _error_response(request: Request, error: Exception) -> Response:
    """Turn an error of a route or of the framework into an error response."""
    if isinstance(error, HttpError):
        return _response(error.reply())
    status, headers = 422, {}
    if isinstance(error, HTTPException):
        status, headers = error.status_code, dict(error.headers or {})
    if "GET" in (allowed := headers.get("Allow", "")):
        headers["Allow"] = ", ".join(sorted({*allowed.split(", "), "HEAD"}))
    encoded = tuple((name.lower().encode(), value.encode()) for name, value in headers.items())
    return _response(HttpError(status, MEANINGS.get(status, "the request was refused"), encoded).reply())
