"""Schedules: how a number, such as the learning rate or the batch size, changes during training.

A schedule is called as ``schedule(epoch, step=0, steps_per_epoch=1)``; epochs, and the steps of an epoch, are
counted from 0. A schedule that changes only between epochs ignores the step.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, TypeAlias

from tenfold.errors import ConfigError
from tenfold.habits import constructor
from tenfold.optim.optimizer import check_fraction, check_not_negative, is_finite, is_number
from tenfold.quoting import quoted

_MOST_DOUBLINGS = 1023  # 2 ** 1023 is the largest power of two that a float can hold


RateFunction: TypeAlias = Callable[[int, int, int], float]
"""A schedule as a plain function: ``rate(epoch, step, steps_per_epoch)``. A file can only hold its name."""


class Schedule(Protocol):
    """The protocol of schedules; all are frozen dataclasses."""

    kind: ClassVar[str]

    def __call__(self, epoch: int, step: int = 0, steps_per_epoch: int = 1) -> float:
        """Return the value at a step; an int if the schedule starts from an int and stays whole."""
        ...

    def config(self) -> dict[str, Any]:
        """Return the constructor's arguments as JSON values."""
        ...


class _Schedule:
    """Base of the schedules."""

    def config(self) -> dict[str, Any]:
        return {name: list(x) if isinstance(x, tuple) else x for name, x in vars(self).items()}


@constructor()
@dataclass(frozen=True)
class Constant(_Schedule):
    """A constant ``value``."""

    kind: ClassVar[str] = "constant"

    value: float

    def __post_init__(self) -> None:
        _check_positive(value=self.value)

    def __call__(self, epoch: int, step: int = 0, steps_per_epoch: int = 1) -> float:
        return self.value


