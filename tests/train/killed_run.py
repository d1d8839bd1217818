"""Training runs for `test_kill.py`, each in a process of its own, to be killed.

``python killed_run.py`` trains in each folder that it reads from stdin, and says which process does
it, when a chunk is done, and how the process ended. It is forked: nothing must be imported again.
"""

import os
import sys
from pathlib import Path

import numpy as np

from tenfold.data import Dataset
from tenfold.nn import BatchNorm, Dense, Dropout, Flatten, ReLU, Sequential
from tenfold.optim import Adam, Doubling
from tenfold.train import (
    Callback,
    CheckpointEvery,
    DefinitionExecutor,
    EarlyStopping,
    Recipe,
    ReduceOnPlateau,
    fit,
)

RECIPE = Recipe(
    epochs=6,
    batch_size=Doubling(8, every=2),
    optimizer=Adam(0.02, weight_decay=0.01),
    early_stopping=EarlyStopping("validation_loss", patience=50),
    plateau=ReduceOnPlateau("train_loss", patience=1, min_change=0.1),
    chunk_images=64,
)


def digits(n, seed):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 10, n)
    images = rng.integers(0, 100, (n, 8, 8), dtype=np.uint8)
    images[np.arange(n), labels % 8, labels // 2] += 150
    return Dataset(images, labels, "dots")


def build():
    layers = {
        "flatten": Flatten(),
        "fc1": Dense(64, 16),
        "bn": BatchNorm(16),
        "relu": ReLU(),
        "drop": Dropout(0.3),
        "fc2": Dense(16, 10),
    }
    return Sequential(layers, (8, 8, 1))


def train(out, resume=True, callbacks=()):
    """Train to the end; return the network and its history."""
    network = build()
    history = fit(
        network,
        RECIPE,
        digits(150, 0),
        digits(100, 1),
        seed=5,
        out=out,
        resume=resume,
        callbacks=callbacks,
        executor=DefinitionExecutor,
        checkpoints=CheckpointEvery(chunks=1),
    )
    return network, history


class Says(Callback):
    """Says that the run goes on from here, and when each chunk is done; it is saved after that."""

    def on_start(self, progress):
        say(f"process {os.getpid()}")

    def on_chunk(self, progress):
        say("chunk")


def say(line):
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def serve():
    for line in iter(sys.stdin.readline, ""):
        child = os.fork()
        if child == 0:
            train(Path(line.strip()), callbacks=[Says()])
            os._exit(0)
        say(f"ended {os.waitpid(child, 0)[1]}")


if __name__ == "__main__":
    serve()
