"""Lower the learning rate when a figure stops improving."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from tenfold.errors import RangeError
from tenfold.habits import constructor
from tenfold.train.callbacks.base import Callback
from tenfold.train.habits import MONITOR_OPTIONS
from tenfold.train.monitors import improves, monitor_name, score
from tenfold.train.progress import Progress


@constructor(MONITOR_OPTIONS)
@dataclass(frozen=True)
class ReduceOnPlateau(Callback):
    """Multiplies the learning rate by ``factor`` after ``patience`` epochs without improvement.

    Parameters
    ----------
    monitor : str
        As for `EarlyStopping`.
    factor : float
        Between 0 and 1.
    patience : int
        How many epochs without improvement to allow before each reduction.
    min_rate : float
        The learning rate is never lowered below this.
    min_change : float
        By how much the figure must change, relative to the best so far, to count as an improvement.
    """

    kind: ClassVar[str] = "reduce_on_plateau"

    monitor: str = "validation_accuracy"
    factor: float = 0.5
    patience: int = 3
    min_rate: float = 1e-5
    min_change: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "monitor", monitor_name(self.monitor))
        if not (0 < self.factor < 1 and self.patience >= 1 and self.min_rate >= 0 and self.min_change >= 0):
            raise RangeError(
                "ReduceOnPlateau: expected a factor between 0 and 1, patience of at least 1, min_rate and "
                f"min_change of at least 0, got {self.factor}, {self.patience}, "
                f"{self.min_rate}, {self.min_change}"
            )

    def config(self) -> dict[str, Any]:
        """Return the constructor's arguments, fit for JSON."""
        return asdict(self)

    def on_epoch_end(self, progress: Progress) -> None:
        """Count the epochs without improvement; at ``patience``, lower the rate and restart the count."""
        memory = progress.memory(self)
        figure = score(progress.row, self.monitor)
        if improves(figure, memory.get("best"), self.min_change):
            memory.update(best=figure, waited=0)
            return
        memory["waited"] += 1
        rate = progress.learning_rate
        if memory["waited"] >= self.patience and rate > self.min_rate:
            reduced = max(rate * self.factor, self.min_rate)
            progress.rate_scale *= reduced / rate
            memory["waited"] = 0
            progress.notice(
                f"{progress.history.shown(self.monitor)} has stopped improving at epoch {progress.epoch}: "
                f"learning rate {rate:.3g} -> {reduced:.3g}"
            )
