"""A network's outputs, from an executor that is created once and cached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tenfold.errors import ConfigError
from tenfold.nn import Sequential, SoftmaxCrossEntropy
from tenfold.optim import SGD
from tenfold.train import executor_for

if TYPE_CHECKING:
    from tenfold.train import Executor


class CachedExecutor:
    """Creates an executor for a network, and keeps it while the network's values stay the same.

    Creating one takes far longer than predicting an image. An executor may compute with copies, so the
    network's arrays are compared with these copies, bit by bit: parameters may be replaced, or written in
    place. Threads may share it.
    """

    def __init__(self) -> None:
        self._kept: tuple[Sequential, list[_Copy], Executor] | None = None

    def __reduce__(self) -> tuple[type[CachedExecutor], tuple[()]]:
        """Copy and pickle as an empty cache: the engine's memory cannot be copied."""
        return CachedExecutor, ()

    def logits(self, network: Sequential, images: NDArray[Any]) -> NDArray[Any]:
        """Return the outputs ``(n, k)``.

        Raises
        ------
        ConfigError
            If the network has no parameters yet.
        """
        arrays = _arrays(network)
        kept = self._kept  # read once: another thread may replace it
        if kept is None or kept[0] is not network or not _same(kept[1], arrays):
            if network.params.keys() != network.param_shapes.keys():
                raise ConfigError("expected a fitted network, got one without parameters; call fit first")
            executor = executor_for(network, SoftmaxCrossEntropy(), SGD(0.0))  # which only training uses
            kept = self._kept = network, [_Copy(array) for array in arrays], executor
        return kept[2].logits(images)


class _Copy:
    """A copy of an array's bytes when the executor was created."""

    def __init__(self, array: NDArray[Any]) -> None:
        self._array = array
        self._view = array.data if array.flags.c_contiguous else None  # for a fast comparison
        self._bytes = bytearray(np.ascontiguousarray(array))

    def holds(self, array: NDArray[Any]) -> bool:
        """Return whether an array, the same or another, has these bytes now."""
        if array is self._array and self._view is not None:
            return self._bytes == self._view
        return self._bytes == np.ascontiguousarray(array).data


def _arrays(network: Sequential) -> list[NDArray[Any]]:
    """Return the NumPy arrays of a network; arrays of other libraries are never copied."""
    return [
        array
        for layer in network.layers.values()
        for numbers in (layer.params, layer.state)
        for array in numbers.values()
        if isinstance(array, np.ndarray)
    ]


def _same(kept: list[_Copy], arrays: list[NDArray[Any]]) -> bool:
    """Return whether arrays still have the copied bytes."""
    return len(kept) == len(arrays) and all(
        copy.holds(array) for copy, array in zip(kept, arrays, strict=True)
    )
