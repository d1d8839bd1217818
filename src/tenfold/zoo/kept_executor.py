"""A network's outputs, from an executor that is made once and kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tenfold.nn import Sequential
from tenfold.train import Recipe, executor_for

if TYPE_CHECKING:
    from tenfold.train import Executor


class KeptExecutor:
    """Makes an executor for a network when one is needed, and keeps it while the network's numbers stay.

    Making one takes longer than an image does. It may compute with copies, so what it was made from is
    compared with what is there, bit by bit: parameters may be replaced, and written to in place.
    Threads may share it.
    """

    def __init__(self) -> None:
        self._kept: tuple[Sequential, list[bytes], Executor] | None = None

    def logits(self, network: Sequential, recipe: Recipe, images: NDArray[Any]) -> NDArray[Any]:
        """Return the outputs ``(n, k)``; they depend on the recipe's loss and optimiser in no way."""
        numbers = _numbers(network)
        kept = self._kept  # looked at once: another thread may put its own there
        if kept is None or kept[0] is not network or kept[1] != numbers:
            kept = network, numbers, executor_for(network, recipe.loss, recipe.optimizer)
            self._kept = kept
        return kept[2].logits(images)


def _numbers(network: Sequential) -> list[bytes]:
    """Return the bytes of all NumPy arrays of a network; an executor reads those of others where they are."""
    arrays = (*network.params.values(), *network.state.values())
    return [array.tobytes() for array in arrays if isinstance(array, np.ndarray)]
