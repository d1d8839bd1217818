"""Digits as other people write them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tenfold.data.augment.augmenter import Array, Augmenter, as_planes, check_labels, run_kernel
from tenfold.data.dataset import CLASSES
from tenfold.data.habits import AUGMENT_OPTIONS
from tenfold.habits import constructor


@constructor(AUGMENT_OPTIONS)
@dataclass(frozen=True)
class RandomStyles(Augmenter):
    """Changes some digits to other ways of writing them.

    Some of the altered digits are written again, in one of the ways of a table: open 4s, crossed 7s,
    9s with a hook or a long tail, 6s with an open top, angular ones. Of the others, a 7 is crossed; a 0 is
    slashed, if it has room; a 1 gets an upstroke, short or as long as its stem, or a base, or both; the base
    of a 2 becomes faint; a 9 gets a hook.

    Parameters
    ----------
    chance : float
        Probability that a digit is altered, 0 to 1.
    written : float
        Probability that an altered digit is written again, 0 to 1.

    Raises
    ------
    ConfigError
        If an option is out of range.
    """

    kind: ClassVar[str] = "random_styles"

    chance: float = 0.0
    written: float = 0.4

    def __post_init__(self) -> None:
        self.check_numbers(chance=1, written=1)

    def examples(
        self, images: Array, labels: Array, rng: np.random.Generator, *, threads: int | None = None
    ) -> tuple[Array, Array]:
        from tenfold.backend.drawing.glyphs import DIGITS, FIRST_DIGITS, tables
        from tenfold.backend.drawing.styles import restyle

        check_labels(self.kind, labels, len(images))
        planes, u = as_planes(self.kind, images), rng.random((len(images), 62))
        known = (labels >= 0) & (labels < CLASSES)
        digits = np.where(known, labels, 0)
        first, after = FIRST_DIGITS[digits], FIRST_DIGITS[digits + 1]
        forms = first + (u[:, 1] / max(self.written, 1e-9) * (after - first)).astype(np.int64)
        forms = np.where(known & (u[:, 1] < self.written), forms, -1)
        altered, draws = u[:, 0] < self.chance, np.ascontiguousarray(u[:, 2:])
        return run_kernel(restyle, planes, threads, labels, altered, forms, draws, *tables(DIGITS)), labels
