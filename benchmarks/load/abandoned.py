"""Slow pictures whose clients have left: the wait for the next small picture."""

from __future__ import annotations

import http.client
import time
from contextlib import ExitStack
from urllib.parse import urlsplit

from rows import Row
from under_test import UnderTest

_PICTURES = 8
SECONDS = 2.0
_PATH, _HEADERS = "/v1/digits", {"Content-Type": "image/png"}


def abandoned(server: UnderTest, slow: bytes, small: bytes) -> list[Row]:
    """Post slow pictures and leave at once; then post a small one, and wait for its answer."""
    alone = _seconds(server, slow)
    with ExitStack() as stack:
        for _ in range(_PICTURES):
            connection = _connection(server)
            stack.callback(connection.close)
            connection.request("POST", _PATH, slow, _HEADERS)
    waited = _seconds(server, small)
    return [
        Row("one slow picture", "seconds", alone),
        Row(
            f"... {_PICTURES} of them abandoned: until a small picture is answered",
            "seconds",
            waited,
            at_most=SECONDS,
        ),
    ]


def _connection(server: UnderTest) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(server.address).netloc, timeout=300)


def _seconds(server: UnderTest, picture: bytes) -> float:
    """Return how long a picture takes until its answer is there."""
    connection = _connection(server)
    began = time.monotonic()
    connection.request("POST", _PATH, picture, _HEADERS)
    connection.getresponse().read()
    connection.close()
    return time.monotonic() - began
