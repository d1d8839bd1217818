"""Connections are shared out: among addresses, and within what the system gives."""

from __future__ import annotations

import errno
import os
import resource
from contextlib import ExitStack
from typing import Any

import pytest

from tenfold.serve.connections import Connections
from tenfold.serve.file_descriptors import FileDescriptors
from tenfold.serve.limits import Limits

MOST = 60
POST = b"POST /v1/digits HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: image/png\r\n"
HALF = {
    "nothing": b"",
    "half a head": b"GET / HTTP/1.1\r\nHost: 127.0",
    "half a body": POST + b"Content-Length: 9\r\n\r\n",
    "half a chunk": POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab",
}
LIMITS = {"connections": MOST, "head_seconds": 30.0, "body_seconds": 30.0, "idle_seconds": 30.0}


@pytest.fixture(scope="module")
def small(start: Any) -> Any:
    """A server of few connections, that give way to nothing but others."""
    with start(limits=LIMITS) as server:
        yield server


def greedy(server: Any, stack: ExitStack, begun: bytes, source: str, times: int) -> list[Any]:
    """Open connections, and begin a request on each."""
    connections = []
    for _ in range(times):
        connections.append(stack.enter_context(server.connect(source)))
        connections[-1].sendall(begun)
    return connections


@pytest.mark.fault("server", "one address opens more connections than allowed", "other addresses are served")
@pytest.mark.parametrize("begun", HALF)
@pytest.mark.parametrize("source", ["127.0.0.1", "127.0.0.2"], ids=["the same address", "another address"])
def test_unfinished_requests_shut_nobody_out(
    small: Any, png: Any, digits: Any, begun: str, source: str
) -> None:
    with ExitStack() as stack:
        for _ in range(3):
            greedy(small, stack, HALF[begun], source, MOST)
            for _ in range(5):
                assert small.post("/v1/digits", png(digits[0])).status == 200
        assert small.figure("tenfold_connections") <= MOST


@pytest.mark.fault("server", "one address opens more connections than allowed", "other addresses are served")
def test_the_connections_of_other_addresses_are_kept(small: Any) -> None:
    with ExitStack() as stack:
        kept = greedy(small, stack, b"", "127.0.0.1", 5) + greedy(small, stack, b"", "127.0.0.3", 5)
        for connection in kept:
            assert _goes_on(small, connection)
        greedy(small, stack, HALF["half a head"], "127.0.0.2", 3 * MOST)
        for connection in kept:
            assert _goes_on(small, connection)


def _goes_on(server: Any, connection: Any) -> bool:
    """Return whether a request on this connection is answered."""
    connection.sendall(server.request("GET", "/v2/health/live"))
    raw = b""
    while piece := connection.recv(1 << 16):
        raw += piece
        if raw.endswith(b'{"live":true}'):
            return True
    return False


@pytest.mark.fault("server", "one address opens more connections than allowed", "other addresses are served")
@pytest.mark.parametrize("begun", [name for name in HALF if name != "nothing"])
def test_the_oldest_unfinished_request_gives_way_and_is_told(small: Any, begun: str) -> None:
    with ExitStack() as stack:
        [other] = greedy(small, stack, b"", "127.0.0.3", 1)
        connections = greedy(small, stack, HALF[begun], "127.0.0.1", MOST - 1)
        assert _goes_on(small, other)  # by then all that was sent before has been read
        assert _goes_on(small, *greedy(small, stack, b"", "127.0.0.3", 1))
        [answer] = small.answers(small.received(connections[0]))
        assert answer.status == 503
        assert "retry-after" in answer.headers
        connections[-1].setblocking(False)
        with pytest.raises(BlockingIOError):  # the youngest goes on
            connections[-1].recv(1)


FEW = pytest.mark.fault(
    "server", "there are too few file descriptors", "fewer connections, one line, all answered"
)


@FEW
def test_the_limit_of_open_files_is_raised_where_that_is_allowed(start: Any) -> None:
    with start(files=(100, 4000)) as server:
        soft, hard = resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)
        assert 600 < soft < hard == 4000
        assert server.logged == []


@FEW
def test_the_connections_follow_the_limit_of_open_files(start: Any, png: Any, digits: Any) -> None:
    with start(files=(200, 200)) as server:
        [line] = server.logged
        assert "the limit is 200 open files: at most 113 connections instead of 600; ulimit -n" in line
        with ExitStack() as stack:
            greedy(server, stack, b"", "127.0.0.1", 150)
            greedy(server, stack, HALF["half a head"], "127.0.0.1", 150)
            for _ in range(5):
                assert server.post("/v1/digits", png(digits[0])).status == 200
            assert server.figure("tenfold_connections") <= 113
        assert server.logged == [line]


@FEW
def test_descriptors_that_run_out_later_are_noticed(start: Any, wait_until: Any) -> None:
    with start() as server, ExitStack() as stack:
        greedy(server, stack, b"", "127.0.0.1", 50)
        wait_until(lambda: server.figure("tenfold_connections") == 51)
        _, hard = resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (40, hard))
        wait_until(lambda: server.logged)
        wait_until(lambda: _is_answered(server))
        greedy(server, stack, b"", "127.0.0.1", 50)
        wait_until(lambda: _is_answered(server))
        [line] = server.logged  # once
        assert "no more files can be opened (ulimit -n): fewer than 600 connections until they can" in line


def test_after_a_short_want_of_descriptors_there_are_as_many_connections_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connections = Connections(Limits())
    descriptors, most, real = FileDescriptors(connections), connections.most, os.dup

    def none(descriptor: int) -> int:
        raise OSError(errno.ENFILE, "Too many open files in system")

    monkeypatch.setattr(os, "dup", none)
    for _ in range(3):
        descriptors.check()
        assert 0 < connections.most < most
    monkeypatch.setattr(os, "dup", real)
    for _ in range(most):
        descriptors.check()
    assert connections.most == most


def _is_answered(server: Any) -> bool:
    raw = server.send(server.request("GET", "/v2", b"", {"Connection": "close"}))
    return bool(raw) and server.answers(raw)[0].status == 200


def test_hardly_any_open_file(tmp_path: Any, run: Any) -> None:
    import subprocess
    import sys

    command = [sys.executable, "-m", "tenfold", "serve", "--port", "0", "--run", str(run), "--workers", "1"]
    done = subprocess.run(
        ["sh", "-c", 'ulimit -n 80 && exec "$@"', "sh", *command],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("error: open files: expected a limit of at least 90, got 80; raise it:")
    assert done.stderr.count("\n") == 1
