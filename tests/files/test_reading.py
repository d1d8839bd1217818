"""Files of other people's are read without hanging."""

import errno
import os
import signal

import pytest

from tenfold.errors import CheckpointError, DataError, StorageError
from tenfold.files import open_regular, read_bounded


@pytest.fixture
def alarm():
    """Ends a test that hangs."""

    def ring(number, frame):
        raise TimeoutError("it hangs")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, 5)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.fault("data", "a file is replaced by a pipe after the check", "rejected, nothing blocks")
@pytest.mark.parametrize("error", [DataError, CheckpointError])
@pytest.mark.parametrize("follow_link", [True, False])
@pytest.mark.usefixtures("alarm")
def test_a_pipe_put_in_a_files_place_after_a_look_at_it_is_refused(tmp_path, monkeypatch, error, follow_link):
    """Whatever a look beforehand saw, what counts is what was opened."""
    (tmp_path / "file").write_bytes(b"x")
    os.mkfifo(tmp_path / "pipe")
    seen = os.stat(tmp_path / "file")
    monkeypatch.setattr(os, "lstat", lambda path: seen)
    with pytest.raises(error, match="pipe: expected a file, found a named pipe"):
        read_bounded(tmp_path / "pipe", 10, error, follow_link=follow_link)


def test_a_link_is_followed_only_if_asked_to(tmp_path):
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "link").symlink_to("file")
    with open_regular(tmp_path / "link", DataError) as file:
        assert file.read() == b"x"
    with pytest.raises(CheckpointError, match="link: expected a file, found a symbolic link"):
        open_regular(tmp_path / "link", CheckpointError, follow_link=False)


def test_a_link_is_refused_where_the_system_cannot_be_asked_to(tmp_path, monkeypatch):
    monkeypatch.delattr(os, "O_NOFOLLOW")
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "link").symlink_to("file")
    assert read_bounded(tmp_path / "link", 1, DataError) == read_bounded(tmp_path / "file", 1, DataError)
    assert read_bounded(tmp_path / "file", 1, CheckpointError, follow_link=False) == b"x"
    with pytest.raises(CheckpointError, match="link: expected a file, found a symbolic link"):
        open_regular(tmp_path / "link", CheckpointError, follow_link=False)


@pytest.mark.fault("data", "a file is larger than its limit", "no more than the limit is read")
def test_no_more_than_the_limit_is_read(tmp_path):
    (tmp_path / "file").write_bytes(b"12345")
    assert read_bounded(tmp_path / "file", 5, DataError) == b"12345"
    with pytest.raises(DataError, match="expected at most 4 bytes, found 5"):
        read_bounded(tmp_path / "file", 4, DataError)


@pytest.mark.fault("files", "no file can be opened (descriptors, memory)", "reported as this, not as damage")
@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE, errno.ENOMEM])
def test_a_process_that_can_open_no_file_does_not_call_the_file_damaged(tmp_path, monkeypatch, number):
    def refuse(path, flags):
        raise OSError(number, os.strerror(number))

    (tmp_path / "file").write_bytes(b"x")
    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(StorageError, match=rf"^{tmp_path}/file: expected .*, found .*; \w+") as refused:
        read_bounded(tmp_path / "file", 1, CheckpointError)
    assert not isinstance(refused.value, CheckpointError)
