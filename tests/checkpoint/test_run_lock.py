"""One trainer a folder; the dead hold nothing."""

import errno
import fcntl
import importlib.util
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from tenfold import locks
from tenfold.checkpoint import RunLock, run_lock
from tenfold.data import download_folder
from tenfold.errors import BusyError, CheckpointError, StorageError

HOLDER = """
import sys, time
from pathlib import Path
from tenfold.checkpoint import RunLock
with RunLock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.mark.fault("training", "two trainings use one folder", "the second ends with one line, exit 6")
def test_the_second_is_told_who_holds_the_folder_until_that_process_is_killed(tmp_path, holder):
    with (
        pytest.raises(BusyError, match=f"found process {holder.pid}; wait for it") as refused,
        RunLock(tmp_path),
    ):
        pass
    assert refused.value.exit_code == 6
    holder.kill()
    holder.wait()
    with RunLock(tmp_path):
        pass


@pytest.mark.fault("training", "two trainings use one folder", "the second ends with one line, exit 6")
def test_two_runs_in_one_process_exclude_each_other_and_a_lock_can_be_taken_again(tmp_path):
    for _ in range(2):
        with (
            RunLock(tmp_path),
            pytest.raises(BusyError, match="expected no other training"),
            RunLock(tmp_path),
        ):
            pass


@pytest.mark.fault("training", "the run's folder cannot be made", "one line that names it")
def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(StorageError, match="file/run: expected a folder to write to, found not a directory"),
        RunLock(tmp_path / "file" / "run"),
    ):
        pass


@pytest.mark.fault("training", "the file system has no locks", "one line says so")
def test_a_file_system_without_locks_is_not_taken_for_another_trainer(tmp_path, monkeypatch):
    def no_locks(descriptor, operation):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    with (
        pytest.raises(CheckpointError, match="with locks, found no locks available; choose a folder"),
        RunLock(tmp_path),
    ):
        pass


@pytest.fixture
def windows(monkeypatch):
    """Locks as on Windows, and the bytes that are locked: places in files.

    Closing a file does not release them here, as Windows may take its time for that.
    """
    held = set()

    def locking(descriptor, mode, count):
        place = os.fstat(descriptor).st_ino, os.lseek(descriptor, 0, os.SEEK_CUR)
        if (place in held) == (mode == "lock"):
            raise PermissionError(errno.EACCES, "Permission denied")
        (held.add if mode == "lock" else held.remove)(place)

    msvcrt = SimpleNamespace(LK_NBLCK="lock", LK_UNLCK="unlock", locking=locking)
    monkeypatch.setitem(sys.modules, "msvcrt", msvcrt)
    spec = importlib.util.spec_from_file_location("locks_on_windows", locks.__file__)
    module = importlib.util.module_from_spec(spec)
    with monkeypatch.context() as there:
        there.setattr(sys, "platform", "win32")
        spec.loader.exec_module(module)
    for user in (run_lock, download_folder):
        monkeypatch.setattr(user, "locks", module)
    return held


def test_windows_locks_a_byte_that_is_not_the_holders_number(tmp_path, windows):
    for _ in range(2):
        with RunLock(tmp_path):
            [(_, place)] = windows
            assert place > (tmp_path / run_lock.LOCK).stat().st_size > 0
            with (
                pytest.raises(BusyError, match=f"found process {os.getpid()}; wait for it"),
                RunLock(tmp_path),
            ):
                pass
        assert windows == set()


def test_windows_lets_go_of_the_cache_at_once(tmp_path, windows):
    for _ in range(2):
        with download_folder.locked(tmp_path, lambda: None):
            assert len(windows) == 1
            with (
                pytest.raises(BusyError, match="expected no other download, found one"),
                download_folder.locked(tmp_path, lambda: None, wait_seconds=0.0),
            ):
                pass
        assert windows == set()
