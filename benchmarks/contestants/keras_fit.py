"""Keras as its users run it: ``fit`` and ``predict`` on arrays; the backend is the first argument."""

from __future__ import annotations

import os
import sys
from importlib import metadata

import numpy as np
from channels_first import pads
from serve import LEARNING_RATE, WEIGHT_DECAY, Digits, Job, serve

os.environ["KERAS_BACKEND"] = sys.argv[1]
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
from keras import layers


class Keras:
    """A network as Keras users write it; its images are (n, h, w, c), as ours."""

    def __init__(self, job: Job, digits: Digits) -> None:
        keras.utils.set_random_seed(0)
        made = {layer["name"]: module(layer) for layer in job.layers}
        self.model = keras.Sequential([layers.Input(job.network["input_shape"]), *made.values()])
        for layer in job.layers:
            if layer["kind"] in ("conv2d", "dense"):
                made[layer["name"]].set_weights(job.parameters(layer["name"]))
        self.model.compile(
            keras.optimizers.AdamW(LEARNING_RATE, weight_decay=WEIGHT_DECAY),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        )
        self.digits, self.minibatch = digits, job.minibatch

    def train(self, order: np.ndarray) -> None:
        images, labels = self.digits.floats[order], self.digits.labels[order]
        self.model.fit(images, labels, batch_size=self.minibatch, epochs=1, verbose=0)

    def predict(self, n: int, batch: int) -> np.ndarray:
        return self.model.predict(self.digits.test_floats[:n], batch_size=batch, verbose=0)


def module(layer: dict) -> layers.Layer:
    """Return one layer."""
    options = layer["config"]
    match layer["kind"]:
        case "dense":
            return layers.Dense(options["c_out"])
        case "conv2d":
            return layers.Conv2D(options["c_out"], options["kernel"], options["stride"], padding(layer))
        case "max_pool2d":
            return layers.MaxPooling2D(options["size"], options["stride"])
        case "flatten":
            return layers.Flatten()
        case "relu":
            return layers.ReLU()
        case "dropout":
            return layers.Dropout(options["rate"])
    raise ValueError(f"expected a layer that is timed with Keras, got {layer['kind']!r}; add it here")


def padding(layer: dict) -> str:
    """Return Keras's word for a convolution's padding."""
    kernel, pixels = layer["config"]["kernel"], pads(layer)
    if pixels == (0, 0):
        return "valid"
    if all(2 * p == k - 1 for p, k in zip(pixels, kernel, strict=True)):
        return "same"
    raise ValueError(f"{layer['name']}: expected no padding or that which keeps the size, got {pixels}")


if __name__ == "__main__":
    serve(Keras, {name: metadata.version(name) for name in ("keras", sys.argv[1])})
