"""The network of a classifier, for the classes and the size of its samples, and its recipe."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

from tenfold.data import Dataset, split
from tenfold.errors import ConfigError, RangeError
from tenfold.nn import Sequential
from tenfold.quoting import message, quoted
from tenfold.train import Recipe
from tenfold.zoo import NetworkModel, entry
from tenfold.zoo.changes import changed_recipe
from tenfold.zoo.fitted import fitted_to_kind
from tenfold.zoo.protocols import HELD_OUT

Given: TypeAlias = str | Sequential | NetworkModel | Callable[..., Sequential | NetworkModel]
"""A name in the zoo, a network, or a function that builds one for classes and input_shape."""

EPOCHS = 10
"""Epochs of a network that comes without a recipe."""


def model_for(given: Given, classes: int, shape: tuple[int, ...]) -> NetworkModel:
    """Return an untrained network with its recipe, for so many classes and images of this shape (h, w, c).

    Raises
    ------
    ConfigError, ShapeError
        If there is no such network, or it does not take such images.
    """
    if isinstance(given, str):
        found = fitted_to_kind(entry(given), classes, shape)
        model: Any = found.build(found)
        if not isinstance(model, NetworkModel) or model.recipe is None:
            raise ConfigError(
                f"network: expected one of our own networks, got {given!r}, which scikit-learn has itself; "
                "see tenfold.models()"
            )
        return model
    name = getattr(given, "name", getattr(given, "__name__", "own"))
    built = given if isinstance(given, (Sequential, NetworkModel)) else _built(given, classes, shape)
    if isinstance(built, NetworkModel):
        network, recipe = built.network, built.recipe
    else:
        network, recipe = built, None
    fresh = Sequential.from_config(network.config(), _kinds(network))  # the one that was given stays as it is
    return NetworkModel(str(name), fresh, recipe or Recipe(EPOCHS)).adapted(classes, shape)


def _built(build: Any, classes: int, shape: tuple[int, ...]) -> Sequential | NetworkModel:
    """Call the user's function."""
    if not callable(build):
        raise ConfigError(
            f"network: expected a name of the zoo, a Sequential or a function that builds one, got "
            f"{quoted(build)}; see tenfold.models()"
        )
    try:
        inspect.signature(build).bind(classes=classes, input_shape=shape)
    except TypeError as error:
        raise ConfigError(
            f"network: expected a function of classes and input_shape, got another ({message(error)}); write "
            "def build(classes, input_shape)"
        ) from error
    found = build(classes=classes, input_shape=shape)
    if not isinstance(found, (Sequential, NetworkModel)):
        raise ConfigError(
            f"network: expected a function that returns a Sequential, got one that returns {quoted(found)}; "
            "return the network"
        )
    return found


def _kinds(network: Sequential) -> list[Any]:
    """Return the classes of a network's layers, also inside of blocks."""
    inner = [part for layer in network.layers.values() for part in getattr(layer, "parts", {}).values()]
    return [type(layer) for part in (network, *inner) for layer in part.layers.values()]


def network_and_recipe(
    given: Given,
    classes: int,
    shape: tuple[int, ...],
    epochs: int | None,
    batch_size: int | None,
    learning_rate: float | None,
) -> tuple[NetworkModel, Recipe]:
    """Return an untrained network with one output for each class, and its recipe.

    Parameters
    ----------
    given : Given
    classes : int
    shape : (h, w, c)
    epochs, batch_size, learning_rate : optional
        In place of the recipe's.

    Raises
    ------
    ConfigError, RangeError, ShapeError
        If there is no such network, or a setting cannot be used.
    """
    model = model_for(given, classes, shape)
    rate = None if learning_rate is None else float(learning_rate)  # NumPy's numbers too
    settings = {"epochs": epochs, "batch_size": batch_size, "rate": rate}
    changes = {option: value for option, value in settings.items() if value is not None}
    recipe = model.known_recipe()
    return model, changed_recipe(recipe, changes) if changes else recipe


def of_one_call(recipe: Recipe, n: int, least: int) -> Recipe:
    """Return a recipe for one epoch on n samples of many: without choices, at a constant rate.

    Nor with an average: the next call continues with the weights that are kept, which are those of the last
    step then.

    Fewer samples than a minibatch are one minibatch, which needs at least ``least`` of them: then some count
    twice.
    """
    recipe = replace(recipe.without_choices(), epochs=1, rate=None, average=None)
    if n >= recipe.batch_size_at(0):
        return recipe
    return replace(recipe, batch_size=max(n, least), short_batch="resample")


def held_out(
    data: Dataset, recipe: Recipe, fraction: float | None, seed: int
) -> tuple[Dataset, Dataset | None]:
    """Return samples for training and samples for choices, stratified by class.

    Parameters
    ----------
    data : Dataset
    recipe : Recipe
    fraction : float or None
        The share for choices; None for a sixth if the recipe makes a choice, and none otherwise.
    seed : int

    Raises
    ------
    RangeError
        If the fraction is not in 0 to below 1.
    ConfigError
        If the recipe makes a choice, and there are too few samples to hold one out.
    """
    if fraction is None:
        fraction = HELD_OUT if recipe.validates else 0.0
    if not 0 <= fraction < 1:
        raise RangeError(f"validation_fraction: expected a number from 0 to below 1, got {fraction!r}")
    n = round(len(data) * fraction)
    if n == 0 and recipe.validates:
        raise ConfigError(
            f"expected enough samples to hold some out, got {len(data)}; pass more, or validation_fraction=0"
        )
    if n == 0:
        return data, None
    train, validation = split(data, (len(data) - n, n), seed)
    return train, validation
