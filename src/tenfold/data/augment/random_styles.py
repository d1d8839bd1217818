"""Digits in the styles of other countries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tenfold.data.augment.augmenter import Array, Augmenter, as_planes, check_labels, run_kernel


@dataclass(frozen=True)
class RandomStyles(Augmenter):
    """Changes some digits to the styles of other countries.

    A 7 is crossed; a 0 is slashed, if it has room; a 1 gets an upstroke, short or as long as its stem, or a
    base, or both; two of five altered 4s are replaced by open ones.

    Parameters
    ----------
    chance : float
        Probability that such a digit is altered, 0 to 1.

    Raises
    ------
    ConfigError
        If it is out of range.
    """

    kind: ClassVar[str] = "random_styles"

    chance: float = 0.0

    def __post_init__(self) -> None:
        self.check_numbers(chance=1)

    def examples(
        self, images: Array, labels: Array, rng: np.random.Generator, *, threads: int | None = None
    ) -> tuple[Array, Array]:
        from tenfold.backend.drawing.styles import restyle

        check_labels(self.kind, labels, len(images))
        planes, u = as_planes(self.kind, images), rng.random((len(images), 15))
        altered = u[:, 0] < self.chance
        draws = np.ascontiguousarray(u[:, 1:])
        return run_kernel(restyle, planes, threads, labels, altered, draws), labels
