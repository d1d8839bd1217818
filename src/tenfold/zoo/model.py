"""The interface of every model: fit, predict, save."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tenfold.data import Dataset
    from tenfold.nn import LayerRow

FORMAT = 1
"""Version of the format that `Model.save` writes."""


class Model(ABC):
    """A digit recogniser of any kind.

    Attributes
    ----------
    name : str
        Name in the zoo, or your own.
    """

    family: ClassVar[str]

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    @property
    @abstractmethod
    def n_parameters(self) -> int | None:
        """Trainable numbers, or ``None`` if the model stores its training images instead."""

    @abstractmethod
    def fit(self, train: Dataset, *, validation: Dataset | None = None, seed: int = 0) -> object:
        """Learn from labelled images; ``validation`` is for choices, if there are any."""

    @abstractmethod
    def predict_proba(self, images: NDArray[Any]) -> NDArray[np.float64]:
        """Return the probability of each digit.

        Parameters
        ----------
        images : uint8 (n, 28, 28), or floats in 0..1 (n, 28, 28) or (n, 28, 28, 1)
            Ink high.

        Returns
        -------
        float64 (n, 10)
            Each row adds up to 1.
        """

    def predict(self, images: NDArray[Any]) -> NDArray[np.int64]:
        """Return the likeliest digit of each image, int64 ``(n,)``; of equals, the smallest."""
        return np.asarray(np.argmax(self.predict_proba(images), axis=1), dtype=np.int64)

    def rows(self) -> list[LayerRow]:
        """Return a row for each layer; none if there are no layers."""
        return []

    @abstractmethod
    def save(self, folder: Path | str) -> Path:
        """Write the model to a new folder as named arrays and JSON; `tenfold.load_model` reads it."""
