"""What the tests of the data unit share: small data, a referee for errors, and no way to the network."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import numpy as np
import pytest

from tenfold.data import Dataset, write_idx
from tenfold.errors import DataError

REAL_DATA = os.environ.get("TENFOLD_DATA")


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty cache, no data folder, and mirrors that nobody serves."""
    monkeypatch.delenv("TENFOLD_DATA", raising=False)
    monkeypatch.setenv("TENFOLD_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("TENFOLD_MIRRORS", "http://127.0.0.1:9/")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def mnist_folder() -> Path:
    """The real files, where this machine has them."""
    if not REAL_DATA or not any(Path(REAL_DATA).glob("train-images-idx3-ubyte*")):
        pytest.skip("TENFOLD_DATA names no folder with the files of MNIST")
    return Path(REAL_DATA)


@pytest.fixture
def digits() -> Callable[..., Dataset]:
    """Make ``n`` images of noise, their labels in turn 0, 1, ... 9, 0, ..."""

    def make(n: int, seed: int = 0, name: str = "noise") -> Dataset:
        rng = np.random.default_rng(seed)
        return Dataset(rng.integers(0, 256, (n, 28, 28), dtype=np.uint8), np.arange(n) % 10, name)

    return make


@pytest.fixture
def idx_folder(tmp_path: Path, digits: Callable[..., Dataset]) -> Path:
    """A folder with four sound files, two gzipped, of 30 and 20 images."""
    folder = tmp_path / "own-digits"
    folder.mkdir()
    for stem, suffix, part in (("train", ".gz", digits(30)), ("t10k", "", digits(20, 1))):
        write_idx(folder / f"{stem}-images-idx3-ubyte{suffix}", part.images)
        write_idx(folder / f"{stem}-labels-idx1-ubyte{suffix}", part.labels.astype(np.uint8))
    return folder


@pytest.fixture
def refused() -> Callable[[str, str], AbstractContextManager[None]]:
    """Referee of errors: one line that begins with the file, matches, and says what to do; exit 3."""

    @contextmanager
    def check(where: str, pattern: str) -> Iterator[None]:
        with pytest.raises(DataError) as caught:
            yield
        text = str(caught.value)
        assert "\n" not in text
        assert text.startswith(where), text
        assert re.search(pattern, text), text
        assert re.search(r"; \w", text), f"no advice in: {text}"
        assert caught.value.exit_code == 3

    return check


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A folder to work in as somebody whom file permissions stop (root they do not)."""
    if os.name != "posix":
        pytest.skip("needs POSIX permissions")
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o777)
        root = os.geteuid() == 0
        if root:
            try:
                os.seteuid(65534)
            except PermissionError:
                pytest.skip("root cannot become somebody else here")
        try:
            yield Path(name)
        finally:
            if root:
                os.seteuid(0)
            for path in Path(name).rglob("*"):
                if not path.is_symlink():
                    path.chmod(0o777)
