"""A million images of 28 x 28 are trained on with less than 1.5 GB, mapped file pages counted as well."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tenfold.data import write_idx
from tenfold.data.idx import idx_header

N = 1_000_000
LIMIT = 1.5e9
PEAK = """
import json, sys
from tenfold.cli import main
code = main(sys.argv[1:])
with open("/proc/self/status") as status:  # ru_maxrss counts what the parent had when it started this process
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
print(json.dumps([code, peak * 1024]), file=sys.stderr)
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts memory as Linux does"),
]


@pytest.fixture(scope="module")
def million(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of IDX files; most of the training images are blank, and take no room on the disk."""
    folder = tmp_path_factory.mktemp("million")
    labels, rng = np.arange(N) % 10, np.random.default_rng(0)
    with (folder / "train-images-idx3-ubyte").open("wb") as stream:
        stream.write(idx_header((N, 28, 28)) + rng.bytes(20_000 * 784))
        stream.truncate(16 + N * 784)
    write_idx(folder / "train-labels-idx1-ubyte", labels.astype(np.uint8))
    write_idx(folder / "t10k-images-idx3-ubyte", rng.integers(0, 256, (1000, 28, 28), dtype=np.uint8))
    write_idx(folder / "t10k-labels-idx1-ubyte", labels[:1000].astype(np.uint8))
    return folder


def test_peak_of_a_run_with_its_report(million: Path, tmp_path: Path) -> None:
    compiled = [
        "train",
        "nn2l",
        "--data",
        "mnist-5k",
        "--epochs",
        "1",
        "--quiet",
        "--out",
        str(tmp_path / "c"),
    ]
    subprocess.run([sys.executable, "-m", "tenfold", *compiled], check=True)  # compiling takes 200 MB
    arguments = ["train", "nn2l", "--data", str(million), "--epochs", "1", "--out", str(tmp_path / "run")]
    ended = subprocess.run(
        [sys.executable, "-c", PEAK, *arguments, "--evaluate-train", "--quiet"],
        capture_output=True,
        text=True,
        check=False,
    )
    code, peak = json.loads(ended.stderr.strip().splitlines()[-1])
    assert code == 0, ended.stderr
    assert peak < LIMIT
    assert (tmp_path / "run" / "report.html").exists()
