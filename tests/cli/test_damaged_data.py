"""Damaged data at the command line: exit 3, one line that names the file, and nothing begun."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tenfold.cli import main
from tenfold.data import write_idx

IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A sound folder of 30 images to train on and 20 to judge by, below an empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TENFOLD_DATA", raising=False)
    found, rng = tmp_path / "digits", np.random.default_rng(0)
    found.mkdir()
    for stem, n in (("train", 30), ("t10k", 20)):
        write_idx(found / f"{stem}-images-idx3-ubyte", rng.integers(0, 256, (n, 28, 28), dtype=np.uint8))
        write_idx(found / f"{stem}-labels-idx1-ubyte", np.arange(n, dtype=np.uint8) % 10)
    return found


def changed(file: str, change: Callable[[bytes], bytes]) -> Callable[[Path], Path]:
    def damage(folder: Path) -> Path:
        path = folder / file
        path.write_bytes(change(path.read_bytes()))
        return path

    return damage


def put(file: str, make: Callable[[Path], object]) -> Callable[[Path], Path]:
    def damage(folder: Path) -> Path:
        path = folder / file
        path.unlink()
        make(path)
        return path

    return damage


DAMAGE = {
    "an empty file": changed(IMAGES, lambda data: b""),
    "half a file": changed(IMAGES, lambda data: data[: len(data) // 2]),
    "one byte too many": changed(IMAGES, lambda data: data + b"\0"),
    "a web page": changed(IMAGES, lambda data: b"<!DOCTYPE html><title>Sign in</title>"),
    "a negative label": changed(
        LABELS, lambda data: b"\0\0\x0c\x01" + data[4:8] + np.arange(-1, 29).astype(">i4").tobytes()
    ),
    "labels as images": lambda folder: (folder / LABELS).replace(folder / IMAGES),
    "images as labels": lambda folder: (folder / IMAGES).replace(folder / LABELS),
    "a link to itself": put(IMAGES, lambda path: path.symlink_to(path.name)),
    "a link to nowhere": put(LABELS, lambda path: path.symlink_to("nowhere")),
    "a named pipe": put(IMAGES, os.mkfifo),
    "a folder": put(LABELS, Path.mkdir),
}
COMMANDS = {
    "train": ["train", "nn1l", "--out", "run"],
    "trials": ["trials", "nn1l", "--epochs", "1", "--results", "ledger", "--quiet"],
    "ablate": ["ablate", "mlp", "--out", "ablation"],
}


@pytest.mark.fault(
    "data", "a command gets damaged data", "one line that names the file, exit 3, nothing is started"
)
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("damage", DAMAGE)
def test_one_line_names_the_file(
    damage: str, command: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damaged = DAMAGE[damage](folder)
    assert main([*COMMANDS[command], "--data", str(folder)]) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("error: ")
    assert damaged.name in err or "train-labels" in err or "train-images" in err
    assert str(folder) in err
    begun = {path.name for path in folder.parent.iterdir()} - {folder.name}
    assert not any((folder.parent / name / "run.json").exists() for name in begun)
    assert not list(folder.parent.rglob("checkpoints"))


@pytest.mark.fault(
    "data", "a command gets damaged data", "one line that names the file, exit 3, nothing is started"
)
def test_a_traceback_is_shown_with_debug_alone(folder: Path) -> None:
    (folder / IMAGES).write_bytes(b"")
    command = [sys.executable, "-m", "tenfold", "train", "nn1l", "--data", str(folder), "--out", "run"]
    for options, shown in (([], False), (["--debug"], True)):
        done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
        assert done.returncode == 3
        assert ("Traceback" in done.stderr) == shown
        assert done.stderr.splitlines()[-1].startswith("error: ")
