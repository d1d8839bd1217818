"""Images mixed with other training images: MixUp and CutMix.

Both papers mix the labels as well: an image of which the share s is ``x`` and the rest is ``x'`` has the loss
``s L(label) + (1 - s) L(label')``. Here each image keeps its label. Its own share is s with probability s,
and 1 - s with probability 1 - s.

The expected loss is the same. In a pair, the first image has the share s, and its label the weight s; the
second image has the share 1 - s, and its label the weight 1 - s. Each image is as often the first of a pair
as the second. So the terms with its label are ``s L(own share s) + (1 - s) L(own share 1 - s)``, summed over
all partners. That is the mean of the loss over the two shares, drawn with the probabilities s and 1 - s.

No loss and no layer has to know of mixed labels; the gradient is noisier than with them.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from numbers import Real
from typing import ClassVar

import numpy as np

from tenfold.data.augment.augmenter import Array, ImageAugmenter, check_pixels, distort
from tenfold.data.habits import AUGMENT_OPTIONS
from tenfold.errors import ConfigError
from tenfold.habits import constructor
from tenfold.quoting import quoted

_MIX_OPTIONS = {
    **AUGMENT_OPTIONS,
    "p": "write chance=0.5",
    "beta": "write alpha=1.0: the shares are drawn from Beta(alpha, alpha)",
    "num_classes": "leave it out: each image keeps its label",
}


class _Mixing(ImageAugmenter):
    """Base: each image is mixed with a random one of the same call."""

    digits_only: ClassVar[bool] = False

    alpha: float
    chance: float

    def __post_init__(self) -> None:
        self.check_numbers(chance=1)
        alpha: object = self.alpha
        number = isinstance(alpha, Real) and not isinstance(alpha, bool)
        if not number or not 0 < self.alpha < float("inf"):
            raise ConfigError(
                f"{self.kind}: alpha: expected a number above 0, such as 1.0, got {quoted(alpha)}"
            )
        object.__setattr__(self, "alpha", float(self.alpha))

    def __call__(self, images: Array, rng: np.random.Generator, *, threads: int | None = None) -> Array:
        from tenfold.backend.drawing.mixing import mix  # here, because importing Numba is slow

        check_pixels(self.kind, images, (np.uint8, np.float32))
        n, channels = len(images), images.shape[3] if images.ndim == 4 else 1
        others, u = rng.permutation(n), rng.random((n, 4))
        boxes, shares = self.mixtures(rng.beta(self.alpha, self.alpha, n), u, *images.shape[1:3])
        return distort(mix, self.kind, images, threads, (others, boxes, shares), np.array([channels]))

    @abstractmethod
    def mixtures(self, s: Array, u: Array, h: int, w: int) -> tuple[Array, Array]:
        """Return boxes, and the share of the image itself in its box and around it.

        Parameters
        ----------
        s : float64 array (n,)
            Drawn from Beta(alpha, alpha).
        u : float64 array (n, 4)
            Uniform from 0 to 1: whether to mix, which of the two shares is the image's own, row, column.
        h, w : int
            Of an image, in pixels.

        Returns
        -------
        int64 array, shape (n, 4)
            First row, end of the rows, first column, end of the columns.
        float64 array, shape (n, 2)
        """


@constructor(_MIX_OPTIONS)
@dataclass(frozen=True)
class MixUp(_Mixing):
    """Mixes each image with another one: ``s x + (1 - s) x'``, with s from Beta(alpha, alpha).

    The image keeps its label, and is as often the smaller share as this counts in the paper's loss; see
    `tenfold.data.augment.mixing` for why the expected loss is that of mixed labels.

    Parameters
    ----------
    alpha : float
        Above 0; with 1 all shares are as likely, below 1 one of the images prevails.
    chance : float
        Probability that an image is mixed, 0 to 1.

    Raises
    ------
    ConfigError
        If an option is out of range.

    References
    ----------
    H. Zhang et al., "mixup: Beyond Empirical Risk Minimization" (arXiv:1710.09412), equation 2.

    Examples
    --------
    >>> images = np.array([[[0, 255]], [[255, 0]]], np.uint8)  # two images of 1 x 2
    >>> mixed = MixUp(alpha=1.0)(images, np.random.default_rng(0))
    >>> bool(np.allclose(mixed.sum(axis=(1, 2, 3)), 1))  # as much ink as before
    True
    """

    kind: ClassVar[str] = "mixup"

    alpha: float = 0.2
    chance: float = 1.0

    def mixtures(self, s: Array, u: Array, h: int, w: int) -> tuple[Array, Array]:
        own = np.where(u[:, 1] < s, s, 1 - s)
        own[u[:, 0] >= self.chance] = 1
        boxes = np.tile(np.array([0, h, 0, w]), (len(s), 1))
        return boxes, np.stack([own, own], axis=1)


@constructor(_MIX_OPTIONS)
@dataclass(frozen=True)
class CutMix(_Mixing):
    """Pastes a rectangle of another image into each image, or one of the image into another.

    The rectangle has the image's shape and the share 1 - s of its area, with s from Beta(alpha, alpha); its
    sides are rounded to whole pixels, and it lies within the image. (The paper lets it hang over the edge.)
    The image keeps its label: with probability s it is the one around the rectangle, otherwise the one
    inside; see `tenfold.data.augment.mixing` for why the expected loss is that of mixed labels.

    Parameters
    ----------
    alpha : float
        Above 0; with 1 all shares are as likely.
    chance : float
        Probability that an image is mixed, 0 to 1.

    Raises
    ------
    ConfigError
        If an option is out of range.

    References
    ----------
    S. Yun et al., "CutMix: Regularization Strategy to Train Strong Classifiers with Localizable Features"
    (arXiv:1905.04899), section 3: there half of the minibatches are mixed, here half of the images.

    Examples
    --------
    >>> images = np.stack([np.full((8, 8), 255, np.uint8), np.zeros((8, 8), np.uint8)])
    >>> mixed = CutMix(chance=1.0)(images, np.random.default_rng(0))
    >>> bool(np.isin(mixed, (0, 1)).all())  # each pixel is of one of the two
    True
    """

    kind: ClassVar[str] = "cutmix"

    alpha: float = 1.0
    chance: float = 0.5

    def mixtures(self, s: Array, u: Array, h: int, w: int) -> tuple[Array, Array]:
        sides = np.rint(np.sqrt(1 - s)[:, np.newaxis] * (h, w)).astype(np.int64)  # (n, 2)
        sides[u[:, 0] >= self.chance] = 0
        starts = (u[:, 2:] * (np.array([h, w]) - sides + 1)).astype(np.int64)
        boxes = np.ascontiguousarray(np.stack([starts, starts + sides], axis=2).reshape(-1, 4))
        around = u[:, 1] >= sides.prod(axis=1) / (h * w)  # the rounded share decides, as in the paper
        return boxes, np.stack([~around, around], axis=1).astype(np.float64)
