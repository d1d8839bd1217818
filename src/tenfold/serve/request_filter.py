"""Checks the headers of a request before its body is read."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from tenfold.serve.asgi import HttpError
from tenfold.serve.settings import Settings, is_loopback

_ONCE = (b"host", b"origin", b"authorization", b"content-length", b"content-type", b"content-encoding")

Headers = Sequence[tuple[bytes, bytes]]


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


class RequestFilter:
    """Decides from the headers whether a request is accepted.

    Parameters
    ----------
    settings : Settings
    refusal : callable
        Returns why no request can be accepted now; None if one can.
    free : collection of str
        Paths that need no token.
    batch : str, optional
        The path that accepts minibatches.
    probes : collection of str
        Paths that answer under any Host: balancers ask by the address of a machine, or without a Host.
    advice : str
        What to try where the Host is another one.
    """

    def __init__(
        self,
        settings: Settings,
        refusal: Callable[[], HttpError | None],
        free: Collection[str] = frozenset(),
        batch: str | None = None,
        probes: Collection[str] = frozenset(),
        advice: str = "use the server's address, or start it with --name HOST",
    ) -> None:
        self._limits = settings.limits
        self._open = is_loopback(settings.host)
        self._names = {"localhost", settings.host.lower(), *(name.lower() for name in settings.names)}
        self._token = None if settings.token is None else settings.token.encode()
        self._refusal, self._free, self._batch = refusal, frozenset(free), batch
        self._probes, self._advice = frozenset(probes), advice
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
            self._foreign_host(head.path, found)
            or self._missing_token(head.path, found)
            or self._unreadable_body(head.path, found)
            or (self._refusal() if head.method == "POST" else None)
        )

    def _foreign_host(self, path: str, found: dict[bytes, bytes]) -> HttpError | None:
        """Refuse requests for another host, or from a page of another host."""
        if path not in self._probes and not self._is_our_host(found.get(b"host", b"")):
            return HttpError(400, f"unknown host; {self._advice}")
        if (origin := found.get(b"origin")) is not None:
            scheme, _, rest = origin.partition(b"://")
            if scheme not in (b"http", b"https") or rest.lower() != found.get(b"host", b"").lower():
                return HttpError(400, "cross-origin requests are not allowed")
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

    def _missing_token(self, path: str, found: dict[bytes, bytes]) -> HttpError | None:
        if self._token is None or path in self._free:
            return None
        if hmac.compare_digest(_credentials(found.get(b"authorization", b"")), self._token):
            return None
        challenge = (b"www-authenticate", b'Bearer realm="tenfold"')
        return HttpError(401, "expected the token in the header Authorization: Bearer TOKEN", (challenge,))

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


def _credentials(header: bytes) -> bytes:
    """Return the token in an Authorization header; empty if there is none."""
    scheme, _, value = header.partition(b" ")
    return value.strip() if scheme.lower() == b"bearer" else b""
