"""Notices about likely mistakes: accuracy at chance, images scaled twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from tenfold.train.callbacks.base import Callback
from tenfold.train.progress import Progress


@dataclass(frozen=True)
class StuckAtChance(Callback):
    """Gives a notice when training accuracy is no better than guessing, after enough steps to learn.

    Parameters
    ----------
    chance : float
        The share of the most frequent label: the accuracy of a network that always predicts it.
    """

    enough_steps: ClassVar[int] = 200

    chance: float

    @classmethod
    def of(cls, labels: np.ndarray[Any, Any]) -> StuckAtChance:
        """Return the callback for training labels, shape (n,)."""
        return cls(float(np.bincount(labels).max() / len(labels)))

    def on_start(self, progress: Progress) -> None:
        """Give a notice if all labels are the same."""
        if self.chance == 1.0:
            progress.notice("all training labels are the same: there is nothing to learn; check the labels")

    def on_epoch_end(self, progress: Progress) -> None:
        """Give one notice if the accuracy is within two standard errors of chance."""
        margin = 2 * (self.chance * (1 - self.chance) / max(progress.images_per_epoch, 1)) ** 0.5
        accuracy = progress.row.train_accuracy
        memory = progress.memory(self)
        stuck = self.chance < 1.0 and accuracy <= self.chance + margin
        if stuck and progress.step >= self.enough_steps and not memory.get("said"):
            memory["said"] = True
            progress.notice(
                f"training accuracy is no better than guessing: {accuracy:.1%} after epoch {progress.epoch}; "
                f"always predicting the most frequent label gives {self.chance:.1%}; try a lower learning "
                "rate, and check images and labels"
            )


@dataclass(frozen=True)
class UnscaledInput(Callback):
    """Gives a notice about training images that seem to be scaled already.

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
        """Give the notice."""
        if self.largest <= 1:
            progress.notice(
                f"images: expected uint8 from 0 to 255, the largest value is {self.largest}; they look "
                "scaled already and will be divided by 255 again; pass unscaled images"
            )
