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
from tenfold.errors import ConfigError
from tenfold.zoo.border import as_rows
from tenfold.zoo.model import FORMAT, Model

if TYPE_CHECKING:
    from tenfold.data import Dataset

Arrays = Mapping[str, NDArray[Any]]


class Method(Protocol):
    """What a classical model does between images and arrays; each file of the zoo has one."""

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
    """What fitting a classical model took."""

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
        self._state = state

    @property
    def state(self) -> Arrays:
        """The fitted state as named arrays."""
        if self._state is None:
            raise ConfigError(f"{self.name}: expected a fitted model, it has not been fitted; call fit first")
        return self._state

    @property
    def n_parameters(self) -> int | None:
        """Fitted numbers, or ``None`` where the model keeps its training images instead."""
        return self.method.n_parameters(self.state)

    def fit(self, train: Dataset, *, validation: Dataset | None = None, seed: int = 0) -> Fitted:
        """Learn; ``validation`` and ``seed`` only matter to methods that choose or draw something."""
        start = perf_counter()
        self._state = self.method.fit(train, validation, seed)
        return Fitted(perf_counter() - start)

    def predict_proba(self, images: NDArray[Any]) -> NDArray[np.float64]:
        """Return the probability of each digit, float64 ``(n, 10)``; see `Model.predict_proba`."""
        rows = as_rows(images)
        return self.method.predict_proba(self.state, rows) if len(rows) else np.zeros((0, 10))

    def save(self, folder: Path | str) -> Path:
        """Write the fitted state to a new folder."""
        header = {"format": FORMAT, "family": self.family, "name": self.name}
        return checkpoint.save(Path(folder), {"weights": self.state}, header)


def by_digit(labels: NDArray[np.int64], found: NDArray[np.float64]) -> NDArray[np.float64]:
    """Spread the columns of ``found`` ``(n, k)`` over all ten digits; ``labels`` are the k digits seen."""
    probabilities = np.zeros((len(found), 10))
    probabilities[:, labels] = found
    return probabilities
