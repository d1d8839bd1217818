"""``tenfold predict --on local`` with processes that are killed, a full disk, and a source that is large."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tenfold.data import load_corpus
from tenfold.data.parts import find_parts

MANY = 60_000
KILLER = '''
import os, signal
from pathlib import Path
from tenfold.nn import Dense, Flatten, Layer, Sequential

class Killer(Layer):
    """Ends the process at a white image, and once where a file is there."""
    kind = "killer"

    def forward(self, x, *, training=False, rng=None):
        once = Path(os.environ.get("KILL_ONCE", "nowhere"))
        if (x.reshape(len(x), -1).min(axis=1) == 1).any() or once.exists():
            once.unlink(missing_ok=True)
            os.kill(os.getpid(), signal.SIGKILL)
        return x, lambda dy: (dy, {})

    def output_shape(self, shape):
        return shape

def build():
    return Sequential({"flatten": Flatten(), "killer": Killer(), "fc": Dense(784, 10)}, (28, 28, 1))
'''


def tenfold(*words: object) -> list[str]:
    return [sys.executable, "-m", "tenfold", *map(str, words)]


def done(*words: object, code: int = 0, **more: object) -> str:
    """Run a command, and return what it said on stderr."""
    found = subprocess.run(tenfold(*words), capture_output=True, text=True, **more)  # type: ignore[call-overload]
    assert found.returncode == code, found.stderr
    said: str = found.stderr
    return said


def shards(folder: Path) -> list[Path]:
    return sorted(folder.glob("part-*"))


def content(folder: Path) -> list[bytes]:
    return [shard.read_bytes() for shard in shards(folder)]


def rows(folder: Path) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for shard in shards(folder):
        with open(shard, encoding="utf-8", newline="") as stream:
            found += csv.DictReader(stream)
    return found


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return load_corpus("mnist-5k").test.images


@pytest.fixture(scope="module")
def source(images: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A large file; not to be changed."""
    path = tmp_path_factory.mktemp("source") / "large.npy"
    np.save(path, np.resize(images, (MANY, 28, 28)))
    return path


