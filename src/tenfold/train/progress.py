"""The state of a run that callbacks read, and the few values that they may set."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Protocol, TypeAlias

import numpy as np

from tenfold.nn import Sequential
from tenfold.quoting import quoted
from tenfold.train.former_names import figures_today
from tenfold.train.history import EpochRow, History

Arrays: TypeAlias = dict[str, np.ndarray[Any, Any]]


class Named(Protocol):
    """Anything with a name, such as a callback."""

    @property
    def name(self) -> str:
        """Return the name."""


class Predictor(Named, Protocol):
    """A model as callbacks see it."""

    def predict(self, images: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Return the likeliest class of each image."""

    def predict_proba(self, images: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Return the probability of each class."""


@dataclass
class Tally:
    """Sums over the finished part of an epoch."""

    loss: float = 0.0  # the images' losses, summed over whole chunks
    correct: int = 0
    images: int = 0
    seconds: float = 0.0  # of pure training
    losses: list[float] = field(default_factory=list)  # of the steps of the current chunk

    def add(self, losses: Iterable[float], correct: int, images: int) -> None:
        """Add some steps of a chunk."""
        self.losses += map(float, losses)
        self.correct += correct
        self.images += images

    def end_chunk(self, sizes: np.ndarray[Any, Any]) -> None:
        """Sum the chunk's losses at once: with sums of parts, the last bit would depend on the parts."""
        self.loss += float(np.asarray(self.losses) @ sizes)
        self.losses = []

    @property
    def mean_loss(self) -> float:
        """Return the mean loss so far."""
        return self.loss / max(self.images, 1)

    @property
    def accuracy(self) -> float:
        """Return the accuracy so far, 0 to 1."""
        return self.correct / max(self.images, 1)


@dataclass
class Progress:
    """The state of a run.

    A callback ends the run by setting ``progress.stop = "reason"``, lowers the learning rate through
    ``rate_scale``, gives notices through `notice`, and keeps its own state in `memory`, which is saved
    with every checkpoint.

    Attributes
    ----------
    epochs : int
        The recipe's number of epochs.
    epoch : int
        How many are completed.
    step, step_in_epoch : int
        Steps done, in the run and in the current epoch.
    steps_per_epoch, images_per_epoch, batch_size : int
        Of the current epoch.
    learning_rate : float
        Of the latest step, as the recipe sets it and callbacks scale it, without a factor that only
        corrects the optimiser, such as `EpochCorrectedAdam`.
    tally : Tally
        Loss, accuracy and seconds of the current epoch.
    rate_scale : float
        A factor on the learning rate, 1 unless a callback lowers it.
    stop : str or None
        Why to stop after this epoch (or chunk).
    interrupt : bool
        Whether to interrupt the run after the current steps, as Ctrl-C does: it is saved and can be resumed.
    history : History
        The completed epochs.
    held_out_logits : float64 array (n, k), or None
        The outputs for the held-out images at the end of the latest epoch; not saved.
    watched_logits : dict of float64 arrays (n, k)
        The same for watched images, by name.
    part_seconds : float or None
        How long the steps between two calls of ``on_part`` take; a callback may set it. With 0, each step is
        a part of its own. None is half a second.
    current_weights : callable or None
        Returns copies of the parameters and of the running statistics as they are now, also within an epoch.
    network : Sequential or None
        The network that is trained. It has the weights of the latest completed epoch.
    model : Predictor or None
        The model that it belongs to, if ``fit`` is a model's.
    """

    epochs: int
    epoch: int = 0
    step: int = 0
    step_in_epoch: int = 0
    steps_per_epoch: int = 0
    images_per_epoch: int = 0
    batch_size: int = 0
    learning_rate: float = 0.0
    tally: Tally = field(default_factory=Tally)
    rate_scale: float = 1.0
    stop: str | None = None
    history: History = field(default_factory=History)
    held_out_logits: np.ndarray[Any, Any] | None = None
    watched_logits: dict[str, np.ndarray[Any, Any]] = field(default_factory=dict)
    network: Sequential | None = field(default=None, repr=False)
    model: Predictor | None = field(default=None, repr=False)
    part_seconds: float | None = None
    interrupt: bool = False
    current_weights: Callable[[], tuple[Arrays, Arrays]] | None = field(default=None, repr=False)
    memories: dict[str, dict[str, Any]] = field(default_factory=dict)
    keys: dict[int, str] = field(default_factory=dict, repr=False)  # of `memories`, by the callback's id
    on_notice: Callable[[str], None] | None = None

    @property
    def row(self) -> EpochRow:
        """Return the latest completed epoch's figures."""
        return self.history.rows[-1]

    def memory(self, callback: Named) -> dict[str, Any]:
        """Return a callback's own state: a dictionary of JSON values, empty at the start of a run."""
        return self.memories.setdefault(self.keys.get(id(callback), callback.name), {})

    def notice(self, text: str) -> None:
        """Give a notice of one line; a repeated notice is given once."""
        if text not in self.history.notices:
            self.history.notices.append(text)
            if self.on_notice is not None:
                self.on_notice(text)

    def to_json(self) -> dict[str, Any]:
        """Return everything that a resumed run needs, as new JSON values."""
        return {
            "epoch": self.epoch,
            "step": self.step,
            "step_in_epoch": self.step_in_epoch,
            "learning_rate": self.learning_rate,
            "tally": asdict(self.tally),
            "rate_scale": self.rate_scale,
            "stop": self.stop,
            "rows": self.history.to_dicts(),
            "notices": list(self.history.notices),
            "memories": deepcopy(self.memories),
        }

    def restore(self, saved: dict[str, Any]) -> None:
        """Restore the state that `to_json` gave.

        Raises
        ------
        KeyError, TypeError
            If a value is missing or of another type; the progress is unchanged then.
        """
        saved = deepcopy(saved)
        for name, kind in _KINDS.items():
            if not isinstance(saved[name], kind):
                raise TypeError(f"{name} = {saved[name]!r:.40}")
        tally, rows = (
            Tally(**figures_today(saved["tally"])),
            [EpochRow.from_dict(row) for row in saved["rows"]],
        )
        if len(rows) != saved["epoch"]:
            raise TypeError(f"{len(rows)} rows after {quoted(saved['epoch'])} epochs")
        self.epoch, self.step, self.step_in_epoch = saved["epoch"], saved["step"], saved["step_in_epoch"]
        self.learning_rate, self.rate_scale = saved["learning_rate"], saved["rate_scale"]
        self.stop, self.memories, self.tally = saved["stop"], saved["memories"], tally
        new = [text for text in self.history.notices if text not in saved["notices"]]
        self.history = replace(self.history, rows=rows, notices=saved["notices"] + new)


_KINDS: dict[str, type | tuple[type, ...]] = {
    "epoch": int,
    "step": int,
    "step_in_epoch": int,
    "learning_rate": (int, float),
    "rate_scale": (int, float),
    "stop": (str, type(None)),
    "notices": list,
    "memories": dict,
}
