"""Real servers in processes of their own, and clients that can misbehave."""

from __future__ import annotations

import io
import json
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tenfold.data import load_corpus
from tenfold.predict.recogniser import Recogniser
from tenfold.zoo import build, load_model
from tenfold.zoo.trained import trained_run

PROGRAM = """
import json, sys
from pathlib import Path
from tenfold.serve import Limits, Settings
from tenfold.serve.server import serve

told = json.loads(sys.argv[1])
limits = Limits(**told.pop("limits", {}))
run = told.pop("run", None)
serve(
    Settings(port=0, run=run and Path(run), limits=limits, **told),
    lambda name, address: print(json.dumps({"name": name, "address": address}), flush=True),
)
"""
PATIENCE = 180  # seconds; of a client whose server does nothing


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Server:
    """A server that runs."""

    process: subprocess.Popen[str]
    name: str
    port: int
    log: Path

    client = staticmethod(lambda *arguments, **options: Client(*arguments, **options))
    request = staticmethod(lambda *arguments: request(*arguments))
    received = staticmethod(lambda connection: received(connection))
    answers = staticmethod(lambda raw: answers(raw))

    def connect(self, source: str = "127.0.0.1") -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), PATIENCE, (source, 0))

    @property
    def logged(self) -> list[str]:
        """The lines that it and its workers have written to stderr."""
        return self.log.read_text(encoding="utf-8").splitlines()

    def send(self, raw: bytes) -> bytes:
        """Send bytes on a new connection, and return all that comes until the server closes it."""
        with self.connect() as connection:
            connection.sendall(raw)
            return received(connection)

    def ask(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send one request as it should be."""
        return parsed(self.send(request(method, path, body, {"Connection": "close"} | dict(headers or {}))))

    def post(self, path: str, body: bytes, content_type: str = "image/png", **headers: str) -> Answer:
        return self.ask("POST", path, body, {"Content-Type": content_type} | headers)

    @property
    def workers(self) -> list[int]:
        """The process numbers of those that read."""
        found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(number) for number in found.read_text(encoding="ascii").split()]

    def figure(self, name: str) -> float:
        """Return one of the server's figures."""
        lines = self.ask("GET", "/metrics").body.decode().splitlines()
        return next(float(line.rpartition(" ")[2]) for line in lines if line.startswith(f"{name} "))


def request(method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> bytes:
    """Return a request's bytes; a header that is None is left out."""
    lines = {"Host": "127.0.0.1", "Content-Length": str(len(body))} | dict(headers or {})
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value is not None)
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body


def received(connection: socket.socket) -> bytes:
    """Return all that comes until the other side closes the connection, or resets it."""
    pieces = []
    try:
        while piece := connection.recv(1 << 16):
            pieces.append(piece)
    except ConnectionResetError:
        pass
    return b"".join(pieces)


def parsed(raw: bytes) -> Answer:
    """Return the first answer in these bytes."""
    return answers(raw)[0]


def answers(raw: bytes) -> list[Answer]:
    """Return all answers in these bytes, without the interim ones."""
    found = []
    while raw:
        head, _, rest = raw.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        if first.split()[1] == "100":
            raw = rest
            continue
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        size = int(headers["content-length"])
        assert len(rest) >= size, "the answer is cut off"
        found.append(Answer(int(first.split()[1]), headers, rest[:size]))
        raw = rest[size:]
    return found


@contextmanager
def running(files: tuple[int, int] | None = None, **settings: Any) -> Iterator[Server]:
    """Run a server while in the block, with few open files if so told; it must end in good order."""
    program = [sys.executable, "-W", "error", "-c", PROGRAM, json.dumps(settings)]
    if files is not None:
        program = ["sh", "-c", f'ulimit -Sn {files[0]} && ulimit -Hn {files[1]} && exec "$@"', "sh", *program]
    with (
        tempfile.NamedTemporaryFile() as log,
        subprocess.Popen(program, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        try:
            told = json.loads(process.stdout.readline())
            yield Server(process, told["name"], int(told["address"].rpartition(":")[2]), Path(log.name))
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)
        said = Path(log.name).read_text(encoding="utf-8")
        assert "Traceback" not in said, said


class Client(threading.Thread):
    """Asks over and over on one connection, or on a new one each time, until the server ends the last."""

    def __init__(self, server: Any, body: bytes, *, keep: bool, times: int = 1_000_000) -> None:
        super().__init__(daemon=True)
        self.server, self.keep, self.times = server, keep, times
        self.asked = server.request("POST", "/v1/digits", body, {"Content-Type": "image/png"})
        self.statuses: list[int] = []
        self.lost = 0
        self.start()

    def run(self) -> None:
        while len(self.statuses) + self.lost < self.times:
            try:
                connection = self.server.connect()
            except ConnectionError:  # nobody is there any more: nothing was accepted
                return
            with connection:
                while len(self.statuses) < self.times and self._ask(connection) and self.keep:
                    pass

    def _ask(self, connection: socket.socket) -> bool:
        """Return whether the connection goes on."""
        raw = b""
        try:
            connection.sendall(self.asked)
            while b"\r\n\r\n" not in raw or len(raw) < _size(raw):
                piece = connection.recv(1 << 16)
                if not piece:
                    break
                raw += piece
        except ConnectionError:
            pass
        if not raw:
            self.lost += 1
            return False
        [answer] = self.server.answers(raw)
        self.statuses.append(answer.status)
        return answer.headers.get("connection") != "close"


def _size(raw: bytes) -> int:
    """Return how long an answer is, by its head."""
    head, _, _ = raw.partition(b"\r\n\r\n")
    length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
    return len(head) + 4 + int(length)


LIMITS = {
    "head_bytes": 8 << 10,
    "header_count": 40,
    "connections": 600,
    "waiting": 24,
    "batch_requests": 4,
    "body_bytes": 1 << 20,
    "held_bytes": 9 << 20,
    "head_seconds": 0.6,
    "body_seconds": 0.6,
    "idle_seconds": 1.2,
    "drain_seconds": 0.2,
    "hang_seconds": 300.0,
    "ready_seconds": 300.0,
}
"""Smaller than they are, so that the tests are short; but tests stop workers, and run on busy machines."""


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of lenet5, trained for a moment. Not to be changed."""
    folder = tmp_path_factory.mktemp("served")
    model = build("lenet5")
    model.recipe = replace(model.recipe, epochs=2)
    model.fit(load_corpus("mnist-5k").train)
    model.save(folder / "model")
    shutil.copy(trained_run("lenet5") / "run.json", folder)  # a record that can be read
    return folder


@pytest.fixture(scope="session")
def recogniser(run: Path) -> Recogniser:
    """What the servers read with, in this process."""
    return Recogniser.of(load_model(run))


@pytest.fixture(scope="session")
def start(run: Path) -> Callable[..., AbstractContextManager[Server]]:
    """Runs a server with further settings while in the block."""

    def started(limits: Mapping[str, Any] = {}, **settings: Any) -> AbstractContextManager[Server]:
        return running(**{"run": str(run), "workers": 1, "limits": LIMITS | dict(limits)} | settings)

    return started


@pytest.fixture(scope="session")
def server(start: Callable[..., AbstractContextManager[Server]]) -> Iterator[Server]:
    """One for all tests that leave it as it is."""
    with start(workers=2) as one:
        yield one


@pytest.fixture(scope="session")
def digits() -> np.ndarray[Any, Any]:
    """Images of digits, uint8 (20, 28, 28)."""
    return load_corpus("mnist-5k").test.images[:20]


@pytest.fixture(scope="session")
def png() -> Callable[..., bytes]:
    """Makes a picture file of an array."""

    def encoded(pixels: np.ndarray[Any, Any], kind: str = "PNG", **options: Any) -> bytes:
        with io.BytesIO() as file:
            Image.fromarray(pixels).save(file, kind, **options)
            return file.getvalue()

    return encoded


@pytest.fixture(scope="session")
def wait_until() -> Callable[[Callable[[], bool]], None]:
    """Waits until something holds."""

    def wait(holds: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < end, "waited in vain"
            time.sleep(0.02)

    return wait
