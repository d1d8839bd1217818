"""Fine-tuning: train a trained network on your own pictures, mixed with MNIST's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tenfold.data import Dataset, load_corpus
from tenfold.errors import ConfigError
from tenfold.nn import Sequential
from tenfold.optim import Adam, CosineDecay
from tenfold.predict.calibrating import hold_out_for_calibration, recalibrate
from tenfold.predict.reader_recipe import NAME, trainable
from tenfold.predict.recogniser import shipped
from tenfold.train import Recipe
from tenfold.zoo import NetworkModel, load_model
from tenfold.zoo.matched_classes import to_train_further
from tenfold.zoo.trained import find_run

if TYPE_CHECKING:
    from tenfold.train import Callback
    from tenfold.zoo import Trainable

SHIPPED_NAME = "shipped"
EPOCHS = 8


def starting_point(
    source: Path | str, name: str | None = None, epochs: int = EPOCHS, entry: Trainable | None = None
) -> NetworkModel:
    """Return a copy of a trained network with a recipe for fine-tuning.

    Parameters
    ----------
    source : path or str
        The folder of a run, or ``"shipped"``; ``"./shipped"`` and ``Path("shipped")`` are folders.
    name : str, optional
        The expected network's name.
    epochs : int
    entry : Trainable, optional
        What gives the loss and the augmentation; by default the model of the network's name.

    Raises
    ------
    CheckpointError
        If there is no such run.
    ConfigError
        If it is another network, or not a network.
    """
    own = () if entry is None else entry.own
    found = shipped().model if source == SHIPPED_NAME else load_model(find_run(source), layers=own)
    if not isinstance(found, NetworkModel) or (name or found.name) != found.name:
        raise ConfigError(
            f"{source}: expected the network {name or 'of a run'}, found {found.name}; "
            f"use tenfold train {found.name if isinstance(found, NetworkModel) else NAME}"
        )
    fresh = trainable(found.name) if entry is None else entry
    recipe = fresh.recipe() if fresh.recipe is not None else Recipe(epochs)
    network = Sequential.from_config(found.network.config(), own)
    network.load(found.network.params, found.network.state)  # a copy: the source does not change
    start = NetworkModel(found.name, network, gentle(recipe, epochs), found.calibration)
    start.class_names = found.class_names
    return start


def gentle(recipe: Recipe, epochs: int = EPOCHS) -> Recipe:
    """Return a recipe for fine-tuning: small steps, few epochs, the same loss and augmentation."""
    return Recipe(
        epochs=epochs,
        batch_size=64,
        optimizer=Adam(3e-4),
        rate=CosineDecay(1.0, epochs, end=0.05),
        loss=recipe.loss,
        augmentation=recipe.augmentation,
    )


def mixed(pictures: Dataset, others: Dataset) -> Dataset:
    """Return your own pictures and as many others; the smaller set is repeated.

    A network that is trained on your own pictures alone gets worse on other pictures.
    """
    n = max(len(pictures), len(others))
    own, rest = (np.resize(np.arange(len(each)), n) for each in (pictures, others))
    return pictures.subset(own).joined(others.subset(rest))


def fine_tune(
    source: Path | str,
    pictures: Dataset,
    *,
    epochs: int = EPOCHS,
    seed: int = 0,
    others: Dataset | None = None,
    out: Path | str | None = None,
    callbacks: Sequence[Callback] = (),
) -> NetworkModel:
    """Train a trained network on your own pictures, mixed with MNIST's.

    A hundred pictures, ten of each digit, are enough for one handwriting; see ``docs/shipped-network.md``.

    Parameters
    ----------
    source : path or str
        The folder of a run, or ``"shipped"``; ``"./shipped"`` and ``Path("shipped")`` are folders.
    pictures : Dataset
        For instance ``load_corpus("my-digits").train``.
    epochs : int
    seed : int
        The same seed gives the same bits.
    others : Dataset, optional
        Pictures to mix in; by default the sample ``"mnist-5k"``.
    out : path, optional
        Folder for checkpoints.
    callbacks : sequence of Callback

    Returns
    -------
    NetworkModel
        A network that can reject images is calibrated on a sixth of the pictures, which are not used for
        training; with fewer than 1,200 pictures, it keeps its temperature and threshold.

    Raises
    ------
    ConfigError, ShapeError, RangeError, DivergedError, CheckpointError, BusyError
        If there is no such network, or as `NetworkModel.fit`.
    """
    model = starting_point(source, epochs=epochs)
    own, held = hold_out_for_calibration(model.recipe, to_train_further(model, pictures), seed)
    rest = load_corpus("mnist-5k").train if others is None else others
    data = mixed(own, to_train_further(model, rest))
    model.fit(data, seed=seed, out=out, callbacks=callbacks, initialise=False)
    recalibrate(model, held, seed)
    return model
