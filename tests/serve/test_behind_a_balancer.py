"""What a balancer needs: probes, an end that is announced, metrics of many servers."""

from __future__ import annotations

import re
import signal
from typing import Any

import pytest

from tenfold.cli import main
from tenfold.serve.limits import limits_for

TOKEN = "correct horse battery staple"
LIVE, READY = "/v2/health/live", "/v2/health/ready"
LONG = 60  # seconds; the tests do not wait for them


@pytest.fixture(scope="module")
def guarded(start: Any) -> Any:
    with start(token=TOKEN) as server:
        yield server


@pytest.mark.parametrize("path", [LIVE, READY])
@pytest.mark.parametrize(
    "raw",
    [
        "GET {} HTTP/1.1\r\nHost: 10.1.2.3:8000\r\nConnection: close\r\n\r\n",  # the kubelet
        "GET {} HTTP/1.1\r\nHost: upstream\r\nConnection: close\r\n\r\n",  # the name of a group of servers
        "GET {} HTTP/1.1\r\nConnection: close\r\n\r\n",
        "GET {} HTTP/1.0\r\n\r\n",
    ],
)
def test_probes_need_neither_token_nor_host(guarded: Any, path: str, raw: str) -> None:
    [answer] = guarded.answers(guarded.send(raw.format(path).encode()))
    assert answer.status == 200


def test_all_else_needs_both(guarded: Any) -> None:
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    for path in ("/metrics", "/v2", f"/v2/models/{guarded.name}/ready"):
        assert guarded.ask("GET", path).status == 401
        assert guarded.ask("GET", path, headers=bearer | {"Host": "upstream"}).status == 400
        assert guarded.ask("GET", path, headers=bearer).status == 200


@pytest.mark.fault("server", "a page of another site asks for a probe", "400")
@pytest.mark.parametrize("host", [{}, {"Host": None}])
def test_a_page_of_another_site_cannot_probe(guarded: Any, host: dict[str, Any]) -> None:
    assert guarded.ask("GET", READY, headers=host | {"Origin": "http://evil.example"}).status == 400


@pytest.mark.fault("server", "SIGTERM behind a balancer", "not ready at once, requests answered, then exit 0")
def test_the_end_is_announced(start: Any, png: Any, digits: Any, wait_until: Any) -> None:
    """The server says that it is not ready, but lives, answers new and old clients, and ends when told so."""
    with start({"leave_seconds": LONG}) as server:
        assert server.ask("GET", READY).status == 200
        assert server.figure("tenfold_stopping") == 0
        kept = server.client(server, png(digits[0]), keep=False)
        wait_until(lambda: len(kept.statuses) > 2)
        server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: server.ask("GET", READY).status == 503)
        assert server.ask("GET", READY).json["error"] == "the server is stopping"
        assert server.ask("GET", f"/v2/models/{server.name}/ready").status == 503
        assert server.ask("GET", LIVE).status == 200
        assert server.figure("tenfold_stopping") == 1
        answered = len(kept.statuses)
        wait_until(lambda: len(kept.statuses) > answered + 2)
        answer = server.answers(server.send(server.request("GET", LIVE)))[0]  # it does not ask to close
        assert answer.headers["connection"] == "close"
        for _ in range(2):  # the second ends what the first would let go on
            server.process.send_signal(signal.SIGINT)
        assert server.process.wait(LONG) == 0
        kept.join(LONG)
        assert kept.lost == 0
        assert set(kept.statuses) == {200}


def test_the_end_takes_as_long_as_told(start: Any) -> None:
    with start({"leave_seconds": 0.5}) as server:
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(LONG) == 0


@pytest.mark.fault("server", "a setting or the model is wrong", "one line, it does not start")
@pytest.mark.parametrize("seconds", ["-1", "601", "nan"])
def test_a_drain_that_is_none(seconds: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--port", "0", "--drain", seconds]) == 2
    assert capsys.readouterr().err == (
        f"error: --drain: expected 0 to 600 seconds, got {seconds}; 20 are enough for most balancers\n"
    )
    assert limits_for(16, 8, leave_seconds=20).leave_seconds == 20


def test_the_metrics_are_in_the_text_format_of_prometheus(server: Any) -> None:
    answer = server.ask("GET", "/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = answer.body.decode().splitlines()
    sample = re.compile(r'[a-z_:][a-z0-9_:]*(\{\w+="[^"]*"(,\w+="[^"]*")*\})? [-+0-9.eInfNa]+')
    assert [line for line in lines if not line.startswith("# ") and not sample.fullmatch(line)] == []
    named = {line.split()[2] for line in lines if line.startswith("# TYPE ")}
    assert {
        "tenfold_connections",
        "tenfold_waiting",
        "tenfold_workers",
        "tenfold_stopping",
        "tenfold_refused_total",
        "tenfold_request_seconds",
        "tenfold_worker_restarts_total",
        "process_resident_memory_bytes",
    } <= named
