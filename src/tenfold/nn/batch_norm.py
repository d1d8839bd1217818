"""Batch normalisation."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from tenfold.backend.arrays import Array, Shape, namespace
from tenfold.errors import ShapeError
from tenfold.habits import constructor
from tenfold.nn.arguments import fraction, positive
from tenfold.nn.habits import LAYER_OPTIONS
from tenfold.nn.layer import Backward, Examples, Gradients
from tenfold.nn.onnx_graph import OnnxGraph
from tenfold.nn.per_channel import PerChannel


@constructor(
    {**LAYER_OPTIONS, "epsilon": "write eps=1e-5", "num_features": "write c=8"}, example="BatchNorm(8)"
)
class BatchNorm(PerChannel):
    """Bring every channel to mean 0 and variance 1, then to a learned ``weight`` and ``bias``.

    ``y = (x - mean) / sqrt(variance + eps) * weight + bias``

    Mean and variance are the minibatch's in training, over all axes but the last; otherwise they are the
    running ones, which each training pass moves: ``running = momentum * running + (1 - momentum) * batch``.
    The running variance follows the unbiased estimate, as in PyTorch.

    Derived in tutorial 5, "Batch normalisation: the backward pass".

    Parameters
    ----------
    c : int
        Channels: the last axis of vectors (n, c) or of images (n, h, w, c).
    momentum : float
        How much of the running statistics a training pass keeps, in [0, 1).
    eps : float
        Added to the variance.

    References
    ----------
    S. Ioffe, C. Szegedy, "Batch Normalization" (arXiv:1502.03167), algorithm 1 and section 3.
    """

    kind: ClassVar[str] = "batch_norm"
    engine: ClassVar[tuple[str, ...]] = ("norm",)
    pointwise: ClassVar[bool] = True

    @classmethod
    def examples(cls) -> Examples:
        return {"": (cls(5), (5,)), "images": (cls(3, eps=0.1), (4, 2, 3))}

    def __init__(self, c: int, momentum: float = 0.9, eps: float = 1e-5) -> None:
        super().__init__(c)
        self.momentum, self.eps = fraction("momentum", momentum), positive("eps", eps)

    def config(self) -> dict[str, Any]:
        return {"c": self.c, "momentum": self.momentum, "eps": self.eps}

    def state_shapes(self) -> dict[str, Shape]:
        return {"running_mean": (self.c,), "running_var": (self.c,)}

    def initialise(self, rng: np.random.Generator, dtype: Any = np.float32) -> None:
        super().initialise(rng, dtype)
        self.state = {"running_mean": np.zeros(self.c, dtype), "running_var": np.ones(self.c, dtype)}

    def forward(
        self, x: Array, *, training: bool = False, rng: np.random.Generator | None = None
    ) -> tuple[Array, Backward]:
        return self._by_minibatch(x) if training else self._by_running(x)

    def _by_minibatch(self, x: Array) -> tuple[Array, Backward]:
        xp, weight, bias = namespace(x), self.params["weight"], self.params["bias"]  # (c,), (c,)
        axes = tuple(range(x.ndim - 1))
        m = math.prod(x.shape[:-1])  # numbers in a channel
        if m < 2:
            raise ShapeError(
                f"expected at least 2 numbers in a channel to normalise, got {tuple(x.shape)}; "
                "give a minibatch of at least 2 images"
            )
        mean = xp.mean(x, axis=axes)  # (c,)
        variance = xp.mean((x - mean) ** 2, axis=axes)  # (c,)
        inverse = 1 / xp.sqrt(variance + self.eps)  # (c,)
        z = (x - mean) * inverse
        y = z * weight + bias
        self._move("running_mean", mean)
        self._move("running_var", variance * (m / (m - 1)))

        def backward(dy: Array) -> tuple[Array, Gradients]:
            # z depends on x directly, through the mean and through the variance; with dz = dy weight,
            # dx = (dz - mean(dz) - z mean(dz z)) / sqrt(variance + eps)
            dbias = xp.sum(dy, axis=axes)  # (c,)
            dweight = xp.sum(dy * z, axis=axes)  # (c,)
            dx = (dy - dbias / m - z * (dweight / m)) * (weight * inverse)
            return dx, {"weight": dweight, "bias": dbias}

        return y, backward

    def _by_running(self, x: Array) -> tuple[Array, Backward]:
        xp, weight, bias = namespace(x), self.params["weight"], self.params["bias"]  # (c,), (c,)
        inverse = 1 / xp.sqrt(self.state["running_var"] + self.eps)  # (c,)
        z = (x - self.state["running_mean"]) * inverse
        y = z * weight + bias

        def backward(dy: Array) -> tuple[Array, Gradients]:
            axes = tuple(range(dy.ndim - 1))
            grads = {"weight": xp.sum(dy * z, axis=axes), "bias": xp.sum(dy, axis=axes)}
            return dy * (weight * inverse), grads

        return y, backward

    def _move(self, name: str, batch: Array) -> None:
        self.state[name] = self.momentum * self.state[name] + (1 - self.momentum) * batch

    def least_images(self, shape: Shape) -> int:
        """Two where an image has a single number in each channel: one number has no variance."""
        return 2 if math.prod(shape[:-1]) == 1 else 1

    def add_onnx(self, graph: OnnxGraph, name: str) -> None:
        parts = ("weight", "bias", "running_mean", "running_var")
        arrays = [graph.parameter(f"{name}.{part}") for part in parts]
        graph.add("BatchNormalization", f"{name}.output", *arrays, epsilon=self.eps)
