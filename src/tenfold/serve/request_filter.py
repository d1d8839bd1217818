"""Checks the headers of a request before its body is read."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol
from urllib.parse import urlsplit

from tenfold.serve.asgi import HttpError
from tenfold.serve.limits import Limits
from tenfold.serve.settings import is_loopback

_ONCE = (b"host", b"origin", b"authorization", b"content-length", b"content-type", b"content-encoding")

Headers = Sequence[tuple[bytes, bytes]]

CHALLENGE = ((b"www-authenticate", b'Bearer realm="tenfold"'),)
"""The header of every 401 response."""


@dataclass(frozen=True)
class RequestHead:
    """Request line and headers.

    Attributes
    ----------
    method : str
    path : str
        Without the query, percent-decoded.
    headers : sequence of (bytes, bytes)
        Names in lower case.
    """

    method: str
    path: str
    headers: Headers


class Reachable(Protocol):
    """What a server's settings say of its address."""

    @property
    def host(self) -> str:
        """Address or name that it listens at."""

    @property
    def names(self) -> tuple[str, ...]:
        """Further host names that clients may use."""

    @property
    def limits(self) -> Limits:
        """What clients may send."""


class RequestFilter:
    """Decides from the headers whether a request is accepted.

    Parameters
    ----------
    settings : Settings or StudioSettings
    refusal : callable
        Returns why no request can be accepted now; None if one can.
    free : collection of str
        Paths that everybody may ask for: the page's own files, which other sites may link to as well.
    batch : str, optional
        The path that accepts minibatches.
    probes : collection of str
        Paths that answer under any Host: balancers ask by the address of a machine, or without a Host.
    advice : str
        What to try where the Host is another one.
    guard : callable, optional
        Returns why the sender of a head is not let in; None if it is. By default everybody is let in.
    origins : collection of str
        Other sites whose pages may send requests.
    """

    def __init__(
        self,
        settings: Reachable,
        refusal: Callable[[], HttpError | None],
        free: Collection[str] = frozenset(),
        batch: str | None = None,
        probes: Collection[str] = frozenset(),
        advice: str = "use the server's address, or start it with --name HOST",
        guard: Callable[[RequestHead], HttpError | None] | None = None,
        origins: Collection[str] = (),
    ) -> None:
        self._limits = settings.limits
        self._open = is_loopback(settings.host)
        self._names = {"localhost", settings.host.lower(), *(name.lower() for name in settings.names)}
        self._refusal, self._guard, self._free, self._batch = refusal, guard, frozenset(free), batch
        self._probes, self._advice = frozenset(probes), advice
        self._origins = frozenset(origin.encode() for origin in origins)
        self._is_our_host = lru_cache(maxsize=256)(self._check_host)

    def most(self, path: str) -> int:
        """Return the largest size of a body, in bytes."""
        return self._limits.batch_bytes if path == self._batch else self._limits.body_bytes

    def check(self, head: RequestHead) -> HttpError | None:
        """Return why a request is refused; None if it is accepted."""
        if len(head.headers) > self._limits.header_count:
            return HttpError(431, f"expected at most {self._limits.header_count} headers; send fewer")
        found = dict(head.headers)
        if len(found) < len(head.headers) and _repeated(head.headers):
            return HttpError(
                400, "expected Host, Origin, Authorization and Content-* once each; remove the repetition"
            )
        return (
            self._foreign_host(head, found)
            or self._unknown_sender(head)
            or self._unreadable_body(head.path, found)
            or (self._refusal() if head.method == "POST" else None)
        )

    def readable(self, error: HttpError, headers: Headers) -> HttpError:
        """Return an error that a page of another site, if it may send requests, can read as well."""
        origin = next((value for name, value in headers if name == b"origin"), None)
        if origin not in self._origins or origin is None:
            return error
        shared = (
            (b"access-control-allow-origin", origin),
            (b"access-control-expose-headers", b"retry-after"),
            (b"vary", b"Origin"),
        )
        return HttpError(error.status, error.text, (*error.headers, *shared))

    def _foreign_host(self, head: RequestHead, found: dict[bytes, bytes]) -> HttpError | None:
        """Refuse requests for another host, or from a page of another host."""
        if head.path not in self._probes and not self._is_our_host(found.get(b"host", b"")):
            return HttpError(400, f"Host: expected a name of this server, got another; {self._advice}")
        if head.path in self._free - self._probes and head.method in ("GET", "HEAD"):
            return None  # everybody may have the page's files, whichever page asks for them
        if (origin := found.get(b"origin")) is not None and origin not in self._origins:
            scheme, _, rest = origin.partition(b"://")
            if scheme not in (b"http", b"https") or rest.lower() != found.get(b"host", b"").lower():
                return HttpError(
                    400,
                    "Origin: expected the host that Host names, got another; use the server's own page, "
                    "and let a proxy pass on Host",
                )
        return None

    def _check_host(self, header: bytes) -> bool:
        """Return whether a Host header names this server.

        Another site can point its own host name to our address (DNS rebinding), but cannot send our name.
        """
        host = _hostname(header)
        if host in self._names:
            return True
        try:
            address = ipaddress.ip_address(host or "")
        except ValueError:
            return False
        return address.is_loopback or not self._open

    def _unknown_sender(self, head: RequestHead) -> HttpError | None:
        if self._guard is None or head.path in self._free or self._is_preflight(head):
            return None
        return self._guard(head)

    def _is_preflight(self, head: RequestHead) -> bool:
        """Return whether a browser asks for a page of another site; it sends no token with the question."""
        return head.method == "OPTIONS" and dict(head.headers).get(b"origin") in self._origins

    def _unreadable_body(self, path: str, found: dict[bytes, bytes]) -> HttpError | None:
        if found.get(b"content-encoding", b"identity").lower() != b"identity":
            return HttpError(415, "expected a body without Content-Encoding; send it uncompressed")
        if found.get(b"transfer-encoding", b"chunked").lower() != b"chunked":
            return HttpError(400, "expected no Transfer-Encoding but chunked")
        if b"upgrade" in found:
            return HttpError(400, "expected HTTP/1.1 without the header Upgrade")
        if int(found.get(b"content-length", b"0")) > self.most(path):
            return too_large(self.most(path))
        return None


