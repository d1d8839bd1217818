"""One training on several workers, in processes of their own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from tenfold.backend.cpu.threads import available
from tenfold.data import RandomAffine
from tenfold.errors import ConfigError, WorkerLostError
from tenfold.nn import Dense, Flatten, Layer, MeanSquaredError, ReLU, Sequential, SoftmaxCrossEntropy
from tenfold.optim import SGD, Adam
from tenfold.train import CheckpointEvery, Interrupted, Recipe, fit
from tenfold.train.compiled import CompiledExecutor
from tenfold.train.parallel import team as teams
from tenfold.train.parallel.estimate import Estimate, estimate
from tenfold.train.parallel.executor import ParallelExecutor, why_not
from tenfold.train.parallel.link import Link, is_authentic
from tenfold.train.parallel.local_workers import LocalWorkers
from tenfold.train.parallel.ray_workers import check_room
from tenfold.train.parallel.shared_memory import Slots
from tenfold.train.parallel.team import Team
from tenfold.train.parallel.worker import work_for
from tenfold.train.versions import versions

RECIPE = Recipe(3, 16, Adam(0.01), chunk_images=48, augmentation=RandomAffine(rotation=10, shift=0.1))
EVERY_CHUNK = CheckpointEvery(chunks=1)


def unheard(line):
    raise AssertionError(line)


@contextmanager
def team_of(size, *, memory=True, say=unheard):
    workers = LocalWorkers(size)
    workers.share_memory = memory
    with Team(size, workers, say) as team:
        yield team, workers


@pytest.fixture(scope="module")
def pair():
    """Two workers in all, for tests that leave them as they are."""
    with team_of(2) as (team, _):
        yield partial(ParallelExecutor, team=team)


def train(executor, network, digits, recipe=RECIPE, **options):
    return network, fit(network, recipe, digits, seed=3, executor=executor, **options)


@pytest.fixture(scope="module")
def undisturbed(pair, new_network, digits):
    return train(pair, new_network(), digits)


def test_a_rerun_has_the_same_bits(pair, undisturbed, new_network, digits, bits):
    again, history = train(pair, new_network(), digits)
    assert bits(again) == bits(undisturbed[0])
    assert [row.train_loss for row in history.rows] == [row.train_loss for row in undisturbed[1].rows]


@pytest.mark.parametrize("size", [2, 3])
def test_sockets_and_shared_memory_give_the_same_bits(size, new_network, digits, bits):
    found = []
    for memory in (True, False):
        with team_of(size, memory=memory) as (team, _):
            found.append(bits(train(partial(ParallelExecutor, team=team), new_network(), digits)[0]))
    assert found[0] == found[1]


def test_an_epoch_agrees_with_one_worker_to_float32(pair, new_network, digits):
    """With dropout and augmentation: their numbers do not depend on the workers."""
    recipe = Recipe(1, 16, SGD(0.05), augmentation=RandomAffine(rotation=10))
    several, history = train(pair, new_network(), digits, recipe)
    one, alone = train(partial(CompiledExecutor, threads=1), new_network(), digits, recipe)
    assert history.rows[0].train_loss == pytest.approx(alone.rows[0].train_loss, rel=1e-6)
    for name, array in (one.params | one.state).items():
        got = (several.params | several.state)[name]
        np.testing.assert_allclose(got, array, rtol=1e-4, atol=1e-5, err_msg=name)


def test_a_minibatch_may_be_smaller_than_the_workers(new_network, new_digits):
    with team_of(3) as (team, _):
        recipe = Recipe(1, 8, SGD(0.05), short_batch="keep")
        several = train(partial(ParallelExecutor, team=team), new_network(), new_digits(34), recipe)[1]
    alone = train(partial(CompiledExecutor, threads=1), new_network(), new_digits(34), recipe)[1]
    assert several.rows[0].train_loss == pytest.approx(alone.rows[0].train_loss, rel=1e-5)


def test_the_name_says_on_how_many(pair, new_network):
    network = new_network()
    network.initialise(0)
    threads = max(1, available() // 2)
    name = pair(network, SoftmaxCrossEntropy(), SGD(0.1)).name
    assert name == f"the compiled engines of 2 workers on {threads} thread{'' if threads == 1 else 's'}"


class Kills:
    """Kills a worker after some chunks."""

    def __init__(self, workers, chunks):
        self.workers, self.chunks = workers, chunks

    def __call__(self, *parts):
        executor = ParallelExecutor(*parts, team=self.team)
        trained = executor.train

        def train(*given):
            self.chunks -= 1
            if self.chunks == 0:
                os.kill(self.workers.processes[-1].pid, signal.SIGKILL)
            return trained(*given)

        executor.train = train
        return executor


@pytest.mark.fault(
    "several workers",
    "a worker is killed with -9",
    "one line, the run stops; resumed, it ends with the same bits",
)
@pytest.mark.parametrize("memory", [True, False])
def test_a_killed_worker_ends_the_run_which_is_resumed(
    memory, pair, undisturbed, new_network, digits, bits, tmp_path
):
    with team_of(2, memory=memory) as (team, workers):
        killing = Kills(workers, chunks=9)
        killing.team = team
        [process] = [process.pid for process in workers.processes]
        with pytest.raises(WorkerLostError) as caught:
            train(killing, new_network(), digits, out=tmp_path, checkpoints=EVERY_CHUNK)
    assert f"worker 2 of 2 (process {process} at 127.0.0.1): expected it to compute its part, found that" in (
        str(caught.value)
    )
    assert f"process {process} was ended by SIGKILL; the training stopped" in str(caught.value)
    resumed, _ = train(pair, new_network(), digits, out=tmp_path, checkpoints=EVERY_CHUNK, resume=True)
    assert bits(resumed) == bits(undisturbed[0])


@pytest.mark.fault(
    "several workers", "Ctrl-C during a training", "the run is saved; resumed, it ends with the same bits"
)
def test_ctrl_c_saves_and_the_workers_do_not_notice(pair, undisturbed, new_network, digits, bits, tmp_path):
    def interrupt(progress):
        if progress.epoch == 2:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(Interrupted, match="interrupted after epoch 2; saved"):
        train(pair, new_network(), digits, out=tmp_path, callbacks=[interrupt])
    resumed, _ = train(pair, new_network(), digits, out=tmp_path, resume=True)
    assert bits(resumed) == bits(undisturbed[0])


@pytest.mark.fault("several workers", "the process that trains is killed with -9", "its workers end too")
def test_workers_end_with_the_process_that_trains():
    program = [sys.executable, "-m", "tests.train.led_run"]
    root = Path(__file__).parent.parent.parent
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True, cwd=root) as leader:
        worker = int(leader.stdout.readline())
        os.kill(worker, 0)
        leader.kill()
    until = time.monotonic() + 30
    while is_running(worker) and time.monotonic() < until:
        time.sleep(0.02)
    assert not is_running(worker)


def is_running(process):
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


def test_no_worker_is_left_after_the_block():
    with team_of(3) as (_, workers):
        processes = [process.pid for process in workers.processes]
        assert all(map(is_running, processes))
    assert not any(map(is_running, processes))


@pytest.mark.fault("several workers", "a worker cannot be started", "one line, nothing left running")
def test_a_worker_that_cannot_start_is_named(monkeypatch):
    monkeypatch.setenv("PYTHONHOME", "/nowhere")
    with pytest.raises(WorkerLostError, match=r"a worker: expected it to compute.*ended with exit code 1"):
        with team_of(2):
            pass


class ByOurselves:
    """Starts nothing, and tells where the leader listens."""

    host, port, own_threads, share_memory = "127.0.0.1", 0, 1, False
    token = "right-token-right"

    def __init__(self, caller):
        self.caller = caller

    def start(self, port, token, count):
        self.thread = threading.Thread(target=self.caller, args=(port, token))
        self.thread.start()

    def reason(self, wait):
        return None if self.thread.is_alive() else "that the callers of this test have ended"

    def end(self):
        pass


def called(port):
    return socket.create_connection(("127.0.0.1", port), timeout=30)


@contextmanager
def team_with(callers, say=unheard):
    """Two workers, of which the other one is a thread here: ``callers(port, token)``."""
    starter = ByOurselves(callers)
    try:
        with Team(2, starter, say) as team:
            yield team
    finally:
        starter.thread.join()


def welcome(port, token, version=None):
    """Join a team and return what the leader says."""
    with called(port) as connected:
        assert is_authentic(connected, token, listens=False)
        link = Link(connected, "the leader")
        found = dict(versions()) | ({} if version is None else {"tenfold": version})
        link.send({"versions": found, "threads": 2, "process": 7})
        return link.receive()[0]


@pytest.mark.fault(
    "several workers",
    "a caller does not know the token, or says something else",
    "refused, and the next one is taken",
)
def test_a_caller_without_the_token_is_sent_away(monkeypatch):
    monkeypatch.setattr("tenfold.train.parallel.link._HANDSHAKE_SECONDS", 3)
    said, found = [], []

    def callers(port, token):
        with pytest.raises(
            ConfigError, match=f"127.0.0.1:{port}: expected the training's token, got another"
        ):
            work_for("127.0.0.1", port, "wrong-token-wrong")
        with called(port) as stranger:
            stranger.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 9)
        with called(port):  # says nothing
            found.append(welcome(port, token))

    with team_with(callers, said.append) as team:
        assert team.threads == [1, 2]
    assert said == [
        f"a caller from 127.0.0.1 did not {verb} the token; it was refused"
        for verb in ("know", "send", "send")
    ]
    assert found == [{"rank": 1}]


@pytest.mark.fault(
    "several workers", "something else listens at the address", "one line, at once or after a minute"
)
@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
def test_a_worker_that_calls_something_else_says_so(said, monkeypatch):
    monkeypatch.setattr("tenfold.train.parallel.link._CALLER_SECONDS", 1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port, callers = server.getsockname()[1], []

        def answer():
            callers.append(server.accept()[0])
            callers[0].sendall(said)

        answering = threading.Thread(target=answer)
        answering.start()
        wanted = f"127.0.0.1:{port}: expected a training that waits for workers, found something else"
        with pytest.raises(ConfigError, match=wanted):
            work_for("127.0.0.1", port, "right-token-right")
        answering.join()
        callers[0].close()


@pytest.mark.fault(
    "several workers", "a worker has another version of tenfold", "refused, both versions named"
)
def test_another_version_is_refused():
    answers = []
    wanted = r"expected tenfold .* as the leader has, got '9.9' at worker 2 of 2"
    with (
        pytest.raises(ConfigError, match=wanted),
        team_with(lambda *given: answers.append(welcome(*given, version="9.9"))),
    ):
        pass
    assert "9.9" in answers[0]["refused"]


@pytest.mark.fault("several workers", "nobody listens at the address", "one line")
def test_a_worker_that_finds_no_leader_says_so(monkeypatch):
    monkeypatch.setattr("tenfold.train.parallel.worker._CALL_SECONDS", 0)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(ConfigError, match=f"127.0.0.1:{port}: expected a training that waits for workers"):
        work_for("127.0.0.1", port, "right-token-right")


@pytest.mark.fault(
    "several workers", "a worker's processor is of another kind", "said, since bits may differ"
)
def test_another_processor_is_said(monkeypatch):
    said = []
    own = dict(versions())
    monkeypatch.setattr(teams, "versions", lambda: own | {"processor": "another"})
    with team_of(2, say=said.append):
        pass
    assert len(said) == 1
    assert f"processor {own['processor']}, now another: bits may differ" in said[0]


@pytest.mark.fault(
    "several workers", "a worker's parameters are not the leader's", "noticed after the step, the run stops"
)
def test_parameters_that_differ_are_noticed(new_network, digits):
    with team_of(2) as (team, _):
        network = new_network()
        network.initialise(0)
        executor = ParallelExecutor(network, SoftmaxCrossEntropy(), SGD(0.1), team=team)
        executor.prepare()
        executor._engine.vector[3] += 1
        with pytest.raises(WorkerLostError, match="found parameters that are not the leader's"):
            executor.train(
                digits.images, digits.labels, np.arange(32), 16, np.full(2, 0.1), np.random.default_rng(0)
            )


class Doubled(Layer):
    """A layer of one's own."""

    kind = "doubled"

    def forward(self, x, *, training=False, rng=None):
        return 2 * x, lambda dy: (2 * dy, {})


