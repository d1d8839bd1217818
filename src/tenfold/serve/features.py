"""What a network's first layers make of a digit, to be looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenfold.data import as_float
from tenfold.nn import Conv2d, Sequential
from tenfold.zoo import Model, NetworkModel

_LAYERS = 2
_MAPS = 8  # of each layer
_IMAGES = 12  # further ones are not looked into, so that an answer stays small
_DECIMALS = 3


class Features:
    """The maps of the first two convolutions, each with the activation that follows it.

    Parameters
    ----------
    model : Model
        One without convolutions has none.
    """

    def __init__(self, model: Model) -> None:
        self._network = model.network if isinstance(model, NetworkModel) else None

    def of(self, images: Sequence[NDArray[np.uint8]]) -> list[list[dict[str, Any]]]:
        """Return the names and maps of the layers for each image (28, 28); maps are in 0..1."""
        if self._network is None or not images:
            return [[] for _ in images]
        pixels = as_float(np.stack(images[:_IMAGES]))  # (n, 28, 28, 1)
        layers = [(name, _scaled(x)) for name, x in islice(_maps(self._network, pixels), _LAYERS)]
        return [
            [{"name": name, "maps": maps[i].tolist()} for name, maps in layers] if i < len(pixels) else []
            for i in range(len(images))
        ]


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


def _scaled(x: NDArray[Any]) -> NDArray[np.float64]:
    """Return the first maps as (n, maps, h, w), each image's from its least to its greatest value as 0..1."""
    maps = np.moveaxis(x[..., :_MAPS], 3, 1).astype(np.float64)
    low, high = (f(maps, axis=(1, 2, 3), keepdims=True) for f in (np.min, np.max))
    scaled: NDArray[np.float64] = np.round((maps - low) / np.where(high > low, high - low, 1), _DECIMALS)
    return scaled
