"""More to do than can be done, and the end: what was accepted is answered."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

PATIENCE = 60  # seconds
LATE = 2  # seconds that a client of a busy machine may need between an answer and its next request


@pytest.mark.fault("server", "too many requests arrive", "503 for some, correct answers for the others")
def test_too_much_to_do(server: Any, png: Any, digits: Any) -> None:
    """While no worker gets on, 24 requests wait (and up to 4 are with each); the others are told at once."""
    workers = server.workers
    for worker in workers:
        os.kill(worker, signal.SIGSTOP)
    clients = [server.client(server, png(digits[0]), keep=True, times=1) for _ in range(60)]
    answered = _wait_for_refusals(clients)
    for worker in workers:
        os.kill(worker, signal.SIGCONT)
    for client in clients:
        client.join(PATIENCE)
    assert answered == {503}
    statuses = [status for client in clients for status in client.statuses]
    assert sum(client.lost for client in clients) == 0
    assert set(statuses) == {200, 503}
    assert 24 <= statuses.count(200) <= 32


def _wait_for_refusals(clients: list[Any]) -> set[int]:
    """Return the statuses that come while nobody works."""
    end = time.monotonic() + PATIENCE
    while sum(len(client.statuses) for client in clients) < 60 - 32:
        assert time.monotonic() < end
        time.sleep(0.01)
    return {status for client in clients for status in client.statuses}


@pytest.mark.fault("server", "SIGTERM or SIGHUP under load", "nothing accepted is lost, exit 0")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_the_end_loses_nothing(start: Any, png: Any, digits: Any, wait_until: Any, number: int) -> None:
    signal.signal(
        signal.SIGHUP, signal.SIG_DFL
    )  # it may be ignored where the tests run, and so in the server
    with start({"drain_seconds": LATE}, workers=1) as server:
        kept = [server.client(server, png(digits[i]), keep=True) for i in range(4)]
        new = [server.client(server, png(digits[i]), keep=False) for i in range(2)]
        wait_until(lambda: all(len(client.statuses) > 5 for client in kept + new))
        workers = server.workers
        server.process.send_signal(number)
        assert server.process.wait(PATIENCE) == 0
        for client in kept + new:
            client.join(PATIENCE)
            assert client.lost == 0
            assert set(client.statuses) == {200}
        wait_until(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers))
