"""A studio in a process of its own, and what a page asks of it."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PATIENCE = 300  # seconds; where others use the machine, a process takes its time to start


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> str:
        """The line of an error, which has a number too and is short."""
        assert set(self.json) == {"error", "request_id"}
        assert "\n" not in self.json["error"]
        assert len(self.body) < 1000
        return self.json["error"]


@dataclass
class Studio:
    process: subprocess.Popen[str]
    port: int
    folder: Path

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None and not isinstance(body, bytes):
            body, named = json.dumps(body).encode(), {"Content-Type": "application/json"} | named
        try:
            connection.request(method, path, body, named)
            reply = connection.getresponse()
            found = {name.lower(): value for name, value in reply.getheaders()}
            return Answer(reply.status, found, reply.read())
        finally:
            connection.close()

    def get(self, path: str) -> Any:
        found = self.ask("GET", path)
        assert found.status == 200, found.body
        return found.json

    def post(self, path: str, body: Any = None) -> Any:
        found = self.ask("POST", path, {} if body is None else body)
        assert found.status == 200, found.body
        return found.json

    def start(self, network: str = "nn1l", **options: Any) -> str:
        return self.post("/api/runs", {"network": network, "data": "mnist-5k"} | options)["name"]

    def run(self, name: str) -> dict[str, Any]:
        """Return a run as the list has it."""
        return next(one for one in self.get("/api/runs")["runs"] if one["name"] == name)

    @contextmanager
    def stream(self, name: str, last: int | None = None) -> Iterator[Iterator[tuple[int, dict[str, Any]]]]:
        """Follow a run: its events with their ids."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        headers = {} if last is None else {"Last-Event-ID": str(last)}
        try:
            connection.request("GET", f"/api/runs/{name}/events", headers=headers)
            reply = connection.getresponse()
            assert reply.status == 200
            assert reply.getheader("content-type") == "text/event-stream"
            yield _events(reply)
        finally:
            connection.close()

    def follow(self, name: str, last: int | None = None) -> list[dict[str, Any]]:
        """Return all events of a run, until it has ended."""
        with self.stream(name, last) as events:
            return [event for _, event in events]

    def wait(self, name: str, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Return the first event that fulfils a condition."""
        with self.stream(name) as events:
            for _, event in events:
                if condition(event):
                    return event
        raise AssertionError("the run has ended without it")


def _events(reply: http.client.HTTPResponse) -> Iterator[tuple[int, dict[str, Any]]]:
    at = 0
    for line in reply:
        if line.startswith(b"id: "):
            at = int(line[4:])
        if line.startswith(b"data: "):
            yield at, json.loads(line[6:])


@contextmanager
def running(folder: Path, *options: str) -> Iterator[Studio]:
    command = [sys.executable, "-m", "tenfold", "studio", "--port", "0", "--runs", str(folder), *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            line = process.stderr.readline()
            assert line.startswith("studio: open http://127.0.0.1:"), line
            port = int(line.split("127.0.0.1:")[1].split()[0])
            yield Studio(process, port, folder)
            process.send_signal(signal.SIGINT)
            process.wait(PATIENCE)
        finally:
            process.kill()


@pytest.fixture(scope="session")
def new_studio() -> Any:
    """Start another studio: ``with new_studio(folder) as studio``."""
    return running


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio with a folder of its own, which the tests of a file share."""
    with running(tmp_path_factory.mktemp("studio") / "runs") as found:
        yield found
