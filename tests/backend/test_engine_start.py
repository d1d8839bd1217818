"""The first start: two processes compile, and one is enough where another cannot be had."""

from __future__ import annotations

import subprocess
from functools import cache
from importlib.util import find_spec

import pytest

from tenfold.backend.cpu import start
from tenfold.backend.cpu.compilation import is_cached
from tenfold.nn import Dense, Flatten, Sequential, SoftmaxCrossEntropy
from tenfold.optim import SGD
from tenfold.train.compiled import CompiledExecutor


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """Pretend that nothing is compiled yet, and note the processes that are started."""
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def noting(*args, **options):
        started.append(popen(*args, **options))
        return started[-1]

    monkeypatch.setattr(start, "is_cached", lambda *names: False)
    monkeypatch.setattr(start, "say_that_it_compiles", cache(start.say_that_it_compiles.__wrapped__))
    monkeypatch.setattr(start, "available", lambda: 2)
    monkeypatch.setattr(start.subprocess, "Popen", noting)
    return started


LINE = "compiling the engine for this processor, once; it takes about 30 seconds"


def test_compiling_is_said_once_before_it_begins(processes, caplog):
    said_before = []
    start.subprocess.Popen, popen = (
        lambda *a, **o: (said_before.extend(caplog.messages), popen(*a, **o))[1],
        start.subprocess.Popen,
    )
    start.engine()
    start.compile_first("run.train")
    assert said_before == caplog.messages == [LINE]


def test_nothing_is_said_of_what_is_compiled(caplog, monkeypatch):
    monkeypatch.setattr(start, "is_cached", lambda *names: True)
    start.engine()
    start.compile_first("run.train")
    assert caplog.messages == []


def test_each_half_is_of_modules_that_there_are():
    assert not set(start.HERE) & set(start.BESIDE)
    for name in (*start.HERE, *start.BESIDE):
        assert find_spec(f"tenfold.backend.cpu.{name}") is not None, name


def test_the_other_process_is_gone_afterwards(processes):
    assert start.engine().__name__ == "Engine"
    assert [process.poll() is not None for process in processes] == [True]


def test_the_other_process_can_import_its_half():
    modules = ", ".join(f"tenfold.backend.cpu.{name}" for name in start.BESIDE)
    subprocess.run([start.sys.executable, "-c", f"import {modules}"], check=True)


@pytest.mark.parametrize("name", ["is_cached", "available"])
def test_no_other_process_where_it_would_not_help(processes, monkeypatch, name):
    monkeypatch.setattr(start, name, lambda *names: 1)  # compiled already; one core
    assert start.engine().__name__ == "Engine"
    assert processes == []


@pytest.mark.fault("compile cache", "no other process can be started", "this process compiles everything")
def test_without_another_process_this_one_compiles_all(processes, monkeypatch):
    def refused(*args, **options):
        raise OSError("no more processes")

    monkeypatch.setattr(start.subprocess, "Popen", refused)
    assert start.engine().__name__ == "Engine"


@pytest.mark.fault(
    "compile cache", "the compile cache is read-only or belongs to another user", "compiled without it"
)
def test_without_a_folder_to_share_this_one_compiles_all(processes, monkeypatch):
    monkeypatch.setattr(start, "folder", lambda: None)
    assert start.engine().__name__ == "Engine"
    assert processes == []


def test_what_a_start_looks_for_is_what_is_kept():
    layers = {"flatten": Flatten(), "fc": Dense(16, 10)}
    network = Sequential(layers, (4, 4, 1))
    network.initialise(0)
    CompiledExecutor(network, SoftmaxCrossEntropy(), SGD(0.1)).prepare()
    assert is_cached()
    assert is_cached(*start.HERE, *start.BESIDE)
    assert not is_cached("run.train", "absent")
