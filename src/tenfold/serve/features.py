"""What a network's first layers make of a digit, to be looked at."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenfold.data import as_float
from tenfold.nn import Conv2d, Layer, Sequential
from tenfold.zoo import Model, NetworkModel

_LAYERS = 2
_MAPS = 8  # of each layer
_DECIMALS = 3


class Features:
    """The most active maps of the first two convolutions, each with the activation that follows it.

    Parameters
    ----------
    model : Model
        One without convolutions has none.
    """

    def __init__(self, model: Model) -> None:
        self._network = model.network if isinstance(model, NetworkModel) else None

    def of(self, images: NDArray[np.uint8]) -> list[list[dict[str, Any]]]:
        """Return what is seen in each layer, for each image of (n, 28, 28).

        ``maps`` are the most active ones by mean magnitude, each from its least to its greatest value as
        0..1; ``channels`` says which they are of the ``count`` that the layer has. ``filters``, of a layer
        with one channel as its input, are their weights as -1..1.
        """
        if self._network is None or not len(images):
            return [[] for _ in images]
        layers = list(islice(_maps(self._network, as_float(images)), _LAYERS))
        filters = [_filters(self._network.layers[name]) for name, _ in layers]
        return [
            [_shown(name, x[i], f) for (name, x), f in zip(layers, filters, strict=True)]
            for i in range(len(images))
        ]


def _shown(name: str, x: NDArray[Any], filters: NDArray[np.float64] | None) -> dict[str, Any]:
    """Describe a layer's output for one image, (h, w, c); ``filters`` are (c, kh, kw)."""
    maps = np.moveaxis(x, 2, 0).astype(np.float64)
    active = np.argsort(-np.abs(maps).mean(axis=(1, 2)), kind="stable")[:_MAPS]
    channels = np.sort(active)  # while somebody draws, a map keeps its place among the others
    shown = {
        "name": name,
        "maps": _scaled(maps[channels]).tolist(),
        "channels": channels.tolist(),
        "count": len(maps),
    }
    return shown if filters is None else shown | {"filters": filters[channels].tolist()}


def _filters(layer: Layer) -> NDArray[np.float64] | None:
    """Return the weights of a convolution of grey images, (c, kh, kw), each filter's as -1..1."""
    weight = layer.params["weight"]  # (kh, kw, c_in, c_out)
    if weight.shape[2] != 1:
        return None
    filters = np.moveaxis(weight[:, :, 0], 2, 0).astype(np.float64)
    most = np.abs(filters).max(axis=(1, 2), keepdims=True)
    return np.asarray(np.round(filters / np.where(most > 0, most, 1), _DECIMALS))


def _maps(network: Sequential, pixels: NDArray[np.float32]) -> Iterator[tuple[str, NDArray[Any]]]:
    """Yield name and output (n, h, w, c) of each convolution, after its activation."""
    kept: tuple[str, NDArray[Any]] | None = None
    for name, x in network.activations(pixels):
        layer = network.layers[name]
        if kept is not None and layer.pointwise:
            kept = kept[0], x
            continue
        if kept is not None:
            yield kept
        kept = (name, x) if isinstance(layer, Conv2d) else None
    if kept is not None:
        yield kept


def _scaled(maps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each map of (n, h, w) from its least to its greatest value as 0..1."""
    low, high = (f(maps, axis=(1, 2), keepdims=True) for f in (np.min, np.max))
    return np.asarray(np.round((maps - low) / np.where(high > low, high - low, 1), _DECIMALS))
