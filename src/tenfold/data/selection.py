"""Some images of a data set, which are not copied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np
import numpy.typing as npt

from tenfold.data.dataset import Dataset, Located, checked_weights


class Selection(Dataset):
    """Some images of a data set in another order, which are not copied.

    Five sixths of a large data set would need five sixths of its memory again. Training and evaluation ask
    for some images at a time (`take`, `located`); ``images`` copies all of them, once.

    Parameters
    ----------
    source : Dataset
    index : array of int or bool, or sequence of int
    """

    source: Dataset
    index: npt.NDArray[np.int64]

    def __new__(cls, *args: Any, **fields: Any) -> Any:
        """Let `dataclasses.replace`, which gives all fields by name, make a data set of its own images."""
        return Dataset(**fields) if fields else super().__new__(cls)

    def __init__(self, source: Dataset, index: Sequence[int] | npt.NDArray[np.integer]) -> None:
        chosen = np.asarray(index)
        chosen = np.arange(len(source))[chosen if chosen.size else chosen.astype(np.int64)]
        if isinstance(source, Selection):
            chosen, source = source.index[chosen], source.source
        weights = None if source.weights is None else checked_weights(source.weights[chosen], len(chosen))
        values = {"source": source, "index": chosen, "labels": source.labels[chosen], "weights": weights}
        values |= {name: getattr(source, name) for name in ("name", "classes", "class_names")}
        for name, value in values.items():
            object.__setattr__(self, name, _read_only(value) if isinstance(value, np.ndarray) else value)

    @property
    def images(self) -> npt.NDArray[np.uint8]:
        """All images, copied when they are first asked for."""
        known = vars(self)
        if "_images" not in known:
            known["_images"] = _read_only(self.take(slice(None)))
        whole: npt.NDArray[np.uint8] = known["_images"]
        return whole

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of an image; one channel for grey."""
        return self.source.image_shape

    def located(self, order: npt.NDArray[np.integer]) -> Located:
        """Return where the images of an order lie in the source."""
        return self.source.located(self.index[order])

    def take(self, index: npt.NDArray[np.integer] | slice) -> npt.NDArray[np.uint8]:
        """Return a copy of some images."""
        return self.source.images[self.index[index]]

    def check_unchanged(self) -> None:
        """Refuse images of a mapped file that was written to since."""
        self.source.check_unchanged()

    def __reduce__(self) -> tuple[type[Dataset], tuple[Any, ...]]:
        """Unpickle as a data set of its own images."""
        return Dataset, tuple(getattr(self, one.name) for one in fields(self))


def _read_only(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a view of a new array that nobody can make writeable again."""
    array.setflags(write=False)
    return array.view()
