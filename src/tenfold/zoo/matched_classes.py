"""Labelled images brought to the classes of a model, by their names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tenfold.errors import RangeError, ShapeError
from tenfold.zoo.model_input import shape_words

if TYPE_CHECKING:
    from tenfold.data import Dataset
    from tenfold.zoo.model import Model

_SHOWN = 5  # so many names of classes are in a message


def of_its_classes(model: Model, images: Dataset) -> Dataset:
    """Return images with labels by the model's own classes, which are matched by name.

    Raises
    ------
    ShapeError, RangeError
        If the images have another shape, or classes that the model does not know.
    """
    if images.image_shape != model.input_shape:
        raise ShapeError(
            f"{images.name}: expected images of {shape_words(model.input_shape)}, the input of {model.name}, "
            f"got {shape_words(images.image_shape)}; resize them, or train on them"
        )
    return with_classes(images, model.labels, model.name)


def with_classes(images: Dataset, class_names: Sequence[str], whose: str) -> Dataset:
    """Return images with labels by other classes, which are matched by name.

    Parameters
    ----------
    images : Dataset
    class_names : sequence of str
        The names of the classes, which are their numbers if they have no others.
    whose : str
        What has these classes, for errors.

    Raises
    ------
    RangeError
        If the images have classes without such a name.
    """
    if tuple(class_names) == images.class_names:
        return images
    places = {name: label for label, name in enumerate(class_names)}
    present = np.unique(images.labels)
    strange = [images.class_names[label] for label in present if images.class_names[label] not in places]
    if strange:
        raise RangeError(
            f"{images.name}: expected the classes of {whose} ({_few(class_names)}), got "
            f"{_few(strange)}; name them alike, or train on these"
        )
    labels = np.array([places.get(name, 0) for name in images.class_names])
    return images.relabelled(labels, class_names)


def to_train_further(model: Model, images: Dataset) -> Dataset:
    """Return training images with labels by the classes of a trained model, matched by name.

    Raises
    ------
    RangeError
        If the classes have other names: its outputs would change their meaning without a word.
    """
    if not (model.class_names or images.named):
        return images  # classes without names are counted
    if set(images.class_names) != set(model.labels):
        raise RangeError(
            f"{images.name}: expected the classes of {model.name} ({_few(model.labels)}), which is trained "
            f"further, got {_few(images.class_names)}; name them alike, or train a new network"
        )
    return with_classes(images, model.labels, model.name)


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
