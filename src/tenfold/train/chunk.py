"""Train a chunk of an epoch in parts so short that a stop signal is noticed soon."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from tenfold.data import Dataset
from tenfold.data.dataset import Located
from tenfold.errors import DivergedError
from tenfold.train.augmentation import augment
from tenfold.train.epoch_plan import EpochPlan
from tenfold.train.executor import Executor, HostArray
from tenfold.train.recipe import Recipe
from tenfold.train.run_state import RunState
from tenfold.train.seeds import generator_state, restore_generator

PART_SECONDS = 0.5
"""Greatest length of a part: a stop signal waits about this long."""

Diverged: TypeAlias = Callable[[str, HostArray, float], DivergedError]


class ChunkTrainer:
    """Trains chunks.

    The clock decides where a chunk is cut, but the results do not depend on it: a run that resumes within
    a chunk draws the random numbers of the whole chunk again, and losses are summed at the chunk's end.

    Parameters
    ----------
    recipe : Recipe
    train : Dataset
    executor : Executor
    state : RunState
        Its progress is updated.
    diverged : callable
        ``diverged(what, images, rate)`` returns the error for a loss that is not finite.
    """

    def __init__(
        self, recipe: Recipe, train: Dataset, executor: Executor, state: RunState, diverged: Diverged
    ) -> None:
        self._recipe, self._train_set, self._executor = recipe, train, executor
        self._state, self._progress, self._diverged = state, state.progress, diverged
        self._step_seconds = math.inf  # as the latest steps took; not known yet

    def train(
        self, plan: EpochPlan, steps: range, ended: Callable[[], bool], after_part: Callable[[], None]
    ) -> bool:
        """Do the remaining steps of a chunk; return False if ``ended()`` stopped them.

        ``after_part()`` is called after each part but the last; the clock of the training stands still
        meanwhile.
        """
        progress, augmentation = self._progress, self._state.generators["augmentation"]
        before, began = generator_state(augmentation), time.perf_counter()
        data = self._data(plan, steps)
        while progress.step_in_epoch < steps.stop:
            part = range(progress.step_in_epoch, min(progress.step_in_epoch + self._at_once, steps.stop))
            self._train_part(plan, steps.start, part, data)
            now = time.perf_counter()
            progress.tally.seconds += now - began
            if part.stop < steps.stop:
                drawn = generator_state(augmentation)
                restore_generator(augmentation, before)  # a resumed run draws for the whole chunk again
                after_part()
                if ended():
                    return False
                restore_generator(augmentation, drawn)
            began = time.perf_counter()
        progress.tally.end_chunk(plan.batch_sizes(steps))
        return True

    @property
    def image_seconds(self) -> float:
        """Return the seconds for each image in the latest steps; evaluating an image takes less."""
        return 0.0 if math.isinf(self._step_seconds) else self._step_seconds / self._progress.batch_size

    @property
    def _at_once(self) -> int:
        """How many steps to do at once: one until the time of a step is known."""
        wanted = self._progress.part_seconds
        return 1 + int((PART_SECONDS if wanted is None else min(wanted, PART_SECONDS)) / self._step_seconds)

    def _data(self, plan: EpochPlan, steps: range) -> Located:
        """Return the training images, or augmented copies of the chunk's images."""
        chosen = plan.images(steps)
        if self._recipe.augmentation is None:
            return self._train_set.located(chosen)
        images, labels = self._train_set.take(chosen), self._train_set.labels[chosen]
        rng, threads = self._state.generators["augmentation"], self._executor.threads
        altered, labels = augment(self._recipe.augmentation, images, labels, rng, threads)
        weights = None if self._train_set.weights is None else self._train_set.weights[chosen]
        return Located(altered, labels, weights, np.arange(len(chosen)))  # images (n, h, w, c), labels (n,)

    def _train_part(self, plan: EpochPlan, start: int, part: range, data: Located) -> None:
        """Do some steps of the chunk that begins at the step ``start``."""
        skipped, n = len(plan.images(range(start, part.start))), len(plan.images(part))
        order, rates = data.order[skipped : skipped + n], plan.rates(part, self._progress.rate_scale)
        began, dropout = time.perf_counter(), self._state.generators["dropout"]
        done = self._executor.train(
            data.images, data.labels, order, plan.batch_size, rates, dropout, data.weights
        )
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