def test_parts_of_ones_own_are_refused(new_network):
    own = Sequential({"flatten": Flatten(), "own": Doubled(), "fc": Dense(64, 10)}, (8, 8, 1))
    assert "layer 'own' (Doubled)" in why_not(own, SoftmaxCrossEntropy(), SGD(0.1))
    assert why_not(new_network(), MeanSquaredError(), Adam(0.1)) is None
    own.initialise(0)
    with team_of(2) as (team, _), pytest.raises(ConfigError, match=r"workers: .*; train it with one worker"):
        ParallelExecutor(own, SoftmaxCrossEntropy(), SGD(0.1), team=team)


def test_the_estimate_says_what_was_measured(new_network):
    network = Sequential({"flatten": Flatten(), "fc": Dense(64, 10), "relu": ReLU()}, (8, 8, 1))
    with team_of(2) as (team, _):
        found = estimate(network, SoftmaxCrossEntropy(), SGD(0.1), 16, team)
    assert found.workers == 2
    assert found.gradients == 650
    assert 0 < found.exchange
    assert network.dtype is None  # copies were timed


@pytest.mark.parametrize(("together", "pays"), [(0.05, True), (0.0999, False), (0.2, False)])
def test_the_estimate_decides(together, pays):
    found = Estimate(4, 0.1, together, 0.002, 1234)
    assert found.pays is pays
    assert ("; this network is trained with one worker" in str(found)) is not pays
    assert "2 ms of it for the exchange of 1,234 gradients, and 100 ms with one worker on all cores" in str(
        found
    )


