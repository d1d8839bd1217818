"""Training images without a digit (negatives), made from digits and strokes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tenfold.data.augment.augmenter import Array, Augmenter, as_planes, check_labels, run_kernel
from tenfold.data.dataset import CLASSES
from tenfold.data.habits import AUGMENT_OPTIONS
from tenfold.habits import constructor

NO_DIGIT = CLASSES
"""The label of an image without a digit."""

# Probabilities of signs, scribbles, several digits, rotated digits, joined halves, shuffled quarters,
# blots, pairs of digits or their halves, and words, in the order of `tenfold.backend.drawing.negatives`.
_PROBABILITIES = (0.46, 0.08, 0.04, 0.07, 0.03, 0.03, 0.07, 0.17, 0.05)
_SYMMETRIC = (0, 1, 8)  # digits that stay digits when rotated or with shuffled quarters


@constructor(AUGMENT_OPTIONS)
@dataclass(frozen=True)
class Negatives(Augmenter):
    """Replaces some images by images without a digit, labelled 10.

    They are made from digits (rotated, with wrong halves, with shuffled quarters, several in one box, two
    that touch, what a wrong cut leaves of them) and
    from strokes (letters and other signs that do not look like a digit, scribbles, blots, grain).

    Parameters
    ----------
    share : float
        Probability that an image is replaced, 0 to 1.

    Raises
    ------
    ConfigError
        If it is out of range.
    """

    kind: ClassVar[str] = "negatives"
    adds_negatives: ClassVar[bool] = True

    share: float = 0.1

    def __post_init__(self) -> None:
        self.check_numbers(share=1)

    def examples(
        self, images: Array, labels: Array, rng: np.random.Generator, *, threads: int | None = None
    ) -> tuple[Array, Array]:
        from tenfold.backend.drawing.glyphs import tables
        from tenfold.backend.drawing.negatives import SHUFFLED, SIGN, TURNED, make_negatives

        check_labels(self.kind, labels, len(images))
        planes, n = as_planes(self.kind, images), len(images)
        draws = rng.random((n, 66))
        others = rng.integers(0, max(n, 1), (n, 2))
        kinds = np.searchsorted(np.cumsum(_PROBABILITIES)[:-1], draws[:, 1], side="right")
        symmetric = np.isin(labels, _SYMMETRIC) & np.isin(kinds, (TURNED, SHUFFLED))
        kinds = np.where(draws[:, 0] < self.share, np.where(symmetric, SIGN, kinds), -1)
        u = np.ascontiguousarray(draws[:, 2:])
        return run_kernel(make_negatives, planes, threads, labels, kinds, others, u, *tables()), np.where(
            kinds >= 0, NO_DIGIT, labels
        )
