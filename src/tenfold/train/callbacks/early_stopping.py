"""Stop when nothing gets better."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from tenfold.errors import RangeError
from tenfold.train.callbacks.base import Callback
from tenfold.train.monitors import check_monitor, improves, score
from tenfold.train.progress import Progress


@dataclass(frozen=True)
class EarlyStopping(Callback):
    """Ends a run that has not improved for ``patience`` epochs, and restores its best weights.

    Parameters
    ----------
    monitor : str
        ``validation_cost``, ``validation_accuracy``, ``validation_error``, ``train_cost``,
        ``train_accuracy`` or ``train_error`` (one less the accuracy).
    patience : int
        How many epochs without improvement to allow.
    min_change : float
        By how much the figure must change, relative to the best so far, to count as an improvement.
    restore_best : bool
        Whether the network is left with the weights of the epoch whose figure was best (of equal
        ones the latest) instead of the last; what was done is said in the history's notices.
    """

    kind: ClassVar[str] = "early_stopping"

    monitor: str = "validation_cost"
    patience: int = 10
    min_change: float = 0.0
    restore_best: bool = True

    def __post_init__(self) -> None:
        check_monitor(self.monitor)
        if self.patience < 1 or self.min_change < 0:
            raise RangeError(
                "EarlyStopping: expected patience of at least 1 and min_change of at least 0, "
                f"got {self.patience} and {self.min_change}"
            )

    def config(self) -> dict[str, Any]:
        """Return the constructor's arguments, fit for JSON."""
        return asdict(self)

    def on_epoch_end(self, progress: Progress) -> None:
        """Count the epochs without improvement; at ``patience``, stop."""
        memory = progress.memory(self)
        figure = score(progress.row, self.monitor)
        if improves(figure, memory.get("best"), self.min_change):
            memory.update(best=figure, best_epoch=progress.epoch, waited=0)
            return
        memory["waited"] += 1
        if memory["waited"] >= self.patience:
            since = f"since epoch {memory['best_epoch']} (patience {self.patience})"
            progress.stop = f"{progress.history.shown(self.monitor)} has not improved {since}"