def test_shared_memory_leaves_no_file():
    slots = Slots.new(2, 4096)
    assert Path(slots.file).stat().st_size == 8192
    slots.forget()
    assert not Path(slots.file).exists()
    slots.of(1, np.zeros(3))[...] = [1, 2, 3]
    np.testing.assert_array_equal(slots.of(1, np.zeros((3, 1))).ravel(), [1, 2, 3])


@pytest.mark.fault("several workers", "there is no room for shared memory", "sockets carry the sums instead")
def test_without_room_sockets_carry_the_sums(monkeypatch, undisturbed, new_network, digits, bits):
    def full(*given):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tenfold.files.mapped_file._reserve", full)
    with team_of(2) as (team, _):
        network, _ = train(partial(ParallelExecutor, team=team), new_network(), digits)
    assert bits(network) == bits(undisturbed[0])


@pytest.mark.fault("several workers", "a Ray cluster has too few cores for them", "one line, at once")
@pytest.mark.parametrize(("cores", "threads", "room"), [([4, 4], 4, 2), ([2, 5, 4], 2, 5), ([1], 2, 0)])
def test_workers_without_cores_are_not_waited_for(cores, threads, room):
    check_room(cores, threads, room)
    wanted = (
        f"room for {room + 1} more workers of {threads} cores.* room for {room}; give --workers {room + 1}, "
    )
    with pytest.raises(ConfigError, match=wanted):
        check_room(cores, threads, room + 1)
