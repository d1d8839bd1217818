"""What a worker may take: CPU time, time without any, memory; and what happens while no worker is ready."""

from __future__ import annotations

import os
import re
import shutil
import signal
import struct
import time
from contextlib import ExitStack
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

INFER = "/v2/models/lenet5/infer"
MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
def large(png: Any) -> bytes:
    """A picture at the limit of pixels, in 16 bit."""
    rows = np.linspace(0, 65535, 4000).astype(np.uint16)  # a shade, which packs well
    body = png(np.broadcast_to(rows, (4000, 4000)).copy())
    assert len(body) < MEGABYTE
    return body


def post(server: Any, body: bytes, stack: ExitStack) -> Any:
    """Post a picture, and return the connection that its answer will come on."""
    connection = stack.enter_context(server.connect())
    headers = {"Content-Type": "image/png", "Connection": "close"}
    connection.sendall(server.request("POST", "/v1/digits", body, headers))
    return connection


def status(server: Any, connection: Any) -> int:
    [answer] = server.answers(server.received(connection))
    code: int = answer.status
    return code


def memory(process: int, figure: str) -> int:
    """Return a figure of proc(5), in bytes."""
    text = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return 1024 * int(re.search(rf"^{figure}:\s+(\d+) kB", text, re.MULTILINE)[1])


@pytest.mark.fault(
    "server", "a picture takes more CPU time than allowed", "503 for this picture only, a new worker"
)
def test_a_picture_that_takes_too_much_cpu_time(start: Any, png: Any, digits: Any, large: bytes) -> None:
    with start(limits={"work_seconds": 0.02}) as server:
        before = server.workers
        assert server.post("/v1/digits", large).status == 503
        assert server.post("/v1/digits", png(np.full((9, 9), 255, np.uint8))).status == 200
        assert server.workers != before
        assert server.figure("tenfold_worker_restarts_total") == 1
        assert server.logged == ["a worker reached its limit on CPU time; another one is started"]


@pytest.mark.fault(
    "server",
    "the machine is so busy that the workers get no CPU time",
    "answered late, no worker is restarted",
)
def test_a_worker_that_stands_still_for_longer_than_its_cpu_time(start: Any, png: Any, digits: Any) -> None:
    with start(limits={"work_seconds": 1.0}) as server, ExitStack() as stack:
        [worker] = server.workers
        os.kill(worker, signal.SIGSTOP)
        connections = [post(server, png(image), stack) for image in digits[:5]]
        time.sleep(2.5)  # by the clock, more than the first one's second
        os.kill(worker, signal.SIGCONT)
        assert [status(server, connection) for connection in connections] == [200] * 5
        assert server.workers == [worker]
        assert server.logged == []


@pytest.mark.fault(
    "server", "slow pictures and a small one wait", "the small one is first, each slow one is alone"
)
def test_a_small_picture_does_not_wait_for_large_ones(
    start: Any, png: Any, digits: Any, large: bytes, wait_until: Any
) -> None:
    with start(limits={"batch_requests": 16}) as server, ExitStack() as stack:
        [worker] = server.workers
        os.kill(worker, signal.SIGSTOP)
        slow = [post(server, large, stack) for _ in range(12)]
        wait_until(lambda: server.figure("tenfold_waiting") == 11)
        small = post(server, png(digits[0]), stack)
        wait_until(lambda: server.figure("tenfold_waiting") == 12)
        os.kill(worker, signal.SIGCONT)
        assert status(server, small) == 200
        assert server.figure("tenfold_waiting") > 0  # it came last
        assert [status(server, connection) for connection in slow] == [200] * 12


@pytest.mark.fault(
    "server", "a client leaves before its answer", "its work is dropped, other clients do not wait"
)
def test_large_pictures_whose_clients_have_left_are_not_read(
    start: Any, png: Any, digits: Any, large: bytes, wait_until: Any
) -> None:
    with start(workers=2) as server:
        for _ in range(8):
            with ExitStack() as stack:
                post(server, large, stack)
        wait_until(lambda: server.figure("tenfold_abandoned_total") == 8)
        assert server.figure("tenfold_waiting") == 0
        assert server.post("/v1/digits", png(digits[0])).status == 200
        assert server.figure("tenfold_requests_together_count") <= 8
        assert server.logged == []


