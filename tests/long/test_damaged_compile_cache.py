"""A whole engine's compiled code, damaged in every way that a disk knows: every start gives the answer."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tenfold.backend.cpu import cache_file, cache_folder
from tenfold.files import is_temporary

pytestmark = pytest.mark.timeout(1800)  # most of it compiles, on whatever else the machine does
ONCE = "; removed it, compiling it again"


class Engine:
    """Starts ``tenfold predict`` as a process of its own, with a compile cache of its own."""

    def __init__(self, cache: Path, picture: Path) -> None:
        self.cache, self.picture = cache, picture

    @property
    def files(self) -> list[Path]:
        """The code that is kept; a process that was killed may leave a half-written file for an hour."""
        return sorted(path for path in self.cache.glob("engine/*.code") if not is_temporary(path.name))

    def start(self, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "tenfold", "predict", "--json", str(self.picture)],
            env={**os.environ, "TENFOLD_CACHE": str(self.cache), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def answer(self, process: subprocess.Popen[str] | None = None) -> list[str]:
        """Return the lines on stderr about the cache; the answer is right and the exit code 0."""
        process = process or self.start()
        out, err = process.communicate()
        assert process.returncode == 0, err
        assert [one["text"] for one in json.loads(out)["files"]] == ["1"]
        assert "Traceback" not in err
        return [line for line in err.splitlines() if "expected" in line]

    def is_sound(self) -> bool:
        """Return whether every file is as it was written."""
        folder = self.cache / "engine"
        found = cache_folder.inspect(folder)
        return found.files > 30 and not found.removed


@pytest.fixture(scope="module")
def compiled(tmp_path_factory) -> Engine:
    """An engine that is compiled; not to be changed."""
    base = tmp_path_factory.mktemp("compiled")
    picture = np.full((60, 60), 255, np.uint8)
    picture[10:50, 28:32] = 0
    Image.fromarray(picture).save(base / "one.png")
    engine = Engine(base / "cache", base / "one.png")
    assert engine.answer() == []
    assert engine.is_sound()
    return engine


@pytest.fixture
def engine(compiled, tmp_path) -> Engine:
    shutil.copytree(compiled.cache, tmp_path / "cache")
    return Engine(tmp_path / "cache", compiled.picture)


def exchange(files: list[Path]) -> None:
    held = [path.read_bytes() for path in files]
    for path, content in zip(files, held[1:] + held[:1], strict=True):
        path.write_bytes(content)


def each(damage: Callable[[Path], object]) -> Callable[[list[Path]], None]:
    def every(files: list[Path]) -> None:
        for path in files:
            damage(path)

    return every


DAMAGE = {
    "every file becomes empty": each(lambda path: path.write_bytes(b"")),
    "every file is halved": each(lambda path: os.truncate(path, path.stat().st_size // 2)),
    "every file is zeroed": each(lambda path: path.write_bytes(bytes(path.stat().st_size))),
    "every file has foreign content": each(lambda path: path.write_text("<html>502 Bad Gateway</html>")),
    "every file holds another function's code": exchange,
}


@pytest.mark.parametrize("name", [
    pytest.param(name, marks=pytest.mark.fault("compile cache", name, "the right answer, one line, exit 0"))
    for name in DAMAGE
])  # fmt: skip
def test_every_file_damaged(name, engine):
    DAMAGE[name](engine.files)
    [line] = engine.answer()
    assert line.endswith(ONCE)
    assert engine.is_sound()
    assert engine.answer() == []


def flip(path: Path, rng: np.random.Generator) -> None:
    content = bytearray(path.read_bytes())
    content[rng.integers(len(content))] ^= 1 << int(rng.integers(8))
    path.write_bytes(content)


@pytest.mark.fault("compile cache", "one bit of a file flips", "the right answer, one line, exit 0")
def test_flipped_bits(engine):
    """Two hundred places, each of which shows; then two starts in which every file has a flipped bit."""
    rng = np.random.default_rng(0)
    for path in rng.choice(engine.files, 200):
        sound = path.read_bytes()
        flip(path, rng)
        assert not cache_file.is_sound(path)
        path.write_bytes(sound)
    for _ in range(2):
        for path in engine.files:
            flip(path, rng)
        [line] = engine.answer()
        assert line.endswith(ONCE)
        assert engine.is_sound()


@pytest.mark.fault(
    "compile cache", "two first starts at once", "both give the right answer, the cache is valid"
)
def test_first_starts_at_once(compiled, tmp_path):
    engine = Engine(tmp_path / "cache", compiled.picture)
    processes = [engine.start() for _ in range(2)]
    assert [engine.answer(process) for process in processes] == [[], []]
    assert [path.name for path in engine.files] == [path.name for path in compiled.files]
    assert engine.answer() == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
@pytest.mark.fault(
    "compile cache", "a first start is killed", "the next start gives the right answer and a valid cache"
)
def test_first_starts_killed(compiled, tmp_path):
    engine = Engine(tmp_path / "cache", compiled.picture)
    for files in (1, 8, 20):
        process = engine.start()
        while len(engine.files) < files and process.poll() is None:
            time.sleep(0.01)
        process.kill()
        process.communicate()
    assert engine.answer() == []
    assert [path.name for path in engine.files] == [path.name for path in compiled.files]


@pytest.mark.fault("compile cache", "it comes from another processor", "never loaded, compiled again")
def test_another_processor(engine):
    before = engine.files
    assert engine.answer(engine.start(NUMBA_CPU_NAME="generic", NUMBA_CPU_FEATURES="")) == []
    assert len(engine.files) == 2 * len(before)
    assert engine.answer() == []
