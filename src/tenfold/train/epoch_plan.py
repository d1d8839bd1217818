"""What an epoch will do, settled before it begins: order, minibatches, chunks, rates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tenfold.data import epoch_order
from tenfold.train.executor import HostArray
from tenfold.train.recipe import Recipe
from tenfold.train.seeds import generator


@dataclass(frozen=True)
class EpochPlan:
    """An epoch's steps.

    Attributes
    ----------
    recipe : Recipe
    epoch : int
        From 0.
    order : int64 array, shape (images in the epoch,)
        Which training image comes when.
    batch_size : int
    least : int
        How many images the network needs in a minibatch. A last one of fewer is joined to the one before.
    """

    recipe: Recipe
    epoch: int
    order: HostArray
    batch_size: int
    least: int = 1

    @classmethod
    def of(cls, recipe: Recipe, n: int, seed: int, epoch: int, least: int = 1) -> EpochPlan:
        """Return the plan for ``n`` training images; equal arguments give equal plans."""
        batch_size = recipe.batch_size_at(epoch)
        order = epoch_order(n, batch_size, generator(seed, epoch, "order"), recipe.short_batch)
        return cls(recipe, epoch, order, batch_size, least)

    @property
    def steps(self) -> int:
        """Return how many minibatches there are, a short last one included."""
        whole, over = divmod(len(self.order), self.batch_size)
        joined = whole > 0 and over < self.least
        return whole if over == 0 or joined else whole + 1

    def chunks(self, first_step: int = 0) -> Iterator[range]:
        """Yield the steps of each chunk that is not done before ``first_step``, to the epoch's end."""
        length = -(-self.recipe.chunk_images // self.batch_size)
        for start in range(first_step - first_step % length, self.steps, length):
            if first_step < self.steps:
                yield range(start, min(start + length, self.steps))

    def images(self, steps: range) -> HostArray:
        """Return which training images the steps see, in order."""
        return self.order[self._start(steps.start) : self._start(steps.stop)]

    def batch_sizes(self, steps: range) -> HostArray:
        """Return how many images each step sees: ``batch_size``, but for a last one that is not."""
        return np.diff([self._start(step) for step in (*steps, steps.stop)])

    def _start(self, step: int) -> int:
        """Return where in the order a step begins; the last one ends where the order does."""
        return step * self.batch_size if step < self.steps else len(self.order)

    def rates(self, steps: range, scale: float) -> HostArray:
        """Return each step's learning rate, float64."""
        return np.asarray([self.recipe.rate_at(self.epoch, step, self.steps) * scale for step in steps])

    def rate_as_set(self, step: int, scale: float) -> float:
        """Return a step's learning rate as people speak of it: without what only corrects the optimiser."""
        return self.recipe.rate_as_set(self.epoch, step, self.steps) * scale
