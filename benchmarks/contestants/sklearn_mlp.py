"""scikit-learn's MLPClassifier, for networks of dense layers and ReLU alone."""

from __future__ import annotations

from importlib import metadata

import numpy as np
from serve import LEARNING_RATE, WEIGHT_DECAY, Digits, Job, serve
from sklearn.neural_network import MLPClassifier


class ScikitLearn:
    """The same network; its decay is an L2 penalty, which costs as much as AdamW's."""

    def __init__(self, job: Job, digits: Digits) -> None:
        dense = [layer for layer in job.layers if layer["kind"] == "dense"]
        hidden = [layer["config"]["c_out"] for layer in dense[:-1]]
        options = {"batch_size": job.minibatch, "learning_rate_init": LEARNING_RATE, "alpha": WEIGHT_DECAY}
        self.model = MLPClassifier(hidden, random_state=0, **options)
        self.images = digits.floats.reshape(len(digits.images), -1)  # (n, 784)
        self.test = digits.test_floats.reshape(len(digits.test), -1)
        self.labels = digits.labels
        self.model.partial_fit(
            self.images[: job.minibatch], self.labels[: job.minibatch], classes=np.arange(10)
        )
        for at, layer in enumerate(dense):  # in place: the optimiser holds the same arrays
            self.model.coefs_[at][...], self.model.intercepts_[at][...] = job.parameters(layer["name"])

    def train(self, order: np.ndarray) -> None:
        self.model.partial_fit(self.images[order], self.labels[order])

    def predict(self, n: int, batch: int) -> np.ndarray:
        parts = [self.model.predict_proba(self.test[at : at + batch]) for at in range(0, n, batch)]
        return np.log(np.concatenate(parts))  # logits but for a constant


if __name__ == "__main__":
    serve(ScikitLearn, {"scikit-learn": metadata.version("scikit-learn")})
