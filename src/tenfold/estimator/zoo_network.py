"""An entry of the zoo, adapted to the classes and to the user's settings."""

from __future__ import annotations

from tenfold.data import Dataset, split
from tenfold.errors import ConfigError, RangeError
from tenfold.nn import Sequential
from tenfold.train import Recipe
from tenfold.zoo import NetworkModel, entry
from tenfold.zoo.changes import changed_recipe
from tenfold.zoo.protocols import HELD_OUT


def network_and_recipe(
    name: str, classes: int, epochs: int | None, batch_size: int | None, learning_rate: float | None
) -> tuple[Sequential, Recipe]:
    """Return an untrained network of the zoo with one output for each class, and its recipe.

    Parameters
    ----------
    name : str
    classes : int
    epochs, batch_size, learning_rate : optional
        In place of the recipe's.

    Raises
    ------
    ConfigError, RangeError
        If there is no such network, or a setting cannot be used.
    """
    model = entry(name).build(entry(name))
    if not isinstance(model, NetworkModel) or model.recipe is None:
        raise ConfigError(
            f"network: expected one of our own networks, got {name!r}, which scikit-learn has itself; "
            "see tenfold.models()"
        )
    config = model.network.config()
    *_, last = (layer for layer in config["layers"] if layer["kind"] == "dense")
    last["config"]["c_out"] = classes
    rate = None if learning_rate is None else float(learning_rate)  # NumPy's numbers too
    settings = {"epochs": epochs, "batch_size": batch_size, "rate": rate}
    given = {option: value for option, value in settings.items() if value is not None}
    return Sequential.from_config(config), changed_recipe(model.recipe, given)


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
