"""The interface of every model: fit, predict, save."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tenfold.data import Dataset
    from tenfold.nn import LayerRow

FORMAT = 1
"""Version of the format that `Model.save` writes."""


class Model(ABC):
    """A recogniser of digits, or of other classes of images, of any kind.

    Attributes
    ----------
    name : str
        Name in the zoo, or your own.
    class_names : tuple of str
        The names of its classes; empty until it is trained on data that name theirs.
    """

    family: ClassVar[str]

    def __init__(self, name: str) -> None:
        self.name = name
        self.class_names: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    @property
    @abstractmethod
    def n_parameters(self) -> int | None:
        """Trainable numbers, or ``None`` if the model stores its training images instead."""

    @property
    @abstractmethod
    def input_shape(self) -> tuple[int, ...]:
        """Height, width and channels of its images."""

    @property
    @abstractmethod
    def classes(self) -> int:
        """The number of its classes."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The name of each class, by default its number."""
        return self.class_names or tuple(map(str, range(self.classes)))

    @abstractmethod
    def adapted(self, classes: int, input_shape: tuple[int, ...]) -> Self:
        """Return the untrained model for other classes and images; itself if it fits them already.

        Raises
        ------
        ShapeError, ConfigError
            If the images are too small, or the model is for its own classes only.
        """

    @abstractmethod
    def fit(self, train: Dataset, *, validation: Dataset | None = None, seed: int = 0) -> object:
        """Learn from labelled images; ``validation`` is for choices, if there are any."""

    @abstractmethod
    def predict_proba(self, images: NDArray[Any]) -> NDArray[np.float64]:
        """Return the probability of each class.

        Parameters
        ----------
        images : uint8, or floats in 0..1; (n, h, w, c), or (n, h, w) of grey images
            Of the model's `input_shape`; of digits, ink high.

        Returns
        -------
        float64 (n, k)
            Each row adds up to 1.
        """

    def predict(self, images: NDArray[Any]) -> NDArray[np.int64]:
        """Return the likeliest class of each image, int64 ``(n,)``; of equals, the smallest."""
        return np.asarray(np.argmax(self.predict_proba(images), axis=1), dtype=np.int64)

    def rows(self) -> list[LayerRow]:
        """Return a row for each layer; none if there are no layers."""
        return []

    def header(self) -> dict[str, Any]:
        """Return what `save` writes of every model, as JSON values."""
        names = {"class_names": list(self.class_names)} if self.class_names else {}
        return {"format": FORMAT, "family": self.family, "name": self.name, **names}

    @abstractmethod
    def save(self, folder: Path | str) -> Path:
        """Write the model to a new folder as named arrays and JSON; `tenfold.load_model` reads it."""
