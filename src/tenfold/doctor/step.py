"""A program: one training step of a small network, by the engine and by the definition."""

from __future__ import annotations

import json
import sys

import numpy as np

TOLERANCE = 1e-4  # relative; rounding in float32 gives about 1e-6


def main() -> None:
    """Print the difference and the name of the engine as JSON."""
    difference, name = compared()
    sys.stdout.write(json.dumps({"difference": difference, "name": name}) + "\n")


def compared() -> tuple[float, str]:
    """Return the largest difference of a change, relative to the largest change, and the engine's name."""
    from tenfold.nn import AvgPool2d, BatchNorm, Conv2d, Dense, Flatten, Sequential, SoftmaxCrossEntropy, Tanh
    from tenfold.optim import SGD
    from tenfold.train import DefinitionExecutor
    from tenfold.train.compiled import CompiledExecutor

    layers = {
        "conv": Conv2d(1, 6, 3),
        "norm": BatchNorm(6),
        "tanh": Tanh(),  # smooth: near a kink, rounding alone would change the gradient
        "pool": AvgPool2d(2),
        "flatten": Flatten(),
        "fc": Dense(54, 10),
    }
    network = Sequential(layers, (8, 8, 1))
    network.initialise(0)
    before = {name: array.copy() for name, array in network.params.items()}
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (16, 8, 8), np.uint8), rng.integers(0, 10, 16)
    compiled = CompiledExecutor(network, SoftmaxCrossEntropy(), SGD(0.5))
    defined = DefinitionExecutor(network, SoftmaxCrossEntropy(), SGD(0.5))
    after = []
    for executor in (compiled, defined):
        executor.train(images, labels, np.arange(16), 16, np.array([0.5]), np.random.default_rng(0))
        after.append(executor.export()[0])
    ours, expected = after
    change = max(np.abs(expected[name] - before[name]).max() for name in before)
    return max(float(np.abs(ours[name] - expected[name]).max() / change) for name in before), compiled.name


if __name__ == "__main__":
    main()
