"""The values of a run that TensorBoard shows, and their tags: up to its slash a tag names a group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from tenfold.train.augmentation import augment
from tenfold.train.tensorboard.hyperparameters import Setting, ended, settings_of, started
from tenfold.train.tensorboard.probe import probe
from tenfold.train.tensorboard.sheets import samples, sheet, worst
from tenfold.train.tensorboard.summaries import histogram, picture, scalar

if TYPE_CHECKING:
    from tenfold.data import Dataset
    from tenfold.nn import Sequential
    from tenfold.train.executor import HostArray
    from tenfold.train.history import History
    from tenfold.train.progress import Progress
    from tenfold.train.recipe import Recipe

_EACH = 4  # sample images of each class
_COLUMNS, _WRONG = 4, 16  # of the picture of wrong predictions
_PROBED = 16  # images for activations and gradients


def hyperparameters(network: Sequential, recipe: Recipe, settings: Mapping[str, Setting]) -> list[Any]:
    """Return the record that opens the run's row in the table of runs."""
    return [started({**settings, "parameters": network.n_parameters, **settings_of(recipe)})]


def sample_images(train: Dataset, recipe: Recipe) -> list[Any]:
    """Return some training images, a column for each class, and one draw of the augmentation of them."""
    chosen = samples(train.labels, _EACH)
    images, labels = train.take(chosen), train.labels[chosen]  # (m, h, w) or (m, h, w, c), (m,)
    columns = len(np.unique(labels))
    values = [picture("training_images/as_they_are", sheet(images, columns))]
    if recipe.augmentation is not None:
        rng = np.random.default_rng(0)  # not the run's: that is drawn from for training alone
        altered, _ = augment(recipe.augmentation, images, labels, rng, threads=1)  # (m, h, w, c), 0 to 1
        altered = np.rint(altered.clip(0, 1) * 255).astype(np.uint8)
        altered = altered[..., 0] if altered.shape[3] == 1 else altered
        values.append(picture("training_images/augmented", sheet(altered, columns)))
    return values


def training_figures(progress: Progress) -> list[Any]:
    """Return the latest epoch's figures on the training images."""
    row = progress.row
    figures = {
        "accuracy": row.train_accuracy,
        "loss": row.train_loss,
        "learning_rate": row.learning_rate,
        "minibatch_size": row.batch_size,
        "seconds": row.train_seconds,
        "images_per_second": progress.images_per_epoch / max(row.train_seconds, 1e-9),
    }
    return [scalar(f"curves/{name}", value) for name, value in figures.items()]


def figures(accuracy: float | None, loss: float | None) -> list[Any]:
    """Return an epoch's figures on held-out or watched images; None is left out."""
    named = {"accuracy": accuracy, "loss": loss}
    return [scalar(f"curves/{name}", value) for name, value in named.items() if value is not None]


def distributions(network: Sequential, recipe: Recipe, train: Dataset) -> list[Any]:
    """Return the distributions of weights, activations and gradients, the latter two on a few images."""
    arrays = probe(network, recipe.loss, train.take(slice(_PROBED)), train.labels[:_PROBED])
    return [histogram(tag, array) for tag, array in arrays]


def wrong_predictions(data: Dataset, logits: HostArray, name: str) -> list[Any]:
    """Return the worst wrong predictions, each with its true and its predicted class."""
    chosen, read = worst(logits, data.labels, _WRONG), logits.argmax(axis=1)  # (m,), (n,)
    names = data.class_names
    captions = [f"{names[data.labels[i]]} predicted as {names[read[i]]}" for i in chosen]
    return [picture(f"wrong_predictions/{name}", sheet(data.take(chosen), _COLUMNS, captions))]


def final_figures(history: History) -> list[Any]:
    """Return the figures of the epoch whose weights the network gets, and the end of the run."""
    row = history.rows[(history.chosen_epoch or len(history)) - 1]
    seconds = sum(row.train_seconds for row in history.rows)
    figures = {name: getattr(row, name) for name in _CHOSEN} | {"train_seconds": seconds}
    shown = {f"final/{history.shown(name)}": value for name, value in figures.items() if value is not None}
    for name, judged in row.watched.items():
        watched = {"accuracy": judged.accuracy, "loss": judged.loss}
        shown |= {
            f"final/watched_{name}_{what}": value for what, value in watched.items() if value is not None
        }
    return [*(scalar(tag, value) for tag, value in shown.items()), ended()]


_CHOSEN = ("validation_accuracy", "validation_loss", "train_accuracy", "train_loss", "epoch")
