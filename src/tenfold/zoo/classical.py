"""Models that are fitted at once, behind the zoo's face; their state is named arrays, never a pickle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from tenfold import checkpoint
from tenfold.data import SIDE
from tenfold.data.dataset import read_only
from tenfold.errors import ConfigError, DataError, RangeError, ShapeError
from tenfold.train.definition import ignore_float_warnings
from tenfold.zoo.model import FORMAT, Model
from tenfold.zoo.model_input import as_rows

if TYPE_CHECKING:
    from tenfold.data import Dataset

DIGITS = 10
Arrays = Mapping[str, NDArray[Any]]


class Method(Protocol):
    """What a classical model does between images and arrays; each file of the zoo has one."""

    def prepare(self) -> None:
        """Import what `fit` and `predict_proba` need, so that it is no part of the time that they take."""

    def fit(self, train: Dataset, validation: Dataset | None, seed: int) -> Arrays:
        """Return the fitted state as named arrays of float64, int64 or uint8.

        Parameters
        ----------
        train : Dataset
        validation : Dataset, optional
            What a coefficient is chosen on. A method that chooses one holds images of ``train`` out
            where there are none; one that does not takes no notice.
        seed : int
            For what is random.
        """

    def predict_proba(self, state: Arrays, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return probabilities ``(n, 10)`` for images in rows ``(n, 784)``, 0..1."""

    def n_parameters(self, state: Arrays) -> int | None:
        """Return the number of fitted numbers, or ``None`` where the images themselves are kept."""

    def shapes(self) -> Mapping[str, tuple[int | None, ...]]:
        """Return the shape of every array of the state; ``None`` stands for any length."""

    def config(self) -> dict[str, Any]:
        """Return the options that decide what it learns and answers, as JSON values."""


@dataclass(frozen=True)
class Fitted:
    """What fitting a classical model took, imports left out."""

    train_seconds: float


class ClassicalModel(Model):
    """A classical model.

    Parameters
    ----------
    name : str
        Name in the zoo.
    method : Method
        How it learns and predicts.
    state : mapping of str to array, optional
        The fitted state, where it is already there.
    """

    family: ClassVar[str] = "classical"

    def __init__(self, name: str, method: Method, state: Arrays | None = None) -> None:
        super().__init__(name)
        self.method = method
        self._state: Arrays | None = state and {name: read_only(array) for name, array in state.items()}

    @property
    def state(self) -> Arrays:
        """The fitted state as named arrays, which cannot be written to."""
        if self._state is None:
            raise ConfigError(f"{self.name}: expected a fitted model, it has not been fitted; call fit first")
        return self._state

    @property
    def n_parameters(self) -> int | None:
        """Fitted numbers, or ``None`` where the model keeps its training images instead."""
        return self.method.n_parameters(self.state)

    def fit(self, train: Dataset, *, validation: Dataset | None = None, seed: int = 0) -> Fitted:
        """Learn; ``validation`` and ``seed`` only matter to methods that choose or draw something.

        Raises
        ------
        DataError, ShapeError, RangeError, ConfigError
            If there are no images, or too few or too equal ones for the method, or if they or their
            labels are not 28 x 28 and 0-9.
        """
        for what, data in (("training", train), ("validation", validation)):
            if data is not None:
                _check_digits(f"{self.name}: {what}", data)
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
            array.setflags(write=False)  # so that whoever is handed the state cannot change the model
        self._state = state  # the very one: a method may know it again
        return Fitted(perf_counter() - start)

    def predict_proba(self, images: NDArray[Any]) -> NDArray[np.float64]:
        """Return the probability of each digit, float64 ``(n, 10)``; see `Model.predict_proba`."""
        rows = as_rows(images)
        if not len(rows):
            return np.zeros((0, DIGITS))
        with ignore_float_warnings():
            found = self.method.predict_proba(self.state, rows)
        if not np.isfinite(found).all():
            raise RangeError(f"{self.name}: expected finite probabilities, got NaN; fit it to other images")
        return found

    def save(self, folder: Path | str) -> Path:
        """Write the fitted state to a new folder."""
        header = {"format": FORMAT, "family": self.family, "name": self.name}
        return checkpoint.save(Path(folder), {"weights": self.state}, header)


def _check_digits(what: str, data: Dataset) -> None:
    """Refuse images that are not 28 x 28, labels that are no digits, and no images at all."""
    if len(data) == 0:
        raise DataError(f"{what}: expected at least one image, got none; give some")
    size = data.images.shape[1:]
    if size != (SIDE, SIDE):
        raise ShapeError(
            f"{what}: expected images of {SIDE} x {SIDE}, got {size[0]} x {size[1]}; resize them first"
        )
    if (most := int(data.labels.max())) >= DIGITS:
        raise RangeError(
            f"{what}: expected labels 0-{DIGITS - 1}, got {most}; leave those images out, or take a network"
        )


def by_digit(labels: NDArray[np.int64], found: NDArray[np.float64]) -> NDArray[np.float64]:
    """Spread the columns of ``found`` ``(n, k)`` over all ten digits; ``labels`` are the k digits seen."""
    probabilities = np.zeros((len(found), DIGITS))
    probabilities[:, labels] = found
    return probabilities