@constructor()
@dataclass(frozen=True)
class Doubling(_Schedule):
    """Starts at ``start`` and doubles after every ``every`` epochs.

    Examples
    --------
    >>> batch_size = Doubling(32, every=4)
    >>> [batch_size(epoch) for epoch in (0, 3, 4, 19)]
    [32, 32, 64, 512]
    """

    kind: ClassVar[str] = "doubling"

    start: float
    every: int

    def __post_init__(self) -> None:
        _check_positive(start=self.start)
        _check_whole(every=self.every)

    def __call__(self, epoch: int, step: int = 0, steps_per_epoch: int = 1) -> float:
        factor: int = 2 ** min(epoch // self.every, _MOST_DOUBLINGS)
        return self.start * factor


@constructor(example="StepHalving(1.0, every=10)")
@dataclass(frozen=True)
class StepHalving(_Schedule):
    """Starts at ``start`` and halves after every ``every`` epochs."""

    kind: ClassVar[str] = "step_halving"

    start: float
    every: int

    def __post_init__(self) -> None:
        _check_positive(start=self.start)
        _check_whole(every=self.every)

    def __call__(self, epoch: int, step: int = 0, steps_per_epoch: int = 1) -> float:
        return math.ldexp(self.start, -(epoch // self.every))


@constructor()
@dataclass(frozen=True)
class ExponentialAfter(_Schedule):
    """``start`` up to epoch ``after``, then multiplied by ``exp(-decay)`` after each epoch."""

    kind: ClassVar[str] = "exponential_after"

    start: float
    after: int
    decay: float

    def __post_init__(self) -> None:
        _check_positive(start=self.start, decay=self.decay)
        check_not_negative(after=self.after)

    def __call__(self, epoch: int, step: int = 0, steps_per_epoch: int = 1) -> float:
        return self.start * math.exp(-self.decay * max(0, epoch - self.after))


@constructor()
@dataclass(frozen=True)
class PiecewiseConstant(_Schedule):
    """``values[0]`` before epoch ``boundaries[0]``, then ``values[1]`` until ``boundaries[1]``, and so on.

    Examples
    --------
    >>> rate = PiecewiseConstant(boundaries=(2, 5), values=(0.1, 0.01, 0.001))
    >>> [rate(epoch) for epoch in (1, 2, 5)]
    [0.1, 0.01, 0.001]
    """

    kind: ClassVar[str] = "piecewise_constant"

    boundaries: Sequence[int]
    values: Sequence[float]

    def __post_init__(self) -> None:
        for name in ("boundaries", "values"):
            several = getattr(self, name)
            if not isinstance(several, Sequence) or isinstance(several, str):
                raise ConfigError(f"{name}: expected a list of numbers, got {several!r}")
            object.__setattr__(self, name, tuple(several))  # a tuple, because it is hashable
        for boundary in self.boundaries:
            check_not_negative(boundaries=boundary)
        if len(self.values) != len(self.boundaries) + 1:
            raise ConfigError(
                f"values: expected {len(self.boundaries) + 1}, one more than boundaries, "
                f"got {len(self.values)}"
            )
        if any(a >= b for a, b in zip(self.boundaries, self.boundaries[1:], strict=False)):
            raise ConfigError(f"boundaries: expected increasing epochs, got {self.boundaries}; sort them")
        for value in self.values:
            _check_positive(values=value)

    def __call__(self, epoch: int, step: int = 0, steps_per_epoch: int = 1) -> float:
        return self.values[sum(epoch >= boundary for boundary in self.boundaries)]


@constructor()
@dataclass(frozen=True)
class RampThenHalving(_Schedule):
    """Rises to ``value`` in ``ramp`` equal steps, one for each epoch; then halves every ``every`` epochs.

    Examples
    --------
    >>> rate = RampThenHalving(8.0, ramp=4, every=2)
    >>> [rate(epoch) for epoch in range(8)]
    [2.0, 4.0, 6.0, 8.0, 8.0, 8.0, 4.0, 4.0]
    """

    kind: ClassVar[str] = "ramp_then_halving"

    value: float
    ramp: int
    every: int

    def __post_init__(self) -> None:
        _check_positive(value=self.value)
        _check_whole(ramp=self.ramp, every=self.every)

    def __call__(self, epoch: int, step: int = 0, steps_per_epoch: int = 1) -> float:
        if epoch < self.ramp:
            return self.value * (epoch + 1) / self.ramp
        return math.ldexp(self.value, -((epoch - self.ramp) // self.every))


@constructor()
@dataclass(frozen=True)
class Tunable(_Schedule):
    """The schedule of one published network: a ramp to ``every`` times ``start``, then halvings.

    This is not a standard schedule; the network of the reference uses it. The rate r of epoch e (from 0) is
    ``start`` in epoch 0. While e is below ``every``, r grows by ``r / e`` each epoch (to 2, 3, 4, ... times
    ``start``). It halves where e is a multiple of ``every``, larger than ``every`` and at most ``until``;
    after that, where e is a multiple of ``later``, if given.

    Parameters
    ----------
    start : float
    every : int
        Epochs between halvings, and length of the ramp.
    until : int
        Last epoch of these halvings.
    later : int, optional
        Epochs between halvings after ``until``; unless given, the rate then stays constant.

    References
    ----------
    R. Luqué, "Developing an image recognition neural network from scratch" (2024), chapter 10.

    Examples
    --------
    >>> rate = Tunable(1.0)
    >>> [rate(epoch) for epoch in (0, 1, 4, 5, 9, 10, 15, 20, 25)]
    [1.0, 2.0, 5.0, 5.0, 5.0, 2.5, 1.25, 0.625, 0.625]
    """

    kind: ClassVar[str] = "tunable"

    start: float
    every: int = 5
    until: int = 20
    later: int | None = None

    def __post_init__(self) -> None:
        _check_positive(start=self.start)
        _check_whole(every=self.every, until=self.until)
        if self.later is not None:
            _check_whole(later=self.later)

    def __call__(self, epoch: int, step: int = 0, steps_per_epoch: int = 1) -> float:
        rate = self.start
        for e in range(1, min(epoch + 1, self.every)):
            rate += rate / e
        return math.ldexp(rate, -self._halvings(epoch))

    def _halvings(self, epoch: int) -> int:
        """Return the number of halvings up to an epoch, without a loop over the epochs."""
        halvings = max(0, min(epoch, self.until) // self.every - 1)
        last = max(self.until, self.every - 1)  # last epoch of the ramp or of those halvings
        if self.later is not None and epoch > last:
            halvings += epoch // self.later - last // self.later
        return halvings


@constructor()
@dataclass(frozen=True)
class EpochCorrectedAdam(_Schedule):
    """A factor that turns Adam into a variant whose bias correction counts epochs instead of steps.

    This is not a standard schedule; the authors of a published network trained with that variant. Adam
    divides its running means by ``1 - beta1 ** k`` and ``1 - beta2 ** k`` in step k. With the epoch e (from
    1) in place of k, the steps are larger or smaller by the factor::

        (1 - beta1 ** k) / (1 - beta1 ** e) * sqrt((1 - beta2 ** e) / (1 - beta2 ** k))

    It is 1 in the first step. With 3,750 steps an epoch it is 2.06 in the 10th, 1.02 in the 100th, 0.40 in
    the 1,000th and 0.32 at the end of the first epoch; then 0.15 in the tenth epoch, 0.31 in the hundredth.
    Apart from Adam's ``eps``, standard Adam with this factor equals the variant. All epochs must have the
    same number of steps.

    References
    ----------
    D. Kingma, J. Ba, "Adam: A Method for Stochastic Optimization" (arXiv:1412.6980), algorithm 1, where t
    counts steps.

    Examples
    --------
    >>> factor = EpochCorrectedAdam()
    >>> [round(factor(0, step, 3750), 2) for step in (0, 9, 99, 999, 3749)]
    [1.0, 2.06, 1.02, 0.4, 0.32]
    """

    kind: ClassVar[str] = "epoch_corrected_adam"

    beta1: float = 0.9
    beta2: float = 0.999

    def __post_init__(self) -> None:
        check_fraction(beta1=self.beta1, beta2=self.beta2)

    def __call__(self, epoch: int, step: int = 0, steps_per_epoch: int = 1) -> float:
        e, k = epoch + 1, epoch * steps_per_epoch + step + 1
        first = (1 - self.beta1**k) / (1 - self.beta1**e)
        return first * math.sqrt((1 - self.beta2**e) / (1 - self.beta2**k))


@constructor()
@dataclass(frozen=True)
class LinearWarmup(_Schedule):
    """Rises linearly to ``value`` over the steps of the first ``epochs``, then stays constant."""

    kind: ClassVar[str] = "linear_warmup"

    value: float
    epochs: float

    def __post_init__(self) -> None:
        _check_positive(value=self.value, epochs=self.epochs)

    def __call__(self, epoch: int, step: int = 0, steps_per_epoch: int = 1) -> float:
        return self.value * min(1.0, (epoch + (step + 1) / steps_per_epoch) / self.epochs)


@constructor({"T_max": "write epochs=20", "eta_min": "write end=0.0"}, example="CosineDecay(1.0, epochs=20)")
@dataclass(frozen=True)
class CosineDecay(_Schedule):
    """Falls from ``start`` to ``end`` over ``epochs`` along half a cosine wave, step by step.

    References
    ----------
    I. Loshchilov, F. Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts" (arXiv:1608.03983),
    equation 5.
    """

    kind: ClassVar[str] = "cosine_decay"

    start: float
    epochs: float
    end: float = 0.0

    def __post_init__(self) -> None:
        _check_positive(start=self.start, epochs=self.epochs)
        check_not_negative(end=self.end)

    def __call__(self, epoch: int, step: int = 0, steps_per_epoch: int = 1) -> float:
        done = min(1.0, (epoch + step / steps_per_epoch) / self.epochs)
        return self.end + (self.start - self.end) * (1 + math.cos(math.pi * done)) / 2


@constructor()
@dataclass(frozen=True)
class Product:
    """The product of two schedules, such as a warm-up times a decay."""

    kind: ClassVar[str] = "product"

    first: Schedule
    second: Schedule

    def config(self) -> dict[str, Any]:
        parts = {"first": self.first, "second": self.second}
        return {name: {"kind": part.kind, "config": part.config()} for name, part in parts.items()}

    def __call__(self, epoch: int, step: int = 0, steps_per_epoch: int = 1) -> float:
        return self.first(epoch, step, steps_per_epoch) * self.second(epoch, step, steps_per_epoch)


SCHEDULES: dict[str, type[Schedule]] = {
    cls.kind: cls
    for cls in (
        Constant, Doubling, StepHalving, ExponentialAfter, PiecewiseConstant, RampThenHalving,
        Tunable, EpochCorrectedAdam, LinearWarmup, CosineDecay, Product,
    )
}  # fmt: skip
"""All schedules by kind."""


def nominal_value(
    schedule: Schedule | RateFunction, epoch: int, step: int = 0, steps_per_epoch: int = 1
) -> float:
    """Return a schedule's value without `EpochCorrectedAdam`, which only corrects the optimiser.

    Examples
    --------
    >>> halved = StepHalving(1.0, every=2)
    >>> nominal_value(Product(halved, EpochCorrectedAdam()), epoch=2, step=99, steps_per_epoch=100)
    0.5
    """
    if isinstance(schedule, EpochCorrectedAdam):
        return 1.0
    if isinstance(schedule, Product):
        parts = schedule.first, schedule.second
        return math.prod(nominal_value(part, epoch, step, steps_per_epoch) for part in parts)
    return schedule(epoch, step, steps_per_epoch)


def _check_positive(**options: float) -> None:
    for name, value in options.items():
        if not is_finite(value) or not value > 0:
            raise ConfigError(f"{name}: expected a finite number above 0, got {quoted(value)}")


def _check_whole(**options: int) -> None:
    for name, value in options.items():
        if not is_number(value) or not isinstance(value, int) or value < 1:
            raise ConfigError(f"{name}: expected a whole number of epochs, at least 1, got {quoted(value)}")
