"""Checks before a run begins; the callbacks and the identity of a run."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from inspect import signature
from pathlib import Path
from typing import Any

from tenfold.backend.memory_limit import check_memory
from tenfold.data import Dataset
from tenfold.errors import ConfigError, DataError, DTypeError, RangeError, ShapeError
from tenfold.nn import Sequential
from tenfold.nn.loading import FLOATS
from tenfold.optim.own import first_state
from tenfold.train.callbacks import Callback, HistoryCSV, StuckAtChance, UnscaledInput
from tenfold.train.history import HeldOut
from tenfold.train.recipe import Recipe

HISTORY = "history.csv"
_SHOWN = 5  # so many names of classes are in a message
_CHECKED_EPOCHS = 1000  # of a schedule, before the first step; later epochs are checked as they begin


def _check_kinds(network: object, recipe: object, train: object) -> None:
    """Refuse arguments of another kind, such as arrays in place of a recipe and data."""
    for name, given, kind in (
        ("network", network, Sequential),
        ("recipe", recipe, Recipe),
        ("train", train, Dataset),
    ):
        if not isinstance(given, kind):
            raise ConfigError(
                f"{name}: expected a {kind.__name__}, got {type(given).__name__}; write tenfold.fit(network, "
                "recipe, data), or tenfold.Model(network).fit(images, labels)"
            )


def check_data(
    network: Sequential,
    recipe: Recipe,
    train: Dataset,
    others: Mapping[str, Dataset | None],
) -> None:
    """Refuse images and labels that the network or the recipe cannot take.

    Parameters
    ----------
    network : Sequential
    recipe : Recipe
    train : Dataset
    others : mapping
        The data sets that the network is evaluated on after each epoch, by name.

    Raises
    ------
    DataError
        If there are no images, or too few.
    ShapeError, RangeError
        If images or labels do not fit the network.
    ConfigError, OutOfMemoryError
        If a minibatch is too small or too large; see `check_minibatch`.
    """
    _check_kinds(network, recipe, train)
    for what, data in (("training", train), *others.items()):
        if data is None:
            continue
        if len(data) == 0:
            raise DataError(f"expected at least one {what} image, got none; add some")
        _check_kind(network, what, data)
        _check_names(what, data, train)
    _check_weights(recipe, train)
    _check_dtype(network)
    _check_parameters(network, recipe)
    epochs = range(min(recipe.epochs, _CHECKED_EPOCHS) if callable(recipe.batch_size) else 1)
    first_of_size = {recipe.batch_size_at(epoch): epoch for epoch in reversed(epochs)}
    for epoch in sorted(first_of_size.values()):
        check_minibatch(network, recipe, len(train), epoch)


def _check_dtype(network: Sequential) -> None:
    if network.dtype is not None and network.dtype not in FLOATS:
        raise DTypeError(
            f"expected parameters of {' or '.join(FLOATS)}, got {network.dtype}; "
            "convert them: checkpoints and files hold no other"
        )


def _check_weights(recipe: Recipe, train: Dataset) -> None:
    """Refuse weights of images that the loss does not take."""
    if train.weights is None or "weights" in signature(recipe.loss.forward).parameters:
        return
    name = type(recipe.loss).__name__
    raise ConfigError(
        f"{name}: expected a loss that takes the weights of the images, found forward without weights; "
        "add the argument weights=None, or train without weights"
    )


def _check_kind(network: Sequential, what: str, data: Dataset) -> None:
    """Refuse images of another shape, or classes that the network has no output for."""
    shape, k = data.image_shape, network.output_shape[-1]
    classes = data.classes if data.named else int(data.labels.max()) + 1
    advice = f"build the network for these data: build(..., classes={data.classes}, input_shape={shape})"
    if shape != network.input_shape:
        raise ShapeError(
            f"expected {what} images of shape {network.input_shape} without n, got {shape}; {advice}, "
            "or resize the images"
        )
    if classes > k or (data.named and classes < k):
        raise RangeError(
            f"expected {what} data of {k} classes, with labels from 0 to {k - 1}, got {data.classes} classes "
            f"and labels up to {data.labels.max()}; {advice}"
        )


def _check_names(what: str, data: Dataset, train: Dataset) -> None:
    """Refuse images whose classes have other names than the training images, or another order."""
    if data.class_names == train.class_names or not (data.named or train.named):
        return
    shown = [", ".join(each.class_names[:_SHOWN]) for each in (train, data)]
    raise RangeError(
        f"{what}: expected the classes of the training images in their order ({shown[0]}), got {shown[1]}; "
        "name them alike, in one order"
    )


def _check_parameters(network: Sequential, recipe: Recipe) -> None:
    """Refuse parameters that need more memory than there is.

    The engine keeps five numbers for each (see `tenfold.backend.cpu.layout`). The definition keeps parameters
    and optimiser state twice, before and after a step, and the gradient.
    """
    numbers = min(5, 3 + 2 * len(first_state(recipe.optimizer, {}).slots))
    check_memory(
        f"training {network.n_parameters:,} parameters",
        4 * numbers * network.n_parameters,
        "use fewer units or channels, or a smaller kernel",
    )


def check_minibatch(network: Sequential, recipe: Recipe, n: int, epoch: int) -> None:
    """Refuse a minibatch of an epoch (from 0) that the network, the data or the memory cannot take.

    Parameters
    ----------
    network : Sequential
    recipe : Recipe
    n : int
        Training images.
    epoch : int

    Raises
    ------
    ConfigError
        If it is less than batch normalisation needs, or more than there is and short ones are dropped.
    DataError
        If there are fewer images than batch normalisation needs, and short minibatches are kept.
    OutOfMemoryError
        If there is no memory for it.
    """
    size, least = recipe.batch_size_at(epoch), network.least_images
    if size < least:
        raise ConfigError(
            f"batch_size: expected at least {least}, as batch normalisation needs, got {size}; use more"
        )
    if recipe.short_batch == "drop" and size > n:
        raise ConfigError(
            f"expected minibatches of at most {n} images, all there are, got {size}; "
            "use a smaller batch_size or short_batch='resample'"
        )
    images = size if recipe.short_batch == "resample" else min(size, n)
    if images < least:
        raise DataError(
            f"expected at least {least} training images, as batch normalisation needs, got {n}; add more"
        )
    check_memory(
        f"batch_size: {images:,} images in a minibatch of epoch {epoch + 1}",
        images * _least_bytes(network),
        "use a smaller batch_size, or fewer epochs if it grows with them",
    )


def _least_bytes(network: Sequential) -> int:
    """The least memory that an image of a minibatch takes, with either executor.

    That is its index and its label, 8 bytes each, and the input and output of every dense layer, as float32.
    """
    rows = network.rows()
    shapes = [network.input_shape, *(row.output_shape for row in rows)]
    dense = [i for i, row in enumerate(rows) if row.kind == "dense"]
    return 16 + 4 * sum(math.prod(shapes[i]) + math.prod(shapes[i + 1]) for i in dense)


def check_monitors(callbacks: Iterable[Callback], validation: Dataset | None) -> None:
    """Refuse callbacks that monitor validation figures if there are none.

    Raises
    ------
    ConfigError
        If there are no validation images; callback and monitor are named.
    """
    for callback in callbacks:
        monitor = getattr(callback, "monitor", "")
        if validation is None and isinstance(monitor, str) and monitor.startswith("validation"):
            raise ConfigError(
                f"{callback.name} monitors {monitor}, got no validation images; pass some or use train_loss"
            )


def recipe_callbacks(recipe: Recipe, train: Dataset, folder: Path | None) -> list[Callback]:
    """Return the callbacks that every run has: the recipe's, the notices, the CSV file."""
    callbacks: list[Callback] = [
        StuckAtChance.of(train.labels),
        UnscaledInput(max(int(part.max()) for part in train.parts())),
    ]
    callbacks += [part for part in (recipe.plateau, recipe.early_stopping) if part is not None]
    if folder is not None:
        callbacks.append(HistoryCSV(folder / HISTORY))
    return callbacks


def resume_identity(
    network: Sequential,
    recipe: Recipe,
    train: Dataset,
    validation: Dataset | None,
    held_out: HeldOut,
    seed: int,
) -> dict[str, Any]:
    """Return everything that must be equal for a run to resume; the number of epochs may change."""
    return {
        "recipe": {key: value for key, value in recipe.config().items() if key != "epochs"},
        "seed": seed,
        "network": network.config(),
        "dtype": network.dtype,
        "train": _data_identity(train),
        "validation": None if validation is None else {"held_out": held_out, **_data_identity(validation)},
    }


def _data_identity(data: Dataset) -> dict[str, Any]:
    about = {"name": data.name, "images": len(data), "sha256": data.sha256}
    return about | ({"class_names": list(data.class_names)} if data.named else {})
