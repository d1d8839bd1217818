"""Train a network through `NetworkModel.fit` and print the process's peak memory: NAME MINIBATCH."""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from networks import NETWORKS

import tenfold.backend.cpu.engine  # noqa: F401 - with Numba: what the process weighs before it does anything
from tenfold.data import load_corpus
from tenfold.train import Callback, Progress, Recipe
from tenfold.zoo import NetworkModel

CHUNKS = 3  # of 4,096 images: after the first there is nothing more to allocate


class AfterSomeChunks(Callback):
    """Ends the run."""

    def on_chunk(self, progress: Progress) -> None:
        if progress.step_in_epoch * progress.batch_size >= CHUNKS * 4096:
            progress.stop = "enough to know the memory"


def peak() -> float:
    """Return the most memory that this process has had, in MB of 10**6 bytes.

    Linux counts in ``ru_maxrss`` what the parent had when it started this process; ``VmHWM`` does not.
    """
    status = Path("/proc/self/status")
    if status.exists():
        [line] = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        return int(line.split()[1]) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # macOS counts bytes


def main(name: str, minibatch: str) -> None:
    imports = peak()
    corpus = load_corpus()
    model = NetworkModel(name, NETWORKS[name].build(), Recipe(1, batch_size=int(minibatch), choose="best"))
    model.fit(corpus.train, callbacks=[AfterSomeChunks()])
    model.predict(corpus.test.images)
    print(json.dumps({"imports": imports, "peak": peak()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
