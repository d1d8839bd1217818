"""Layer normalisation."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from tenfold.backend.arrays import Array, namespace
from tenfold.habits import constructor
from tenfold.nn.arguments import positive
from tenfold.nn.habits import LAYER_OPTIONS
from tenfold.nn.layer import Backward, Examples, Gradients
from tenfold.nn.onnx_graph import CHANNELS_FIRST, CHANNELS_LAST, OnnxGraph
from tenfold.nn.per_channel import PerChannel


@constructor(
    {**LAYER_OPTIONS, "epsilon": "write eps=1e-5", "normalized_shape": "write c=8"}, example="LayerNorm(8)"
)
class LayerNorm(PerChannel):
    """Bring each vector, or pixel, to mean 0 and variance 1, then to a learned ``weight`` and ``bias``.

    ``y = (x - mean) / sqrt(variance + eps) * weight + bias``, mean and variance over the last axis. Other
    than in `BatchNorm`, an image does not depend on the rest of the minibatch, in training or outside of it.

    Derived in tutorial 5, "The other layers and losses".

    Parameters
    ----------
    c : int
        Channels: the last axis of vectors (n, c) or of images (n, h, w, c).
    eps : float
        Added to the variance.

    References
    ----------
    J. L. Ba, J. R. Kiros, G. E. Hinton, "Layer Normalization" (arXiv:1607.06450), section 3.

    Examples
    --------
    >>> import numpy as np
    >>> layer = LayerNorm(3)
    >>> layer.initialise(np.random.default_rng(0), np.float64)
    >>> layer.infer(np.array([[1.0, 2.0, 6.0]])).round(3).tolist()
    [[-0.926, -0.463, 1.389]]
    """

    kind: ClassVar[str] = "layer_norm"
    engine: ClassVar[tuple[str, ...]] = ("per_channel", "layer_norm")

    def __init__(self, c: int, eps: float = 1e-5) -> None:
        super().__init__(c)
        self.eps = positive("eps", eps)

    @classmethod
    def examples(cls) -> Examples:
        return {"": (cls(5), (5,)), "images": (cls(3, eps=0.1), (4, 2, 3))}

    def config(self) -> dict[str, Any]:
        return {"c": self.c, "eps": self.eps}

    def forward(
        self, x: Array, *, training: bool = False, rng: np.random.Generator | None = None
    ) -> tuple[Array, Backward]:
        xp, weight, bias = namespace(x), self.params["weight"], self.params["bias"]  # (c,), (c,)
        mean = xp.mean(x, axis=-1, keepdims=True)  # (n, ..., 1)
        variance = xp.mean((x - mean) ** 2, axis=-1, keepdims=True)  # (n, ..., 1)
        inverse = 1 / xp.sqrt(variance + self.eps)  # (n, ..., 1)
        z = (x - mean) * inverse
        y = z * weight + bias  # (n, ..., c)

        def backward(dy: Array) -> tuple[Array, Gradients]:
            # z depends on x directly, through the mean and through the variance; with dz = dy weight,
            # dx = (dz - mean(dz) - z mean(dz z)) / sqrt(variance + eps)
            others = tuple(range(dy.ndim - 1))  # the images, and the pixels in them
            dz = dy * weight
            dmean, dscale = (xp.mean(part, axis=-1, keepdims=True) for part in (dz, dz * z))
            dx = (dz - dmean - z * dscale) * inverse
            return dx, {"weight": xp.sum(dy * z, axis=others), "bias": xp.sum(dy, axis=others)}

        return y, backward

    def add_onnx(self, graph: OnnxGraph, name: str) -> None:
        if len(graph.shape) == 3:
            graph.add("Transpose", f"{name}.channels_last", perm=CHANNELS_LAST)
        weight, bias = graph.parameter(f"{name}.weight"), graph.parameter(f"{name}.bias")
        graph.add("LayerNormalization", f"{name}.output", weight, bias, axis=-1, epsilon=self.eps)
        if len(graph.shape) == 3:
            graph.add("Transpose", f"{name}.channels_first", perm=CHANNELS_FIRST)
