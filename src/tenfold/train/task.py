"""What one call of `fit` is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tenfold.data import Dataset
from tenfold.nn import Sequential
from tenfold.train.history import HeldOut
from tenfold.train.recipe import Recipe
from tenfold.train.run_checks import resume_identity


@dataclass(frozen=True)
class Task:
    """Network, recipe, data and seed: everything that decides the bits of a run; and the watched images."""

    network: Sequential
    recipe: Recipe
    train: Dataset
    validation: Dataset | None
    held_out: HeldOut
    seed: int
    watch: Mapping[str, Dataset]

    @property
    def identity(self) -> dict[str, Any]:
        """What must be equal for the run to be resumed."""
        data = self.train, self.validation, self.held_out
        return resume_identity(self.network, self.recipe, *data, self.seed)
