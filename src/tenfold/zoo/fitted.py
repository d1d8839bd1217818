"""Models built for the data that they are to learn from."""

from __future__ import annotations

from dataclasses import replace
from numbers import Integral

from tenfold.data import Dataset
from tenfold.data.dataset import MOST_CLASSES
from tenfold.errors import RangeError, ShapeError
from tenfold.quoting import quoted
from tenfold.zoo.entry import Trainable
from tenfold.zoo.model import Model


def fitted_to(entry: Trainable, data: Dataset) -> Trainable:
    """Return what is trained with the shape and the classes of the data; itself if it has them.

    Raises
    ------
    ShapeError, ConfigError
        If the images are too small for the network, or it is for digits only.

    Examples
    --------
    >>> import numpy as np
    >>> from tenfold.zoo import entry
    >>> letters = Dataset(np.zeros((1, 20, 24), np.uint8), np.array([25]), "letters", classes=26)
    >>> fitted_to(entry("nn1l"), letters).parameters
    12506
    """
    return fitted_to_kind(entry, data.classes, data.image_shape)


def fitted_to_kind(entry: Trainable, classes: int, shape: tuple[int, ...]) -> Trainable:
    """Return the same for a number of classes and the shape of an image, (h, w, c)."""
    if entry.for_data is not None:
        entry = entry.for_data(classes, shape)
    model = entry.build(entry)
    fitted = model.adapted(classes, shape)
    if fitted is model:
        return entry

    def build(same: Trainable) -> Model:
        return entry.build(same).adapted(classes, shape)

    return replace(entry, build=build, parameters=fitted.n_parameters)


def checked_kind(classes: object, input_shape: object) -> tuple[int, tuple[int, ...]]:
    """Return a number of classes and the shape of an image, (h, w, c); grey images may leave c out.

    Raises
    ------
    RangeError, ShapeError
        If they are anything else.
    """
    if (
        isinstance(classes, bool)
        or not isinstance(classes, Integral)
        or not 2 <= int(classes) <= MOST_CLASSES
    ):
        raise RangeError(
            f"classes: expected 2 to {MOST_CLASSES:,}, got {quoted(classes)}; pass a whole number"
        )
    shape = input_shape if isinstance(input_shape, tuple | list) else ()
    if len(shape) not in (2, 3) or not all(isinstance(one, Integral) and int(one) > 0 for one in shape):
        raise ShapeError(
            f"input_shape: expected (height, width, channels) of an image, got {quoted(input_shape)}; "
            "pass for instance (32, 32, 3)"
        )
    h, w, *c = map(int, shape)
    return int(classes), (h, w, *(c or [1]))
