"""A learning rate found by a range test: one pass with a rate that grows from step to step."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenfold.errors import ConfigError, RangeError
from tenfold.habits import keywords
from tenfold.runs.arguments import Data, corpus_of
from tenfold.runs.run import NetworkModel
from tenfold.train import executor_for, generator
from tenfold.train.run_checks import check_data

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SMOOTH = 0.9  # weight of the past in the running mean of the losses
_DIVERGED = 4.0  # times the least loss


@dataclass(frozen=True)
class LearningRates:
    """The curve of a range test, and what it suggests; a notebook shows it.

    Attributes
    ----------
    suggestion : float
        A tenth of the rate at which the loss was least.
    rates, losses : float64 array (steps,)
        The rate of each step and the running mean of the loss, up to where it diverged.
    """

    suggestion: float
    rates: NDArray[np.float64] = field(repr=False)
    losses: NDArray[np.float64] = field(repr=False)

    def plot(self) -> Figure:
        """Return the curve as a matplotlib figure."""
        from tenfold.evaluate.figures.canvas import new_figure, plain_axes
        from tenfold.evaluate.figures.style import BLUE, ORANGE

        figure = new_figure(6, 3.6, "Loss by learning rate")
        axes = figure.subplots()
        plain_axes(axes, grid="y")
        axes.plot(self.rates, self.losses, color=BLUE)
        axes.axvline(
            self.suggestion, color=ORANGE, linestyle="--", label=f"suggestion: {self.suggestion:.2g}"
        )
        axes.set_xscale("log")
        axes.set_xlabel("learning rate")
        axes.legend(frameon=False)
        return figure

    def _repr_html_(self) -> str:
        from tenfold.evaluate.figures import png
        from tenfold.pages.cells import cell, picture_of_png, words

        picture = picture_of_png(png(self.plot()), "loss by learning rate")
        return cell("Range test of the learning rate", words(f"suggestion: {self.suggestion:.2g}"), picture)


@keywords(
    {
        **dict.fromkeys(("start_lr", "min_lr", "start"), "write lowest=1e-6"),
        **dict.fromkeys(("end_lr", "max_lr", "end"), "write highest=1.0"),
        **dict.fromkeys(("num_iter", "num_training", "iterations"), "write steps=200"),
    },
    example="tenfold.find_learning_rate(model, images, labels)",
)
def find_learning_rate(
    model: NetworkModel,
    data: Data,
    labels: ArrayLike | None = None,
    *,
    lowest: float = 1e-6,
    highest: float = 1.0,
    steps: int = 200,
    seed: int = 0,
) -> LearningRates:
    """Suggest a learning rate: train a copy for some steps, each with a higher rate, and follow the loss.

    The model does not change. The test takes its optimiser, loss and minibatch, no augmentation and no
    schedule. Read the curve too: the suggestion is a start, not the best rate.

    Parameters
    ----------
    model : NetworkModel
    data : Corpus, Dataset, str, path or array
        As for `NetworkModel.fit`.
    labels : array, optional
    lowest, highest : float
        The rates of the first and the last step.
    steps : int
    seed : int
        For initialisation and order.

    Raises
    ------
    ConfigError, RangeError
        If the rates or steps cannot be used, or the loss diverges from the first steps on.

    References
    ----------
    L. Smith, "Cyclical Learning Rates for Training Neural Networks" (arXiv:1506.01186), section 3.3.
    """
    if not isinstance(model, NetworkModel):
        raise ConfigError(
            f"find_learning_rate: expected a model, got {type(model).__name__}; "
            "write tenfold.find_learning_rate(tenfold.Model(network), data)"
        )
    if not (0 < lowest < highest and np.isfinite(highest) and steps >= 10):
        raise RangeError(
            f"expected 0 < lowest < highest and at least 10 steps, got {lowest:g}, {highest:g} and {steps}"
        )
    train, recipe = corpus_of(data, labels, model.network).train, model.known_recipe()
    check_data(model.network, recipe, train, {})
    network = copy.deepcopy(model.network)
    network.initialise(generator(seed, 0, "initialisation"))
    size = min(recipe.batch_size_at(0), len(train))
    rates = np.geomspace(lowest, highest, steps)
    executor: Any = executor_for(network, recipe.loss, recipe.optimizer)
    where, dropout = train.located(_order(len(train), steps * size, seed)), generator(seed, 0, "dropout")
    done = executor.train(where.images, where.labels, where.order, size, rates, dropout, where.weights)
    return _suggested(rates, done.losses)


def _order(n: int, images: int, seed: int) -> NDArray[np.int64]:
    """Return as many images as asked for, in passes of a random order each."""
    rng = generator(seed, 0, "order")
    passes = [rng.permutation(n) for _ in range(-(-images // n))]
    return np.concatenate(passes)[:images].astype(np.int64)


def _suggested(rates: NDArray[np.float64], losses: NDArray[np.float64]) -> LearningRates:
    """Return the smoothed curve up to where it diverges, and the suggestion."""
    smooth, mean = [], 0.0
    for step, loss in enumerate(losses):
        mean = _SMOOTH * mean + (1 - _SMOOTH) * float(loss)
        smooth.append(mean / (1 - _SMOOTH ** (step + 1)))
        if not np.isfinite(loss) or smooth[-1] > _DIVERGED * min(smooth):
            break
    curve = np.array([value for value in smooth if np.isfinite(value)])
    least = int(np.argmin(curve)) if curve.size else 0
    if least == 0:
        raise ConfigError(
            f"expected a loss that falls at first, got one that rises from {rates[0]:.2g} on; "
            "choose a smaller lowest, or check images and labels"
        )
    return LearningRates(float(rates[least] / 10), rates[: curve.size], curve)
