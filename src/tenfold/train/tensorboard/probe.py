"""The activations of a network's layers, and the gradients of its parameters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tenfold.backend.arrays import to_numpy
from tenfold.nn import Loss, Sequential
from tenfold.train.definition import ignore_float_warnings, network_input

if TYPE_CHECKING:
    from tenfold.train.executor import HostArray

_UNCHANGED = ("flatten", "dropout")  # at prediction, these do not change their input


def probe(
    network: Sequential, loss: Loss, images: HostArray, labels: HostArray
) -> Iterator[tuple[str, HostArray]]:
    """Yield weights, activations and gradients by tag, computed by the definition as at prediction.

    Parameters
    ----------
    network : Sequential
    loss : Loss
    images : uint8 array (n, h, w)
    labels : int64 array (n,)
    """
    for name, array in (network.params | network.state).items():
        yield f"weights/{name}", to_numpy(array)
    x = network_input(network, images)  # (n, h, w, c)
    backwards = {}
    with ignore_float_warnings():
        for name, layer in network.layers.items():
            x, backwards[name] = layer.forward(x)
            if layer.kind not in _UNCHANGED:
                yield f"layer_activations/{name}", to_numpy(x)
        dy = loss.forward(x, labels)[1]()
        for name in reversed(backwards):
            dy, grads = backwards[name](dy)
            for parameter, grad in grads.items():
                yield f"gradients/{name}.{parameter}", to_numpy(grad)
