"""Digits that keep their label, with something else next to them in the same box."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tenfold.data.augment.augmenter import Array, Augmenter, as_planes, check_labels, check_number, run_kernel
from tenfold.data.augment.negatives import NO_DIGIT
from tenfold.data.habits import AUGMENT_OPTIONS
from tenfold.habits import constructor

_SLENDER = (1, 7)  # digits that become others if a line touches them


@constructor(AUGMENT_OPTIONS)
@dataclass(frozen=True)
class RandomNeighbours(Augmenter):
    """Puts something next to some digits: a scrap of another one, a full stop or comma, a piece of a rule.

    Images without a digit stay as they are.

    Parameters
    ----------
    scraps, stops, rules : float
        Probability of each, 0 to 1; together at most 1.

    Raises
    ------
    ConfigError
        If an option is out of range.
    """

    kind: ClassVar[str] = "random_neighbours"

    scraps: float = 0.0
    stops: float = 0.0
    rules: float = 0.0

    def __post_init__(self) -> None:
        left = 1.0
        for name in ("scraps", "stops", "rules"):
            object.__setattr__(self, name, check_number(self.kind, name, getattr(self, name), left))
            left = round(left - getattr(self, name), 9)

    def examples(
        self, images: Array, labels: Array, rng: np.random.Generator, *, threads: int | None = None
    ) -> tuple[Array, Array]:
        from tenfold.backend.drawing import neighbours  # here, because importing Numba is slow

        check_labels(self.kind, labels, len(images))
        planes, n = as_planes(self.kind, images), len(images)
        u, others = rng.random((n, 12)), rng.integers(0, max(n, 1), n)
        limits = np.cumsum([self.scraps, self.stops, self.rules])
        kinds = np.array([neighbours.SCRAP, neighbours.STOP, neighbours.RULE, neighbours.NOTHING])[
            np.searchsorted(limits, u[:, 0], side="right")
        ]
        kinds = np.where(labels == NO_DIGIT, neighbours.NOTHING, kinds)
        sides = np.searchsorted([0.4, 0.8, 0.9], u[:, 1], side="right")
        slender, draws = np.isin(labels, _SLENDER), np.ascontiguousarray(u[:, 2:])
        return run_kernel(
            neighbours.put_beside, planes, threads, kinds, sides, slender, others, draws
        ), labels