@pytest.fixture(scope="module")
def unbroken(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its answers; not to be changed."""
    out = tmp_path_factory.mktemp("unbroken") / "out"
    done("predict", source, "--on", "local", "--out", out, "--shard-size", 2_000)
    return out


@pytest.fixture(scope="module")
def killer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a network that may kill, and its run; not to be changed."""
    folder = tmp_path_factory.mktemp("killer")
    (folder / "net.py").write_text(KILLER, encoding="utf-8")
    options = ["--data", "mnist-5k", "--epochs", "1", "--quiet", "--no-report"]
    done("train", "--network", "net.py", *options, "--out", "run", cwd=folder)
    return folder


def wait_for_shards(folder: Path, count: int) -> None:
    end = time.monotonic() + 120
    while len(shards(folder)) < count:
        assert time.monotonic() < end
        time.sleep(0.01)


def children(process: int) -> list[int]:
    """Return the processes that a process has started."""
    threads = Path(f"/proc/{process}/task").iterdir()
    return [int(child) for thread in threads for child in (thread / "children").read_text().split()]


@pytest.mark.fault(
    "many images", "an image ends its process each time", "found by halving, marked; others read"
)
def test_an_image_that_kills_is_isolated(killer: Path, images: np.ndarray, tmp_path: Path) -> None:
    white = images[:200].copy()
    np.save(tmp_path / "sound.npy", white)
    white[[17, 18]] = 255
    np.save(tmp_path / "a.npy", white)
    network = ["--run", killer / "run", "--network", killer / "net.py", "--on", "local", "--shard-size", 150]
    said = done("predict", tmp_path / "a.npy", *network, "--out", tmp_path / "out", code=3)
    assert "found 2 that cannot" in said
    answers = rows(tmp_path / "out")
    assert [int(row["index"]) for row in answers] == list(range(200))
    assert [int(row["row"]) for row in answers if row["error"]] == [17, 18]
    assert "found one that ended the process that read it, perhaps for want of memory" in answers[17]["error"]
    assert not (tmp_path / "out" / "_pieces").exists()
    done("predict", tmp_path / "sound.npy", *network, "--out", tmp_path / "sound")
    sound = rows(tmp_path / "sound")
    for place in set(range(200)) - {17, 18}:
        assert answers[place] | {"file": ""} == sound[place] | {"file": ""}


@pytest.mark.fault(
    "many images", "a process is killed once", "its shard is computed again, nothing is marked"
)
def test_a_process_that_was_killed_is_replaced(killer: Path, images: np.ndarray, tmp_path: Path) -> None:
    once = tmp_path / "once"
    once.touch()
    np.save(tmp_path / "a.npy", images)
    network = ["--run", killer / "run", "--network", killer / "net.py", "--on", "local", "--jobs", 1]
    words = ["predict", tmp_path / "a.npy", *network, "--out", tmp_path / "out"]
    done(*words, env=os.environ | {"KILL_ONCE": str(once)})
    assert not once.exists()
    assert json.loads((tmp_path / "out" / "_SUCCESS").read_text())["errors"] == 0


@pytest.mark.fault("many images", "kill -9 of the command", "files that are there stay, the others come")
def test_the_same_command_continues_after_kills(source: Path, unbroken: Path, tmp_path: Path) -> None:
    words = ["predict", source, "--on", "local", "--out", tmp_path / "out", "--shard-size", 2_000]
    before: dict[str, bytes] = {}
    for count in (4, 15):
        with subprocess.Popen(tenfold(*words), stderr=subprocess.DEVNULL) as process:
            wait_for_shards(tmp_path / "out", count)
            process.kill()
        found = {shard.name: shard.read_bytes() for shard in shards(tmp_path / "out")}
        assert before.items() <= found.items()
        before = found
    assert f"of {MANY:,} images are done" in done(*words)
    assert content(tmp_path / "out") == content(unbroken)
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {path.name for path in unbroken.iterdir()}


@pytest.mark.skipif(sys.platform != "linux", reason="the children are found in /proc")
@pytest.mark.fault("many images", "Ctrl-C", "how many are done is said, the same command reads the rest")
def test_a_signal_says_how_to_continue(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ["predict", source, "--on", "local", "--out", out, "--shard-size", 2_000]
    with subprocess.Popen(tenfold(*words), stderr=subprocess.PIPE, text=True) as process:
        wait_for_shards(out, 2)
        started = children(process.pid)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate()
    assert process.returncode == 130
    last = err.splitlines()[-1]
    assert last.startswith("error: interrupted, ")
    assert last.endswith(f" of {MANY:,} images are in {out}; the same command reads the others")
    assert not any(Path(f"/proc/{child}").exists() for child in started)


@pytest.mark.skipif(sys.platform == "win32", reason="limits")
@pytest.mark.fault("full disk", "no space for a file of answers", "one line names it, exit 4; it continues")
def test_a_full_disk(source: Path, unbroken: Path, tmp_path: Path) -> None:
    words = ["predict", source, "--on", "local", "--out", tmp_path / "out", "--shard-size", "2000"]
    limited = ["bash", "-c", 'ulimit -f 40; exec "$@"', "-", *tenfold(*words)]
    found = subprocess.run(limited, capture_output=True, text=True)
    assert found.returncode == 4
    [line] = [line for line in found.stderr.splitlines() if line.startswith("error: ")]
    assert f"{tmp_path}/out/part-0000" in line
    assert "expected room for a larger file" in line
    assert shards(tmp_path / "out") == []
    done(*words)
    assert content(tmp_path / "out") == content(unbroken)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured in /proc")
def test_ten_times_the_images_take_no_more_memory(source: Path, images: np.ndarray, tmp_path: Path) -> None:
    """The largest process of a command that reads 47 MB in parts, beside one that reads a twentieth of it."""
    small = tmp_path / "small.npy"
    np.save(small, np.resize(images, (3_000, 28, 28)))
    peaks = [_peak(path, tmp_path / f"out-{place}") for place, path in enumerate((small, source))]
    [part] = find_parts([str(source)]) or []
    assert peaks[1] - peaks[0] < part.size // 4


def _peak(source: Path, out: Path) -> int:
    """Return the bytes of the largest process of a command, itself among them."""
    program = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, capture_output=True); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    words = tenfold("predict", source, "--on", "local", "--out", out, "--shard-size", 1_000, "--jobs", 1)
    found = subprocess.run(
        [sys.executable, "-c", program, *words], capture_output=True, text=True, check=True
    )
    return int(found.stdout) * 1024
