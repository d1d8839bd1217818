"""A million images predicted in shards on a cluster of three nodes, one of them lost: ``make bench-scale``.

The same cores predict a part of the images before and after, by bare processes without shards and cluster;
the ratio of the rates is what shards and cluster cost. All nodes are on this machine.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from machines import Machines
from memory import PeakMemory

from tenfold.backend.cpu.threads import available
from tenfold.checkpoint import dump_json
from tenfold.data import load_corpus
from tenfold.evaluate.environment import environment
from tenfold.files import write_atomically
from tenfold.machine import commit

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
LEAST_RATIO = 0.8
MOST_BYTES = 700 << 20  # of the largest process: it holds Python, Numba and a shard, not the source
NODES = 3


def main() -> None:
    """Measure, print and write a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=1_000_000)
    parser.add_argument("--shard-size", type=int, default=10_000)
    parser.add_argument("--keep-nodes", action="store_true", help="lose no node")
    parser.add_argument("--run", help="the run of another network than the built-in one")
    parser.add_argument("--folder", type=Path, help="for the images and the answers")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        source = written(folder / "images.npy", options.images)
        with Machines() as machines:
            warm(source, options.run)
            before = bare(source, options.images // 4, folder / "before", options.run)
            ours = launched(source, folder / "out", machines, options)
            after = bare(source, options.images // 4, folder / "after", options.run)
        found = {"bare": [before, after], "shards": ours, "rows": checked(folder / "out", options.images)}
    ratio = ours["images_a_second"] / np.mean([one["images_a_second"] for one in found["bare"]])
    show(found, float(ratio))
    print(write(found | {"ratio": round(float(ratio), 4)}, vars(options)))


def written(path: Path, images: int) -> Path:
    """Write MNIST-like images a part at a time: the test images of the sample, again and again."""
    some = load_corpus("mnist-5k").test.images
    held = np.lib.format.open_memmap(path, "w+", np.uint8, (images, *some.shape[1:]))
    for start in range(0, images, len(some)):
        held[start : start + len(some)] = some[: images - start]
    held.flush()
    return path


def warm(source: Path, run: str | None) -> None:
    """Compile the engine if that has not been done, and have the file in memory."""
    bare(source, 2_000, source.parent / "warm", run)
    with open(source, "rb") as stream:
        while stream.read(1 << 24):
            pass


def bare(source: Path, images: int, out: Path, run: str | None) -> dict[str, float]:
    """Predict by one process a core, each its share of the images; their start counts."""
    jobs = available()
    edges = [images * job // jobs for job in range(jobs + 1)]
    network = [] if run is None else [run]
    start, cpu = time.perf_counter(), children_seconds()
    words = [[sys.executable, str(HERE / "bare.py"), str(source), f"{out}-{job}.csv"] for job in range(jobs)]
    running = [
        subprocess.Popen([*one, str(a), str(b), *network], env=os.environ | {"NUMBA_NUM_THREADS": "1"})
        for one, (a, b) in zip(words, pairwise(edges), strict=True)
    ]
    codes = [process.wait() for process in running]
    if any(codes):
        sys.exit(f"expected bare processes that end well, found the exit codes {codes}")
    return rates(images, time.perf_counter() - start, children_seconds() - cpu)


def launched(source: Path, out: Path, machines: Machines, options: argparse.Namespace) -> dict[str, Any]:
    """Predict on the cluster; a node is killed with all on it when a third is done."""
    words = ["predict", str(source), "--on", "ray", "--jobs", str(NODES), "--out", str(out), "--json"]
    words += ["--shard-size", str(options.shard_size)]
    words += [] if options.run is None else ["--run", options.run]
    command = [sys.executable, "-m", "tenfold", *words]
    start, lost_at = time.perf_counter(), None
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=machines.environment) as process:
        with PeakMemory(out) as memory:
            while process.poll() is None:
                done = len(list(out.glob("part-*"))) * options.shard_size
                if lost_at is None and not options.keep_nodes and done > options.images / 3:
                    machines.lose()
                    lost_at = done
                time.sleep(0.1)
        said, err = process.communicate()
    if process.returncode != 0:
        sys.exit(err)
    told = rates(options.images, time.perf_counter() - start, None)
    return told | {
        "lost_after_images": lost_at,
        "said": json.loads(said) | {"out": "out"},
        "notes": [line for line in err.splitlines() if "lost" in line],
        "peak_bytes": memory.peaks,
    }


def rates(images: int, seconds: float, cpu: float | None) -> dict[str, Any]:
    """Return figures of one part."""
    each = {} if cpu is None else {"cpu_microseconds_an_image": round(1e6 * cpu / images, 2)}
    return {
        "images": images,
        "seconds": round(seconds, 3),
        "images_a_second": round(images / seconds, 1),
    } | each


def children_seconds() -> float:
    """Return the processor time of all processes that have been waited for."""
    times = os.times()
    return times.children_user + times.children_system


def checked(out: Path, images: int) -> int:
    """Count the rows, each of which must have the next index and no error."""
    expected = 0
    for shard in sorted(out.glob("part-*.csv")):
        with open(shard, encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                if int(row["index"]) != expected or row["error"] or not row["predicted"]:
                    sys.exit(f"{shard.name}: expected a sound row of image {expected}, found {row}")
                expected += 1
    if expected != images or not (out / "_SUCCESS").exists():
        sys.exit(f"expected {images} rows and _SUCCESS, found {expected} rows")
    return expected


def show(found: dict[str, Any], ratio: float) -> None:
    """Print what was measured, and whether the bounds hold."""
    ours, (before, after) = found["shards"], found["bare"]
    for name, one in (("bare", before), ("shards", ours), ("bare", after)):
        rate = f"{one['images_a_second']:,.0f}/s"
        print(f"{name:<8} {one['images']:>11,} images in {one['seconds']:7.1f} s: {rate}")
    print(f"one row for each of {found['rows']:,} images; a node lost after {ours['lost_after_images']}")
    for kind, peak in ours["peak_bytes"].items():
        print(f"largest {kind}: {peak >> 20} MiB")
    largest = max(ours["peak_bytes"].values())
    print(f"rate: {ratio:.3f} of bare processes, at least {LEAST_RATIO}: {judged(ratio >= LEAST_RATIO)}")
    print(f"memory: at most {MOST_BYTES >> 20} MiB: {judged(largest <= MOST_BYTES)}")


def judged(holds: bool) -> str:
    """Return whether a bound is met, in a word."""
    return "met" if holds else "missed"


def write(found: dict[str, Any], options: dict[str, Any]) -> Path:
    """Write the record: of a whole measurement into results/."""
    where = environment()
    whole = options["images"] >= 1_000_000 and not options["keep_nodes"] and options["run"] is None
    folder = ROOT / ("results" if whole else "build")
    path = folder / f"shards-{where.file_words}.json"
    record = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "machine": where.machine,
        "cores": where.cores,
        "versions": dict(where.versions),
        "settings": {name: str(value) for name, value in options.items()},
    }
    folder.mkdir(exist_ok=True)
    write_atomically(path, dump_json(record | found))
    return path


if __name__ == "__main__":
    main()
