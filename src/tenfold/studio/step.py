"""One training step of a small network, opened: every number of it, with the code that computes it."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Self

import numpy as np

from tenfold.data import Dataset, load_corpus
from tenfold.errors import ConfigError
from tenfold.nn import Conv2d, Dense, Flatten, MaxPool2d, ReLU, Sequential, SoftmaxCrossEntropy, softmax
from tenfold.optim import SGD
from tenfold.quoting import quoted
from tenfold.registry import unknown
from tenfold.train.live.event_log import finite

SIDE = 8
"""Height and width of the images, so that each pixel can be seen."""

_IMAGES = 64  # that the steps take in turn
_MOST = 200  # steps

NETWORKS: dict[str, Callable[[], dict[str, Any]]] = {
    "convolution": lambda: {
        "conv": Conv2d(1, 3, 3),
        "relu": ReLU(),
        "pool": MaxPool2d(2),
        "flatten": Flatten(),
        "dense": Dense(27, 10),
    },
    "dense": lambda: {
        "flatten": Flatten(),
        "hidden": Dense(SIDE * SIDE, 6),
        "relu": ReLU(),
        "output": Dense(6, 10),
    },
}

FORMULAS = {
    "conv2d": ("y[a,b,k] = Σ x[a+i, b+j] · w[i,j,k] + bias[k]", "dw[i,j,k] = Σ x[a+i, b+j] · dy[a,b,k]"),
    "dense": ("y[j] = Σ x[i] · w[i,j] + bias[j]", "dw[i,j] = x[i] · dy[j],  dx[i] = Σ w[i,j] · dy[j]"),
    "relu": ("y = max(x, 0)", "dx = dy where x > 0, else 0"),
    "max_pool2d": ("y = the largest x of a window", "dx = dy for the largest x, else 0"),
    "flatten": ("y = the same numbers in one row", "dx = dy in the old shape"),
    "loss": (
        "p[i] = exp(x[i]) / Σ exp(x),  loss = −log p[label]",
        "dx[i] = (p[i] − t[i]) / n,  t = 1 for the label",
    ),
}
"""Kind of layer -> what it computes, and its derivative."""


@dataclass(frozen=True)
class StepRequest:
    """Which step is to be opened.

    Attributes
    ----------
    network : str
        One of `NETWORKS`.
    step : int
        From 1 to 200; those before it are taken too.
    learning_rate : float
    images : int
        In a minibatch, 1 to 8.
    seed : int

    Raises
    ------
    ConfigError
        If a value is of another type or out of range.
    """

    network: str = "convolution"
    step: int = 1
    learning_rate: float = 0.1
    images: int = 4
    seed: int = 0

    def __post_init__(self) -> None:
        if self.network not in NETWORKS:
            name = self.network if isinstance(self.network, str) else quoted(self.network)
            raise unknown("network", name, NETWORKS)
        for name, (least, most) in {"step": (1, _MOST), "images": (1, 8), "seed": (0, 2**31)}.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
                raise ConfigError(
                    f"{name}: expected a whole number from {least} to {most}, got {quoted(value)}"
                )
        rate = self.learning_rate
        if isinstance(rate, bool) or not isinstance(rate, (int, float)) or not 0 <= rate <= 1000:
            raise ConfigError(f"learning_rate: expected a number from 0 to 1000, got {quoted(rate)}")

    @classmethod
    def of(cls, values: Any) -> Self:
        """Return the request that JSON values describe."""
        known = [one.name for one in fields(cls)]
        if not isinstance(values, Mapping):
            raise ConfigError(f"step: expected options by name, got {quoted(values)}")
        for key in values:
            if key not in known:
                raise unknown("option", key, known)
        return cls(**values)


def opened(asked: StepRequest) -> dict[str, Any]:
    """Return all numbers of a step as JSON values: forward, backward, update.

    The network and the images follow from the request, so nothing is kept between two steps.
    """
    network = Sequential(NETWORKS[asked.network](), (SIDE, SIDE, 1))
    network.initialise(np.random.default_rng(asked.seed), np.float64)
    loss, optimizer = SoftmaxCrossEntropy(), SGD(asked.learning_rate)
    state = optimizer.init(network.params)
    found: dict[str, Any] = {}
    with np.errstate(over="ignore", invalid="ignore"):
        for step in range(asked.step):
            at = (step * asked.images + np.arange(asked.images)) % _IMAGES
            x, labels = _digits()[0][at], _digits()[1][at]
            last = step == asked.step - 1
            logits, backward = network.forward(x, training=True)
            value, loss_backward = loss.forward(logits, labels)
            _, grads = backward(loss_backward())
            before = network.params
            after, state = optimizer.update(before, grads, state, asked.learning_rate)
            if last:
                found = _numbers(network, loss, x, labels, before, grads, after)
            network.assign(after)
        after_loss = loss.forward(network.forward(x, training=True)[0], labels)[0]
    code = {"update": _source(SGD.update), "loss": _source(SoftmaxCrossEntropy.forward)}
    shown: dict[str, Any] = finite(
        {**found, "loss": float(value), "loss_after": float(after_loss), "code": code, **vars(asked)}
    )
    return shown


def _numbers(
    network: Sequential,
    loss: SoftmaxCrossEntropy,
    x: np.ndarray[Any, Any],
    labels: np.ndarray[Any, Any],
    before: Mapping[str, Any],
    grads: Mapping[str, Any],
    after: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the layers with their outputs, gradients, parameters and updates."""
    outputs, backwards, y = [], [], x
    for layer in network.layers.values():
        y, backward = layer.forward(y, training=True)
        outputs.append(y)
        backwards.append(backward)
    gradients = [loss.forward(y, labels)[1]()]
    for backward in reversed(backwards):
        gradients.append(backward(gradients[-1])[0])
    gradients.reverse()  # of the input first, then of each output
    layers = [
        {
            "name": name,
            "kind": layer.kind,
            "shape": list(y.shape[1:]),
            "y": _flat(y),
            "dy": _flat(dy),
            "formula": FORMULAS[layer.kind][0],
            "derivative": FORMULAS[layer.kind][1],
            "code": _source(type(layer).forward),
            "file": f"nn/{type(layer).__module__.rpartition('.')[2]}.py",
            "parameters": {
                part: {
                    "shape": list(shape),
                    "values": _round(before[f"{name}.{part}"]),
                    "gradient": _round(grads[f"{name}.{part}"]),
                    "after": _round(after[f"{name}.{part}"]),
                }
                for part, shape in layer.param_shapes().items()
            },
        }
        for (name, layer), y, dy in zip(network.layers.items(), outputs, gradients[1:], strict=True)
    ]
    return {
        "labels": labels.tolist(),
        "input": {"shape": [SIDE, SIDE, 1], "y": _flat(x), "dy": _flat(gradients[0])},
        "layers": layers,
        "probabilities": _flat(softmax(y)),
        "formulas": FORMULAS["loss"],
    }


def _flat(values: np.ndarray[Any, Any]) -> list[list[float]]:
    """Return the numbers of each image in one row."""
    return [_round(row) for row in values]


def _round(values: np.ndarray[Any, Any]) -> list[float]:
    return [float(f"{value:.6g}") for value in np.ravel(values)]


def _source(function: Any) -> str:
    return textwrap.dedent(inspect.getsource(function))


@cache
def _digits() -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return the first images of the sample in 8 x 8 pixels, (n, 8, 8, 1) from 0 to 1, and their labels."""
    train: Dataset = load_corpus("mnist-5k").train
    chosen = np.arange(_IMAGES)
    middle = train.take(chosen)[:, 2:26, 2:26] / 255  # (n, 24, 24)
    return middle.reshape(-1, SIDE, 3, SIDE, 3).mean(axis=(2, 4))[..., None], train.labels[chosen]
