"""The engine: a network's numbers, its programs, and the threads that run them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np

from tenfold.backend.cpu import opcodes, run
from tenfold.backend.cpu.checks import check_bits, check_images, check_labels, check_normalised, check_order
from tenfold.backend.cpu.fallback import NOTHING, Definitions, Fallback, Update
from tenfold.backend.cpu.layout import Program, Stop
from tenfold.backend.cpu.parameters import Parameters
from tenfold.backend.cpu.phases import board
from tenfold.backend.cpu.program import Builder
from tenfold.backend.cpu.threads import checked, run_parallel
from tenfold.backend.forked import ForkSafeLock

Array: TypeAlias = np.ndarray[Any, Any]

_OPTIMISERS = {"sgd": opcodes.SGD, "rmsprop": opcodes.RMSPROP, "adam": opcodes.ADAM}
_LOSSES = {
    "softmax_cross_entropy": opcodes.CROSS_ENTROPY,
    "mean_squared_error": opcodes.SQUARED_ERROR,
    "open_set_cross_entropy": opcodes.OPEN_SET,
}
_DETERMINISTIC_SHARDS = 8
_PADDING = 128  # floats behind the parameters, where the last row of a product may read
_PREDICTION_BLOCK = 64
_ANY_LABEL = 1 << 62  # of a loss of one's own, which checks them itself
one_at_a_time = ForkSafeLock()  # calls take turns: they share the pool's threads, and a network's memory


def aligned_zeros(size: int) -> Array:
    """Float32 zeros that begin at a cache line."""
    room = np.zeros(size + 16, np.float32)
    start = -room.ctypes.data % 64 // 4
    return room[start : start + size]


class Engine:
    """Runs one network, in float32, on the processor's cores.

    Parameters
    ----------
    network : Sequential
        Its layers are read, not kept.
    loss, optimizer : Loss, Optimizer, optional
        Needed for training only; read by ``kind`` and ``config``.
    threads : int, optional
        All cores unless given.
    deterministic : bool
        Whether the result is to be the same for any number of threads. Sums over the minibatch are
        then always made of the same parts, which is a little slower.
    fallback : Fallback
        What is not compiled and runs as written, in NumPy.
    """

    def __init__(
        self,
        network: Any,
        loss: Any = None,
        optimizer: Any = None,
        *,
        threads: int | None = None,
        deterministic: bool = False,
        fallback: Fallback = NOTHING,
    ) -> None:
        self.network, self.threads, self.fallback = network, checked(threads), fallback
        self.shards = self.threads
        if deterministic:
            self.threads, self.shards = min(self.threads, _DETERMINISTIC_SHARDS), _DETERMINISTIC_SHARDS
        self.parameters = Parameters.of(network)
        self.loss = {"code": opcodes.FALLBACK_LOSS} if fallback.loss else _loss(loss)
        compiled_optimizer = optimizer if fallback.update is None else None
        self.optimizer, self.slots = _optimiser(compiled_optimizer), _slots(compiled_optimizer)
        self.step = 0
        self.statistics = aligned_zeros(self.parameters.n_statistics)
        self._predicting = self._build(training=False, capacity=self.threads * _PREDICTION_BLOCK)
        self._predict_memory = aligned_zeros(self._predicting.memory_size)
        self.classes = int(self._predicting.operations[-1]["y_size"])
        self.labels = (
            _ANY_LABEL if fallback.loss else self.classes + (0 if loss is None else loss.extra_labels)
        )
        layout = self._predicting.layout
        self._predict_sizes = int(layout["block"]), int(layout["local_size"])
        self._training: Program | None = None
        self._capacity = 0
        self.vector = aligned_zeros(3 * self.parameters.size + self._predicting.derived_size + _PADDING)
        self._taken = np.zeros(1, np.int64)
        places = self._taken, self._predict_memory, self.vector, self.statistics
        self._predict_at = tuple(array.ctypes.data for array in places)  # takes NumPy a microsecond each
        self._definitions = Definitions(network, loss, fallback.layers, self._view, self._statistic)

    def _build(self, *, training: bool, capacity: int) -> Program:
        builder = Builder(self.network, self.parameters, self.fallback, training=training)
        shards = self.shards if training else self.threads
        return builder.finish(self.loss if training else None, capacity, self.threads, shards)

    # -- numbers in and out -----------------------------------------------------------------------

    def _view(self, name: str, slot: int = 0) -> Array:
        """A tensor (slot 0) or one of the optimiser's two numbers for it, as a view."""
        shape = self.parameters.shapes[name]
        start = slot * self.parameters.size + self.parameters.offsets[name]
        return self.vector[start : start + int(np.prod(shape))].reshape(shape)

    def params(self) -> dict[str, Array]:
        """Copies of the parameters by name."""
        return {name: self._view(name).copy() for name in self.parameters.shapes}

    def state(self) -> dict[str, Array]:
        """Copies of the running statistics by name."""
        return {name: self._statistic(name).copy() for name in self.parameters.statistics}

    def _statistic(self, name: str) -> Array:
        start, shape = self.parameters.statistics[name]
        return self.statistics[start : start + int(np.prod(shape))].reshape(shape)

    def optimizer_slots(self) -> dict[str, dict[str, Array]]:
        """Copies of the optimiser's numbers, by slot and name."""
        names = self.parameters.shapes
        return {
            slot: {name: self._view(name, i + 1).copy() for name in names}
            for i, slot in enumerate(self.slots)
        }

    def assign(
        self,
        params: Mapping[str, Array],
        state: Mapping[str, Array],
        slots: Mapping[str, Mapping[str, Array]] | None = None,
        step: int = 0,
    ) -> None:
        """Take over copies of all numbers."""
        for name in self.parameters.shapes:
            self._view(name)[...] = params[name]
            for i, slot in enumerate(self.slots):
                self._view(name, i + 1)[...] = slots[slot][name] if slots else 0
        for name in self.parameters.statistics:
            self._statistic(name)[...] = state[name]
        self.step = step
        self.refresh()

    def refresh(self) -> None:
        """Compute all that follows from the parameters, after they were set from outside."""
        run.refresh(self._predicting.tensors, self.vector.ctypes.data)

    def average_into(self, other: Engine, decay: float) -> None:
        """From now on, let the parameters and statistics of another engine be the moving averages of these.

        Parameters
        ----------
        other : Engine
            Of the same network; to be refreshed before it predicts.
        decay : float
            See `tenfold.optim.EMA`.
        """
        self._averages = other  # held, for its memory is written to
        self.optimizer["average"] = other.vector.ctypes.data - self.vector.ctypes.data
        self.optimizer["statistics_average"] = other.statistics.ctypes.data - self.statistics.ctypes.data
        self.optimizer["statistics"], self.optimizer["decay"] = self.parameters.n_statistics, decay
        self._follow(self.vector[:0], "average", 1)  # compiles, if need be

    def _follow(self, numbers: Array, distance: str, step: int) -> None:
        """Let the averages follow some numbers, if averages are kept: where no compiled step does so."""
        if at := int(self.optimizer[distance][0]):
            start = numbers.ctypes.data
            run.average(self.optimizer.ctypes.data, step, start, at, len(numbers))

    # -- work -------------------------------------------------------------------------------------

    def warm_up(self) -> None:
        """Compile, or fetch from disk, all that training and predicting will call."""
        image = np.zeros((1, *self.network.input_shape), np.float32)
        none = np.zeros(0, np.int64)
        self.logits(image[:0])
        if self.loss is not None:
            self.train(image, np.zeros(1, np.int64), none, 2, np.zeros(0))

    def train(
        self,
        images: Array,
        labels: Array,
        order: Array,
        n: int,
        rates: Array,
        bits: Array | None = None,
        rng: np.random.Generator | None = None,
        weights: Array | None = None,
    ) -> tuple[Array, Array]:
        """Take ``len(rates)`` steps on n images each; return mean losses and how many were right.

        Parameters
        ----------
        images : uint8 or float32 array, shape (all, ...)
        labels : int array, shape (all,)
        order : int64 array, shape (steps * n,)
        n : int
        rates : float64 array, shape (steps,)
        bits : uint16 array, shape (steps * n * features,), optional
            Random bits of the dropout layers, for each step one layer after the other.
        rng : numpy.random.Generator, optional
            For layers that are not compiled.
        weights : float array, shape (all,), optional
            How much each image counts in the loss.

        Returns
        -------
        losses, correct : arrays, shape (steps,)
            Shorter if a loss was not finite: the last entry is then that loss, and its step's update
            was not made.
        """
        check_images(images, self.network.input_shape)
        check_labels(labels, len(images), self.labels)
        check_order(order, len(images), len(rates), n)
        check_normalised(self.parameters.normalised, n)
        program = self._prepare(n)
        bits = np.zeros(0, np.uint16) if bits is None else bits
        check_bits(bits, len(rates) * n * sum(program.dropouts))
        answers = np.ascontiguousarray(labels[order], np.int64)
        counts = np.zeros(0) if weights is None else np.ascontiguousarray(weights[order], np.float64)
        task = self._task(program, self._memory, images, order, n, rates, answers, counts, bits)
        before = self.step
        with one_at_a_time:
            if program.stops or self.fallback.update is not None:
                self._train_in_parts(program, task, rng)
            else:
                self._run(task)
        bad = np.flatnonzero(~np.isfinite(task.losses))  # at most one: the steps end there
        self.step = before + (int(bad[0]) if len(bad) else len(rates))
        done = int(bad[0]) + 1 if len(bad) else len(rates)
        return task.losses[:done], task.correct[:done]

    def _task(
        self, program: Program, memory: Array, images: Array, order: Array, n: int, rates: Array,
        answers: Array, weights: Array, bits: Array,
    ) -> run.Task:  # fmt: skip
        """All that compiled code needs for some steps, or predictions, on n images each."""
        steps, shards = len(rates), int(program.layout["shards"])
        return run.Task(
            program.operations, program.segments, program.tensors, program.layout, memory.ctypes.data,
            self.vector.ctypes.data, self.statistics.ctypes.data, self.optimizer.ctypes.data,
            *_source(images), order, answers, weights, bits.ctypes.data, n, n, 1, rates, self.step, 0,
            steps * len(program.segments), np.zeros((shards, 2)), np.zeros((shards, program.sums_size)),
            np.zeros((shards, program.sums_size)), board(shards), np.zeros(steps),
            np.zeros(steps, np.int64),
        )  # fmt: skip

    def _run(self, task: run.Task, begin: int = 0, end: int | None = None) -> None:
        """Run a task's phases, or some of them, on all threads."""
        part = task if end is None else task._replace(begin=begin, end=end)
        most = min(self.threads, len(task.tally))  # a shard for each
        threads = max(1, min(most, task.n))  # an image is the least that a thread can be given
        run_parallel(threads, lambda thread: run.train(thread, threads, part), task.board)

    def _train_in_parts(self, program: Program, task: run.Task, rng: Any) -> None:
        """Run a task step by step, each up to what is not compiled and on from there."""
        phases = len(program.segments)
        self._run(task, 0, 0)  # compiles, if need be, before the first definition runs
        with self._definitions.lent():
            for s, rate in enumerate(task.rates):
                at = s * phases
                for stop in program.stops:
                    self._run(task, at, s * phases + stop.segment)
                    self._define(stop, task, s, rng)
                    at = s * phases + stop.segment
                self._run(task, at, (s + 1) * phases)
                if not math.isfinite(task.losses[s]):
                    return
                if self.fallback.update is not None:
                    self._update(self.fallback.update, float(rate))
                self.step += 1  # here, so that it is right if the next step fails

    def _define(self, stop: Stop, task: run.Task, s: int, rng: Any) -> None:
        """Run one definition on the s-th minibatch."""
        if stop.code == opcodes.FALLBACK:
            self._definitions.forward(stop, self._memory, task.n, rng)
        elif stop.code == opcodes.FALLBACK_LOSS:
            answers = task.labels[s * task.n : (s + 1) * task.n]
            weights = task.weights[s * task.n : (s + 1) * task.n] if task.weights.size else None
            task.tally[0] = self._definitions.loss(stop, self._memory, answers, weights)
        elif np.isfinite(task.tally[:, 0].sum()):  # otherwise the step ends without an update
            self._definitions.backward(stop, self._memory, task.n)

    def _update(self, update: Update, rate: float) -> None:
        """Let an optimiser's definition move the parameters; their gradients lie in the first slot."""
        grads = {name: self._view(name, 1).copy() for name in self.parameters.shapes}
        for name, moved in update(self.params(), grads, rate).items():
            self._view(name)[...] = moved
        self._follow(self.vector[: self.parameters.size], "average", self.step + 1)
        self.refresh()

    def _prepare(self, n: int) -> Program:
        """A program for minibatches of n images, with memory; the one there if it is large enough."""
        if self._training is None or n > self._capacity:
            program = self._build(training=True, capacity=n)
            self._memory = aligned_zeros(program.memory_size)
            self._training, self._capacity = program, n  # last: memory may not suffice
        return self._training

    @property
    def dropouts(self) -> list[int]:
        """For each dropout layer, how many numbers of an image it decides about."""
        return self._prepare(max(self._capacity, 1)).dropouts

    def logits(self, images: Array) -> Array:
        """The network's outputs for uint8 or float32 images, shape (n, k)."""
        check_images(images, self.network.input_shape)
        program, n = self._predicting, len(images)
        outputs = np.empty((n, self.classes), np.float32)
        if program.stops:
            return self._predict_in_parts(images, outputs)
        pixels, numbers = _source(images)
        order = np.arange(n)
        coefficients = np.zeros((self.threads, program.sums_size))
        block, local_size = self._predict_sizes
        threads = min(self.threads, max(1, -(-n // block)))

        def share(thread: int) -> None:
            run.predict(
                thread, threads, program.operations, block, local_size, *self._predict_at, pixels, numbers,
                order, outputs, coefficients, coefficients,
            )  # fmt: skip

        with one_at_a_time:
            self._taken[0] = 0
            run_parallel(threads, share)
        return outputs

    def _predict_in_parts(self, images: Array, outputs: Array) -> Array:
        """Fill the outputs, some images at a time, each time up to what is not compiled and on from there."""
        program, memory = self._predicting, self._predict_memory
        most, last = self.threads * _PREDICTION_BLOCK, len(program.segments) - 1
        with one_at_a_time, self._definitions.lent():
            for first in range(0, len(images), most):
                some = images[first : first + most]
                n, at, none = len(some), 0, np.zeros(0, np.int64)
                task = self._task(
                    program, memory, some, np.arange(n), n, np.zeros(1), none, np.zeros(0), none
                )
                for stop in program.stops:
                    self._run(task, at, stop.segment)
                    self._definitions.infer(stop, memory, n)
                    at = stop.segment
                self._run(task, at, last)
                y = int(program.operations[-1]["y"])
                outputs[first : first + n] = memory[y : y + n * self.classes].reshape(n, self.classes)
        return outputs


def _source(images: Array) -> tuple[Array, Array]:
    """The images as bytes or as float32, one row an image; the other of the two is empty.

    Both are read-only views: an array that may be written to is another type to Numba, and the
    engine would be compiled a second time for it.
    """
    flat = np.ascontiguousarray(images).reshape(len(images), math.prod(images.shape[1:]))
    if flat.dtype == np.uint8:
        return _read_only(flat), _NO_NUMBERS
    return _NO_PIXELS, _read_only(flat.astype(np.float32, copy=False))


def _read_only(array: Array) -> Array:
    view = array.view()
    view.flags.writeable = False
    return view


_NO_PIXELS, _NO_NUMBERS = (_read_only(np.zeros((0, 0), dtype)) for dtype in (np.uint8, np.float32))


def _loss(loss: Any) -> dict[str, Any] | None:
    if loss is None:
        return None
    return {"method": _LOSSES[loss.kind], "value": loss.config().get("label_smoothing", 0.0)}


def _slots(optimizer: Any) -> tuple[str, ...]:
    """The names of what the optimiser keeps for each parameter."""
    if optimizer is None or (optimizer.kind == "sgd" and not optimizer.momentum):
        return ()
    return {"sgd": ("m",), "rmsprop": ("v",), "adam": ("m", "v")}[optimizer.kind]


def _optimiser(optimizer: Any) -> Array:
    row = np.zeros(1, opcodes.OPTIMISER)
    row["kind"] = opcodes.GRADIENT
    if optimizer is not None:
        config = optimizer.config()
        row["kind"] = _OPTIMISERS[optimizer.kind]
        row["beta1"] = config.get("beta1", config.get("rho", 0.0))
        for name in ("beta2", "eps", "momentum", "weight_decay", "nesterov"):
            row[name] = config.get(name, 0)
    return row
