"""The application with all routes of the studio."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tenfold import serve
from tenfold.serve.asgi import App, HttpError, Receive, Reply, Scope, Send
from tenfold.serve.endpoint import Endpoint
from tenfold.serve.openapi import MEANINGS
from tenfold.serve.request_filter import CHALLENGE
from tenfold.serve.static import StaticFile, files_of
from tenfold.studio.api import Answer, Api, Body, json_body, json_handler, picture_body
from tenfold.studio.authenticator import CALLBACK, PROVIDER, SIGN_IN, WAYS, Authenticator, is_open
from tenfold.studio.provider_session import ProviderApi, no_provider
from tenfold.studio.session import SessionApi, who
from tenfold.studio.stream import EventStream
from tenfold.studio.view import View, with_view

if TYPE_CHECKING:
    from tenfold.serve.server_metrics import Metrics

HEADERS = {
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
"""Headers of every response."""

_RUN = "/api/runs/{name:path}"
_POLICY = (
    b"content-security-policy",
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    b"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
)


class Policy:
    """Adds the content security policy to all responses that have none of their own."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def guarded(event: Scope) -> None:
            if event["type"] == "http.response.start":
                headers = list(event.get("headers", ()))
                if all(name.lower() != _POLICY[0] for name, _ in headers):
                    event = {**event, "headers": [*headers, _POLICY]}
            await send(event)

        await self._app(scope, receive, guarded)


class Authenticated:
    """Finds out who asks, and refuses people who are not known.

    The head of a request has been checked before; here nothing is answered if that was left out.

    Parameters
    ----------
    app : application
    authenticator : Authenticator or None
        None without users.
    free : collection of str
        Paths that everybody may ask for.
    """

    def __init__(self, app: App, authenticator: Authenticator | None, free: Collection[str]) -> None:
        self._app, self._authenticator, self._free = app, authenticator, frozenset(free)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            inner = self._known(scope)
        except HttpError as error:
            await error.reply().send(send)
            return
        await self._app(inner, receive, send)

    def _known(self, scope: Scope) -> Scope:
        if self._authenticator is None:
            return with_view(scope, View())
        if scope["path"] in self._free or is_open(scope["method"], scope["path"]):
            return scope
        user = self._authenticator.who(scope["headers"])
        if user is None:  # since the head was checked
            raise HttpError(401, "expected the token of a user, or a session; sign in", CHALLENGE)
        return with_view(scope, View(user))


class _Row(NamedTuple):
    """A route of the API.

    Attributes
    ----------
    method, path : str
    answer : callable
    role : str or None
        What a user must be allowed to do; None lets in people who are not known.
    body : callable or None
    """

    method: str
    path: str
    answer: Answer
    role: str | None = "read"
    body: Body | None = None

    def route(self, metrics: Metrics) -> Route:
        handler = json_handler(self.answer, self.body, self.role)
        return Route(self.path, Endpoint(self.answer.__name__, handler, metrics), methods=[self.method])


def _rows(api: Api) -> list[_Row]:
    return [
        _Row("GET", "/api/choices", api.choices),
        _Row("GET", "/api/networks/{name}", api.network),
        _Row("GET", "/api/ledger", api.ledger),
        _Row("GET", "/api/readers", api.readers),
        _Row("GET", SIGN_IN, who),
        _Row("GET", "/api/runs", api.runs),
        _Row("POST", "/api/runs", api.start, "train", json_body),
        _Row("POST", "/api/step", api.step, "read", json_body),
        _Row("POST", "/api/ask", api.ask, "read", picture_body),
        _Row("GET", f"{_RUN}/details", api.details),
        _Row("GET", f"{_RUN}/report", api.report),
        _Row("POST", f"{_RUN}/report", api.write_report, "train"),
        _Row("POST", f"{_RUN}/orders", api.order, "train", json_body),
        _Row("POST", f"{_RUN}/resume", api.resume, "train"),
        _Row("POST", f"{_RUN}/cancel", api.cancel, "train"),
        _Row("GET", _RUN, api.run),  # after those that begin like it
    ]


def _session_rows(sessions: SessionApi) -> list[_Row]:
    return [
        _Row("POST", SIGN_IN, sessions.sign_in, None, json_body),
        _Row("POST", "/api/sign-out", sessions.sign_out),
    ]


def _provider_rows(provider: ProviderApi | None) -> list[_Row]:
    if provider is None:
        return [_Row("GET", WAYS, no_provider, None)]
    return [
        _Row("GET", WAYS, provider.name, None),
        _Row("GET", PROVIDER, provider.begin, None),
        _Row("GET", CALLBACK, provider.end, None),
    ]


def application(
    api: Api,
    stream: EventStream,
    metrics: Metrics,
    files: Mapping[str, StaticFile],
    authenticator: Authenticator | None = None,
    sessions: SessionApi | None = None,
    provider: ProviderApi | None = None,
) -> App:
    """Return the application.

    Parameters
    ----------
    api : Api
    stream : EventStream
    metrics : Metrics
    files : mapping of str to StaticFile
        The pages, by path.
    authenticator : Authenticator, optional
        Finds who asks; by default one person, who sees everything.
    sessions : SessionApi, optional
        To sign in and out, if there are users.
    provider : ProviderApi, optional
        To sign in at an identity provider.
    """
    rows = [*_rows(api), *_provider_rows(provider)]
    if sessions is not None:
        rows += _session_rows(sessions)
    app = Starlette(
        routes=[
            *(Route(path, file, methods=["GET"]) for path, file in files.items()),
            Route(f"{_RUN}/events", stream, methods=["GET"]),  # before the run itself, which begins like it
            *(row.route(metrics) for row in rows),
        ],
        exception_handlers={HTTPException: _refused},
    )
    app.router.redirect_slashes = False
    return Policy(Authenticated(app, authenticator, files))


def page_files() -> dict[str, StaticFile]:
    """Return the files of the pages by path."""
    found = files_of(Path(__file__).parent / "page")
    sheet = files_of(Path(serve.__file__).parent / "page")  # the sheet to draw on, and the colours
    shared = {f"/sheet{path}": file for path, file in sheet.items() if path.endswith((".js", "/base.css"))}
    return found | shared | {"/": found["/index.html"]}


async def _refused(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    reply: Reply = HttpError(status, MEANINGS.get(status, "the request was refused")).reply()
    return Response(reply.body, status, headers, "application/json")
