"""One library, in one way, on one network: the operations that are timed."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from rounds import part
from worker import MissingError, Worker

TRAIN, PREDICT = "training", "prediction"
PREDICTION_BATCHES = (100, 500, 1000)  # convolutions lose again beyond
DENSE_PREDICTION_BATCHES = (*PREDICTION_BATCHES, 2500, 10_000)
AGREEMENT = 1e-3  # how far logits may lie apart before training, where a library rounds in its own way


@dataclass
class Contestant:
    """A network prepared in a library's process.

    Attributes
    ----------
    label : str
        As the table calls it.
    train_images, predict_images : int
        How many are timed; the rest of an epoch, or of the test images, takes proportionally long.
    batch : int
        How many images are predicted at once.
    trial : dict
        Seconds for one image as found beforehand, by what was tried.
    """

    worker: Worker
    label: str
    minibatch: int
    train_images: int = 0
    predict_images: int = 0
    batch: int = PREDICTION_BATCHES[0]
    trial: dict[str, float] = field(default_factory=dict)

    @classmethod
    def enter(
        cls, worker: Worker, network: Path, minibatch: int, threads: int, way: str = "", label: str = ""
    ) -> Contestant:
        """Prepare a network.

        Raises
        ------
        MissingError
            If the library cannot.
        """
        made = cls(worker, label or (f"{worker.name}, {way}" if way else worker.name), minibatch)
        job = {"minibatch": minibatch, "threads": threads, "way": way}
        worker.ask("prepare", name=made.label, folder=str(network), **job)
        return made

    def train(self, images: int, seed: int) -> float:
        """Return the seconds for training on that many images, in an order that follows from the seed."""
        return self.worker.ask("train", name=self.label, images=images, seed=seed)["seconds"]

    def predict(self, images: int) -> float:
        """Return the seconds for predicting that many images."""
        return self.worker.ask("predict", name=self.label, images=images, batch=self.batch)["seconds"]

    def single(self, images: int) -> float:
        """Return the median seconds for one image alone."""
        return self.worker.ask("single", name=self.label, images=images)["seconds"]

    def logits(self) -> np.ndarray:
        """Return the logits of some test images minus their maximum; the probabilities stay the same."""
        asked = {"images": self.batch, "batch": self.batch}
        logits = np.asarray(self.worker.ask("predict", name=self.label, **asked)["logits"])
        return logits - logits.max(axis=1, keepdims=True)

    def must_agree(self, other: Contestant) -> None:
        """Reject a contestant that computes something else.

        Raises
        ------
        MissingError
            If untrained weights give other logits.
        """
        off = float(np.max(np.abs(self.logits() - other.logits())))
        if not off <= AGREEMENT:
            raise MissingError(f"logits {off:.2g} away from ours; it computes something else")

    def settle_training(self, whole: int, seconds: float) -> None:
        """Find the part of an epoch that takes about ``seconds``."""
        whole = whole // self.minibatch * self.minibatch
        found = part(lambda n: self.train(n, seed=0), self.minibatch, whole, seconds)
        self.train_images, self.trial[TRAIN] = found

    def settle_prediction(self, batches: tuple[int, ...], whole: int, seconds: float) -> None:
        """Find the best batch size for prediction, and the number of images that take about ``seconds``."""
        batches = tuple(batch for batch in batches if batch <= whole)
        trials = {}
        for self.batch in batches:
            self.predict(self.batch)
            n = max(batches) // self.batch * self.batch
            trials[self.batch] = min(self.predict(n) for _ in range(2)) / n
        self.batch = min(trials, key=trials.__getitem__)
        found = part(self.predict, self.batch, whole // self.batch * self.batch, seconds)
        self.predict_images, self.trial[PREDICT] = found
        self.trial |= {f"{PREDICT}, {batch} at once": took for batch, took in trials.items()}

    def timed(self, what: str) -> dict[str, Any]:
        """Return how many images are timed, how many of them at once, and what was tried beforehand."""
        trial = {name: took for name, took in self.trial.items() if name.startswith(what)}
        if what == TRAIN:
            return {"images": self.train_images, "at_once": self.minibatch, "trial": trial}
        return {"images": self.predict_images, "at_once": self.batch, "trial": trial}
