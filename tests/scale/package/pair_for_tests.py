"""A package that offers an ensemble of two small networks.

On Ray, the first process that trains the wide one kills the worker that started it.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from tenfold.nn import Dense, Flatten, ReLU, Sequential
from tenfold.train import Recipe
from tenfold.zoo import Ensemble, NetworkModel
from tenfold.zoo.entry import Entry, Trainable

WIDTHS = {"narrow": 8, "wide": 16}


def network(width: int) -> Sequential:
    hidden = {"flatten": Flatten(), "fc1": Dense(784, width), "relu": ReLU()}
    return Sequential({**hidden, "fc2": Dense(width, 10)}, (28, 28, 1))


def build(entry: Trainable) -> Ensemble:
    parent = os.getppid()
    if "wide" in sys.argv and b"ray::" in Path(f"/proc/{parent}/cmdline").read_bytes():
        killed = Path(sys.argv[sys.argv.index("--results") + 1], "killed")
        if not killed.exists():
            killed.touch()
            os.kill(parent, signal.SIGKILL)
    members = {name: NetworkModel(name, network(width), Recipe(epochs=2)) for name, width in WIDTHS.items()}
    return Ensemble(entry.name, members)


ENTRY = Entry(
    name="pair",
    title="Two small networks",
    build=build,
    parameters=sum(network(width).n_parameters for width in WIDTHS.values()),
    members=tuple(WIDTHS),
    published=None,
    seeds=(0,),
)
