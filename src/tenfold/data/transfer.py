"""Fetching one file from one mirror into memory, never for longer than it deserves."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import requests

_CHUNK = 1 << 14  # bytes
_POLL = 0.05  # seconds


@dataclass(frozen=True)
class Timeouts:
    """How long a mirror may keep us waiting, in seconds."""

    connect: float = 5.0  # until there is a connection
    read: float = 15.0  # between two chunks of data
    whole: float = 900.0  # for one file; the largest then comes at 11 kB/s


class MirrorError(Exception):
    """Why a mirror did not give a file, in a few words; the next one is tried."""


class _Cancelled(Exception):
    """Ends a transfer whose time is over."""


class Transfer:
    """One download under way.

    requests bounds each wait of a socket, not the sum: a name server that does not answer, eight
    addresses tried in turn, or a byte every ten seconds would hold us for minutes. So the transfer
    runs in a thread of its own, and whoever waits for it looks at the clock.

    Parameters
    ----------
    url : str
    limit : int
        Bytes after which the answer cannot be the file.
    progress : callable
        Told the bytes received and the total (0 where the mirror does not say).
    """

    def __init__(self, url: str, limit: int, progress: Callable[[int, int], None]) -> None:
        self.url = url
        self.total = 0
        self.data = bytearray()
        self._limit = limit
        self._progress = progress
        self._connected = False
        self._moved = time.monotonic()
        self._over = False
        self._fault: Exception | None = None

    def fetch(self, patience: Timeouts) -> bytearray:
        """The body of the answer.

        Raises
        ------
        MirrorError
            If it does not come, or is longer than the limit.
        """
        import requests  # may take seconds: before the clock starts

        thread = threading.Thread(target=self._run, args=(requests.Session(), patience), daemon=True)
        start = self._moved = time.monotonic()
        thread.start()
        reported = 0
        try:
            while thread.is_alive():
                thread.join(_POLL)
                if len(self.data) > reported:
                    reported = len(self.data)
                    self._progress(reported, self.total)
                if thread.is_alive():
                    self._look_at_clock(start, patience)
        finally:
            self._over = True  # also after Ctrl-C: the thread stops at its next chunk
        if self._fault is not None:
            raise MirrorError(describe_error(self._fault, patience)) from self._fault
        return self.data

    def _look_at_clock(self, start: float, patience: Timeouts) -> None:
        now = time.monotonic()
        if not self._connected and now - start > patience.connect:
            raise MirrorError(f"no connection within {patience.connect:g} s")
        if self._connected and now - self._moved > patience.read:
            raise MirrorError(f"no data for {patience.read:g} s")
        if now - start > patience.whole:
            raise MirrorError(f"too slow: {len(self.data)} bytes in {patience.whole:g} s")

    def _run(self, session: requests.Session, patience: Timeouts) -> None:
        """Runs in the thread: whatever goes wrong is kept for the one who waits."""
        try:
            self._connect(patience.connect)
            self._receive(session, patience)
        except Exception as error:
            self._fault = error

    def _connect(self, wait: float) -> None:
        """Knock at the mirror's door, unless a proxy is to do that."""
        import requests

        parts = urlsplit(self.url)
        proxies = requests.utils.get_environ_proxies(self.url)
        if requests.utils.select_proxy(self.url, proxies) is None:
            port = parts.port or (443 if parts.scheme == "https" else 80)
            socket.create_connection((parts.hostname or "", port), timeout=wait).close()
        self._connected, self._moved = True, time.monotonic()

    def _receive(self, session: requests.Session, patience: Timeouts) -> None:
        # The .gz itself, not unpacked on the way; and the socket waits longer than we do, so that the
        # clock in `fetch` has the say.
        headers, timeout = {"Accept-Encoding": "identity"}, (patience.connect, 2 * patience.read)
        with session, session.get(self.url, headers=headers, timeout=timeout, stream=True) as answer:
            answer.raise_for_status()
            self.total = int(answer.headers.get("Content-Length", 0))
            for chunk in answer.iter_content(_CHUNK):
                self._take(chunk)

    def _take(self, chunk: bytes) -> None:
        if self._over:
            raise _Cancelled
        if len(self.data) + len(chunk) > self._limit:
            raise MirrorError(f"more than {self._limit} bytes")
        self.data += chunk
        self._moved = time.monotonic()


def describe_error(error: Exception, patience: Timeouts) -> str:
    """What went wrong, in a few words on one line."""
    import requests

    if isinstance(error, requests.HTTPError) and error.response is not None:
        code = error.response.status_code
        return f"HTTP {code} {http.client.responses.get(code, '')}".strip()  # our words, not the mirror's
    table: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
        (socket.gaierror, "host name not found"),
        ((TimeoutError, requests.ConnectTimeout), f"no connection within {patience.connect:g} s"),
        (requests.ReadTimeout, f"no data for {patience.read:g} s"),
        (requests.exceptions.SSLError, "its certificate is not accepted"),
        (requests.exceptions.ProxyError, "the proxy does not pass it on"),
        (ConnectionRefusedError, "connection refused"),
        ((requests.ConnectionError, requests.exceptions.ChunkedEncodingError), "connection broken"),
    )
    for kind, words in table:
        if isinstance(error, kind):
            return words
    if isinstance(error, MirrorError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return type(error).__name__
