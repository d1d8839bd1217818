"""Whether the head of a cluster answers, tried with a socket."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tenfold.errors import StorageError
from tenfold.runs.launch.ray_head import Head


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as found:
        yield found


def address(of: socket.socket) -> str:
    return f"127.0.0.1:{of.getsockname()[1]}"


@pytest.mark.fault(
    "clusters", "the head of a Ray cluster is lost", "one line, exit 4; the same command resumes"
)
def test_a_head_is_lost_after_several_tries(
    listening: socket.socket, monkeypatch: pytest.MonkeyPatch, refused_in_one_line
) -> None:
    monkeypatch.setattr("tenfold.runs.launch.ray_head._SECONDS_BETWEEN", 0.02)
    head = Head(address(listening))
    time.sleep(0.3)
    head.check()
    listening.close()
    deadline = time.monotonic() + 60
    while not head.is_lost and time.monotonic() < deadline:
        time.sleep(0.01)
    for asked in (head.check, head.wait):
        with refused_in_one_line(
            StorageError, "expected the head of the cluster at .* to answer, found that it does"
        ):
            asked()


def test_a_head_that_answers_again_is_waited_for(listening: socket.socket) -> None:
    where = listening.getsockname()
    head = Head(address(listening))
    head.wait()
    listening.close()
    with ThreadPoolExecutor(1) as other:
        waiting = other.submit(head.wait)
        time.sleep(0.3)
        assert not waiting.done()
        with socket.create_server(where):
            waiting.result()
    head.close()
    head.wait()  # a cluster that is let go is not waited for


def test_a_head_that_is_let_go_is_asked_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenfold.runs.launch.ray_head._SECONDS_BETWEEN", 0.02)
    head = Head("127.0.0.1:0")
    head.close()
    time.sleep(0.3)
    assert not head.is_lost
