"""``tenfold train --workers N``, and ``tenfold worker``."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.terminal import Terminal

import tenfold
from tenfold.errors import ConfigError
from tenfold.runs import asked_workers as asking
from tenfold.runs import workers
from tenfold.runs.asked_workers import address_of, asked_workers
from tenfold.train import Progress
from tenfold.train.parallel.estimate import Estimate

TOKEN = "0123456789abcdef"
TRAIN = ("train", "nn2l", "--data", "mnist-5k", "--no-report", "--epochs", "2")


@pytest.fixture(autouse=True)
def _place(undrawn: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TENFOLD_TOKEN", raising=False)


def weights(folder: str) -> bytes:
    return Path(folder, "model", "weights.safetensors").read_bytes()


def measured(monkeypatch: pytest.MonkeyPatch, together: float) -> None:
    """Have the estimate find a step of 0.1 s with one worker, and another time with several."""
    module = "tenfold.train.parallel.estimate.estimate"
    monkeypatch.setattr(module, lambda *given: Estimate(2, 0.1, together, 0.01, 238_510))


def test_where_it_does_not_pay_the_command_says_so_and_trains_with_one(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured(monkeypatch, together=0.2)
    code, _, err = terminal(*TRAIN, "--workers", "2", "--out", "asked")
    assert code == 0
    assert "a step takes about 200 ms with 2 workers, 10 ms of it for the exchange of 238,510" in err
    assert "100 ms with one worker on all cores; this network is trained with one worker" in err
    assert terminal(*TRAIN, "--quiet", "--out", "alone")[0] == 0
    assert weights("asked") == weights("alone")
    assert "workers" not in json.loads(Path("asked/run.json").read_text())


def test_where_it_pays_the_run_says_on_how_many(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    measured(monkeypatch, together=0.05)
    assert terminal(*TRAIN, "--workers", "2", "--out", "measured")[0] == 0
    assert terminal.json(*TRAIN, "--workers", "2", "--no-estimate", "--out", "given")["workers"] == 2
    assert weights("measured") == weights("given")
    assert tenfold.Run.open("given").record.workers == 2


@pytest.mark.fault(
    "several workers", "a run on two workers is resumed without --workers", "it goes on with two"
)
def test_a_run_keeps_its_workers(terminal: Terminal) -> None:
    def stop(progress: Progress) -> None:
        raise KeyboardInterrupt

    corpus = tenfold.load_corpus("mnist-5k")
    with pytest.raises(KeyboardInterrupt):
        tenfold.build("nn1l").fit(corpus, epochs=4, out="run", callbacks=[stop], workers=2)
    tenfold.build("nn1l").fit(corpus, epochs=4, out="run", resume=True)
    tenfold.build("nn1l").fit(corpus, epochs=4, out="unbroken", workers=2)
    assert tenfold.Run.open("run").record.workers == 2
    assert weights("run") == weights("unbroken")


def test_a_fit_without_a_folder_uses_workers_too() -> None:
    corpus = tenfold.load_corpus("mnist-5k")
    found = [tenfold.build("nn1l").fit(corpus, epochs=1, workers=2) for _ in range(2)]
    first, second = (run.model.network.params["fc.weight"] for run in found)
    np.testing.assert_array_equal(first, second)
    assert found[0].record.workers == 2


@pytest.mark.fault(
    "several workers",
    "the command's worker is killed with -9",
    "one line with the way to resume; it ends with the same bits",
)
def test_the_line_of_a_lost_worker_says_how_to_go_on(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[int] = []

    class Killed(workers.LocalWorkers):
        def start(self, port: int, token: str, count: int) -> None:
            super().start(port, token, count)
            started.append(self.processes[0].pid)

    def kill(display: object, progress: Progress) -> None:
        if progress.epoch == 1:
            os.kill(started[0], signal.SIGKILL)

    with monkeypatch.context() as patched:
        patched.setattr(workers, "LocalWorkers", Killed)
        patched.setattr("tenfold.train.display.PlainLines.on_epoch_end", kill)
        code, _, err = terminal(*TRAIN, "--workers", "2", "--no-estimate", "--out", "run")
    assert code == 4
    assert re.fullmatch(
        rf"error: worker 2 of 2 \(process {started[0]} at 127.0.0.1\): expected it to compute its part, "
        rf"found that process {started[0]} was ended by SIGKILL; the training stopped; "
        "resume it with --resume --out run",
        err.strip().splitlines()[-1],
    )
    assert terminal(*TRAIN, "--quiet", "--resume", "--out", "run")[0] == 0
    assert terminal(*TRAIN, "--quiet", "--workers", "2", "--no-estimate", "--out", "unbroken")[0] == 0
    assert weights("run") == weights("unbroken")


def test_workers_that_call_from_elsewhere(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENFOLD_TOKEN", TOKEN)
    monkeypatch.setattr(asking, "CalledWorkers", calling := CallingWorkers)
    code, _, err = terminal(
        *TRAIN, "--workers", "2", "--no-estimate", "--listen", "127.0.0.1:0", "--out", "run"
    )
    assert code == 0, err
    assert "waiting for 1 worker: start each with  tenfold worker 127.0.0.1:" in err
    worker = calling.processes.pop()
    assert worker.wait(30) == 0
    assert worker.stderr is not None
    assert worker.stderr.read() == "the training has ended\n"
    worker.stderr.close()
    assert json.loads(Path("run/run.json").read_text())["workers"] == 2


class CallingWorkers(asking.CalledWorkers):
    """Plays the person who starts the workers."""

    processes: list[subprocess.Popen[str]] = []  # noqa: RUF012

    @property
    def own_threads(self) -> int:
        return 1

    def start(self, port: int, token: str, count: int) -> None:
        super().start(port, token, count)
        command = [sys.executable, "-m", "tenfold", "worker", f"127.0.0.1:{port}", "--threads", "1"]
        CallingWorkers.processes.append(subprocess.Popen(command, stderr=subprocess.PIPE, text=True))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--no-estimate",), "--no-estimate: expected --workers N too, got none"),
        (("--listen", "0.0.0.0:1"), "--listen: expected --workers N too, got none"),
        (("--workers", "2", "--device", "cpu"), "--workers and --device: expected one of them, got both"),
        (("--workers", "2", "--dry-run"), "--workers: expected a run to train, got --dry-run"),
        (("--on", "ray"), "--on: expected --workers N too, got none"),
        (("--workers", "2", "--on", "mars"), "--on: expected local, ray or ray://HOST:PORT, got 'mars'"),
        (("--workers", "2", "--on", "ray", "--listen", "h:1"), "--on and --listen: expected one of them"),
        (("--workers", "2", "--listen", "here"), "--listen: expected a token of at least 16 characters"),
    ],
)
def test_options_that_do_not_go_together(terminal: Terminal, options: tuple[str, ...], said: str) -> None:
    code, _, err = terminal(*TRAIN, *options, "--out", "run")
    assert code == 2
    assert said in err
    assert not Path("run").exists()


def test_without_ray_the_line_says_how_to_install_it(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tenfold.extras.find_spec", lambda name: None)
    code, _, err = terminal(*TRAIN, "--workers", "2", "--on", "ray", "--out", "run")
    assert code == 2
    assert (
        "--on ray: expected ray to be installed, found nothing; install it: pip install 'tenfold[ray]'" in err
    )


def test_models_without_minibatches_are_refused(terminal: Terminal) -> None:
    code, _, err = terminal("train", "gaussian-nb", "--data", "mnist-5k", "--workers", "2")
    assert code == 2
    assert "expected a network for --workers" in err


@pytest.mark.parametrize("text", ["here", "host:", ":7", "host:x", "host:65536", "host:-1"])
def test_an_address_is_host_and_port(text: str) -> None:
    with pytest.raises(ConfigError, match="--listen: expected HOST:PORT, got"):
        address_of(text, "--listen")


def test_addresses() -> None:
    assert address_of("10.0.0.1:7777", "--listen") == ("10.0.0.1", 7777)
    assert address_of("[::1]:0", "--listen") == ("::1", 0)


@pytest.mark.parametrize("count", [0, -1, 257, 1.5, True, "2"])
def test_a_number_of_workers_is_a_whole_number(count: object) -> None:
    with pytest.raises(ConfigError, match="workers: expected a whole number from 1 to 256, got"):
        asked_workers(count, None)  # type: ignore[arg-type]


def test_the_worker_command_needs_a_token(terminal: Terminal) -> None:
    code, _, err = terminal("worker", "127.0.0.1:1")
    assert code == 2
    assert (
        "HOST:PORT: expected a token of at least 16 characters, because other machines can call, got none"
        in err
    )
