"""An engine for one part of every minibatch, where other processes have the other parts.

Each process takes its images forward and back. Whatever is a sum over the whole minibatch is then summed
over the processes: the moments of batch normalisation, the loss, the gradient. So each has the same
gradient, and moves the same parameters by it.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np

from tenfold.backend.cpu import opcodes, run
from tenfold.backend.cpu.checks import check_bits, check_images, check_labels, check_normalised
from tenfold.backend.cpu.engine import Array, Engine, aligned_zeros, one_at_a_time
from tenfold.backend.cpu.layout import Program
from tenfold.backend.cpu.part import Part
from tenfold.backend.cpu.threads import run_parallel

AllSum: TypeAlias = Callable[[Array], None]
"""Replaces the numbers of an array by their sums over all processes, added in the order of their ranks."""


class PartEngine(Engine):
    """Runs one network, of which other processes have copies, on a part of each minibatch.

    Parameters
    ----------
    network, loss, optimizer
        As for `Engine`; all of them compiled.
    threads : int, optional
        For predictions.
    part_threads : int, optional
        For a part of a minibatch; by default as many.
    """

    def __init__(
        self, network: Any, loss: Any, optimizer: Any, *, threads: int | None = None,
        part_threads: int | None = None,
    ) -> None:  # fmt: skip
        super().__init__(network, loss, optimizer, threads=threads)
        self.shards = part_threads or self.threads
        self.gradient = aligned_zeros(self.parameters.size)
        self._keep = np.zeros(1, opcodes.OPTIMISER)
        self._keep["kind"] = opcodes.GRADIENT

    def numbers(self) -> tuple[Array, Array]:
        """The parameters with the optimiser's numbers, and the running statistics, each as one array."""
        return self.vector[: 3 * self.parameters.size], self.statistics

    def take_over(self, vector: Array, statistics: Array, step: int) -> None:
        """Take over the `numbers` of another engine of the same network."""
        own = self.numbers()
        own[0][...], own[1][...] = vector, statistics
        self.step = step
        self.refresh()

    def checksum(self) -> int:
        """A number that differs if one bit of the parameters does."""
        return zlib.crc32(self.vector[: self.parameters.size].data)

    def warm_up(self) -> None:
        """Compile, or fetch from disk, all that training and predicting will call."""
        image, none = np.zeros((1, *self.network.input_shape), np.float32), np.zeros(0, np.int64)
        self.logits(image[:0])
        Engine.train(self, image, np.zeros(1, np.int64), none, 2, np.zeros(0))
        program = self._prepare(2)
        self._move(replace(program, tensors=program.tensors[:0]), 0.0)

    def train_part(
        self, images: Array, labels: Array, part: Part, rates: Array, bits: Array, weights: Array,
        all_sum: AllSum,
    ) -> tuple[Array, Array]:  # fmt: skip
        """Take ``len(rates)`` steps on a part of each minibatch; see `Engine.train`.

        Parameters
        ----------
        images, labels, weights : array, shape (steps * part.n, ...)
            Those of this part, in order; without weights an empty array.
        part : Part
        rates : float64 array, shape (steps,)
        bits : uint16 array, shape (steps * part.n * features,)
            Random bits of the dropout layers for these images.
        all_sum : callable
            Every process calls it as often, for arrays of the same shape.

        Returns
        -------
        losses, correct : arrays, shape (steps,)
            Of the whole minibatches, the same in every process.
        """
        check_images(images, self.network.input_shape)
        check_labels(labels, len(images), self.labels)
        check_normalised(self.parameters.normalised, part.whole)
        program = self._prepare(max(part.n, 1))
        check_bits(bits, len(rates) * part.n * sum(program.dropouts))
        answers, counts = np.ascontiguousarray(labels, np.int64), np.ascontiguousarray(weights, np.float64)
        order = np.arange(len(images))
        task = self._task(program, self._memory, images, order, part.n, rates, answers, counts, bits)
        task = self._for_part(task, part)
        done = self._steps(program, task, all_sum)
        return task.losses[:done], task.correct[:done]

    def _for_part(self, task: run.Task, part: Part) -> run.Task:
        """A task that leaves the gradient in its own array instead of moving the parameters by it."""
        layout = task.layout.copy()
        layout["size"] = (self.gradient.ctypes.data - self.vector.ctypes.data) // 4  # from a parameter to it
        keep = self._keep.ctypes.data
        return task._replace(layout=layout, optimiser=keep, whole=part.whole, leads=int(part.leads))

    def _steps(self, program: Program, task: run.Task, all_sum: AllSum) -> int:
        """Take the steps; return how many, the one whose loss is not finite included."""
        phases, meetings = len(program.segments), list(_meetings(program))
        for s, rate in enumerate(task.rates):
            at = s * phases
            for segment, sums in meetings:
                self._run_some(task, at, s * phases + segment)
                _share(task.sums[:, sums], all_sum)
                at = s * phases + segment
            self._run_some(task, at, (s + 1) * phases - 1)
            _share(task.tally, all_sum)
            self._run_some(task, (s + 1) * phases - 1, (s + 1) * phases)
            if not math.isfinite(task.losses[s]):
                return s + 1
            all_sum(self.gradient)
            self.step += 1
            self._move(program, float(rate))
        return len(task.rates)

    def _run_some(self, task: run.Task, begin: int, end: int) -> None:
        """Run phases; the lock is free while this process waits for the others."""
        with one_at_a_time:
            self._run(task, begin, end)

    def _move(self, program: Program, rate: float) -> None:
        """Move the parameters by the gradient of the whole minibatch."""

        def share(thread: int) -> None:
            run.move_by_gradient(
                thread, self.shards, program.tensors, self.vector.ctypes.data, self.parameters.size,
                self.gradient.ctypes.data, self.optimizer.ctypes.data, rate, self.step,
            )  # fmt: skip

        with one_at_a_time:
            run_parallel(self.shards, share)
        self._follow(self.statistics, "statistics_average", self.step)


def _meetings(program: Program) -> Iterator[tuple[int, slice]]:
    """Yield the segments before which sums of batch normalisation are needed, and which sums these are."""
    for segment in range(1, len(program.segments) - 1):
        op = program.operations[program.segments[segment] - 1]
        start = int(op["sums"]) + (0 if op["code"] == opcodes.NORM_SUMS else 2 * int(op["c"]))
        yield segment, slice(start, start + 2 * int(op["c"]))


def _share(shards: Array, all_sum: AllSum) -> None:
    """Sum over shards and processes; the first shard gets the sums, the others 0."""
    total = shards.sum(axis=0)
    all_sum(total)
    shards[0], shards[1:] = total, 0
