"""What the tests of the command line share: one finished run. Its pictures are not drawn."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.terminal import Terminal

from tenfold.cli import main


@dataclass(frozen=True)
class Finished:
    """A run of three epochs of nn1l on the sample, and what was printed while it was made."""

    folder: Path
    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def finished(
    tmp_path_factory: pytest.TempPathFactory, draw_nothing: Callable[[pytest.MonkeyPatch], None]
) -> Finished:
    """Not to be changed."""
    folder = tmp_path_factory.mktemp("runs") / "nn1l-mnist-5k"
    with (
        contextlib.redirect_stdout(io.StringIO()) as out,
        contextlib.redirect_stderr(io.StringIO()) as err,
        pytest.MonkeyPatch.context() as patched,
    ):
        draw_nothing(patched)
        code = main(["train", "nn1l", "--data", "mnist-5k", "--epochs", "3", "--out", str(folder)])
    return Finished(folder, code, out.getvalue(), err.getvalue())


@pytest.fixture(scope="session")
def run(finished: Finished) -> Path:
    """Its folder."""
    return finished.folder


@pytest.fixture
def terminal(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TENFOLD_DATA", raising=False)
    return Terminal(capsys, monkeypatch)
