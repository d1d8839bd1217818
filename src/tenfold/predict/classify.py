"""Classify whole pictures, for networks of other images than digits."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tenfold.data import PictureLimits, kept_picture
from tenfold.data.formats.limits import USUAL
from tenfold.errors import ShapeError

if TYPE_CHECKING:
    from tenfold.predict.recogniser import Recogniser

_GREY, _COLOUR = 1, 3


@dataclass(frozen=True)
class Classified:
    """The class of one picture.

    Attributes
    ----------
    names : tuple of str
        Of all classes.
    probabilities : tuple of float
        Of all classes, in the same order.
    doubt : float
        In 0..1, see `Predictions`.
    sure : bool
        Whether the doubt is not above the recogniser's threshold.
    """

    names: tuple[str, ...] = field(repr=False)
    probabilities: tuple[float, ...] = field(repr=False)
    doubt: float
    sure: bool

    @property
    def label(self) -> int:
        """The number of the likeliest class, from 0."""
        return int(np.argmax(self.probabilities))

    @property
    def name(self) -> str:
        """The name of the likeliest class."""
        return self.names[self.label]

    @property
    def probability(self) -> float:
        """The probability of the likeliest class."""
        return self.probabilities[self.label]

    def likeliest(self, n: int) -> list[tuple[str, float]]:
        """Return the n likeliest classes and their probabilities, the likeliest first."""
        order = np.argsort(-np.array(self.probabilities), kind="stable")[:n]
        return [(self.names[i], self.probabilities[i]) for i in order]

    def to_dict(self) -> dict[str, Any]:
        """Return the values as JSON."""
        return {
            "class": self.name,
            "label": self.label,
            "probability": self.probability,
            "sure": self.sure,
            "probabilities": dict(zip(self.names, self.probabilities, strict=True)),
        }


def classify(
    pictures: Sequence[str | os.PathLike[str] | bytes],
    recogniser: Recogniser,
    *,
    limits: PictureLimits = USUAL,
) -> list[Classified]:
    """Classify pictures, each as a whole; one call of the recogniser classifies all of them.

    Parameters
    ----------
    pictures : sequence of path or bytes
        Of any format that `tenfold.read` takes; of several pages the first is classified.
    recogniser : Recogniser
        Of a network of any classes and images, grey or in colour.
    limits : PictureLimits

    Raises
    ------
    DataError
        If one of them cannot be read.
    ShapeError
        If the network takes images with other channels than grey or red, green and blue.
    """
    shape = recogniser.model.input_shape
    images = [fitted(kept_picture(picture, limits=limits), shape) for picture in pictures]
    return classify_images(np.stack(images), recogniser) if images else []


def classify_images(images: NDArray[Any], recogniser: Recogniser) -> list[Classified]:
    """Classify images (n, h, w) or (n, h, w, c) of the network's own shape."""
    found, names = recogniser.predict(images), recogniser.model.labels
    return [
        Classified(names, tuple(map(float, row)), float(doubt), bool(doubt <= recogniser.threshold))
        for row, doubt in zip(found.probabilities, found.doubt, strict=True)
    ]


def fitted(picture: NDArray[np.uint8], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Bring a picture to the shape of a network's images, as folders of pictures are for training.

    It keeps its proportions: it is scaled until it covers the image, and cut around the centre. Its levels
    stay: a network of light letters on dark is not given dark ones on light.

    Parameters
    ----------
    picture : uint8 (h, w), or (h, w, 3) in colour
    shape : (h, w, c)
        With c = 1 for grey, or 3.

    Returns
    -------
    uint8 (h, w) or (h, w, 3)

    Raises
    ------
    ShapeError
        If the network takes other channels.

    Examples
    --------
    >>> fitted(np.zeros((480, 640, 3), np.uint8), (32, 32, 1)).shape
    (32, 32)
    """
    from PIL import Image, ImageOps

    h, w, c = shape
    if c not in (_GREY, _COLOUR):
        raise ShapeError(
            f"expected a network of grey or colour images, got one that takes {c} channels; "
            "pass it arrays of its shape in Python"
        )
    image = Image.fromarray(picture).convert("L" if c == _GREY else "RGB")
    if image.size != (w, h):
        image = ImageOps.fit(image, (w, h), Image.Resampling.BILINEAR)
    return np.asarray(image)
