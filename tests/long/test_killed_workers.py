"""Workers that are killed, models that are taken away, a server that is killed."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

PATIENCE = 60  # seconds


@pytest.fixture(scope="module")
def own(start: Any, run: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A server whose model may be taken away."""
    copy = tmp_path_factory.mktemp("replaced") / "run"
    shutil.copytree(run, copy)
    with start(run=str(copy), workers=2) as server:
        server.run = copy
        yield server


@pytest.mark.fault("server", "workers are killed", "nothing is lost, others replace them")
def test_a_worker_that_is_killed_loses_nothing(own: Any, png: Any, digits: Any, wait_until: Any) -> None:
    expected = own.post("/v1/digits", png(digits[0])).json
    clients = [own.client(own, png(digits[0]), keep=True, times=60) for _ in range(2)]
    before = own.workers
    os.kill(before[0], signal.SIGKILL)
    for client in clients:
        client.join(PATIENCE)
        assert client.statuses == [200] * 60
    wait_until(lambda: len(own.workers) == 2 and own.workers != before)
    wait_until(lambda: own.figure("tenfold_workers") == 2)
    assert own.figure("tenfold_worker_restarts_total") == 1
    assert own.post("/v1/digits", png(digits[0])).json == expected


@pytest.mark.fault("server", "workers are killed", "nothing is lost, others replace them")
def test_all_workers_are_killed(own: Any, png: Any, digits: Any, wait_until: Any) -> None:
    for worker in own.workers:
        os.kill(worker, signal.SIGKILL)
    wait_until(lambda: own.ask("GET", "/v2/health/ready").status == 503)
    assert own.ask("GET", "/v2/health/live").status == 200
    wait_until(lambda: own.ask("GET", "/v2/health/ready").status == 200)
    assert own.post("/v1/digits", png(digits[0])).status == 200


@pytest.mark.fault(
    "server", "the model is removed while the server runs", "workers that have read it continue"
)
def test_the_model_is_taken_away_or_replaced(own: Any, png: Any, digits: Any, wait_until: Any) -> None:
    """Those who have read it go on; nobody takes up another one."""
    expected = own.post("/v1/digits", png(digits[0])).json
    shutil.rmtree(own.run / "model")
    assert own.post("/v1/digits", png(digits[0])).json == expected
    os.kill(own.workers[0], signal.SIGKILL)
    wait_until(lambda: own.figure("tenfold_workers") == 1)
    for _ in range(5):
        assert own.post("/v1/digits", png(digits[0])).json == expected


@pytest.mark.fault("server", "the server is killed", "its workers end too")
def test_workers_end_with_a_server_that_is_killed(start: Any, wait_until: Any) -> None:
    with start(workers=1) as server:
        [worker] = server.workers
        server.process.kill()
        wait_until(lambda: not Path(f"/proc/{worker}").exists())


@pytest.mark.alone
@pytest.mark.fault("server", "a worker hangs", "503 for one request, the worker is replaced")
def test_a_worker_that_hangs_is_replaced(start: Any, png: Any, digits: Any, wait_until: Any) -> None:
    with start(limits={"hang_seconds": 1.0}) as server:
        expected = server.post("/v1/digits", png(digits[0])).json
        [worker] = server.workers
        os.kill(worker, signal.SIGSTOP)
        assert server.post("/v1/digits", png(digits[0])).status == 503
        assert server.post("/v1/digits", png(digits[0])).json == expected
        assert worker not in server.workers
        assert server.figure("tenfold_worker_restarts_total") == 1


@pytest.mark.fault("server", "Ctrl-C", "exit 0")
def test_ctrl_c_is_a_good_end(start: Any) -> None:
    with start() as server:
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(PATIENCE) == 0
