"""The cache folder: whole files or none, one writer at a time, clear words when it cannot be written."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tenfold.data.download_folder import locked, write_file
from tenfold.errors import BusyError
from tenfold.folders import cache_folder

HOLD = """
import sys, time
from pathlib import Path
from tenfold.data.download_folder import locked
with locked(Path(sys.argv[1]), lambda: None):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def holder(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the folder until its input ends or it is killed."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def nobody() -> None:
    pytest.fail("nobody else holds the folder")


def test_written_whole_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")
    write_file(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.fault("data", "the disk is full", "one line, nothing partial is left")
@pytest.mark.skipif(os.name != "posix", reason="needs resource limits")
def test_disk_full_leaves_the_old_file_and_no_other(tmp_path: Path, refused) -> None:
    """The kernel itself refuses to write on: files may not grow over 1,000 bytes."""
    import resource

    (tmp_path / "file").write_bytes(b"old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with refused(
        str(tmp_path / "file"), r"expected room for 5000 bytes, found the disk full .*TENFOLD_CACHE"
    ):
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, hard))
        try:
            write_file(tmp_path / "file", bytes(5_000))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (tmp_path / "file").read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.fault("data", "the cache may not be written", "one line that names the file, exit 3")
def test_read_only_folder(unprivileged: Path, refused) -> None:
    unprivileged.joinpath("sub").mkdir()
    unprivileged.joinpath("sub").chmod(0o555)
    with refused(
        str(unprivileged / "sub"),
        "expected a writable folder, found permission denied; .*TENFOLD_CACHE",
    ):
        write_file(unprivileged / "sub" / "file", b"new")
    with (
        refused(str(unprivileged / "sub"), "expected a writable folder, found permission denied"),
        locked(unprivileged / "sub" / "deeper", nobody),
    ):
        pass


@pytest.mark.fault("data", "the cache may not be written", "one line that names the file, exit 3")
def test_folder_that_is_a_file(tmp_path: Path, refused) -> None:
    (tmp_path / "file").write_bytes(b"")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with (
            refused(str(folder), "expected a writable folder, found (file exists|not a directory)"),
            locked(folder, nobody),
        ):
            pass


@pytest.mark.fault("data", "two processes download at once", "the second waits, and says so once")
def test_second_process_waits_and_is_told_once(tmp_path: Path) -> None:
    told = []
    with holder(tmp_path) as process:
        assert process.stdin is not None

        def let_go() -> None:
            told.append("waiting")
            process.stdin.close()

        with locked(tmp_path, let_go):
            assert process.wait(10) == 0
    assert told == ["waiting"]


@pytest.mark.fault("data", "another process holds the cache for too long", "one line, exit 6")
def test_waiting_ends(tmp_path: Path) -> None:
    with (
        holder(tmp_path),
        pytest.raises(BusyError, match="expected no other download, found one") as caught,
        locked(tmp_path, lambda: None, wait_seconds=0.2),
    ):
        pass
    assert caught.value.exit_code == 6


@pytest.mark.fault("data", "a download is killed", "its partial files are ignored")
def test_a_killed_holder_lets_go_and_its_leftovers_are_cleared(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        (tmp_path / ".tenfold-tmp-0123456789abcdef-x").write_bytes(b"half")
        process.kill()
        process.wait(10)
        with locked(tmp_path, lambda: None):
            assert not (tmp_path / ".tenfold-tmp-0123456789abcdef-x").exists()


def test_which_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TENFOLD_CACHE", str(tmp_path / "mine"))
    assert cache_folder() == tmp_path / "mine"
    monkeypatch.setenv("TENFOLD_CACHE", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    assert cache_folder().name in ("tenfold", "Cache")
    assert not cache_folder().exists()  # asking makes nothing
