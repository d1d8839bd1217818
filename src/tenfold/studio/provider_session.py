"""Signing in at an identity provider: the browser goes there, and comes back with an answer."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any
from urllib.parse import parse_qsl

from tenfold.quoting import message
from tenfold.serve.asgi import HttpError, Reply, Scope
from tenfold.studio.authenticator import Authenticator, cookie_of
from tenfold.studio.session import cookie_header, session_header
from tenfold.users import Attempt, AuditLog, IdentityProvider, SignInError

log = logging.getLogger(__name__)

ATTEMPT = "tenfold-sign-in"
"""The cookie that keeps an attempt. It goes along when the provider's page leads back here."""

_SECONDS = 600  # to sign in at the provider
_AT_ONCE = 3  # questions to the provider: half of the threads that answer everybody, if it is slow
_EVERY = 60.0  # seconds between two lines of the log for one reason


class ProviderApi:
    """The answers to a browser that signs in at the provider. They lead to the page *Sign in*.

    Parameters
    ----------
    provider : IdentityProvider
    authenticator : Authenticator
    log : AuditLog
    """

    def __init__(self, provider: IdentityProvider, authenticator: Authenticator, log: AuditLog) -> None:
        self._provider, self._authenticator, self._audit = provider, authenticator, log
        self._free = threading.BoundedSemaphore(_AT_ONCE)
        self._said: dict[str, float] = {}

    def begin(self, scope: Scope, given: Any) -> Any:
        """Lead the browser to the provider."""
        attempt = Attempt.new()
        try:
            with nullcontext() if self._provider.is_known else self._question():
                address = self._provider.address(attempt)
        except SignInError as error:
            return self._refused(error)
        kept = cookie_header(ATTEMPT, str(attempt), _SECONDS, "Lax", secure=self._secure)
        return Reply(b"", 303, headers=(*_FRESH, (b"location", address.encode("ascii")), kept))

    def end(self, scope: Scope, given: Any) -> Any:
        """Begin a session for whoever the provider says it is."""
        if scope["method"] != "GET":  # HEAD would spend the code
            raise HttpError(405, "expected GET", ((b"allow", b"GET"),))
        attempt = Attempt.of(cookie_of(scope["headers"], ATTEMPT))
        answer = dict(parse_qsl(scope["query_string"].decode("latin-1")))
        if attempt is None or not attempt.is_answered_by(answer):  # an attempt that goes on goes on
            return _to_page(refused="failed")
        gone = cookie_header(ATTEMPT, "", 0, "Lax", secure=self._secure)
        try:
            with self._question():
                identity = self._provider.identity(attempt, answer)
            user = self._authenticator.by_identity(identity, self._provider.settings.same)
        except SignInError as error:
            return self._refused(error, gone)
        except HttpError:  # the file of users cannot be read, which has been logged
            return _to_page(gone, refused="busy")
        if user is None:
            return self._refused(SignInError("unknown", f"no user has the identity {identity!r}"), gone)
        if self._authenticator.busy(user):
            return _to_page(gone, refused="busy")
        cookie = self._authenticator.sessions.begin(user, self._provider.settings.origin(user.identity))
        self._audit.add(user.name, "sign in")
        return _to_page(gone, session_header(cookie, secure=self._secure))

    def _refused(self, error: SignInError, *headers: tuple[bytes, bytes]) -> Reply:
        """Say why on the page, and in the log, of each reason a line a minute: anybody can cause them."""
        now = time.monotonic()
        if now - self._said.get(error.reason, -_EVERY) >= _EVERY:
            self._said[error.reason] = now
            log.warning("sign-in at the provider: %s", message(error))
        return _to_page(*headers, refused=error.reason)

    @contextmanager
    def _question(self) -> Iterator[None]:
        """Ask the provider in a ``with`` block, so often at once and not more."""
        if not self._free.acquire(blocking=False):
            raise SignInError("busy", "too many people sign in at once")
        try:
            yield
        finally:
            self._free.release()

    @property
    def _secure(self) -> bool:
        return self._provider.settings.is_secure

    def name(self, scope: Scope, given: Any) -> Any:
        """Return the provider's host, for the page on which one signs in."""
        return {"provider": self._provider.settings.host}


def no_provider(scope: Scope, given: Any) -> Any:
    """Return that there is no provider."""
    return {"provider": None}


_FRESH = ((b"cache-control", b"no-store"),)


def _to_page(*headers: tuple[bytes, bytes], refused: str = "") -> Reply:
    """Lead to the page on which one signs in; it goes on to where the user wanted to be."""
    how = f"refused={refused}" if refused else "done"
    return Reply(b"", 303, headers=(*_FRESH, (b"location", f"../sign-in.html?{how}".encode()), *headers))
