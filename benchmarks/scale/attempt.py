"""One attempt of a unit on a slot: its phases, and what a checkpoint keeps of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from cluster import Unit


@dataclass(frozen=True)
class Attempt:
    """A unit on a slot.

    Attributes
    ----------
    unit : Unit
    kept : float
        Seconds of its work that an earlier attempt saved.
    began : float
    rate : float
        Megabytes a second from the store.
    """

    unit: Unit
    kept: float
    began: float
    rate: float

    @property
    def launched(self) -> float:
        """When the process is ready."""
        return self.began + self.unit.launch_seconds

    @property
    def loaded(self) -> float:
        """When its data are read, and its work begins."""
        return self.launched + self.unit.megabytes / self.rate

    @property
    def ends(self) -> float:
        """When it is done, if its node lives."""
        return self.loaded + (self.unit.seconds - self.kept) * self.unit.factor

    def saved(self, now: float) -> float:
        """Return the seconds of work since its beginning that checkpoints hold at a moment."""
        step = self.unit.checkpoint_seconds
        worked = max(0.0, now - self.loaded) / self.unit.factor
        return 0.0 if math.isinf(step) else step * math.floor(worked / step + 1e-9)
