"""Files are whole or not there, and nothing is written through what somebody else made."""

import os

import pytest

from tenfold.errors import StorageError
from tenfold.files import make_subfolder, sweep, temporary_path, write_atomically


@pytest.mark.fault("data", "a file cannot be renamed", "nothing is left behind")
def test_a_file_that_cannot_be_put_in_place_leaves_nothing_behind(tmp_path):
    (tmp_path / "folder" / "inside").mkdir(parents=True)
    with pytest.raises(StorageError, match=f"^{tmp_path}/folder: expected a file or nothing, found is a dir"):
        write_atomically(tmp_path / "folder", b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


@pytest.mark.fault("foreign folders", "a file is replaced by a link", "replaced, never written through")
def test_a_link_in_the_files_place_is_replaced_and_not_followed(tmp_path):
    (tmp_path / "thesis.txt").write_text("precious")
    (tmp_path / "file").symlink_to("thesis.txt")
    write_atomically(tmp_path / "file", b"x")
    assert (tmp_path / "thesis.txt").read_text() == "precious"
    assert not (tmp_path / "file").is_symlink()


@pytest.mark.fault(
    "foreign folders", "a folder of the run is a link, a file or a pipe", "rejected, nothing is written"
)
@pytest.mark.parametrize("kind", ["a symbolic link", "a file", "a named pipe"])
def test_a_subfolder_is_a_folder_or_refused(tmp_path, kind):
    (tmp_path / "elsewhere").mkdir()
    make = {
        "a symbolic link": lambda path: path.symlink_to("elsewhere"),
        "a file": lambda path: path.write_text(""),
        "a named pipe": os.mkfifo,
    }
    make[kind](tmp_path / "figures")
    with pytest.raises(StorageError, match=f"figures: expected a folder, found {kind}; move it away$"):
        make_subfolder(tmp_path / "figures")


def test_a_subfolder_that_is_there_is_taken_and_its_parent_is_not_made(tmp_path):
    make_subfolder(tmp_path / "figures")
    make_subfolder(tmp_path / "figures")
    with pytest.raises(StorageError, match="expected a folder to write to, found no such file"):
        make_subfolder(tmp_path / "gone" / "figures")
    assert not (tmp_path / "gone").exists()


@pytest.mark.fault(
    "foreign folders",
    "the user has temporary files in the folder",
    "not touched; only tenfold's own pattern is removed",
)
def test_only_what_has_our_own_kind_of_name_is_swept(tmp_path):
    theirs = [
        ".tmp-notes",
        ".tenfold-tmp-notes",
        "tenfold-tmp-0123456789abcdef-x",
        ".tenfold-tmp-0123-x",
        "x.tmp",
    ]
    for name in theirs:
        (tmp_path / name).write_text("precious")
    ours = temporary_path(tmp_path / "model")
    (ours / "inside").mkdir(parents=True)
    temporary_path(tmp_path / "run.json").write_text("half")
    elsewhere = tmp_path / "x.tmp"
    temporary_path(tmp_path / "link").symlink_to(elsewhere)
    sweep(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(theirs)
