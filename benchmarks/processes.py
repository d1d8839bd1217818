"""What is measured in fresh processes: memory, starts, augmentation."""

from __future__ import annotations

import tempfile
from pathlib import Path

from fresh import fresh
from rounds import Spread
from rows import Found, Row, Target
from settings import Settings

from tenfold.data.sources import mnist_cache
from tenfold.folders import cache_folder

MEMORY = {"lenet5": (32, 400), "scratch-12": (16, 700)}  # minibatch, MB at most
STARTS = {"first": 20, "later": 2}  # seconds at most, with no compiled code on disk and with all of it
THOUSANDS_A_SECOND = 150  # images altered, at least


def memory(name: str, settings: Settings) -> Found:
    """Return the peak memory of training a network."""
    minibatch, most = MEMORY[name]
    runs = [fresh("peak_memory.py", name, str(minibatch))[0] for _ in range(min(settings.starts, 2))]
    peaks, imports = [run["peak"] for run in runs], [run["imports"] for run in runs]
    note = "12,288 images trained on, 10,000 predicted"
    target, spreads = Target("ours", at_most=most), (Spread.over(peaks), Spread.over(imports))
    row = Row("memory", f"{name} ({minibatch})", *spreads, target=target, note=note)
    return Found([row], [{"what": "memory", "network": name, "peak": peaks, "imports": imports}])


def starts(settings: Settings) -> Found:
    """Return the seconds to the first training step, without and with compiled code on disk."""
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        if mnist_cache().is_dir():  # what is timed is compilation, not a download
            (cache / mnist_cache().relative_to(cache_folder())).symlink_to(mnist_cache().resolve())
        runs = {"first": [fresh("first_step.py", cache=cache)]}
        runs["later"] = [fresh("first_step.py", cache=cache) for _ in range(settings.starts)]
    found = Found()
    for name, every in runs.items():
        loading = Spread.over([line["import_and_data"] for line, _ in every]).median
        seconds, note = Spread.over([took for _, took in every]), f"{loading:.2f} s of it for import and data"
        target = Target("ours", at_most=STARTS[name])
        found.rows.append(Row("start", f"{name} start", seconds, target=target, note=note))
        found.timings.append({"what": f"{name} start", "runs": every})
    return found


def augmentation(settings: Settings) -> Found:
    """Return how many images a second are altered."""
    speeds, _ = fresh("augment.py", str(settings.rounds))
    target = Target("ours", at_least=THOUSANDS_A_SECOND)
    rows = [
        Row("augmentation", f"as {name}", Spread.over([speed / 1000 for speed in every]), target=target)
        for name, every in speeds.items()
    ]
    return Found(rows, [{"what": "augmentation", "images_per_second": speeds}])
