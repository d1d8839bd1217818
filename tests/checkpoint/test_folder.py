"""A checkpoint folder is whole, or it is refused with the file named."""

import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from tenfold.checkpoint import load, save
from tenfold.errors import CheckpointError, StorageError

TENSORS = {
    "weights": {"fc.weight": np.arange(6, dtype=np.float32).reshape(2, 3)},
    "optimizer": {"m.fc.weight": np.ones((2, 3), np.float32)},
}
STATE = {"epoch": 3, "loss": 0.1, "rng": {"state": 2**127}}
FILES = ["MANIFEST.json", "optimizer.safetensors", "state.json", "weights.safetensors"]


@pytest.fixture
def folder(tmp_path):
    return save(tmp_path / "checkpoint", TENSORS, STATE)


def test_what_was_saved_comes_back(folder):
    checkpoint = load(folder)
    assert checkpoint.state == STATE
    assert sorted(path.name for path in folder.iterdir()) == FILES
    assert sorted(path.name for path in folder.parent.iterdir()) == ["checkpoint"]
    for file, arrays in TENSORS.items():
        for name, array in arrays.items():
            np.testing.assert_array_equal(checkpoint.tensors[file][name], array)


@pytest.mark.fault("checkpoints", "a bit is flipped in any file", "rejected, with the file's name")
@pytest.mark.parametrize("file", FILES)
def test_a_flipped_bit_anywhere_is_found(folder, file):
    whole = (folder / file).read_bytes()
    for at in range(0, len(whole), 7):
        damaged = bytearray(whole)
        damaged[at] ^= 1 << (at % 8)
        (folder / file).write_bytes(damaged)
        if file == "MANIFEST.json" and _same_meaning(damaged, whole):
            continue
        with pytest.raises(CheckpointError, match=r"checkpoint.+; ") as refused:
            load(folder)
        assert str(folder) in str(refused.value)
    (folder / file).write_bytes(whole)
    load(folder)


def _same_meaning(damaged, whole):
    """Whether only white space changed, into other white space."""
    return bytes(damaged).split() == whole.split()


@pytest.mark.fault("checkpoints", "a file is truncated or missing", "rejected, with the file's name")
@pytest.mark.parametrize("file", FILES)
def test_a_file_cut_short_is_refused_by_name(folder, file):
    whole = (folder / file).read_bytes()
    for length in range(0, len(whole), 16):
        (folder / file).write_bytes(whole[:length])
        with pytest.raises(CheckpointError, match=file):
            load(folder)


@pytest.mark.fault("checkpoints", "a file is truncated or missing", "rejected, with the file's name")
@pytest.mark.parametrize("file", FILES)
def test_a_missing_file_is_refused_by_name(folder, file):
    (folder / file).unlink()
    with pytest.raises(CheckpointError, match=f"{file}: expected a file, found nothing"):
        load(folder)


def _longer(folder):
    with open(folder / "weights.safetensors", "ab") as file:
        file.write(b"\0")


def _link(folder):
    (folder / "state.json").rename(folder.parent / "elsewhere.json")
    (folder / "state.json").symlink_to(folder.parent / "elsewhere.json")


def _pipe(folder):
    (folder / "state.json").unlink()
    os.mkfifo(folder / "state.json")


def _manifest(text):
    return lambda folder: (folder / "MANIFEST.json").write_text(text)


FAULTS = {
    "no folder": (
        lambda folder: folder.rename(folder.parent / "gone"),
        "expected a checkpoint folder, found none",
    ),
    "a byte too many": (_longer, "weights.safetensors: expected at most"),
    "a file too many": (
        lambda f: (f / "extra.bin").write_bytes(b""),
        "extra.bin: expected only files in the manifest",
    ),
    "a link": (_link, "state.json: expected a file, found a symbolic link"),
    "a pipe": (_pipe, "state.json: expected a file, found a named pipe"),
    "an old format": (_manifest('{"format": 0, "files": {}}'), "expected format 1, got 0"),
    "a manifest of something else": (_manifest('{"a": 1}'), "expected format and files"),
    "a manifest that lists nothing": (
        _manifest('{"format": 1, "files": {}}'),
        "expected state.json among files",
    ),
    "a manifest that points elsewhere": (
        _manifest('{"format": 1, "files": {"state.json": {}, "../../etc/passwd": {}}}'),
        "expected bytes and sha256 for",
    ),
    "a manifest that promises 2**60 bytes": (
        _manifest('{"format": 1, "files": {"state.json": {"bytes": 1152921504606846976, "sha256": ""}}}'),
        "expected only files in the manifest, found another one",
    ),
}


@pytest.mark.fault(
    "checkpoints", "a manifest is missing, malformed, or names other files", "rejected by name"
)
@pytest.mark.parametrize("name", FAULTS)
def test_faults_are_refused(refused_in_one_line, folder, name):
    damage, message = FAULTS[name]
    damage(folder)
    with refused_in_one_line(CheckpointError, message):
        load(folder)


def test_a_checkpoint_is_never_overwritten(folder):
    with pytest.raises(CheckpointError, match="expected no existing checkpoint, found one"):
        save(folder, TENSORS, {"epoch": 4})
    assert load(folder).state == STATE


@pytest.mark.fault("checkpoints", "a file's name leads outside the folder", "rejected")
def test_a_file_name_that_leads_elsewhere_is_refused(tmp_path):
    with pytest.raises(CheckpointError, match="expected a file name of lower-case letters"):
        save(tmp_path / "x", {"../weights": {}}, {})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.fault(
    "checkpoints", "the disk is full while saving", "nothing partial, the last good checkpoint is kept"
)
def test_without_space_nothing_is_left_and_what_was_there_is_unharmed(folder):
    program = """
        import resource, sys
        from pathlib import Path
        import numpy as np
        from tenfold.checkpoint import save
        from tenfold.errors import StorageError
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
        try:
            save(Path(sys.argv[1]), {"weights": {"a": np.zeros(100_000, np.float32)}}, {})
        except StorageError as error:
            print(error)
    """
    new = folder.parent / "new"
    command = [sys.executable, "-c", textwrap.dedent(program), str(new)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said.startswith(f"{new}: expected room for a larger file, found file too large; raise the limit")
    assert [path.name for path in folder.parent.iterdir()] == ["checkpoint"]
    assert load(folder).state == STATE


@pytest.mark.fault("checkpoints", "the folder cannot be written", "one line that names it")
def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="file/x: expected a folder to write to, found not a directory"):
        save(tmp_path / "file" / "x", TENSORS, STATE)


@pytest.mark.fault("checkpoints", "a file is larger than the memory", "rejected, not read")
def test_a_file_larger_than_the_memory_is_not_read(folder):
    """A sparse file of a terabyte: refused by its size, before a byte of it is read."""
    with open(folder / "weights.safetensors", "r+b") as file:
        file.truncate(2**40)
    with pytest.raises(CheckpointError, match=f"expected at most .* bytes, found {2**40}"):
        load(folder)
