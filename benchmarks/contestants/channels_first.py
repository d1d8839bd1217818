"""The weights of a network for libraries whose images are (n, c, h, w); ours are (n, h, w, c)."""

from __future__ import annotations

import numpy as np
from serve import Job


def channels_first(job: Job) -> dict[str, np.ndarray]:
    """Return the weights by dotted name, kernels as (c_out, c_in, kh, kw), dense weights as (c_in, c_out).

    The first dense layer behind images gets its rows in the order in which these libraries flatten.
    """
    weights, shape, flattened = dict(job.weights), tuple(job.network["input_shape"]), None
    for layer in job.layers:
        name = f"{layer['name']}.weight"
        if layer["kind"] == "conv2d":
            weights[name] = np.ascontiguousarray(weights[name].transpose(3, 2, 0, 1))
        elif layer["kind"] == "flatten":
            flattened = shape  # (h, w, c)
        elif layer["kind"] == "dense" and flattened is not None:
            rows = weights[name].reshape(*flattened, -1).transpose(2, 0, 1, 3)  # (c, h, w, c_out)
            weights[name] = np.ascontiguousarray(rows.reshape(weights[name].shape))
            flattened = None
        shape = tuple(layer["output_shape"])
    return weights


def pads(layer: dict) -> tuple[int, int]:
    """Return a convolution's rows and columns of zeros on each side."""
    padding = layer["config"]["padding"]
    if padding == "same":
        raise ValueError(f"{layer['name']}: expected padding in pixels, got 'same'; add it here")
    return padding[0], padding[1]
