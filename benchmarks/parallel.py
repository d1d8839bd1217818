"""How much faster are two workers than one, each on a core of its own?

    python benchmarks/parallel.py                      # a minute; results/parallel.json
    python benchmarks/parallel.py --networks lenet5    # some networks; only printed
    python benchmarks/parallel.py --seconds 0.3        # of each timing; only printed

Pure training steps on random images. Each round times one worker on one core, two workers on a core each,
and one worker with two threads, one after another; the result is the ratio within a round. So it shows what
processes cost compared with threads; between machines the network between them comes on top.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from networks import cnn_dev, from_zoo
from rich.console import Console
from rich.table import Table
from rounds import Spread, in_turn, ratio

from tenfold.checkpoint import dump_json
from tenfold.evaluate.environment import environment
from tenfold.files import write_atomically
from tenfold.machine import commit
from tenfold.nn import Sequential, SoftmaxCrossEntropy
from tenfold.optim import Adam
from tenfold.train.compiled import CompiledExecutor
from tenfold.train.executor import Executor
from tenfold.train.parallel.executor import ParallelExecutor
from tenfold.train.parallel.local_workers import LocalWorkers
from tenfold.train.parallel.team import Team

ROOT = Path(__file__).parent.parent
NETWORKS: dict[str, tuple[Callable[[], Sequential], int]] = {
    "nn2l": (from_zoo("nn2l"), 32),
    "lenet5": (from_zoo("lenet5"), 32),
    "lenet5, minibatches of 512": (from_zoo("lenet5"), 512),
    "cnn-dev": (cnn_dev, 64),
    "scratch-12": (from_zoo("scratch-12"), 16),
    "scratch-wide": (from_zoo("scratch-wide"), 64),
}
ONE, TWO, THREADS = "one core", "two workers", "two threads"
ROUNDS = 5


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="benchmarks/parallel.py", description=__doc__.splitlines()[0])
    parser.add_argument("--networks", nargs="+", choices=list(NETWORKS), metavar="NAME")
    parser.add_argument("--seconds", type=float, default=0.6, help="of each timing")
    options = parser.parse_args()
    where, load = environment(), os.getloadavg()[0]
    if where.cores < 2:
        raise SystemExit("expected two cores, got one; nothing is measured")
    rows = [measured(name, options.seconds) for name in options.networks or NETWORKS]
    show(rows)
    if options.networks or parser.get_default("seconds") != options.seconds:
        return
    content = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "machine": where.machine,
        "cores": where.cores,
        "system": where.system,
        "versions": dict(where.versions),
        "load_before": load,
        "rows": rows,
    }
    write_atomically(ROOT / "results" / "parallel.json", dump_json(content))


def measured(name: str, seconds: float) -> dict[str, Any]:
    """Return the times of a network: milliseconds a step, round by round."""
    build, minibatch = NETWORKS[name]
    network = build()
    network.initialise(np.random.default_rng(0))
    parts = network, SoftmaxCrossEntropy(), Adam(1e-3)
    cores = sorted(os.sched_getaffinity(0))
    workers = LocalWorkers(2)
    workers.own_threads = 1
    with Team(2, workers, print) as team:
        together = ParallelExecutor(*parts, team=team)
        executors: dict[str, Executor] = {
            ONE: CompiledExecutor(*parts, threads=1),
            TWO: together,
            THREADS: CompiledExecutor(*parts, threads=2),
        }
        runs = {key: steps(one, network, minibatch, seconds) for key, one in executors.items()}
        os.sched_setaffinity(workers.processes[0].pid, {cores[1]})
        found = in_turn(
            {key: on(cores if key == THREADS else cores[:1], run) for key, run in runs.items()}, ROUNDS
        )
        exchange = together.exchange_seconds()
        os.sched_setaffinity(0, cores)
    return {
        "network": name,
        "minibatch": minibatch,
        "gradients": network.n_parameters,
        "exchange_ms": 1e3 * exchange,
        "step_ms": {key: [1e3 * t for t in times] for key, times in found.items()},
    }


def steps(executor: Executor, network: Sequential, minibatch: int, seconds: float) -> Callable[[int], float]:
    """Return a function that trains for about so long and returns the seconds of a step."""
    rng = np.random.default_rng(1)
    images = rng.integers(0, 256, (minibatch, *network.input_shape), np.uint8)
    labels = rng.integers(0, network.output_shape[-1], minibatch)
    executor.prepare()

    def run(count: int) -> float:
        began = time.perf_counter()
        order = np.tile(np.arange(minibatch), count)
        executor.train(images, labels, order, minibatch, np.full(count, 1e-4), rng)
        return (time.perf_counter() - began) / count

    count = max(1, int(seconds / min(run(1), run(2))))
    return lambda _: run(count)


def on(cores: list[int], run: Callable[[int], float]) -> Callable[[int], float]:
    """Return a run that keeps this process's main thread on some cores."""

    def bound(number: int) -> float:
        os.sched_setaffinity(0, cores)
        return run(number)

    return bound


def show(rows: list[dict[str, Any]]) -> None:
    """Print a table."""
    table = Table("network (minibatch)", "one core", TWO, THREADS, "exchange", "gradients")
    for row in rows:
        times = row["step_ms"]
        cells = [f"{Spread.over(times[ONE]).median:.3g} ms"]
        for key in (TWO, THREADS):
            spread = ratio(times[ONE], times[key])
            median = Spread.over(times[key]).median
            cells.append(f"{median:.3g} ms, {spread.median:.2f}x ({spread.least:.2f}-{spread.most:.2f})")
        table.add_row(
            f"{row['network']} ({row['minibatch']})",
            *cells,
            f"{row['exchange_ms']:.2f} ms",
            f"{row['gradients']:,}",
        )
    Console().print(table)


if __name__ == "__main__":
    main()
