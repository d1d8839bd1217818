"""tenfold's compiled engine, on images as they are stored: uint8."""

from __future__ import annotations

from importlib import metadata

import numpy as np
from serve import LEARNING_RATE, WEIGHT_DECAY, Digits, Job, serve

from tenfold.nn import Sequential, SoftmaxCrossEntropy
from tenfold.optim import Adam
from tenfold.train import Recipe
from tenfold.train.compiled import CompiledExecutor
from tenfold.zoo import NetworkModel


class Engine:
    """A network in the engine, called as the training loop calls it, a chunk of steps at once."""

    def __init__(self, job: Job, digits: Digits) -> None:
        network = Sequential.from_config(job.network)
        network.initialise(0)  # for the running statistics
        network.load(job.weights, network.state)
        optimizer = Adam(LEARNING_RATE, weight_decay=WEIGHT_DECAY)
        self.executor = CompiledExecutor(network, SoftmaxCrossEntropy(), optimizer, threads=job.threads)
        self.model = NetworkModel("timed", network)
        self.digits, self.minibatch, self.rng = digits, job.minibatch, np.random.default_rng(0)
        self.chunk = -(-Recipe(epochs=1).chunk_images // job.minibatch) * job.minibatch

    def train(self, order: np.ndarray) -> None:
        for at in range(0, len(order), self.chunk):
            part = order[at : at + self.chunk]
            rates = np.full(len(part) // self.minibatch, LEARNING_RATE)
            images, labels = self.digits.images, self.digits.labels
            self.executor.train(images, labels, part, self.minibatch, rates, self.rng)

    def predict(self, n: int, batch: int) -> np.ndarray:
        del batch  # the engine cuts the images up itself
        return self.executor.logits(self.digits.test[:n])

    def predict_one(self, i: int) -> None:
        self.model.predict_proba(self.digits.test[i : i + 1])


if __name__ == "__main__":
    serve(Engine, {name: metadata.version(name) for name in ("tenfold", "numpy", "numba")})
