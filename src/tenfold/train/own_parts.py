"""Layers, loss and optimiser of the user's own, tried once before a run begins."""

from __future__ import annotations

import numpy as np

from tenfold.nn import Sequential
from tenfold.nn.own_parts import check_own_layers, check_own_loss
from tenfold.optim.own import check_own_optimizer
from tenfold.train.recipe import Recipe


def check_own_parts(network: Sequential, recipe: Recipe, *, saved: bool) -> None:
    """Try whatever is not built in: a mistake in it is named before the first step.

    Parameters
    ----------
    network : Sequential
        With values.
    recipe : Recipe
    saved : bool
        Whether the run is saved: then each layer must be able to be built again.

    Raises
    ------
    ConfigError, ShapeError
        With the part, what it returned and what it should return.
    """
    check_own_layers(network, saved=saved)
    like = next(iter(network.params.values()), np.zeros(0, np.float32))
    check_own_loss(recipe.loss, network.output_shape[-1], like)
    check_own_optimizer(recipe.optimizer, network.params)
