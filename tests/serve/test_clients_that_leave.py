"""Clients that leave before their answer, and clients that only stop sending."""

from __future__ import annotations

import os
import signal
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

DROPPED = pytest.mark.fault(
    "server",
    "a client leaves before its answer",
    "its work is dropped, other clients do not wait",
)
ANSWERED = pytest.mark.fault("server", "a client half-closes its connection", "answered, then closed")


@pytest.fixture(scope="module")
def own(start: Any) -> Iterator[Any]:
    """A server whose only worker may be stopped, and is given one request at a time."""
    with start(limits={"batch_requests": 1}) as server:
        yield server


@contextmanager
def stopped(server: Any) -> Iterator[None]:
    """Stop all workers while in the block."""
    workers = server.workers
    for worker in workers:
        os.kill(worker, signal.SIGSTOP)
    try:
        yield
    finally:
        for worker in workers:
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGCONT)


def half_closed(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_WR)


def closed(connection: socket.socket) -> None:
    connection.close()


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def picture(server: Any, body: bytes, version: str = "1.1") -> bytes:
    raw: bytes = server.request("POST", "/v1/digits", body, {"Content-Type": "image/png"})
    return raw.replace(b"HTTP/1.1", f"HTTP/{version}".encode(), 1)


@DROPPED
@pytest.mark.parametrize("leave", [closed, reset])
@pytest.mark.parametrize("times", [1, 10], ids=["one request", "pipelined requests"])
def test_what_waits_for_a_client_that_has_left_is_dropped(
    own: Any, png: Any, digits: Any, wait_until: Any, leave: Callable[[socket.socket], None], times: int
) -> None:
    images, answered = own.figure("tenfold_images_total"), _answered(own)
    with stopped(own):
        connections = [own.connect() for _ in range(10)]
        for connection in connections:
            connection.sendall(times * picture(own, png(digits[0])))
        wait_until(lambda: own.figure("tenfold_waiting") == 9)  # one is with the worker
        for connection in connections:
            leave(connection)
        wait_until(lambda: own.figure("tenfold_waiting") == 0)
        wait_until(lambda: own.figure("tenfold_connections") == 1)
    assert own.post("/v1/digits", png(digits[0])).status == 200
    assert own.figure("tenfold_images_total") == images + 2
    assert _answered(own) == answered + 1  # what the worker had begun is thrown away


def _answered(server: Any) -> float:
    text = server.ask("GET", "/metrics").body.decode()
    lines = [
        line for line in text.splitlines() if line.startswith('tenfold_requests_total{endpoint="digits"')
    ]
    return sum(float(line.rpartition(" ")[2]) for line in lines)


@DROPPED
def test_a_worker_that_ends_does_not_bring_back_what_was_dropped(
    own: Any, png: Any, digits: Any, wait_until: Any
) -> None:
    images, abandoned = own.figure("tenfold_images_total"), own.figure("tenfold_abandoned_total")
    [worker] = own.workers
    with stopped(own):
        with own.connect() as connection:
            connection.sendall(picture(own, png(digits[0])))
            wait_until(lambda: own.figure("tenfold_connections") == 2)
        wait_until(lambda: own.figure("tenfold_abandoned_total") == abandoned + 1)
        os.kill(worker, signal.SIGKILL)
        wait_until(lambda: own.workers not in ([], [worker]))
    assert own.post("/v1/digits", png(digits[0])).status == 200
    assert own.figure("tenfold_images_total") == images + 1


@ANSWERED
@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize("late", [False, True], ids=["at once", "later"])
def test_a_client_that_half_closes_is_answered(
    own: Any, png: Any, digits: Any, wait_until: Any, version: str, late: bool
) -> None:
    expected = own.post("/v1/digits", png(digits[0])).json
    with own.connect() as connection:
        if late:
            with stopped(own):
                connection.sendall(picture(own, png(digits[0]), version))
                half_closed(connection)
                if version == "1.1":  # the server asks whether it is still there
                    assert connection.recv(1 << 16) == b"HTTP/1.1 100 Continue\r\n\r\n"
                else:
                    wait_until(lambda: own.figure("tenfold_connections") == 2)
        else:
            connection.sendall(picture(own, png(digits[0]), version))
            half_closed(connection)
        [answer] = own.answers(own.received(connection))
    assert (answer.status, answer.json) == (200, expected)


@ANSWERED
def test_all_requests_of_a_client_that_half_closes_are_answered(own: Any, png: Any, digits: Any) -> None:
    whole = own.request("GET", "/v2") + picture(own, png(digits[0])) + own.request("GET", "/nothing")
    for rest, statuses in (
        (b"", [200, 200, 404]),
        (b"GET /v2 HTT", [200, 200, 404]),
        (picture(own, png(digits[0]))[:-1], [200, 200, 404]),
        (b"nonsense\r\n\r\n", [200, 200, 404]),
        (own.request("POST", "/v1/digits", b"", {"Content-Length": "2000000"}), [200, 200, 404, 413]),
    ):
        with own.connect() as connection:
            connection.sendall(whole + rest)
            half_closed(connection)
            found = [answer.status for answer in own.answers(own.received(connection))]
        assert found == statuses


@ANSWERED
@pytest.mark.parametrize("path", ["/", "/v2", "/v2/health/live", "/metrics", "/docs", "/nothing"])
def test_a_page_is_sent_to_a_client_that_half_closes(own: Any, path: str) -> None:
    with own.connect() as connection:
        connection.sendall(own.request("GET", path))
        half_closed(connection)
        [answer] = own.answers(own.received(connection))
    assert answer.status == (404 if path == "/nothing" else 200)


def test_a_client_that_half_closes_in_the_middle_is_let_go(own: Any) -> None:
    for raw in (b"", b"GET /v2 HTT", own.request("POST", "/v1/digits", b"abc")[:-1]):
        with own.connect() as connection:
            connection.sendall(raw)
            half_closed(connection)
            assert own.received(connection) == b""
