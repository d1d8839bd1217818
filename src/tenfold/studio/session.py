"""Signing in and out: a browser keeps a cookie that no script can read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tenfold.serve.asgi import HttpError, Reply, Scope, header
from tenfold.serve.request_filter import CHALLENGE
from tenfold.studio.authenticator import COOKIE, Authenticator, session_cookie
from tenfold.studio.view import view_of
from tenfold.users import AuditLog, User
from tenfold.users.sessions import SECONDS

_LONGEST = 200  # characters of a token


class SessionApi:
    """The answers to the page on which one signs in.

    The cookie has no path of its own: a browser sends it with everything below the folder of the request,
    ``api/``, also where the studio is below a path of a proxy.

    Parameters
    ----------
    authenticator : Authenticator
    log : AuditLog
    """

    def __init__(self, authenticator: Authenticator, log: AuditLog) -> None:
        self._authenticator, self._log = authenticator, log

    def sign_in(self, scope: Scope, given: Any) -> Any:
        """Begin a session."""
        token = given.get("token") if isinstance(given, Mapping) else None
        user = None
        if isinstance(token, str) and 0 < len(token) <= _LONGEST:
            user = self._authenticator.by_token(token)
        if user is None:
            raise HttpError(
                401,
                "expected the token of a user, got something else; "
                "ask the person who runs this studio for one",
                CHALLENGE,
            )
        if error := self._authenticator.busy(user):
            raise error
        cookie = self._authenticator.sessions.begin(user)
        self._log.add(user.name, "sign in")
        return _with_cookie(scope, described(user), cookie, SECONDS)

    def sign_out(self, scope: Scope, given: Any) -> Any:
        """End the session."""
        if cookie := session_cookie(scope["headers"]):
            self._authenticator.sessions.end(cookie)
        if (user := view_of(scope).user) is not None:
            self._log.add(user.name, "sign out")
        return _with_cookie(scope, described(None), "", 0)


def who(scope: Scope, given: Any) -> Any:
    """Return who asks."""
    return described(view_of(scope).user)


def described(user: User | None) -> dict[str, Any]:
    """Return what a page shows of a user."""
    return {"user": None if user is None else user.name, "role": None if user is None else user.role}


def _with_cookie(scope: Scope, values: dict[str, Any], cookie: str, seconds: int) -> Reply:
    # a browser names its page's scheme in Origin, also where a proxy speaks TLS
    secure = scope["scheme"] == "https" or (header(scope, b"origin") or b"").startswith(b"https://")
    headers = ((b"cache-control", b"no-store"), session_header(cookie, seconds, secure=secure))
    return Reply(json.dumps(values).encode(), headers=headers)


def session_header(cookie: str, seconds: int = SECONDS, *, secure: bool) -> tuple[bytes, bytes]:
    """Return the header that lets a browser keep a session."""
    return cookie_header(COOKIE, cookie, seconds, "Strict", secure=secure)


def cookie_header(
    name: str, value: str, seconds: int, same_site: str, *, secure: bool
) -> tuple[bytes, bytes]:
    """Return the header that lets a browser keep a cookie, which no script can read."""
    text = f"{name}={value}; Max-Age={seconds}; HttpOnly; SameSite={same_site}"
    return b"set-cookie", (text + ("; Secure" if secure else "")).encode("ascii")
