"""Trials on a Ray cluster end in the ledger of trials on this machine, whatever happens to the cluster."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
from pathlib import Path

import pytest

import tenfold

TRIALS = ("trials", "nn1l", "nn2l", "--seeds", "0-5", "--data", "mnist-5k", "--epochs", "2", "--json")
THREE = ("trials", "nn1l", "--seeds", "0-2", "--data", "mnist-5k", "--json")
ONE = ("trials", "nn1l", "--seeds", "0", "--data", "mnist-5k", "--json")
POISON = """
import os
from pathlib import Path
from tenfold import nn


def build():
    parent = os.getppid()
    if b"ray::" in Path(f"/proc/{parent}/cmdline").read_bytes():
        os.kill(parent, 9)
    return nn.Sequential([nn.Flatten(), nn.Dense(784, 10)], input_shape=(28, 28, 1))
"""

ON_A_FULL_DISK = """
import os, resource, signal
from pathlib import Path
from tenfold import nn

if b"ray::" in Path(f"/proc/{os.getppid()}/cmdline").read_bytes() and Path(FULL).exists():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20 * 1024, resource.RLIM_INFINITY))


def build():
    return nn.Sequential([nn.Flatten(), nn.Dense(784, 10)], input_shape=(28, 28, 1))
"""
"""What a unit writes beyond 20 kB fails as on a full disk."""


def done(results: Path) -> list[Path]:
    return [path for path in results.glob("trials/*.json") if "failed" not in path.name]


@pytest.mark.fault("clusters", "a machine is lost while trials run", "run elsewhere, the same ledger")
def test_a_node_is_lost(nodes, started, same_ledger, tmp_path: Path) -> None:
    command = started(*TRIALS, "--results", tmp_path, "--on", "ray", variables=nodes.variables)
    command.until(lambda: done(tmp_path))
    command.until(nodes.is_halted)
    nodes.remove()
    out, err = command.ended(0)
    assert {one["ending"] for one in json.loads(out)["trials"]} == {"done"}
    assert "lost; starting it again" in err
    same_ledger(tmp_path)
    assert not (tmp_path / ".launched").exists()


@pytest.mark.fault("clusters", "the worker of a trial is killed", "the trial runs again and continues")
@pytest.mark.fault("clusters", "the command is killed", "its trials go on; the same command collects them")
@pytest.mark.fault("clusters", "Ctrl-C", "trials are saved and end, exit 130; the same command resumes them")
def test_a_worker_and_the_driver_are_killed_and_the_rest_interrupted(
    nodes, started, until, histories, grown, tmp_path: Path
) -> None:
    words = (*THREE, "--epochs", "20000", "--results", tmp_path, "--on", "ray")
    command = started(*words, variables=nodes.variables)
    command.until(lambda: len(histories(tmp_path)) == 3)
    before = histories(tmp_path)
    os.kill(nodes.workers[0], signal.SIGKILL)
    command.until(lambda: "lost; starting it again" in command.err)
    command.until(lambda: command.err.count(f": {socket.gethostname()}") == 4)  # it runs again
    resumed = histories(tmp_path)
    command.until(lambda: grown(tmp_path, resumed))
    assert grown(tmp_path, before)
    command.kill()
    running, before = set(nodes.workers), histories(tmp_path)
    assert len(running) == 3
    until(lambda: grown(tmp_path, before))  # without anybody who waits for it
    again = started(*words, variables=nodes.variables)
    again.until(lambda: again.err.count(f": {socket.gethostname()}") == 3)
    assert set(nodes.workers) == running  # it has found them
    again.interrupt()
    out, err = again.ended(130)
    assert out == ""
    assert "interrupted, 3 of 3 trials left" in err.splitlines()[-1]
    until(lambda: not nodes.workers)


@pytest.mark.fault(
    "clusters", "a network kills every worker that builds it", "marked as failed, the others done"
)
def test_poison(nodes, started, tmp_path: Path) -> None:
    (tmp_path / "poison.py").write_text(POISON)
    options = ("--network", tmp_path / "poison.py", "--seeds", "0", "--epochs", "1", "--data", "mnist-5k")
    command = started(
        "trials", *options, "--results", tmp_path / "r", "--on", "ray", variables=nodes.variables
    )
    _, err = command.ended(1)
    assert "failed: lost 3 times, the last time because its machine or its worker was lost" in err


@pytest.mark.fault(
    "clusters", "the shared folder is full", "trials fail in one line; later the same command ends"
)
def test_a_full_folder(nodes, started, tmp_path: Path) -> None:
    full = tmp_path / "full"
    (tmp_path / "own.py").write_text(ON_A_FULL_DISK.replace("FULL", repr(str(full))))
    results = tmp_path / "results"
    options = (
        "--network",
        tmp_path / "own.py",
        "--seeds",
        "0",
        "--epochs",
        "1",
        "--data",
        "mnist-5k",
        "--json",
    )
    words = ("trials", *options, "--results", results, "--on", "ray")
    full.touch()
    command = started(*words, variables=nodes.variables)
    out, err = command.ended(4)
    assert {one["ending"] for one in json.loads(out)["trials"]} == {"failed"}
    assert len(re.findall("^own, .*: failed: .*found file too large", err, re.MULTILINE)) == 1
    assert not done(results)
    full.unlink()
    out, _ = started(*words, variables=nodes.variables).ended(0)
    assert {one["ending"] for one in json.loads(out)["trials"]} == {"done"}
    assert not (results / ".launched").exists()


@pytest.mark.fault("clusters", "a machine with another processor and an empty cache", "said; its trials run")
def test_another_kind_of_processor(nodes, started, tmp_path: Path) -> None:
    nodes.replace(NUMBA_CPU_NAME="x86-64-v2", NUMBA_CPU_FEATURES="+sse4.2", TENFOLD_CACHE=str(tmp_path / "c"))
    options = ("--epochs", "2", "--results", tmp_path / "r", "--on", "ray")
    command = started(*THREE, *options, variables=nodes.variables)
    out, err = command.ended(0)
    assert {one["ending"] for one in json.loads(out)["trials"]} == {"done"}
    assert "computes as x86-64-v2" in err
    assert "the last digits of figures may differ between them" in err


@pytest.mark.fault("clusters", "another version of tenfold", "refused in one line that names both")
def test_another_version(nodes, started, tmp_path: Path) -> None:
    package = shutil.copytree(Path(tenfold.__file__).parent, tmp_path / "other" / "tenfold")
    front = package / "__init__.py"
    front.write_text(
        front.read_text().replace(f'__version__ = "{tenfold.__version__}"', '__version__ = "99.0"')
    )
    variables = {**nodes.variables, "PYTHONPATH": str(package.parent)}
    command = started(*ONE, "--epochs", "2", "--results", tmp_path / "r", "--on", "ray", variables=variables)
    _, err = command.ended(2)
    assert err.splitlines()[-1].endswith(
        f"expected tenfold 99.0, as on the machine that gave the command, found {tenfold.__version__}; "
        "install one version on both"
    )


@pytest.mark.fault("clusters", "a wrong token", "refused in one line")
def test_a_wrong_token(nodes, started, tmp_path: Path) -> None:
    variables = {**nodes.variables, "RAY_AUTH_TOKEN": "f" * 64}
    command = started(*ONE, "--epochs", "2", "--results", tmp_path, "--on", "ray", variables=variables)
    _, err = command.ended(2)
    assert err.startswith("error: --on ray: expected a Ray cluster at ")
    assert "that takes this command, found one that does not" in err
    assert "$RAY_AUTH_TOKEN to its token" in err
    assert err.count("\n") == 1


def test_ray_client(nodes, started, tmp_path: Path) -> None:
    """From outside of the cluster; Ray Client uses a token only if it is told to."""
    token = {"RAY_AUTH_TOKEN": nodes.variables["RAY_AUTH_TOKEN"]}
    options = ("--epochs", "2", "--results", tmp_path, "--on", nodes.client_address)
    out, err = started(*ONE, *options, variables=token).ended(0, 2)
    assert out, (err, nodes.logs("ray_client_server"))
    assert {one["ending"] for one in json.loads(out)["trials"]} == {"done"}


NOWHERE = "127.0.0.1:9"


@pytest.mark.fault("clusters", "an address where no cluster answers", "one line, at once")
@pytest.mark.parametrize(
    ("words", "address"),
    [
        ((*ONE, "--on", "ray", "--results", "results"), NOWHERE),
        (("train", "nn2l", "--data", "mnist-5k", "--workers", "2", "--out", "run"), f"ray://{NOWHERE}"),
    ],
)
def test_a_wrong_address(started, monkeypatch, tmp_path: Path, words: list[str], address: str) -> None:
    monkeypatch.chdir(tmp_path)
    given = ("--on", address) if address.startswith("ray://") else ()
    command = started(*words, *given, variables={"RAY_ADDRESS": address})
    _, err = command.ended(2)
    assert err.splitlines()[-1] == (
        f"error: --on ray: expected a Ray cluster at {address}, found nothing that answers; start one with "
        "`ray start --head`, or correct the address"
    )


@pytest.mark.fault(
    "clusters", "the head of a Ray cluster is lost", "one line, exit 4; the same command resumes"
)
def test_the_head_is_lost(nodes, started, histories, grown, tmp_path: Path) -> None:
    options = ("--epochs", "20000", "--results", tmp_path, "--on", "ray")
    command = started(*ONE, *options, variables=nodes.variables)
    command.until(lambda: histories(tmp_path))
    nodes.behead()
    nodes.whole()  # another cluster; with the head its machine is lost, and the others end
    out, err = command.ended(4)
    assert out == ""
    assert err.splitlines()[-1].startswith("error: --on ray: expected the head of the cluster at ")
    before = histories(tmp_path)
    again = started(*ONE, *options, variables=nodes.variables)
    again.until(lambda: again.err.count(f": {socket.gethostname()}") == 1)  # the old one has ended
    resumed = histories(tmp_path)
    again.until(lambda: grown(tmp_path, resumed))
    assert grown(tmp_path, before)
    again.interrupt()
    again.ended(130)
