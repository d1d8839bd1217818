"""Classical models with the interface of the zoo; their state is named arrays, never a pickle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from tenfold import checkpoint
from tenfold.data.read_only import read_only
from tenfold.errors import ConfigError, DataError, RangeError, ShapeError
from tenfold.train.definition import ignore_float_warnings
from tenfold.zoo.model import Model
from tenfold.zoo.model_input import DIGIT, as_rows, named, shape_words

if TYPE_CHECKING:
    from tenfold.data import Dataset

DIGITS = 10
OTHER = ("classes", "input_shape")
"""What a saved model says of its data if they are not ten digits of 28 x 28."""
Arrays = Mapping[str, NDArray[Any]]


class Method(Protocol):
    """The algorithm of a classical model, from images to arrays and back."""

    def prepare(self) -> None:
        """Import what `fit` and `predict_proba` need, so that their times do not include it."""

    def fit(self, train: Dataset, validation: Dataset | None, seed: int) -> Arrays:
        """Return the fitted state as named arrays of float64, int64 or uint8.

        Parameters
        ----------
        train : Dataset
        validation : Dataset, optional
            Images for the choice of a coefficient. Without them, a method with such a choice holds out
            images of ``train``; other methods ignore them.
        seed : int
            For random numbers.
        """

    def predict_proba(self, state: Arrays, rows: NDArray[np.float64], classes: int) -> NDArray[np.float64]:
        """Return probabilities ``(n, k)`` of k classes for images in rows ``(n, pixels)``, 0..1."""

    def n_parameters(self, state: Arrays) -> int | None:
        """Return the number of fitted numbers, or ``None`` if the images are stored."""

    def shapes(self, pixels: int, classes: int) -> Mapping[str, tuple[int | None, ...]]:
        """Return the shape of every array of the state; ``None`` stands for any length.

        Parameters
        ----------
        pixels : int
            Numbers in an image: 784 of a digit.
        classes : int
        """

    def config(self) -> dict[str, Any]:
        """Return the options that decide the results, as JSON values."""


@dataclass(frozen=True)
class Fitted:
    """The seconds of fitting a classical model, without imports."""

    train_seconds: float


class ClassicalModel(Model):
    """A classical model.

    Parameters
    ----------
    name : str
        Name in the zoo.
    method : Method
        Its algorithm.
    state : mapping of str to array, optional
        The fitted state, if there is one.
    classes, input_shape : optional
        Those of the data that it was fitted to; `fit` takes any.
    """

    family: ClassVar[str] = "classical"

    def __init__(
        self,
        name: str,
        method: Method,
        state: Arrays | None = None,
        *,
        classes: int = DIGITS,
        input_shape: tuple[int, ...] = DIGIT,
    ) -> None:
        super().__init__(name)
        self.method = method
        self._classes, self._input_shape = classes, input_shape
        self._state: Arrays | None = state and {name: read_only(array) for name, array in state.items()}

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Height, width and channels of the images that it was fitted to."""
        return self._input_shape

    @property
    def classes(self) -> int:
        """The number of classes of the data that it was fitted to."""
        return self._classes

    def adapted(self, classes: int, input_shape: tuple[int, ...]) -> Self:
        """Return the model itself: `fit` takes data of any shape and number of classes."""
        return self

    @property
    def state(self) -> Arrays:
        """The fitted state as named arrays, which are read-only."""
        if self._state is None:
            raise ConfigError(
                f"{self.name}: expected a fitted model, got one that is not fitted; call fit first"
            )
        return self._state

    @property
    def n_parameters(self) -> int | None:
        """Fitted numbers, or ``None`` if the model stores its training images instead."""
        return self.method.n_parameters(self.state)

    def fit(self, train: Dataset, *, validation: Dataset | None = None, seed: int = 0) -> Fitted:
        """Learn; only methods with a choice or random numbers use ``validation`` and ``seed``.

        Raises
        ------
        DataError, ShapeError, RangeError, ConfigError
            If there are no images, or too few or too similar ones for the method, if the validation
            images are of another kind, or if the images have weights.
        """
        if train.weights is not None:
            raise ConfigError(
                f"{self.name}: expected images without weights, as the method takes none, got weights; leave "
                "them out, dataclasses.replace(data, weights=None), or train a network"
            )
        for what, data in (("training", train), ("validation", validation)):
            if data is not None:
                _check(f"{self.name}: {what}", data, train)
        self.method.prepare()
        start = perf_counter()
        with ignore_float_warnings():
            state = self.method.fit(train, validation, seed)
        for name, array in state.items():
            if not np.isfinite(array).all():
                raise DataError(
                    f"{self.name}: expected finite {name} from these images, got NaN or infinity; "
                    "train on images that differ more"
                )
            array.setflags(write=False)  # so that nobody changes the model through its state
        self._state = state  # the same object: a method may cache by it
        self._classes, self._input_shape = train.classes, train.image_shape
        self.class_names = named(train)
        return Fitted(perf_counter() - start)

    def predict_proba(self, images: NDArray[Any]) -> NDArray[np.float64]:
        """Return the probability of each class, float64 ``(n, k)``; see `Model.predict_proba`."""
        rows = as_rows(images, self.input_shape)
        if not len(rows):
            return np.zeros((0, self.classes))
        with ignore_float_warnings():
            found = self.method.predict_proba(self.state, rows, self.classes)
        if not np.isfinite(found).all():
            raise RangeError(
                f"{self.name}: expected finite probabilities, got NaN; fit the model to other images"
            )
        return found

    def save(self, folder: Path | str) -> Path:
        """Write the fitted state to a new folder."""
        other = (self.classes, self.input_shape) != (DIGITS, DIGIT)
        found = dict(zip(OTHER, (self.classes, list(self.input_shape)), strict=True)) if other else {}
        return checkpoint.save(Path(folder), {"weights": self.state}, self.header() | found)


def _check(what: str, data: Dataset, train: Dataset) -> None:
    """Refuse empty data, and data of another kind than the training set."""
    if len(data) == 0:
        raise DataError(f"{what}: expected at least one image, got none; add some")
    if data.image_shape != train.image_shape:
        expected, found = shape_words(train.image_shape), shape_words(data.image_shape)
        raise ShapeError(f"{what}: expected images of {expected}, got {found}; resize them first")
    if (most := int(data.labels.max())) >= train.classes:
        raise RangeError(f"{what}: expected labels 0-{train.classes - 1}, got {most}; correct them")


def by_class(labels: NDArray[np.int64], found: NDArray[np.float64], classes: int) -> NDArray[np.float64]:
    """Return the columns of ``found`` ``(n, k)`` as those of all classes; ``labels`` are the k seen."""
    probabilities = np.zeros((len(found), classes))
    probabilities[:, labels] = found
    return probabilities
