"""Downloads one file from one mirror into memory, with limits on connect, read and total time."""

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
    """Limits on the time of one download, in seconds."""

    connect: float = 5.0  # to establish a connection
    read: float = 15.0  # between two chunks of data
    total: float = 900.0  # for one file; 11 kB/s for the largest


class MirrorError(Exception):
    """Why a mirror did not send a file; the next mirror is tried."""


class _Cancelled(Exception):
    """Ends the thread of a transfer that was given up."""


class Transfer:
    """One download.

    requests limits each wait of a socket, not their sum: a name server that does not answer, eight
    addresses tried in turn, or one byte every ten seconds would take minutes. So the transfer runs in
    its own thread, and the caller's thread checks the time.

    Parameters
    ----------
    url : str
    limit : int
        Largest size of the response, in bytes.
    progress : callable
        Called with the bytes received and the total (0 if the mirror does not send it).
    """

    def __init__(self, url: str, limit: int, progress: Callable[[int, int], None]) -> None:
        self.url = url
        self.total = 0
        self.data = bytearray()
        self._limit = limit
        self._progress = progress
        self._connected = False
        self._last_data = time.monotonic()
        self._cancelled = False
        self._error: Exception | None = None

    def fetch(self, timeouts: Timeouts) -> bytearray:
        """Return the body of the response.

        Raises
        ------
        MirrorError
            If the download fails, is too slow or is too large.
        """
        import requests  # this import may take seconds, so it comes before the start time

        thread = threading.Thread(target=self._run, args=(requests.Session(), timeouts), daemon=True)
        start = self._last_data = time.monotonic()
        thread.start()
        reported = 0
        try:
            while thread.is_alive():
                thread.join(_POLL)
                if len(self.data) > reported:
                    reported = len(self.data)
                    self._progress(reported, self.total)
                if thread.is_alive():
                    self._check_time(start, timeouts)
        finally:
            self._cancelled = True  # the thread stops at its next chunk, also after Ctrl-C
        if self._error is not None:
            raise MirrorError(describe_error(self._error, timeouts)) from self._error
        return self.data

    def _check_time(self, start: float, timeouts: Timeouts) -> None:
        now = time.monotonic()
        if not self._connected and now - start > timeouts.connect:
            raise MirrorError(f"no connection within {timeouts.connect:g} s")
        if self._connected and now - self._last_data > timeouts.read:
            raise MirrorError(f"no data for {timeouts.read:g} s")
        if now - start > timeouts.total:
            raise MirrorError(f"too slow: {len(self.data)} bytes in {timeouts.total:g} s")

    def _run(self, session: requests.Session, timeouts: Timeouts) -> None:
        """Download, in the thread; an exception is stored for the caller of `fetch`."""
        try:
            self._connect(timeouts.connect)
            self._receive(session, timeouts)
        except Exception as error:
            self._error = error

    def _connect(self, wait: float) -> None:
        """Open a TCP connection to the mirror first, unless a proxy is used."""
        import requests

        parts = urlsplit(self.url)
        proxies = requests.utils.get_environ_proxies(self.url)
        if requests.utils.select_proxy(self.url, proxies) is None:
            port = parts.port or (443 if parts.scheme == "https" else 80)
            socket.create_connection((parts.hostname or "", port), timeout=wait).close()
        self._connected, self._last_data = True, time.monotonic()

    def _receive(self, session: requests.Session, timeouts: Timeouts) -> None:
        # Ask for the .gz itself, without Content-Encoding. The timeout of the socket is longer than ours,
        # so that the check in `fetch` decides.
        headers, timeout = {"Accept-Encoding": "identity"}, (timeouts.connect, 2 * timeouts.read)
        with session, session.get(self.url, headers=headers, timeout=timeout, stream=True) as response:
            response.raise_for_status()
            self.total = int(response.headers.get("Content-Length", 0))
            for chunk in response.iter_content(_CHUNK):
                self._take(chunk)

    def _take(self, chunk: bytes) -> None:
        if self._cancelled:
            raise _Cancelled
        if len(self.data) + len(chunk) > self._limit:
            raise MirrorError(f"more than {self._limit} bytes")
        self.data += chunk
        self._last_data = time.monotonic()


def describe_error(error: Exception, timeouts: Timeouts) -> str:
    """Describe an error in a few words."""
    import requests

    if isinstance(error, requests.HTTPError) and error.response is not None:
        code = error.response.status_code
        phrase = http.client.responses.get(code, "")  # the standard one, not the mirror's text
        return f"HTTP {code} {phrase}".strip()
    table: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
        (socket.gaierror, "host name not found"),
        ((TimeoutError, requests.ConnectTimeout), f"no connection within {timeouts.connect:g} s"),
        (requests.ReadTimeout, f"no data for {timeouts.read:g} s"),
        (requests.exceptions.SSLError, "invalid certificate"),
        (requests.exceptions.ProxyError, "the proxy refused or failed"),
        (ConnectionRefusedError, "connection refused"),
        ((requests.ConnectionError, requests.exceptions.ChunkedEncodingError), "connection lost"),
    )
    for kind, words in table:
        if isinstance(error, kind):
            return words
    if isinstance(error, MirrorError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return type(error).__name__
