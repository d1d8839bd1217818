"""A disk that is full or broken from the n-th write of a run on, for every n."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tenfold.cli import main
from tenfold.data import load_corpus

OPTIONS = ["--data", "mnist-5k", "-q", "--no-report"]
COMMANDS = {"nn1l": ["--epochs", "2"], "gaussian-nb": []}


@pytest.fixture(autouse=True)
def _few_images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands get the sample's first images: what they learn does not matter here."""
    sample = load_corpus("mnist-5k")
    train, test = sample.train.subset(slice(0, 600)), sample.test.subset(slice(0, 100))
    few = replace(sample, train=train, test=test)
    monkeypatch.setattr("tenfold.cli.progress.load", lambda source, quiet=False: few)
    monkeypatch.chdir(tmp_path)


def train(name: str, out: str, *options: str) -> int:
    return main(["train", name, *OPTIONS, *COMMANDS[name], "--out", out, *options])


def model(out: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path(out, "model").iterdir()}


class Disk:
    """Refuses every call of the operating system that changes the disk, from the n-th on."""

    CALLS = ("mkdir", "replace", "fsync")

    def __init__(self, number: int, calls: int) -> None:
        self.number, self.left = number, calls

    def mount(self, patched: pytest.MonkeyPatch) -> None:
        for name in self.CALLS:
            patched.setattr(os, name, self._guarded(getattr(os, name)))

    def _guarded(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*arguments: Any, **options: Any) -> Any:
            self.left -= 1
            if self.left < 0:
                raise OSError(self.number, os.strerror(self.number))
            return call(*arguments, **options)

        return guarded


@pytest.mark.fault(
    "full disk",
    "no space left, or an I/O error, at any write of a run",
    "one line; resumed with the same bits",
)
@pytest.mark.parametrize(("name", "number"), [("nn1l", errno.ENOSPC), ("gaussian-nb", errno.EIO)])
def test_wherever_the_disk_is_full_the_line_says_what_to_do_and_it_helps(
    name: str, number: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Full from the n-th write on, for every n; then there is room again, and the advice is followed."""
    assert train(name, "unbroken") == 0
    capsys.readouterr()
    for calls in range(200):
        out = f"run-{calls}"
        with monkeypatch.context() as patched:
            Disk(number, calls).mount(patched)
            code = train(name, out)
        said = capsys.readouterr()
        if code == 0:
            break
        assert (code, said.out, said.err.count("\n")) == (4, "", 1)
        assert said.err.startswith(f"error: {out}")
        assert f"found {os.strerror(number).lower()}; " in said.err
        assert said.err.endswith(f", then resume it with --resume --out {out}\n")
        assert "unexpected" not in said.err
        assert train(name, out, "--resume") == 0
        assert model(out) == model("unbroken")
        assert not [path for path in Path(out).rglob("*") if path.name.startswith(".tenfold-tmp-")]
        capsys.readouterr()
    assert calls > 15
