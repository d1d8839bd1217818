"""The plan of an epoch: order, minibatches, chunks, learning rates."""

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
        The indices of the training images, in the order of training.
    batch_size : int
    least : int
        How many images a minibatch needs. A smaller last minibatch joins the one before it.
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
        """Return the number of minibatches, including a short last one."""
        whole, over = divmod(len(self.order), self.batch_size)
        joined = whole > 0 and over < self.least
        return whole if over == 0 or joined else whole + 1

    def chunks(self, first_step: int = 0) -> Iterator[range]:
        """Yield the steps of each chunk, from the one of ``first_step`` to the end of the epoch."""
        length = -(-self.recipe.chunk_images // self.batch_size)
        for start in range(first_step - first_step % length, self.steps, length):
            if first_step < self.steps:
                yield range(start, min(start + length, self.steps))

    def images(self, steps: range) -> HostArray:
        """Return the indices of the training images of some steps, in order."""
        return self.order[self._start(steps.start) : self._start(steps.stop)]

    def batch_sizes(self, steps: range) -> HostArray:
        """Return the number of images of each step: ``batch_size``, except in a last step of another size."""
        return np.diff([self._start(step) for step in (*steps, steps.stop)])

    def _start(self, step: int) -> int:
        """Return the position in the order at which a step begins."""
        return step * self.batch_size if step < self.steps else len(self.order)

    def rates(self, steps: range, scale: float) -> HostArray:
        """Return each step's learning rate, float64."""
        return np.asarray([self.recipe.rate_at(self.epoch, step, self.steps) * scale for step in steps])

    def rate_as_set(self, step: int, scale: float) -> float:
        """Return a step's learning rate without factors that only correct the optimiser."""
        return self.recipe.rate_as_set(self.epoch, step, self.steps) * scale
