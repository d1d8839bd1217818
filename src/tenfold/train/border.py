"""What is checked, and put together, before a run begins."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tenfold.data import Dataset
from tenfold.errors import ConfigError, DataError, RangeError, ShapeError
from tenfold.nn import Sequential
from tenfold.train.callbacks import Callback, HistoryCSV, StuckAtChance, UnscaledInput
from tenfold.train.history import HeldOut
from tenfold.train.recipe import Recipe

HISTORY = "history.csv"


def check_data(
    network: Sequential,
    recipe: Recipe,
    train: Dataset,
    validation: Dataset | None,
    held_out: HeldOut = "validation",
) -> None:
    """Refuse images and labels that the network or the recipe cannot take.

    Raises
    ------
    DataError
        If there are no images.
    ShapeError, RangeError
        If images or labels do not fit the network.
    ConfigError
        If an epoch would have no whole minibatch and short ones are dropped.
    """
    for what, data in (("training", train), (held_out, validation)):
        if data is None:
            continue
        if len(data) == 0:
            raise DataError(f"expected at least one {what} image, got none; give some")
        shape = (*data.images.shape[1:], 1)
        if shape != network.input_shape:
            raise ShapeError(
                f"expected {what} images of shape {network.input_shape} without n, got {shape}; "
                "build the network for them or bring them to its size"
            )
        k = network.output_shape[-1]
        if data.labels.min() < 0 or data.labels.max() >= k:
            raise RangeError(
                f"expected {what} labels from 0 to {k - 1}, got {data.labels.min()} to {data.labels.max()}; "
                "check them or widen the network's last layer"
            )
    largest = max(recipe.batch_size_at(epoch) for epoch in range(recipe.epochs))
    if recipe.short_batch == "drop" and largest > len(train):
        raise ConfigError(
            f"expected minibatches of at most {len(train)} images, all there are, got {largest}; "
            "use a smaller batch_size or short_batch='resample'"
        )


def check_monitors(callbacks: Iterable[Callback], validation: Dataset | None) -> None:
    """Refuse callbacks that watch validation figures where there are none.

    Raises
    ------
    ConfigError
        If there are no validation images; callback and monitor are named.
    """
    for callback in callbacks:
        monitor = getattr(callback, "monitor", "")
        if validation is None and isinstance(monitor, str) and monitor.startswith("validation"):
            raise ConfigError(
                f"{callback.name} watches {monitor}, got no validation images; pass some or watch train_cost"
            )


def recipe_callbacks(recipe: Recipe, train: Dataset, folder: Path | None) -> list[Callback]:
    """Return the callbacks that a run has without being asked: the recipe's, the notices, the CSV file."""
    callbacks: list[Callback] = [StuckAtChance.of(train.labels), UnscaledInput.of(train.images)]
    callbacks += [part for part in (recipe.plateau, recipe.early_stopping) if part is not None]
    if folder is not None:
        callbacks.append(HistoryCSV(folder / HISTORY))
    return callbacks


def run_identity(
    network: Sequential,
    recipe: Recipe,
    train: Dataset,
    validation: Dataset | None,
    held_out: HeldOut,
    seed: int,
) -> dict[str, Any]:
    """Return all that must be equal for a run to be resumed; the number of epochs may change."""
    return {
        "recipe": {key: value for key, value in recipe.config().items() if key != "epochs"},
        "seed": seed,
        "network": network.config(),
        "dtype": network.dtype,
        "train": _data_identity(train),
        "validation": None if validation is None else {"held_out": held_out, **_data_identity(validation)},
    }


def _data_identity(data: Dataset) -> dict[str, Any]:
    # A data set remembers its checksum; that of a fresh view is worked out from the pixels as they are now.
    return {"name": data.name, "images": len(data), "sha256": data.subset(slice(None)).sha256}
