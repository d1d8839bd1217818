"""Who sends a request: each one for data carries a token, or the cookie of somebody who has signed in."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tenfold.errors import TenfoldError
from tenfold.quoting import message
from tenfold.serve.asgi import HttpError
from tenfold.serve.request_filter import CHALLENGE, RequestHead, bearer
from tenfold.users import KnownUsers, ProviderSettings, Rates, Sessions, User

if TYPE_CHECKING:
    from tenfold.serve.asgi import Headers

log = logging.getLogger(__name__)

COOKIE = "tenfold-session"
SIGN_IN = "/api/session"
"""The path to sign in by."""
WAYS, PROVIDER, CALLBACK = "/api/sign-in", "/api/provider", "/api/callback"
"""The paths that tell how one can sign in, lead to the identity provider, and come back from there."""

_OPEN = {
    ("POST", SIGN_IN),
    *((method, path) for method in ("GET", "HEAD") for path in (WAYS, PROVIDER, CALLBACK)),
}


class Authenticator:
    """Finds the user who sends a request.

    Parameters
    ----------
    users : Path
        The file of users.
    sessions : Path
        The file that keeps the sessions.
    provider : ProviderSettings, optional
        Where users can also sign in.

    Raises
    ------
    ConfigError, CheckpointError
        If the file of users cannot be used.
    """

    def __init__(self, users: Path, sessions: Path, provider: ProviderSettings | None = None) -> None:
        self._users, self.sessions = KnownUsers(users), Sessions(sessions)
        self._rates, self._provider = Rates(), provider
        self._trouble = ""

    def check(self, head: RequestHead) -> HttpError | None:
        """Return why the sender of a request is refused; None if it is known. Counts the request."""
        if is_open(head.method, head.path):
            return None
        try:
            user = self.who(head.headers)
        except HttpError as error:
            return error
        if user is None:
            return HttpError(401, "expected the token of a user, or a session; sign in", CHALLENGE)
        return self.busy(user)

    def busy(self, user: User) -> HttpError | None:
        """Count a request of a user; return why it is refused, None if it is not."""
        wait = self._rates.wait(user)
        if not wait:
            return None
        text = f"expected at most {user.quota.requests} requests a minute; wait"
        return HttpError(429, text, ((b"retry-after", b"%d" % wait),))

    def who(self, headers: Headers | Sequence[tuple[bytes, bytes]]) -> User | None:
        """Return who sends a request; None if that is not known.

        A token comes before a cookie: whoever sends both means the token.
        """
        token = bearer(headers)
        if token:
            return self.by_token(token.decode("utf-8", "surrogateescape"))
        cookie = session_cookie(headers)
        if not cookie:
            return None
        return self._read(lambda: self.sessions.find(cookie, self._users.all(), self._origin))

    def _origin(self, user: User) -> str | None:
        return None if self._provider is None else self._provider.origin(user.identity)

    def by_token(self, token: str) -> User | None:
        """Return the user who has a token."""
        return self._read(lambda: self._users.by_token(token))

    def by_identity(self, identity: str, same: Callable[[str, str], bool]) -> User | None:
        """Return the user whom the identity provider means."""
        users = partial(filter, lambda user: user.identity is not None and same(user.identity, identity))
        return self._read(lambda: next(users(self._users.all().values()), None))

    def all(self) -> dict[str, User]:
        """Return all users by name."""
        return self._users.all()

    def _read(self, question: Callable[[], User | None]) -> User | None:
        try:
            return question()
        except TenfoldError as error:
            if (trouble := message(error)) != self._trouble:  # said once
                self._trouble = trouble
                log.error("%s", trouble)
            raise HttpError(
                503, "the file of users cannot be read; ask the person who runs this studio"
            ) from error


def is_open(method: str, path: str) -> bool:
    """Return whether a request needs no user, because it signs one in."""
    return (method, path) in _OPEN


def session_cookie(headers: Headers | Sequence[tuple[bytes, bytes]]) -> str:
    """Return the cookie of a session; empty if there is none."""
    return cookie_of(headers, COOKIE)


def cookie_of(headers: Headers | Sequence[tuple[bytes, bytes]], wanted: str) -> str:
    """Return a cookie of a request; empty if there is none."""
    for name, value in headers:
        if name == b"cookie":
            for part in value.decode("latin-1").split(";"):
                key, _, content = part.strip().partition("=")
                if key == wanted:
                    return content
    return ""
