"""Remarks on runs that cannot be meant: accuracy stuck at chance, images scaled twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from tenfold.train.callbacks.base import Callback
from tenfold.train.progress import Progress


@dataclass(frozen=True)
class StuckAtChance(Callback):
    """Remarks when an epoch's training accuracy is no better than guessing, after enough steps to learn.

    Parameters
    ----------
    chance : float
        The share of the most frequent label: what a network gets that always answers this one.
    """

    enough_steps: ClassVar[int] = 200

    chance: float

    @classmethod
    def of(cls, labels: np.ndarray[Any, Any]) -> StuckAtChance:
        """Return the callback for training labels, shape (n,)."""
        return cls(float(np.bincount(labels).max() / len(labels)))

    def on_start(self, progress: Progress) -> None:
        """Remark on labels that are all the same."""
        if self.chance == 1.0:
            progress.notice(
                "all training labels are the same: there is nothing to tell apart; check the labels"
            )

    def on_epoch_end(self, progress: Progress) -> None:
        """Remark once if the accuracy is within two standard errors of chance."""
        margin = 2 * (self.chance * (1 - self.chance) / max(progress.images_per_epoch, 1)) ** 0.5
        accuracy = progress.row.train_accuracy
        memory = progress.memory(self)
        stuck = self.chance < 1.0 and accuracy <= self.chance + margin
        if stuck and progress.step >= self.enough_steps and not memory.get("said"):
            memory["said"] = True
            progress.notice(
                f"training accuracy is stuck at chance: {accuracy:.1%} after epoch {progress.epoch}, always "
                f"giving the most frequent label gets {self.chance:.1%}; try a lower learning rate, "
                "check images and labels"
            )


@dataclass(frozen=True)
class UnscaledInput(Callback):
    """Remarks on training images whose values are not what the network will take them for.

    Parameters
    ----------
    largest : int
        The largest value of the images, which are uint8 and divided by 255 on the way in.
    """

    largest: int

    @classmethod
    def of(cls, images: np.ndarray[Any, Any]) -> UnscaledInput:
        """Return the callback for training images."""
        return cls(int(images.max()))

    def on_start(self, progress: Progress) -> None:
        """Remark on it."""
        if self.largest <= 1:
            progress.notice(
                f"images: expected uint8 from 0 to 255, the largest value is {self.largest}; they look "
                "scaled already and will be divided by 255 once more, give them unscaled"
            )
