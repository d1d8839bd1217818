"""A chunk of an epoch trained in parts so short that a signal to end is noticed soon."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np

from tenfold.data import Dataset
from tenfold.errors import DivergedError
from tenfold.train.augmentation import augment
from tenfold.train.epoch_plan import EpochPlan
from tenfold.train.executor import Executor, HostArray
from tenfold.train.recipe import Recipe
from tenfold.train.run_state import RunState
from tenfold.train.seeds import generator_state, restore_generator

PART_SECONDS = 0.5
"""How long steps are done without a look at what else there is: a signal to end waits about so long."""

Diverged: TypeAlias = Callable[[str, HostArray, float], DivergedError]


class _Data(NamedTuple):
    """What a chunk is trained on: images, labels, and the order to take them in."""

    images: HostArray
    labels: HostArray
    order: HostArray


class ChunkTrainer:
    """Trains chunks.

    How a chunk is cut depends on the clock, and no bit of the run on how it is cut: what is drawn for the
    whole chunk is drawn again where a run goes on within it, and its losses are summed at its end.

    Parameters
    ----------
    recipe : Recipe
    train : Dataset
    executor : Executor
    state : RunState
        Whose progress is moved on.
    diverged : callable
        ``diverged(what, images, rate)`` returns the error for a loss that is not finite.
    """

    def __init__(
        self, recipe: Recipe, train: Dataset, executor: Executor, state: RunState, diverged: Diverged
    ) -> None:
        self._recipe, self._train_set, self._executor = recipe, train, executor
        self._state, self._progress, self._diverged = state, state.progress, diverged
        self._step_seconds = math.inf  # as the latest steps took; not known yet

    def train(self, plan: EpochPlan, steps: range, ended: Callable[[], bool]) -> bool:
        """Do what is left of a chunk's steps; return False if ``ended()`` said so before they were done."""
        progress, augmentation = self._progress, self._state.generators["augmentation"]
        before, began = generator_state(augmentation), time.perf_counter()
        data = self._data(plan, steps)
        while progress.step_in_epoch < steps.stop:
            part = range(progress.step_in_epoch, min(progress.step_in_epoch + self._at_once, steps.stop))
            self._train_part(plan, steps.start, part, data)
            now = time.perf_counter()
            progress.tally.seconds += now - began
            began = now
            if part.stop < steps.stop and ended():
                restore_generator(augmentation, before)  # whoever goes on draws for the whole chunk again
                return False
        progress.tally.end_chunk(plan.batch_sizes(steps))
        return True

    @property
    def image_seconds(self) -> float:
        """Return how long an image took in the latest steps: at least as long as it takes to judge one."""
        return 0.0 if math.isinf(self._step_seconds) else self._step_seconds / self._progress.batch_size

    @property
    def _at_once(self) -> int:
        """How many steps to do at once: one as long as it is not known how long they take."""
        return 1 + int(PART_SECONDS / self._step_seconds)

    def _data(self, plan: EpochPlan, steps: range) -> _Data:
        """Return the training set's own images, or altered copies of those that the chunk sees."""
        chosen = plan.images(steps)
        images, labels = self._train_set.images, self._train_set.labels
        if self._recipe.augmentation is None:
            return _Data(images, labels, chosen)
        rng, threads = self._state.generators["augmentation"], self._executor.threads
        altered, labels = augment(self._recipe.augmentation, images[chosen], labels[chosen], rng, threads)
        return _Data(altered, labels, np.arange(len(chosen)))  # images (n, h, w, c), labels (n,)

    def _train_part(self, plan: EpochPlan, start: int, part: range, data: _Data) -> None:
        """Do some steps of the chunk that begins at the step ``start``."""
        skipped, n = len(plan.images(range(start, part.start))), len(plan.images(part))
        order, rates = data.order[skipped : skipped + n], plan.rates(part, self._progress.rate_scale)
        began, dropout = time.perf_counter(), self._state.generators["dropout"]
        done = self._executor.train(data.images, data.labels, order, plan.batch_size, rates, dropout)
        self._step_seconds = (time.perf_counter() - began) / len(part)
        if not np.isfinite(done.losses[-1]):
            at, sizes = len(done.losses) - 1, plan.batch_sizes(part)
            first = int(sizes[:at].sum())
            batch = data.images[order[first : first + sizes[at]]]
            what = f"the loss became {done.losses[-1]} in epoch {plan.epoch + 1}, step {part[at] + 1}"
            raise self._diverged(what, batch, rates[at])
        self._progress.tally.add(done.losses, int(done.correct.sum()), n)
        self._progress.step += len(part)
        self._progress.step_in_epoch = part.stop
        self._progress.learning_rate = plan.rate_as_set(part[-1], self._progress.rate_scale)
