"""The lock file is ours or refused: nothing is written into a file of somebody else's."""

import os
import signal

import pytest

from tenfold.checkpoint import RunLock
from tenfold.data import download_folder
from tenfold.errors import ConfigError, DataError

KINDS = {
    "a symbolic link": lambda path, other: path.symlink_to(other),
    "a file with several hard links": lambda path, other: path.hardlink_to(other),
    "another file": lambda path, other: path.write_text("precious"),
    "a named pipe": lambda path, other: os.mkfifo(path),
    "a folder": lambda path, other: path.mkdir(),
}


@pytest.fixture(autouse=True)
def alarm():
    """Ends a test that hangs."""

    def ring(number, frame):
        raise TimeoutError("it hangs")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, 10)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.fault(
    "foreign folders", "the lock file is a link, a pipe or a foreign file", "rejected in one line"
)
@pytest.mark.parametrize("kind", KINDS)
def test_a_lock_file_that_is_not_ours_is_refused_and_left_as_it_is(tmp_path, kind, refused_in_one_line):
    folder, other = tmp_path / "run", tmp_path / "thesis.txt"
    folder.mkdir()
    other.write_text("precious")
    KINDS[kind](folder / ".lock", other)
    before = os.lstat(folder / ".lock")
    says = rf"\.lock: expected a lock file of tenfold, found {kind}; (remove it .*)?choose another folder"
    with refused_in_one_line(ConfigError, says), RunLock(folder):
        pass
    with refused_in_one_line(DataError, says), download_folder.locked(folder, lambda: None):
        pass
    assert os.lstat(folder / ".lock") == before
    assert other.read_text() == "precious"


@pytest.mark.fault(
    "foreign folders", "the lock file is a link to nothing", "rejected, and nothing is created there"
)
def test_a_link_to_nothing_makes_nothing(tmp_path, refused_in_one_line):
    (tmp_path / ".lock").symlink_to(tmp_path / "new.txt")
    with refused_in_one_line(ConfigError, "found a symbolic link"), RunLock(tmp_path):
        pass
    assert not (tmp_path / "new.txt").exists()


@pytest.mark.parametrize(
    "content", ["", f"{4711:>20}\n", f"{os.getpid():>20}\n"], ids=["empty", "of another process", "ours"]
)
def test_what_we_left_there_is_taken_again(tmp_path, content):
    (tmp_path / ".lock").write_text(content)
    with RunLock(tmp_path):
        assert int((tmp_path / ".lock").read_text()) == os.getpid()


@pytest.mark.parametrize("content", [b"", b"\0" * 21, b"                4711\n"])
def test_a_lock_file_that_a_power_failure_left_is_taken(tmp_path, content):
    (tmp_path / ".lock").write_bytes(content)
    with RunLock(tmp_path):
        pass
