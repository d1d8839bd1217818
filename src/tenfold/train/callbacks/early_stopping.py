"""Early stopping: counted from the best epoch, or within a window of the latest epochs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar, TypeAlias

from tenfold.errors import RangeError
from tenfold.habits import constructor
from tenfold.train.callbacks.base import Callback
from tenfold.train.habits import MONITOR_OPTIONS
from tenfold.train.monitors import improves, monitor_name, score
from tenfold.train.progress import Progress


@constructor(MONITOR_OPTIONS)
@dataclass(frozen=True)
class EarlyStopping(Callback):
    """Ends a run that has not improved for ``patience`` epochs, and restores its best weights.

    Parameters
    ----------
    monitor : str
        ``validation_loss``, ``validation_accuracy``, ``validation_error``, ``train_loss``,
        ``train_accuracy`` or ``train_error`` (one less the accuracy).
    patience : int
        How many epochs without improvement to allow.
    min_change : float
        By how much the figure must change, relative to the best so far, to count as an improvement.
    restore_best : bool
        Whether the network gets the weights of the best epoch (of equal ones the latest) instead of the
        last; a notice in the history says so.
    """

    kind: ClassVar[str] = "early_stopping"
    window: ClassVar[int | None] = None

    monitor: str = "validation_loss"
    patience: int = 10
    min_change: float = 0.0
    restore_best: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "monitor", monitor_name(self.monitor))
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


@constructor(MONITOR_OPTIONS)
@dataclass(frozen=True)
class WindowStopping(Callback):
    """Ends a run when none of its last ``patience`` epochs improves on the first of them; restores the best.

    Earlier epochs do not count. However the run ends, the network gets the weights of the best of its last
    ``patience`` epochs (of equal ones the latest).

    Parameters
    ----------
    monitor : str
        As for `EarlyStopping`.
    patience : int
        The length of the window, at least 2.
    min_change : float
        By how much a later epoch must improve on the first, relative to it.

    References
    ----------
    R. Luqué, "Developing an image recognition neural network from scratch" (2024), chapter 7.
    """

    kind: ClassVar[str] = "window_stopping"
    restore_best: ClassVar[bool] = True

    monitor: str = "train_loss"
    patience: int = 15
    min_change: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "monitor", monitor_name(self.monitor))
        if self.patience < 2 or self.min_change < 0:
            raise RangeError(
                "WindowStopping: expected patience of at least 2 and min_change of at least 0, "
                f"got {self.patience} and {self.min_change}"
            )

    @property
    def window(self) -> int:
        """How many of the last epochs the best is chosen from."""
        return self.patience

    def config(self) -> dict[str, Any]:
        """Return the constructor's arguments, fit for JSON."""
        return asdict(self)

    def on_epoch_end(self, progress: Progress) -> None:
        """Compare the last ``patience`` epochs, once there are as many, with the first of them."""
        rows = progress.history.rows[-self.patience :]
        first, *later = (score(row, self.monitor) for row in rows)
        if len(rows) == self.patience and not any(improves(one, first, self.min_change) for one in later):
            since = f"since epoch {rows[0].epoch} (the last {self.patience} compared)"
            progress.stop = f"{progress.history.shown(self.monitor)} has not improved {since}"


Stopping: TypeAlias = EarlyStopping | WindowStopping
STOPPING: dict[str, type[Stopping]] = {cls.kind: cls for cls in (EarlyStopping, WindowStopping)}
"""The stopping rules that a configuration can name."""
