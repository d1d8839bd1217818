"""No picture file under 1 MiB takes more than 1.5 seconds of processor time, or 350 MB of memory.

The slowest that a search found: bounds on counts hold for all others, see tests/data/page.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import tenfold

MOST = 1.5  # seconds on the machine where this takes `USUAL` seconds
USUAL = 0.11
MARGIN = 2.0  # for machines that other work keeps busy
LARGEST = 350  # MB

TIME = pytest.mark.fault(
    "own pictures", "a file under 1 MiB made to be slow", "under 1.5 seconds of one core"
)
MEMORY = pytest.mark.fault("own pictures", "16 megapixels of any kind", "read in under 350 MB")


def png(pixels: np.ndarray, mode: str = "L") -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).convert(mode, dither=Image.Dither.NONE).save(buffer, "PNG")
    return buffer.getvalue()


def drawn(mask: np.ndarray) -> bytes:
    return png(np.where(mask, np.uint8(0), np.uint8(255)), "1")


def lit(mask: np.ndarray) -> bytes:
    """On paper that is twice as light on one side."""
    light = np.broadcast_to(np.linspace(120, 255, mask.shape[1]), mask.shape)
    return png(np.where(mask, 0.3 * light, light).astype(np.uint8))


def noise(share: float, height: int = 1760, width: int = 1760) -> np.ndarray:
    return np.random.default_rng(0).random((height, width)) < share


def ruled(step: int, height: int = 1760, width: int = 1760) -> np.ndarray:
    mask = np.zeros((height, width), bool)
    mask[::step] = mask[:, ::step] = True
    return mask


def rings(step: int, side: int = 1760) -> np.ndarray:
    """Each within the next."""
    y, x = np.mgrid[:side, :side] - side / 2
    away = np.hypot(x, y)
    return (away % step < 3) & (away < 0.47 * side)


def upright(rows: int, apart: int, side: int = 1760) -> np.ndarray:
    """Rows of strokes, about as many as there are marks in the largest picture that is read."""
    mask = np.zeros((side, side), bool)
    for top in range(20, side - 120, (side - 40) // rows):
        for left in range(20, min(side - 20, 20 + 490 // rows * apart), apart):
            mask[top : top + 100, left : left + 3] = True
    return mask


def slanted(count: int, side: int = 1760) -> np.ndarray:
    """Strokes side by side, each in the boxes of its neighbours."""
    mask = np.zeros((side, side), bool)
    rows = np.arange(1000)
    for left in range(30, 30 + 12 * count, 12):
        for thick in range(3):
            mask[50 + rows, left + rows // 2 + thick] = True
    return mask


def zigzags(rows: int, side: int = 1760) -> np.ndarray:
    """Marks as wide as the picture, which may be many digits that touch."""
    mask = np.zeros((side, side), bool)
    columns = np.arange(20, side - 20)
    for top in range(20, side - 40, (side - 40) // rows):
        for thick in range(4):
            mask[top + 2 * np.abs(columns % 26 - 13) + thick, columns] = True
    return mask


def progressive() -> bytes:
    """Eighteen scans of 16 megapixels, the last again and again."""
    buffer = io.BytesIO()
    Image.new("L", (4000, 4000), 128).save(buffer, "JPEG", progressive=True)
    head, *bodies = buffer.getvalue().removesuffix(b"\xff\xd9").split(b"\xff\xda")
    return b"\xff\xda".join([head, *bodies, *bodies[-1:] * (18 - len(bodies))]) + b"\xff\xd9"


SLOW: dict[str, Callable[[], bytes]] = {
    "30 % noise, 60 x 51,500": lambda: drawn(noise(0.3, 51_500, 60)),
    "8 % noise, 79 x 39,000": lambda: drawn(noise(0.08, 39_000, 79)),
    "8 % noise": lambda: drawn(noise(0.08)),
    "45 % noise": lambda: drawn(noise(0.45)),
    "squared paper with noise": lambda: drawn(ruled(40) | noise(0.02)),
    "squared paper with noise, lit": lambda: lit(ruled(40) | noise(0.02)),
    "fine rules": lambda: drawn(ruled(17)),
    "dots": lambda: drawn(np.pad(ruled(4)[:, ::4] & ruled(4)[:, 1::4], 20)),
    "scans": progressive,
    "nested rings": lambda: drawn(rings(40)),
    "strokes far apart": lambda: drawn(upright(7, 24)),
    "strokes close together": lambda: drawn(upright(7, 10)),
    "slanted strokes": lambda: drawn(slanted(30)),
    "zigzags": lambda: drawn(zigzags(30)),
}


def usual() -> float:
    """Processor time of work like ours, to know how fast this machine is."""
    values = np.random.default_rng(0).random(600_000)
    start = time.process_time()
    for _ in range(3):
        np.sort(values)
        sum(range(300_000))
    return time.process_time() - start


@TIME
@pytest.mark.alone
@pytest.mark.parametrize("name", SLOW)
def test_no_small_file_takes_long(name: str) -> None:
    data = SLOW[name]()
    assert len(data) < 1 << 20
    tenfold.read(np.pad(np.zeros((40, 6), np.uint8), 20, constant_values=255))  # the network is loaded
    speed = max(1.0, min(usual() for _ in range(5)) / USUAL)
    times = []
    for _ in range(3):
        start = time.process_time()
        reading = tenfold.read(data)
        times.append(time.process_time() - start)
    assert min(times) < MOST * MARGIN * speed
    assert reading.text or reading.reason


def saved(**options: object) -> bytes:
    image = Image.new(options.pop("mode"), (4000, 4000), options.pop("colour"))
    image.paste(0, (1900, 1500, 2000, 2500))
    buffer = io.BytesIO()
    image.save(buffer, **options)
    return buffer.getvalue()


LARGE: dict[str, dict[str, object]] = {
    "grey, 16 bits": {"mode": "I;16", "colour": 60_000, "format": "PNG"},
    "RGB with one colour transparent": {
        "mode": "RGB",
        "colour": (90, 90, 100),
        "format": "PNG",
        "transparency": (1, 2, 3),
    },
    "RGBA": {"mode": "RGBA", "colour": (90, 90, 100, 200), "format": "PNG"},
    "grey with alpha": {"mode": "LA", "colour": (90, 200), "format": "PNG"},
    "CMYK, progressive": {"mode": "CMYK", "colour": (9, 9, 9, 9), "format": "JPEG", "progressive": True},
}
READ = """
import sys
from pathlib import Path
import tenfold
tenfold.read(sys.argv[1])
[peak] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
print(int(peak.split()[1]) // 1024)
"""


@MEMORY
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the peak since the program began")
@pytest.mark.parametrize("name", LARGE)
def test_a_large_picture_fits(name: str, tmp_path: Path) -> None:
    """All of the process: Python, the libraries, the compiled engine and the picture."""
    path = tmp_path / "large"
    path.write_bytes(saved(**LARGE[name]))
    done = subprocess.run(
        [sys.executable, "-c", READ, str(path)],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )
    assert int(done.stdout) < LARGEST
