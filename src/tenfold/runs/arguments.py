"""What ``fit`` and ``evaluate`` are given, brought to one form: a name, a path, a data set, arrays."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy.typing as npt

from tenfold.data import Arrays, Corpus, Dataset, Pair, from_arrays, load_corpus, split
from tenfold.errors import ConfigError, DataError
from tenfold.quoting import quoted
from tenfold.zoo import Splits, hold_out
from tenfold.zoo.matched_classes import of_its_classes, with_classes
from tenfold.zoo.model_input import named

if TYPE_CHECKING:
    from tenfold.nn import Sequential
    from tenfold.train import HeldOut, Recipe
    from tenfold.zoo import NetworkModel

Data: TypeAlias = Corpus | Dataset | str | Path | Arrays | npt.ArrayLike
"""A corpus, a data set, the name or path of one, ``(X, y)``, or the images of ``(X, y)``."""

Validation: TypeAlias = Dataset | Pair | float
"""Images to choose on: a data set, ``(X, y)``, or the fraction of the training images to hold out."""


def corpus_of(
    data: Any, labels: npt.ArrayLike | None, network: Sequential, names: tuple[str, ...] = ()
) -> Corpus:
    """Return what a network is trained on; images alone have no test images.

    Parameters
    ----------
    data : Data
    labels : array, optional
    network : Sequential
    names : tuple of str
        The names of the classes of a network that is trained further.

    Raises
    ------
    ConfigError, DataError, ShapeError, DTypeError, RangeError
        If it cannot be read as images with labels.
    """
    if labels is not None or _is_pair(data):
        return without_test_images(_as_given(data, labels, network, names))
    if isinstance(data, Dataset):
        return without_test_images(data)
    if isinstance(data, (Corpus, str, Path)):
        return data if isinstance(data, Corpus) else load_corpus(data)
    if not isinstance(data, tuple):
        raise _no_labels(data, "fit(X, y)")
    corpus = load_corpus(data)
    return replace(corpus, train=_wide(corpus.train, network), test=_wide(corpus.test, network))


def labelled(data: Any, labels: npt.ArrayLike | None, model: NetworkModel) -> Dataset:
    """Return images with labels by the classes of a model, matched by name; of a corpus, the test images.

    Parameters
    ----------
    data : Data
    labels : array, optional
        The labels of ``data``, if these are images: names, or the model's own numbers.
    model : NetworkModel

    Raises
    ------
    ConfigError, DataError, ShapeError, DTypeError, RangeError
        If it cannot be read as images with labels, or the model does not know a class.
    """
    return of_its_classes(model, _as_given(data, labels, model.network, model.class_names))


def _as_given(
    data: Any, labels: npt.ArrayLike | None, network: Sequential, names: tuple[str, ...]
) -> Dataset:
    """Return images with labels; ``names`` are those of the classes, for labels in an array."""
    if labels is not None:
        if isinstance(data, (Corpus, Dataset, str, Path)):
            raise ConfigError("labels: expected none with data that have labels, got some; leave them out")
        return _wide(from_arrays(data, labels, class_names=names), network)
    if isinstance(data, Dataset):
        return data
    if isinstance(data, (Corpus, str, Path)):
        return (data if isinstance(data, Corpus) else load_corpus(data)).test
    if not _is_pair(data):
        raise _no_labels(data, "both, X and y")
    return _as_given(data[0], data[1], network, names)


def splits_of(
    train: Dataset, validation: Any, held_out: HeldOut, network: Sequential, recipe: Recipe, seed: int
) -> Splits:
    """Return the images to learn from and those to choose on; none are held out if nothing is chosen.

    Raises
    ------
    ConfigError, DataError
        If ``validation`` is not images, and not a fraction that leaves some on both sides.
    """
    if validation is None:
        return (
            Splits(*hold_out(train, seed), "validation")
            if recipe.validates
            else Splits(train, None, held_out)
        )
    if isinstance(validation, float) and 0 < validation < 1:
        n = round(len(train) * validation)
        if not 0 < n < len(train):
            raise DataError(
                f"validation: expected a fraction that leaves images on both sides, got {validation} of "
                f"{len(train)}; pass more images, or another fraction"
            )
        kept, held = split(train, (len(train) - n, n), seed)
        return Splits(kept, held, "validation")
    if isinstance(validation, Dataset) or _is_pair(validation):
        given = _as_given(validation, None, network, named(train))
        return Splits(train, alike(given, train, network), held_out)
    raise ConfigError(
        f"validation: expected a data set, (X, y), or a fraction such as 0.1, got {quoted(validation)}; "
        "to follow the test images without a choice, write watch={'test': corpus.test}"
    )


def alike(images: Dataset, train: Dataset, network: Sequential) -> Dataset:
    """Return images with labels by the classes of the training images, matched by name.

    Raises
    ------
    RangeError
        If they have other classes.
    """
    names = named(train) or tuple(map(str, range(network.output_shape[-1])))
    return with_classes(images, names, "the training images")


def changed(recipe: Recipe, epochs: int | None, batch_size: int | None, train: int) -> Recipe:
    """Return a recipe with what ``fit`` was told in place of its own.

    Raises
    ------
    ConfigError, RangeError
        If a number cannot be used, or a minibatch would have more images than there are.
    """
    recipe = recipe if epochs is None else replace(recipe, epochs=epochs)
    recipe = recipe if batch_size is None else replace(recipe, batch_size=batch_size)
    if (
        isinstance(recipe.batch_size, int)
        and recipe.batch_size > train > 0
        and recipe.short_batch == "resample"
    ):
        raise ConfigError(
            f"batch_size: expected at most {train}, the number of training images, got {recipe.batch_size}; "
            "use less, or Recipe(..., short_batch='keep')"
        )
    return recipe


def check_folder(what: str, folder: object) -> None:
    """Refuse what is neither a path nor text.

    Raises
    ------
    ConfigError
    """
    if not isinstance(folder, (str, os.PathLike)):
        raise ConfigError(f"{what}: expected a folder, got {quoted(folder)}; write {what}='runs/mine'")


def check_lists(callbacks: object, watch: object) -> None:
    """Refuse callbacks that are not a list, and watched images without names.

    Raises
    ------
    ConfigError
        If one of them has another form.
    """
    if not isinstance(callbacks, Iterable):
        raise ConfigError(f"callbacks: expected a list, got {quoted(callbacks)}; write callbacks=[...]")
    if watch is not None and not (
        isinstance(watch, Mapping) and all(isinstance(images, Dataset) for images in watch.values())
    ):
        raise ConfigError(
            f"watch: expected data sets by name, got {quoted(watch)}; write watch={{'test': corpus.test}}"
        )


def without_test_images(train: Dataset) -> Corpus:
    """Return images as data of which none are left to measure on."""
    nothing = train.subset([])
    return Corpus(train.name, train, nothing, origin=train.name, sha256=train.sha256, split="none")


def _is_pair(data: Any) -> bool:
    """Return whether something is ``(X, y)``, and not two such pairs."""
    return isinstance(data, tuple) and len(data) == 2 and not all(isinstance(one, tuple) for one in data)


def _wide(data: Dataset, network: Sequential) -> Dataset:
    """Return data from arrays with as many classes as the network has outputs, if labels are numbers."""
    k = network.output_shape[-1]
    if data.named or data.classes >= k:
        return data
    return Dataset(data.images, data.labels, data.name, k)


def _no_labels(data: object, call: str) -> ConfigError:
    """Return the error for images that are given without labels; ``call`` is how both are given."""
    advice = f"write {call}, or give a data set"
    if hasattr(data, "columns"):
        advice = "write frame.drop(columns='label'), frame['label']"
    elif (
        isinstance(data, Iterable)
        and not isinstance(data, (Mapping, Sequence))
        and not hasattr(data, "shape")
    ):
        advice = f"write {call}: all images in one array, all labels in another"
    return ConfigError(f"expected images with labels, got {type(data).__name__} alone; {advice}")
