"""Trials through submitit, whose local executor stands for the queue."""

from __future__ import annotations

import json
import os
import signal
import socket
from pathlib import Path

import pytest

from tenfold.resources import Resources
from tenfold.runs.launch import slurm
from tenfold.runs.launch.order import Order
from tenfold.runs.launch.slurm import ATTEMPT, Papers, SlurmCluster
from tenfold.runs.launch.unit import Unit

TRIALS = ("trials", "nn1l", "nn2l", "--seeds", "0-5", "--data", "mnist-5k", "--epochs", "2", "--json")
TWO = ("trials", "nn1l", "--seeds", "0-1", "--data", "mnist-5k", "--json")
ONE = ("trials", "nn1l", "--seeds", "0", "--data", "mnist-5k", "--json")
ON = ("--on", "slurm:local")


def submitted(results: Path) -> dict[str, bytes]:
    """Return the files that say which job runs each trial."""
    return {path.name: path.read_bytes() for path in results.glob(".launched/*.job.json")}


def test_the_same_ledger(started, same_ledger, tmp_path: Path) -> None:
    command = started(*TRIALS, "--results", tmp_path, *ON, "--jobs", "3")
    out, _ = command.ended(0)
    assert {one["ending"] for one in json.loads(out)["trials"]} == {"done"}
    same_ledger(tmp_path)
    assert not (tmp_path / ".launched").exists()


@pytest.mark.fault("clusters", "the command is killed", "its trials go on; the same command collects them")
@pytest.mark.fault("clusters", "Ctrl-C", "trials are saved and end, exit 130; the same command resumes them")
def test_the_driver_is_killed_and_the_next_interrupted(
    started, until, histories, grown, tmp_path: Path
) -> None:
    options = (*TWO, "--epochs", "20000", "--results", tmp_path, *ON)
    command = started(*options)
    command.until(lambda: len(histories(tmp_path)) == 2)
    command.kill()
    jobs, before = submitted(tmp_path), histories(tmp_path)
    assert len(jobs) == 2
    until(lambda: grown(tmp_path, before))  # without anybody who waits for it
    again = started(*options)
    again.until(lambda: again.err.count(f": {socket.gethostname()}") == 2)  # it has found both
    assert submitted(tmp_path) == jobs  # no other job was submitted
    again.interrupt()
    out, err = again.ended(130)
    assert out == ""
    assert "interrupted, 2 of 2 trials left" in err.splitlines()[-1]
    assert not (tmp_path / ".launched").exists()


@pytest.mark.fault("clusters", "a job is killed", "it is submitted again and continues")
def test_a_job_is_killed(started, histories, grown, tmp_path: Path) -> None:
    command = started(*TWO, "--epochs", "20000", "--results", tmp_path, *ON)
    command.until(lambda: len(histories(tmp_path)) == 2)
    before = histories(tmp_path)
    job = json.loads(next(iter(submitted(tmp_path).values())))["job"]
    os.kill(int(job), signal.SIGKILL)  # what guards the job
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"SUBMITIT_LOCAL_JOB_ID={job}".encode() in path.read_bytes():
                os.kill(int(path.parent.name), signal.SIGKILL)
        except OSError:
            continue
    command.until(lambda: "has ended (INTERRUPTED); starting it again" in command.err)
    command.until(lambda: grown(tmp_path, before))
    command.interrupt()
    command.ended(130)


@pytest.mark.fault(
    "clusters", "the shared folder is full", "trials fail in one line; later the same command ends"
)
def test_a_full_folder(started, tmp_path: Path) -> None:
    options = (*ONE, "--epochs", "2", "--results", tmp_path, *ON)
    command = started(*options, most_bytes=20 * 1024)
    out, _ = command.ended(4)
    assert {one["ending"] for one in json.loads(out)["trials"]} == {"failed"}
    again = started(*options)
    out, _ = again.ended(0)
    assert {one["ending"] for one in json.loads(out)["trials"]} == {"done"}


def order(home: Path) -> Order:
    words = ("run-trial", "nn1l", "--seed", "0", "--data", "mnist-5k", "--epochs", "20000")
    ledger = Path("trials")
    (home / ledger).mkdir()
    return Order.of(Unit("nn1l", words, home, "--results", ledger / "nn1l-honest-0.json"), "")


@pytest.mark.fault(
    "clusters", "the command is killed before it knows its job", "the same command finds it; no second one"
)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # nobody waits for the job
def test_a_job_of_which_no_driver_knows(until, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    cluster, wanted = SlurmCluster("local"), order(tmp_path)
    papers = Papers(tmp_path / ".launched", wanted.identity)

    class Killed(BaseException):
        """The driver ends here."""

    def end(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(Papers, "put_job_id", end)
        with pytest.raises(Killed):
            cluster.start(wanted, Resources(), {})
    until(lambda: papers.status() is not None)
    job = cluster.start(wanted, Resources(), {})
    try:
        assert papers.job_id() == job._job.job_id
        assert len(list(papers.folder.glob("*_submitted.pkl"))) == 1
        until(lambda: (status := papers.status()) is not None and status.report is not None)
    finally:
        job.stop()
        until(lambda: (status := papers.status()) is not None and status.ended)
        job.end()
    assert list(papers.folder.iterdir()) == []


def test_a_job_does_nothing_where_the_unit_was_given_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    wanted = order(tmp_path)
    papers = Papers(tmp_path / ".launched", wanted.identity)
    papers.put_order(wanted.to_json() | {ATTEMPT: "second"})
    monkeypatch.setattr(slurm, "_SLOW_TO_SHOW", 0.0)
    slurm.carry(str(papers.folder), papers.name, "first")
    assert papers.job_id() is papers.status() is None
    assert papers.order_of("second", patience=0) == wanted.to_json()
    assert Papers(tmp_path, "nobody").order_of("first", patience=0) is None
