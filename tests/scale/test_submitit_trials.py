"""Trials through submitit, whose local executor stands for the queue."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

TRIALS = ("trials", "nn1l", "nn2l", "--seeds", "0-5", "--data", "mnist-5k", "--epochs", "20", "--json")
TWO = ("trials", "nn1l", "--seeds", "0-1", "--data", "mnist-5k", "--json")
ON = ("--on", "slurm:local")


def test_the_same_ledger(started, same_ledger, tmp_path: Path) -> None:
    command = started(*TRIALS, "--results", tmp_path, *ON, "--jobs", "3")
    out, err = command.communicate()
    assert command.returncode == 0, err
    assert {one["ending"] for one in json.loads(out)["trials"]} == {"done"}
    same_ledger(tmp_path)
    assert not (tmp_path / ".launched").exists()


@pytest.mark.fault("clusters", "the command is killed", "its trials go on; the same command collects them")
def test_the_driver_is_killed(started, until, tmp_path: Path) -> None:
    command = started(*TWO, "--epochs", "300", "--results", tmp_path, *ON)
    until(lambda: len(list(tmp_path.glob("trials/*/checkpoints/epoch-*"))) > 2)
    command.kill()
    jobs = {path.name: path.read_bytes() for path in tmp_path.glob(".launched/*.job.json")}
    assert len(jobs) == 2
    again = started(*TWO, "--epochs", "300", "--results", tmp_path, *ON)
    until(lambda: again.poll() is not None or len(list(tmp_path.glob("trials/*.json"))) > 0)
    now = {path.name: path.read_bytes() for path in tmp_path.glob(".launched/*.job.json")}
    assert now.items() <= jobs.items()  # no other job was submitted
    out, err = again.communicate()
    assert again.returncode == 0, err
    assert {one["ending"] for one in json.loads(out)["trials"]} <= {"done", "there"}


@pytest.mark.fault("clusters", "Ctrl-C", "trials are saved and end, exit 130; the same command resumes them")
def test_ctrl_c(started, until, tmp_path: Path) -> None:
    command = started(*TWO, "--epochs", "20000", "--results", tmp_path, *ON)
    until(lambda: list(tmp_path.glob("trials/*/checkpoints/epoch-*")))
    os.kill(command.pid, signal.SIGINT)
    out, err = command.communicate()
    assert (command.returncode, out) == (130, "")
    assert "interrupted, 2 of 2 trials left" in err.splitlines()[-1]
    assert not (tmp_path / ".launched").exists()


@pytest.mark.fault("clusters", "a job is killed", "it is submitted again and continues")
def test_a_job_is_killed(started, until, tmp_path: Path) -> None:
    command = started(*TWO, "--epochs", "100", "--results", tmp_path, *ON)
    until(lambda: list(tmp_path.glob("trials/*/checkpoints/epoch-*")))
    job = json.loads(next(tmp_path.glob(".launched/*.job.json")).read_bytes())["job"]
    os.kill(int(job), signal.SIGKILL)  # what guards the job
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"SUBMITIT_LOCAL_JOB_ID={job}".encode() in path.read_bytes():
                os.kill(int(path.parent.name), signal.SIGKILL)
        except OSError:
            continue
    out, err = command.communicate()
    assert command.returncode == 0, err
    assert {one["ending"] for one in json.loads(out)["trials"]} == {"done"}
    assert "has ended (INTERRUPTED); starting it again" in err


@pytest.mark.fault(
    "clusters", "the shared folder is full", "trials fail in one line; later the same command ends"
)
def test_a_full_folder(started, tmp_path: Path) -> None:
    options = (*TWO, "--epochs", "2", "--results", tmp_path, *ON)
    command = started(*options, most_bytes=20 * 1024)
    out, err = command.communicate()
    assert command.returncode == 4, err
    assert {one["ending"] for one in json.loads(out)["trials"]} == {"failed"}
    again = started(*options)
    out, err = again.communicate()
    assert again.returncode == 0, err
    assert {one["ending"] for one in json.loads(out)["trials"]} == {"done"}
