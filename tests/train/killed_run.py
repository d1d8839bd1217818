"""A training run for `test_kill.py`: in a process of its own, to be killed; `python killed_run.py FOLDER`."""

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
    PlainLines,
    Recipe,
    ReduceOnPlateau,
    fit,
)

RECIPE = Recipe(
    epochs=8,
    batch_size=Doubling(8, every=3),
    optimizer=Adam(0.02, weight_decay=0.01),
    early_stopping=EarlyStopping("validation_cost", patience=50),
    plateau=ReduceOnPlateau("train_cost", patience=1, min_change=0.1),
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


def train(out, resume=True, callbacks=(), progress=None):
    """Train to the end; return the network and its history."""
    network = build()
    history = fit(
        network,
        RECIPE,
        digits(300, 0),
        digits(100, 1),
        seed=5,
        out=out,
        resume=resume,
        callbacks=callbacks,
        progress=progress,
        executor=DefinitionExecutor,
        checkpoints=CheckpointEvery(chunks=1),
    )
    return network, history


class Begun(Callback):
    """Says that the run goes on from here."""

    def on_start(self, progress):
        sys.stdout.write("begun\n")
        sys.stdout.flush()


if __name__ == "__main__":
    train(Path(sys.argv[1]), callbacks=[Begun()], progress=PlainLines(sys.stderr))
