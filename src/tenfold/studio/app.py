"""The application with all routes of the studio."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

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
from tenfold.studio.api import Api, json_body, json_handler, picture_body
from tenfold.studio.door import SIGN_IN, Door
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


class Entrance:
    """Finds out who asks, and refuses people who are not known.

    The head of a request has been checked before; here nothing is answered if that was left out.

    Parameters
    ----------
    app : application
    door : Door or None
        None without users.
    free : collection of str
        Paths that everybody may ask for.
    """

    def __init__(self, app: App, door: Door | None, free: Collection[str]) -> None:
        self._app, self._door, self._free = app, door, frozenset(free)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            inner = self._known(scope)
        except HttpError as error:
            await error.reply().send(send)
            return
        await self._app(inner, receive, send)

    def _known(self, scope: Scope) -> Scope:
        if self._door is None:
            return with_view(scope, View())
        if scope["path"] in self._free or (scope["path"] == SIGN_IN and scope["method"] == "POST"):
            return scope
        user = self._door.who(scope["headers"])
        if user is None:  # since the head was checked
            raise HttpError(401, "expected the token of a user, or a session; sign in", CHALLENGE)
        return with_view(scope, View(user))


def application(
    api: Api,
    stream: EventStream,
    metrics: Metrics,
    files: Mapping[str, StaticFile],
    door: Door | None = None,
    sessions: SessionApi | None = None,
) -> App:
    """Return the application.

    Parameters
    ----------
    api : Api
    stream : EventStream
    metrics : Metrics
    files : mapping of str to StaticFile
        The pages, by path.
    door : Door, optional
        Who is let in; by default one person, who sees everything.
    sessions : SessionApi, optional
        To sign in and out, if there is a door.
    """
    run = "/api/runs/{name:path}"
    get = {
        "/api/choices": api.choices,
        "/api/networks/{name}": api.network,
        "/api/ledger": api.ledger,
        "/api/readers": api.readers,
        SIGN_IN: who,
        "/api/runs": api.runs,
        f"{run}/details": api.details,
        f"{run}/report": api.report,
        run: api.run,  # after those that begin like it
    }
    post = {
        "/api/step": api.step,
        "/api/ask": api.ask,
        "/api/runs": api.start,
        f"{run}/orders": api.order,
        f"{run}/resume": api.resume,
        f"{run}/cancel": api.cancel,
        f"{run}/report": api.write_report,
    }
    bodies = {
        "/api/step": json_body,
        "/api/runs": json_body,
        f"{run}/orders": json_body,
        "/api/ask": picture_body,
    }
    roles: dict[str, str | None] = dict.fromkeys(post, "train")
    roles |= {"/api/step": "read", "/api/ask": "read"}
    if sessions is not None:
        post |= {SIGN_IN: sessions.sign_in, "/api/sign-out": sessions.sign_out}
        bodies |= {SIGN_IN: json_body}
        roles |= {SIGN_IN: None, "/api/sign-out": "read"}
    app = Starlette(
        routes=[
            *(Route(path, file, methods=["GET"]) for path, file in files.items()),
            *(
                Route(
                    path,
                    Endpoint(one.__name__, json_handler(one, bodies.get(path), roles[path]), metrics),
                    methods=["POST"],
                )
                for path, one in post.items()
            ),
            Route(f"{run}/events", stream, methods=["GET"]),
            *(
                Route(path, Endpoint(one.__name__, json_handler(one), metrics), methods=["GET"])
                for path, one in get.items()
            ),
        ],
        exception_handlers={HTTPException: _refused},
    )
    app.router.redirect_slashes = False
    return Policy(Entrance(app, door, files))


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