@pytest.mark.fault("server", "many large pictures arrive at once", "a worker holds one at a time")
def test_the_memory_of_a_worker_is_bounded(start: Any, large: bytes) -> None:
    with start() as server, ExitStack() as stack:
        [worker] = server.workers
        assert server.post("/v1/digits", large).status == 200
        of_one = memory(worker, "VmHWM")
        connections = [post(server, large, stack) for _ in range(8)]
        assert [status(server, connection) for connection in connections] == [200] * 8
        assert memory(worker, "VmHWM") < of_one + 64 * MEGABYTE
        assert server.workers == [worker]


@pytest.mark.fault("server", "a worker keeps memory", "replaced between two requests, all answered")
def test_a_worker_that_keeps_memory_is_replaced(start: Any, png: Any, digits: Any, large: bytes) -> None:
    with start(limits={"worker_growth_bytes": -MEGABYTE}) as server:  # as if any were too much
        before = server.workers
        assert server.post("/v1/digits", png(digits[0])).status == 200
        assert server.workers == before
        assert server.post("/v1/digits", large).status == 200
        assert server.post("/v1/digits", png(digits[0])).status == 200
        assert server.workers != before
        assert server.logged == ["a worker used too much memory; another one is started"]


@pytest.mark.fault(
    "server", "no worker can be started", "503 within seconds, normal again with the next worker"
)
@pytest.mark.parametrize("replaced", [False, True], ids=["moved", "replaced"])
def test_a_run_that_is_taken_away(
    start: Any, run: Path, tmp_path: Path, png: Any, digits: Any, wait_until: Any, replaced: bool
) -> None:
    served, aside = tmp_path / "run", tmp_path / "aside"
    shutil.copytree(run, served)
    with start(run=str(served), workers=2) as server, ExitStack() as stack:
        expected = server.post("/v1/digits", png(digits[0])).json
        served.rename(aside)
        if replaced:
            shutil.copytree(aside, served)
            weights = served / "model" / "weights.safetensors"
            content = bytearray(weights.read_bytes())
            content[-8:] = bytes(8)
            weights.write_bytes(content)
        for worker in server.workers:
            os.kill(worker, signal.SIGKILL)
        wait_until(lambda: server.figure("tenfold_workers") == 0)
        first = post(server, png(digits[0]), stack)  # waits until it is clear that there will be none
        assert status(server, first) == 503
        for path, body, kind in (
            ("/v1/digits", png(digits[0]), "image/png"),
            (INFER, b"{}", "application/json"),
        ):
            answer = server.post(path, body, kind)
            assert (answer.status, answer.headers["retry-after"]) == (503, "1")
            assert answer.json["error"] == "no worker is ready; retry in a second"
        for path in ("/v2/health/ready", "/v2/models/lenet5/ready"):
            assert server.ask("GET", path).status == 503
        for path in ("/v2/health/live", "/", "/v2", "/metrics"):
            assert server.ask("GET", path).status == 200
        shutil.rmtree(served, ignore_errors=True)
        aside.rename(served)
        wait_until(lambda: server.ask("GET", "/v2/health/ready").status == 200)
        assert server.post("/v1/digits", png(digits[0])).json == expected
        said = [line for line in server.logged if "another one is started" not in line]
        assert 1 <= len(said) <= 4  # not at each attempt


@pytest.mark.fault("server", "a picture's metadata are damaged", "read or rejected, no line in the log")
def test_a_worker_says_nothing_of_what_is_in_a_picture(start: Any, png: Any, digits: Any) -> None:
    with start() as server:
        for kind, count in product(range(1, 14), (0, 1, 2, 1000)):
            tags = [struct.pack("<HHII", tag, kind, count, 8) for tag in (271, 274, 305, 34665, 37500)]
            exif = b"Exif\0\0II*\0" + struct.pack("<IH", 8, len(tags)) + b"".join(tags) + bytes(4)
            body = png(255 - digits[0], "JPEG", exif=exif)
            assert server.post("/v1/digits", body, "image/jpeg").status in (200, 422)
        assert server.logged == []