class OneToken:
    """Lets in everybody who sends the server's token.

    Parameters
    ----------
    token : str
    """

    def __init__(self, token: str) -> None:
        self._token = token.encode()

    def __call__(self, head: RequestHead) -> HttpError | None:
        """Return why the sender is not let in; None if it is."""
        if hmac.compare_digest(bearer(head.headers), self._token):
            return None
        return HttpError(401, "expected the token in the header Authorization: Bearer TOKEN", CHALLENGE)


def too_large(most: int) -> HttpError:
    """Return the 413 response for a body that is too large."""
    return HttpError(413, f"expected a body of at most {most} bytes; send less at a time")


def _repeated(headers: Headers) -> bool:
    names = [name for name, _ in headers if name in _ONCE]
    return len(set(names)) < len(names)


def _hostname(host: bytes) -> str | None:
    """Return the host name in a Host header, in lower case and without the port; None if it is invalid."""
    try:
        parts = urlsplit(f"//{host.decode('ascii')}")
        _ = parts.port  # raises if it is invalid
    except ValueError:
        return None
    return parts.hostname if parts.netloc == host.decode("ascii") and "@" not in parts.netloc else None


def bearer(headers: Headers) -> bytes:
    """Return the token in the header Authorization; empty if there is none."""
    header = next((value for name, value in headers if name == b"authorization"), b"")
    scheme, _, value = header.partition(b" ")
    return value.strip() if scheme.lower() == b"bearer" else b""
