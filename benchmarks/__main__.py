"""How fast is tenfold, compared with PyTorch in its fastest configuration and with other libraries?

    python benchmarks                          # everything, about 20 minutes; results/bench-<machine>.json
    python benchmarks --quick                  # less of everything, under three minutes; no record
    python benchmarks --only networks threads  # some parts
    python benchmarks --networks lenet5        # some networks

Pure training and prediction: no augmentation, no validation, no checkpoints. Each library runs in a
separate process, with the same images and the same initial weights, and must give our logits before it is
timed. Each round times every library once, one after another, so that other work on the machine affects
all of them; the result is the ratio within a round. If an epoch takes longer than a few seconds, a part of
it is timed and extrapolated.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from beside import network, not_timed
from busy import beside_busy_processes
from field import Field
from networks import NETWORKS
from one_image import one_image
from processes import MEMORY, augmentation, memory, starts
from record import place, record, write
from residual import residual
from rich.console import Console
from rows import Found, Row
from scaling import THREADS, linear_in_images, linear_in_minibatches, threads
from settings import FULL, QUICK, Settings
from show import show
from worker import MissingError

from tenfold.data import load_corpus
from tenfold.data.sources import DATA_VARIABLE
from tenfold.evaluate.environment import environment

PARTS = (
    "networks",
    "residual",
    "one-image",
    "threads",
    "busy",
    "linearity",
    "memory",
    "start",
    "augmentation",
)


def parts(field: Field, cores: int, settings: Settings) -> list[tuple[str, str, str, Callable[[], Found]]]:
    """Return the measurements in order: part, section and name of the row, and the function."""
    every: list[tuple[str, str, str, Callable[[], Found]]] = []
    for name in NETWORKS:
        timed = name in settings.networks
        measure = (
            (lambda n=name: network(field, n, cores, settings)) if timed else (lambda n=name: not_timed(n))
        )
        every.append(("networks", "training", name, measure))
    every.append(("residual", "residual", "resnet-cifar10", lambda: residual(cores, settings)))
    every.append(("one-image", "one image", "lenet5", lambda: one_image(field, cores, settings)))
    for name in THREADS:
        every.append(("threads", "threads", name, lambda n=name: threads(field, n, cores, settings)))
    every.append(("busy", "busy", "lenet5", lambda: beside_busy_processes(field, cores, settings)))
    every.append(("linearity", "linearity", "images", lambda: linear_in_images(field, cores, settings)))
    every.append(
        ("linearity", "linearity", "minibatches", lambda: linear_in_minibatches(field, cores, settings))
    )
    every += [("memory", "memory", name, lambda n=name: memory(n, settings)) for name in MEMORY]
    every.append(("start", "start", "first and later start", lambda: starts(settings)))
    every.append(("augmentation", "augmentation", "affine maps", lambda: augmentation(settings)))
    return every


def measure(field: Field, cores: int, settings: Settings, only: Sequence[str]) -> Found:
    """Return all results; a measurement that fails becomes a row with the reason."""
    notes, found = Console(stderr=True, highlight=False), Found()
    for part, section, name, measured in parts(field, cores, settings):
        if part not in only:
            continue
        start = time.perf_counter()
        try:
            found.add(measured())
        except MissingError as error:
            found.rows.append(Row(section, name, None, note=str(error)))
        notes.print(f"{part}: {name}, {time.perf_counter() - start:.0f} s", style="dim")
    return found


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--quick", action="store_true", help="fewer networks, rounds and images; the record goes to build/")
    add("--only", nargs="+", choices=PARTS, metavar="PART", help=f"of {', '.join(PARTS)}")
    add("--networks", nargs="+", choices=list(NETWORKS), metavar="NAME", help=f"of {', '.join(NETWORKS)}")
    add("--data", help="as for `tenfold train`; by default MNIST")
    options = parser.parse_args()
    settings = QUICK if options.quick else FULL
    settings = replace(settings, networks=tuple(options.networks or settings.networks))
    if options.data:
        os.environ[DATA_VARIABLE] = options.data  # fresh processes load it too
    load, where, corpus = os.getloadavg()[0], environment(), load_corpus()
    with tempfile.TemporaryDirectory() as folder, Field(corpus, Path(folder)) as field:
        found = measure(field, where.cores, settings, options.only or PARTS)
        versions = field.versions
    show(found.rows)
    partly = bool(options.quick or options.only or options.networks)
    path = place(where, partly)
    write(path, record(found, where, versions, corpus, settings, load))
    print(f"all times: {path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}")


if __name__ == "__main__":
    main()
