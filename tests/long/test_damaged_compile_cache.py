"""A whole engine's compiled code, damaged in every way that a disk knows: every start gives the answer.

To compile the engine takes half a minute, so each start here has several things to deal with. One damaged
file at a time, and each way to damage it, are in tests/backend/test_compile_cache.py.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
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
def first_starts(tmp_path_factory) -> tuple[Engine, list[list[str]]]:
    """An engine that two first starts at once have compiled, and what they said."""
    base = tmp_path_factory.mktemp("compiled")
    picture = np.full((60, 60), 255, np.uint8)
    picture[10:50, 28:32] = 0
    Image.fromarray(picture).save(base / "one.png")
    engine = Engine(base / "cache", base / "one.png")
    processes = [engine.start() for _ in range(2)]
    return engine, [engine.answer(process) for process in processes]


@pytest.fixture(scope="module")
def compiled(first_starts) -> Engine:
    """An engine that is compiled; not to be changed."""
    engine, _ = first_starts
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


def flip(path: Path, rng: np.random.Generator) -> None:
    content = bytearray(path.read_bytes())
    content[rng.integers(len(content))] ^= 1 << int(rng.integers(8))
    path.write_bytes(content)


DAMAGE = {
    "files become empty": each(lambda path: path.write_bytes(b"")),
    "files are halved": each(lambda path: os.truncate(path, path.stat().st_size // 2)),
    "files are zeroed": each(lambda path: path.write_bytes(bytes(path.stat().st_size))),
    "files have foreign content": each(lambda path: path.write_text("<html>502 Bad Gateway</html>")),
    "files hold another function's code": exchange,
    "one bit of a file flips": each(partial(flip, rng=np.random.default_rng(0))),
}


def damaged(test: Callable[..., None]) -> Callable[..., None]:
    """Mark a test as one of every kind of damage."""
    for did in DAMAGE:
        test = pytest.mark.fault("compile cache", did, "the right answer, one line, exit 0")(test)
    return test


@damaged
def test_every_file_damaged(engine):
    """All files at once, each way a sixth of them; that each way shows in each file is tested below."""
    files = engine.files
    for place, damage in enumerate(DAMAGE.values()):
        damage(files[place :: len(DAMAGE)])
    assert not any(cache_file.is_sound(path) for path in files)
    [line] = engine.answer()
    assert line.endswith(ONCE)
    assert engine.is_sound()
    assert engine.answer() == []


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_shows_in_every_file(name, engine):
    files = engine.files
    DAMAGE[name](files)
    assert not any(cache_file.is_sound(path) for path in files)


def test_flipped_bits_show(engine):
    rng = np.random.default_rng(0)
    for path in rng.choice(engine.files, 200):
        sound = path.read_bytes()
        flip(path, rng)
        assert not cache_file.is_sound(path)
        path.write_bytes(sound)


@pytest.mark.fault(
    "compile cache", "two first starts at once", "both give the right answer, the cache is valid"
)
def test_first_starts_at_once(first_starts, compiled):
    _, said = first_starts
    assert said == [[], []]
    assert compiled.answer() == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
@pytest.mark.fault(
    "compile cache", "a first start is killed", "the next start gives the right answer and a valid cache"
)
def test_first_starts_killed(compiled, tmp_path):
    """What is left is what two undisturbed starts leave."""
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
