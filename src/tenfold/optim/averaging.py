"""Means of weights: over the steps of a training, and over the weights after some epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from tenfold.backend.arrays import Array, is_floating
from tenfold.errors import RangeError
from tenfold.habits import constructor
from tenfold.optim.one_vector import AsOneVector, ByName
from tenfold.optim.optimizer import Named
from tenfold.quoting import quoted


@constructor(
    {
        **dict.fromkeys(("beta", "momentum", "alpha", "smoothing"), "write EMA(decay=0.999)"),
        **dict.fromkeys(
            ("warmup", "use_num_updates", "update_after_step"), "leave it out: the mean warms up"
        ),
        "update_every": "leave it out: every step counts",
    },
    example="EMA(decay=0.999)",
)
@dataclass(frozen=True)
class EMA:
    """Exponential moving average of the weights: a mean over the latest steps, which follows them slowly.

    ``average = average + (1 - d) (weights - average)`` after each step t = 1, 2, ..., with
    ``d = min(decay, (1 + t) / (10 + t))``: short at first, so that the initial weights are soon forgotten.
    About the last ``1 / (1 - decay)`` steps count.

    The steps themselves are taken on the weights as they are trained. The averaged weights are evaluated
    after each epoch, chosen, and kept.

    The running statistics of batch normalisation are averaged in the same way, not measured again: they are
    means over minibatches already, and what they measured belongs to the weights of the same steps.

    Parameters
    ----------
    decay : float
        Between 0 and 1.

    References
    ----------
    S. An et al., "An Ensemble of Simple Convolutional Neural Network Models for MNIST Digit Recognition"
    (arXiv:2008.10400), section 2.3. B. Polyak, A. Juditsky, "Acceleration of Stochastic Approximation by
    Averaging", SIAM J. Control Optim. 30 (1992).

    Examples
    --------
    >>> average = EMA(decay=0.99)
    >>> [round(average.decay_at(step), 3) for step in (1, 10, 10_000)]
    [0.182, 0.55, 0.99]
    """

    kind: ClassVar[str] = "ema"

    decay: float = 0.999

    def __post_init__(self) -> None:
        number = isinstance(self.decay, (int, float, np.number)) and not isinstance(self.decay, bool)
        if not number or not 0 < self.decay < 1:
            raise RangeError(
                f"EMA: decay: expected a number between 0 and 1, such as 0.999, got {quoted(self.decay)}"
            )
        object.__setattr__(self, "decay", float(self.decay))

    def config(self) -> dict[str, Any]:
        """Return the constructor's arguments, fit for JSON."""
        return asdict(self)

    def decay_at(self, step: int) -> float:
        """Return the share of the old average after a step (from 1)."""
        return min(self.decay, (1 + step) / (10 + step))

    def follow(self, averages: Named, numbers: Named, step: int) -> dict[str, Array]:
        """Return the averages after a step (from 1) that led to ``numbers``; whole numbers are the latest."""
        left = 1 - self.decay_at(step)
        return {
            name: averages[name] + left * (array - averages[name]) if is_floating(array) else array
            for name, array in numbers.items()
        }


AVERAGES: dict[str, type[EMA]] = {EMA.kind: EMA}
"""The averages that a configuration can name."""


class Following:
    """Lets averages follow the steps of a training.

    Parameters
    ----------
    average : EMA
    moved : ByName or AsOneVector
        What moves the parameters; where these are one vector, their average is one too.
    params, state : mapping of str to array
        The averages so far: of the parameters, and of the running statistics.
    """

    def __init__(self, average: EMA, moved: ByName | AsOneVector, params: Named, state: Named) -> None:
        self._average, self._moved = average, moved
        self._params, self.state = moved.joined(params), dict(state)

    @property
    def params(self) -> dict[str, Array]:
        """The averages of the parameters, by their names."""
        return self._moved.parts(self._params)

    def step(self, state: Named) -> None:
        """Follow a step, which led to these running statistics."""
        step = self._moved.state.step
        self._params = self._average.follow(self._params, self._moved.params, step)
        self.state = self._average.follow(self.state, state, step)


def mean(several: Sequence[Mapping[str, NDArray[Any]]]) -> dict[str, NDArray[Any]]:
    """Return the mean of arrays of one name, summed in float64.

    References
    ----------
    P. Izmailov et al., "Averaging Weights Leads to Wider Optima and Better Generalization"
    (arXiv:1803.05407), section 3.
    """
    return {
        name: np.mean([arrays[name] for arrays in several], axis=0, dtype=np.float64).astype(array.dtype)
        for name, array in several[0].items()
    }
