"""Faults of the file system in words."""

import errno
import os
import pickle
from pathlib import Path

import pytest

from tenfold.errors import StorageError, TenfoldError
from tenfold.files import storage, storage_error

WORDS = {
    errno.ENOSPC: "expected room on the disk, found no space left on device; free some space",
    errno.EDQUOT: "expected room within the disk quota, found disk quota exceeded; free some space",
    errno.EFBIG: "expected room for a larger file, found file too large; raise the limit on the size",
    errno.EMFILE: "expected a free file descriptor, found too many open files; raise the limit on open files",
    errno.EIO: "expected a working disk, found input/output error; check the disk or choose another",
    errno.EROFS: "expected a writable file system, found read-only file system; choose another",
    errno.EACCES: "expected permission to write here, found permission denied; change the perm",
    errno.ENOENT: "expected a folder to write to, found no such file or directory; check the path",
}


@pytest.mark.parametrize("number", WORDS)
def test_every_fault_says_which_file_what_happened_and_what_to_do(number):
    with pytest.raises(StorageError) as refused, storage("runs/mine/report.html"):
        raise OSError(number, os.strerror(number), "runs/mine/.hidden")
    assert str(refused.value).startswith(f"runs/mine/report.html: {WORDS[number]}")
    assert refused.value.errno == number
    assert refused.value.exit_code == 4
    assert isinstance(refused.value, TenfoldError)


@pytest.mark.parametrize("number", sorted(errno.errorcode))
def test_there_are_words_for_every_error_there_is(number):
    text = str(storage_error(OSError(number, os.strerror(number)), "x"))
    assert text.startswith("x: expected ")
    assert f"found {os.strerror(number).lower()}; " in text


def test_without_a_path_the_errors_own_is_named_without_its_temporary_name():
    name = ".tenfold-tmp-0123456789abcdef-run.json"
    assert str(storage_error(OSError(errno.EIO, "x", f"a/{name}"))).startswith("a/run.json: expected")
    assert str(storage_error(OSError(errno.EIO, "x"))).startswith("expected a working disk")
    assert str(storage_error(OSError("no number"))).startswith("expected a working file system, found no")


def test_whoever_knows_more_completes_the_line():
    error = storage_error(OSError(errno.ENOSPC, "full"), Path("x"))
    error.kept, error.then = "all is saved", "give the command again"
    text = (
        "x: expected room on the disk, found full; all is saved; free some space, then give the command again"
    )
    assert str(error) == text
    assert storage_error(error, "other") is error
    assert str(pickle.loads(pickle.dumps(error))) == text
