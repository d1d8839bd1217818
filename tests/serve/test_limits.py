"""What is too large, too many, too slow or no HTTP is refused, and nobody else notices."""

from __future__ import annotations

import socket
import struct
import time
from contextlib import ExitStack
from typing import Any

import pytest

PATIENCE = 60  # seconds


def head(*lines: str, first: str = "GET /v2 HTTP/1.1") -> bytes:
    return "".join(f"{line}\r\n" for line in (first, "Host: 127.0.0.1", *lines, "")).encode("latin-1")


POST = "POST /v1/digits HTTP/1.1"
CHUNKED = head("Content-Type: image/png", "Transfer-Encoding: chunked", first=POST)
REFUSED = {
    "a head of 100 KB": (431, head("X: " + "x" * 100_000)),
    "10,000 headers": (431, head(*(f"X-{i}: 1" for i in range(10_000)))),
    "41 small headers": (431, head(*(f"X-{i}: 1" for i in range(41)))),
    "an address of 9 KB": (431, head(first=f"GET /{'a' * 9000} HTTP/1.1")),
    "an endless head": (431, b"GET /v2 HTTP/1.1\r\nX: " + b"x" * 9000),
    "a body of ten gigabytes": (413, head("Content-Length: 10000000000", first=POST)),
    "a body over 1 MiB": (413, head(f"Content-Length: {(1 << 20) + 1}", first=POST) + bytes((1 << 20) + 1)),
    "a minibatch over 8 MiB": (
        413,
        head("Content-Length: 8388609", first="POST /v2/models/lenet5/infer HTTP/1.1"),
    ),
    "a length beyond 64 bits": (400, head(f"Content-Length: {10**30}", first=POST)),
    "a negative length": (400, head("Content-Length: -1", first=POST)),
    "two lengths": (400, head("Content-Length: 3", "Content-Length: 4", first=POST)),
    "length and chunks": (400, head("Content-Length: 3", "Transfer-Encoding: chunked", first=POST)),
    "chunks of no size": (400, CHUNKED + b"zz\r\n"),
    "a trailer": (400, CHUNKED + b"3\r\nabc\r\n0\r\nX: 1\r\n\r\n"),
    "a trailer that the gate would refuse": (400, CHUNKED + b"0\r\nHost: evil.example\r\n\r\n"),
    "endless trailers": (400, CHUNKED + b"3\r\nabc\r\n0\r\n" + 200 * b"X: 1\r\n"),
    "another transfer encoding": (400, head("Transfer-Encoding: gzip, chunked", first=POST)),
    "a compressed body": (415, head("Content-Encoding: gzip", "Content-Length: 3", first=POST) + b"abc"),
    "an upgrade": (400, head("Connection: Upgrade", "Upgrade: websocket")),
    "HTTP/2": (400, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "TLS": (400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
    "noise": (400, bytes(range(256))),
    "a control character in the address": (400, head(first="GET /v2\x01 HTTP/1.1")),
    "a control character in a header": (400, head("X: a\x00b")),
    "a header without a name": (400, head(": a")),
}


@pytest.mark.fault(
    "server",
    "a head or body is too large, compressed, or not HTTP",
    "400, 413, 415 or 431, the response repeats nothing of it",
)
@pytest.mark.parametrize("name", REFUSED)
def test_refused(server: Any, name: str) -> None:
    status, raw = REFUSED[name]
    [answer] = server.answers(server.send(raw))
    assert answer.status == status
    assert answer.headers["connection"] == "close"
    check_error(answer)


def check_error(answer: Any) -> None:
    """Nothing is in it but a line of ours and an id."""
    assert answer.json.keys() == {"error", "request_id"}
    assert len(answer.body) < 1024
    assert len(answer.json["request_id"]) == 16
    assert "Traceback" not in answer.json["error"]


@pytest.mark.fault("server", "endless chunks", "413 or 431")
def test_endless_chunks(server: Any) -> None:
    with server.connect() as connection:
        connection.sendall(CHUNKED)
        piece = b"10000\r\n" + bytes(0x10000) + b"\r\n"
        sent = 0
        try:
            while sent < 64:
                connection.sendall(piece)
                sent += 1
        except OSError:  # the server no longer takes any
            pass
        raw = server.received(connection)
    assert not raw or server.answers(raw)[0].status == 413
    with server.connect() as connection:  # and the answer comes where somebody listens
        connection.sendall(CHUNKED + 17 * piece)
        [answer] = server.answers(server.received(connection))
    assert answer.status == 413
    check_error(answer)


@pytest.mark.fault("server", "endless chunks", "413 or 431")
@pytest.mark.parametrize("begun", ["0\r\nX: ", "3\r\nabc\r\n0\r\nX", "3;"])
def test_what_describes_chunks_is_bounded(server: Any, begun: str) -> None:
    with server.connect() as connection:
        connection.sendall(CHUNKED + begun.encode() + b"x" * (1 << 20))  # too much to be read at once
        [answer] = server.answers(server.received(connection))
    assert answer.status == 431
    check_error(answer)


SLOW = {
    "a head": (b"GET /v2 HTTP/1.1\r\n", b"X: 1\r\n", 408),
    "a head, letter by letter": (b"G", b"", 408),
    "a body": (head("Content-Type: image/png", "Content-Length: 100000", first=POST), b"x", 408),
    "chunks": (CHUNKED, b"1\r\nx\r\n", 408),
}


@pytest.mark.fault("server", "a head or a body arrives slowly", "408")
@pytest.mark.parametrize("name", SLOW)
def test_slow(server: Any, name: str) -> None:
    first, drop, status = SLOW[name]
    began = time.monotonic()
    with server.connect() as connection:
        connection.sendall(first)
        connection.settimeout(0.05)
        raw = b""
        while time.monotonic() < began + 30 and not raw:
            try:
                raw = connection.recv(1 << 16)
                break
            except TimeoutError:
                connection.sendall(drop)
        connection.settimeout(30)
        raw += server.received(connection)
    [answer] = server.answers(raw)
    assert answer.status == status
    check_error(answer)


@pytest.mark.fault(
    "server", "a client does not read its answers", "disconnected, other clients are not affected"
)
def test_a_client_that_does_not_read_its_answers(server: Any) -> None:
    with server.connect() as connection:
        asked = server.request("GET", "/openapi.json")
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                connection.sendall(asked)
            except ConnectionError:
                break
            time.sleep(0.01)
        else:
            pytest.fail("it is still served")
    assert server.ask("GET", "/v2").status == 200


@pytest.mark.fault("server", "700 sockets stay idle", "closed, other clients are served")
def test_idle_connections_are_closed(server: Any) -> None:
    with server.connect() as silent, server.connect() as kept:
        kept.sendall(server.request("GET", "/v2"))
        raw = server.received(kept)  # ends when the server closes it
        assert [answer.status for answer in server.answers(raw)] == [200]
        assert server.received(silent) == b""


@pytest.mark.fault("server", "700 sockets stay idle", "closed, other clients are served")
def test_idle_connections_do_not_keep_others_out(server: Any) -> None:
    idle = [server.connect() for _ in range(500)]
    assert server.ask("GET", "/v2").status == 200
    idle += [server.connect() for _ in range(200)]  # more than there may be: the oldest give way
    assert server.ask("GET", "/v2").status == 200
    assert server.figure("tenfold_connections") <= 601
    for connection in idle:
        connection.close()


@pytest.mark.fault(
    "server", "requests arrive before earlier responses are sent", "answered or rejected in order"
)
def test_pipelined_requests_are_answered_in_order(server: Any) -> None:
    paths = ["/v2", "/v2/health/live", "/nothing", "/v2"]
    raw = b"".join(server.request("GET", path) for path in paths)
    raw += server.request("GET", "/v2/health/ready", b"", {"Connection": "close"})
    assert [answer.status for answer in server.answers(server.send(raw))] == [200, 200, 404, 200, 200]


@pytest.mark.fault(
    "server", "requests arrive before earlier responses are sent", "answered or rejected in order"
)
def test_a_pipelined_request_that_is_refused_waits_for_its_turn(server: Any) -> None:
    raw = server.request("GET", "/v2") + head("Content-Length: 10000000000", first=POST)
    assert [answer.status for answer in server.answers(server.send(raw))] == [200, 413]
    raw = server.request("GET", "/v2") + CHUNKED + b"3\r\nabc\r\n0\r\nX: 1\r\n\r\n"
    assert [answer.status for answer in server.answers(server.send(raw))] == [200, 400]
    raw = server.request("GET", "/v2") + b"noise\r\n\r\n"
    first, *_ = server.answers(server.send(raw))
    assert first.status == 200


NO_ADDRESS = [
    "CONNECT a:80",
    "GET http://",
    "GET http://localhost",
    "GET http://localhost:99999/",
    "OPTIONS *",
    "GET //[",
    "GET /\xe9",
]


@pytest.mark.fault(
    "server", "requests arrive before earlier responses are sent", "answered or rejected in order"
)
@pytest.mark.parametrize("first", NO_ADDRESS)
def test_an_address_that_is_none_does_not_lose_the_request_before_it(server: Any, first: str) -> None:
    bad = head(first=f"{first} HTTP/1.1")
    [alone] = server.answers(server.send(bad))
    assert alone.status in {400, 404}
    check_error(alone)
    before, *after = server.answers(server.send(server.request("GET", "/v2") + bad))
    assert before.status == 200
    assert [answer.status for answer in after] in ([], [alone.status])


@pytest.mark.fault(
    "server", "requests arrive before earlier responses are sent", "answered or rejected in order"
)
def test_too_many_pipelined_requests(server: Any) -> None:
    raw = server.send(
        1000 * server.request("GET", "/v2") + server.request("GET", "/v2", b"", {"Connection": "close"})
    )
    assert {answer.status for answer in server.answers(raw)} == {200, 503}


def test_a_client_that_waits_before_its_body(server: Any) -> None:
    with server.connect() as connection:
        connection.sendall(
            head(
                "Content-Type: image/png",
                "Content-Length: 4",
                "Expect: 100-continue",
                "Connection: close",
                first=POST,
            )
        )
        assert connection.recv(1 << 16) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"nope")
        [answer] = server.answers(server.received(connection))
    assert answer.status == 422


@pytest.mark.fault("server", "a client leaves during a request", "other clients are not affected")
def test_a_client_that_leaves_half_way(server: Any) -> None:
    begun = head("Content-Type: image/png", "Content-Length: 100", first=POST) + b"\x89PNG"
    for raw in (b"G", b"GET /v2 HTTP/1.1\r\nHo", begun, CHUNKED + b"5\r\nab"):
        with server.connect() as connection:
            connection.sendall(raw)
        with server.connect() as connection:
            connection.sendall(raw)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset
    assert server.ask("GET", "/v2").status == 200


@pytest.mark.fault("server", "a client leaves during a request", "other clients are not affected")
def test_a_client_that_leaves_before_its_answer(server: Any, png: Any, digits: Any) -> None:
    asked = server.request("POST", "/v1/digits", png(digits[0]), {"Content-Type": "image/png"})
    for _ in range(20):
        with server.connect() as connection:
            connection.sendall(asked)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert server.post("/v1/digits", png(digits[0])).status == 200


@pytest.mark.fault("server", "many clients send slowly at once", "the memory for them is limited")
def test_what_is_held_for_slow_clients_is_bounded(server: Any) -> None:
    begun = head("Content-Length: 3000000", first="POST /v2/models/lenet5/infer HTTP/1.1") + bytes(2_900_000)
    with ExitStack() as stack:
        connections = [stack.enter_context(server.connect()) for _ in range(4)]
        for connection in connections:
            connection.sendall(begun)
        statuses = [server.answers(server.received(connection))[0].status for connection in connections]
    assert sorted(statuses) == [408, 408, 408, 503]
    assert server.post("/v1/digits", bytes(1_000_000)).status == 422  # what was held is free again
