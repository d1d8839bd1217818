"""The callback that records a training and follows orders."""

from __future__ import annotations

import time
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tenfold.backend.arrays import to_numpy
from tenfold.checkpoint import dump_json
from tenfold.errors import ConfigError
from tenfold.files import write_atomically
from tenfold.interrupt import StopSignals
from tenfold.train.callbacks import Callback
from tenfold.train.live import details
from tenfold.train.live.control import Control
from tenfold.train.live.event_log import EventLog, finite
from tenfold.train.live.pace import OFTEN, Pace

if TYPE_CHECKING:
    from tenfold.data import Dataset
    from tenfold.nn import Sequential
    from tenfold.train.progress import Progress
    from tenfold.train.recipe import Recipe

DETAILS = "details.json"

_SAMPLES = 24  # images to choose from
_NAP = 0.03  # seconds between two looks for an order, while the training pauses


@dataclass
class _Mark:
    """Sums over the epoch, as they were at the latest event."""

    images: int = 0
    correct: int = 0
    loss: float = 0.0
    seconds: float = 0.0


@dataclass
class _Obeyed:
    """What the latest order asks for."""

    paused: bool = False
    until: str | None = None  # "step" or "epoch": after which the training pauses
    image: int = 0
    told: list[Any] = field(default_factory=list)  # the latest state that was recorded


class LiveRecorder(Callback):
    """Records a training while it goes on, and pauses, continues or interrupts it when it is ordered to.

    The training is the same as without it, bit for bit. The events are lines of JSON (see `EventLog`); the
    latest filters, distributions, activations and mistakes are in ``details.json``, replaced at most four
    times a second and in a tenth of the time. Orders come through a file, see `give_order`.

    Parameters
    ----------
    log : EventLog
    network : Sequential
    recipe : Recipe
    train : Dataset
    validation : Dataset, optional
        The images held out, of which one can be chosen to be followed; without any, the training images.
    """

    def __init__(
        self,
        log: EventLog,
        network: Sequential,
        recipe: Recipe,
        train: Dataset,
        validation: Dataset | None = None,
    ) -> None:
        self._log, self._network, self._recipe = log, network, recipe
        self._train, self._validation = train, validation
        self._control = Control(log.folder)
        self._obeyed, self._mark, self._pace = _Obeyed(), _Mark(), Pace(0.0)
        self._copy: Sequential | None = None  # with the latest weights, also within an epoch
        self._mistakes: dict[str, Any] | None = None
        self._version = 0
        self._active = self._awake = 0.0  # seconds of training before the latest pause; when that ended
        self._from: float | None = None  # the fraction of the run that was done at the first event

    @property
    def _looked_at(self) -> Dataset:
        return self._train if self._validation is None else self._validation

    def on_start(self, progress: Progress) -> None:
        """Record what is trained, and where it begins."""
        tally = progress.tally
        self._mark = _Mark(tally.images, tally.correct, _summed(progress), tally.seconds)
        progress.part_seconds = OFTEN
        rows = [
            {
                "name": row.name,
                "kind": row.kind,
                "shape": list(row.output_shape),
                "parameters": row.parameters,
            }
            for row in self._network.rows()
        ]
        self._log.add(
            "plan",
            epochs=progress.epochs,
            epoch=progress.epoch,
            step=progress.step,
            images=len(self._train),
            held_out=None if self._validation is None else progress.history.held_out,
            held_out_images=len(self._validation or ()),
            layers=rows,
            parameters=self._network.n_parameters,
            samples=details.sample_names(self._looked_at, _SAMPLES),
        )
        self._write_details(progress, own=progress.step == 0)  # without the engine, which may have to compile

    def on_part(self, progress: Progress) -> None:
        """Record the steps since the last event, and follow orders."""
        self._steps(progress)
        self._pause_after(progress, "step")

    def on_chunk(self, progress: Progress) -> None:
        """As after every part."""
        self.on_part(progress)

    def on_epoch_end(self, progress: Progress) -> None:
        """Record the epoch's figures, and follow orders."""
        row = progress.row
        self._mark = _Mark()
        self._log.add(
            "epoch",
            epoch=row.epoch,
            step=progress.step,
            train_loss=row.train_loss,
            train_accuracy=row.train_accuracy,
            loss=row.validation_loss,
            accuracy=row.validation_accuracy,
            learning_rate=row.learning_rate,
            batch_size=row.batch_size,
            seconds=row.train_seconds,
            left=self._left(progress),
        )
        if self._validation is not None and progress.held_out_logits is not None:
            last = progress.epoch == progress.epochs or progress.stop is not None
            if last or self._obeyed.until or self._pace.mistakes_due(time.monotonic()):
                found = details.mistakes(self._validation, progress.held_out_logits, self._recipe.loss)
                self._mistakes = {"epoch": row.epoch, **found}
                self._write_details(progress)
        if progress.epoch < progress.epochs and progress.stop is None:
            self._pause_after(progress, "epoch")

    def on_notice(self, progress: Progress, text: str) -> None:
        """Record a notice."""
        self._log.add("notice", text=text)

    def on_end(self, progress: Progress) -> None:
        """Record that the training is done, with the network that it gives."""
        self._write_details(progress, own=True)  # the weights that the run chose
        self._log.add(
            "trained",
            epoch=progress.epoch,
            step=progress.step,
            stopped=progress.stop,
            chosen=progress.history.chosen_epoch,
        )

    def _steps(self, progress: Progress) -> None:
        now, tally, mark = time.monotonic(), progress.tally, self._mark
        if self._from is None:
            self._from, self._awake, self._pace = _fraction(progress), now, Pace(now - OFTEN)
        stepwise = self._obeyed.until == "step"
        if tally.images == mark.images or not (self._pace.event_due(now) or stepwise):
            return
        images, loss = tally.images - mark.images, _summed(progress)
        seconds = max(tally.seconds - mark.seconds, 1e-9)
        self._log.add(
            "steps",
            epoch=progress.epoch,
            step=progress.step,
            step_in_epoch=progress.step_in_epoch,
            steps_per_epoch=progress.steps_per_epoch,
            loss=(loss - mark.loss) / images,
            accuracy=(tally.correct - mark.correct) / images,
            images_per_second=images / seconds,
            learning_rate=progress.learning_rate,
            left=self._left(progress),
        )
        self._mark = _Mark(tally.images, tally.correct, loss, tally.seconds)
        if stepwise or self._pace.details_due(now):
            self._write_details(progress)

    def _left(self, progress: Progress) -> float | None:
        """Return the seconds to the end of the training, if it goes on as it did; pauses do not count."""
        done = 0.0 if self._from is None else _fraction(progress) - self._from
        active = self._active + time.monotonic() - self._awake
        return None if done <= 0 else round(active * (1 - _fraction(progress)) / done, 1)

    # Orders

    def _pause_after(self, progress: Progress, moment: str) -> None:
        """Follow new orders; pause if one asks for it now, until another one comes or a signal."""
        self._obey(progress)
        if self._obeyed.until in ("step", moment):
            self._obeyed.paused, self._obeyed.until = True, None
        self._tell_state(progress)
        if self._obeyed.paused:
            self._active += time.monotonic() - self._awake
            with StopSignals() as signals:
                while self._obeyed.paused and signals.number is None and not progress.interrupt:
                    time.sleep(_NAP)
                    self._obey(progress)
            self._awake = time.monotonic()
            self._tell_state(progress)

    def _obey(self, progress: Progress) -> None:
        try:
            order = self._control.new_order()
        except ConfigError as error:
            progress.notice(str(error))
            return
        if order is None:
            return
        obeyed = self._obeyed
        if order.do == "look":
            obeyed.image = order.image
            self._write_details(progress)
            return
        obeyed.paused = order.do == "pause"
        obeyed.until = order.do if order.do in ("step", "epoch") else None
        progress.part_seconds = 0.0 if order.do == "step" else OFTEN
        progress.interrupt = order.do == "stop"

    def _tell_state(self, progress: Progress) -> None:
        state = [self._obeyed.paused, self._obeyed.until]
        if state != self._obeyed.told and (self._obeyed.told or any(state)):
            self._log.add("state", step=progress.step, paused=state[0], until=state[1])
        self._obeyed.told = state

    # Details

    def _write_details(self, progress: Progress, *, own: bool = False) -> None:
        began = time.monotonic()
        network = self._latest(progress, own=own)
        if network is None:
            return
        self._version += 1
        found = {
            "version": self._version,
            "epoch": progress.epoch,
            "step": progress.step,
            "filters": details.filters(network),
            "distributions": details.distributions(network, self._recipe.loss, self._train),
            "activations": details.activations(network, self._looked_at, self._obeyed.image),
            "mistakes": self._mistakes,
        }
        write_atomically(self._log.folder / DETAILS, dump_json(finite(found)))
        self._log.add("details", version=self._version)
        now = time.monotonic()
        self._pace.spent(now, now - began)

    def _latest(self, progress: Progress, *, own: bool) -> Sequential | None:
        """Return a copy of the network with its own weights, or as the executor has them now, in NumPy."""
        if progress.current_weights is None:
            return None
        if self._copy is None:
            self._copy = deepcopy(self._network)
        if own:
            params, state = (
                {name: to_numpy(array) for name, array in arrays.items()}
                for arrays in (self._network.params, self._network.state)
            )
        else:
            params, state = progress.current_weights()
        self._copy.assign(params, state)
        return self._copy


def _summed(progress: Progress) -> float:
    """Return the loss summed over the images of the epoch so far, also within a chunk."""
    return progress.tally.loss + progress.batch_size * sum(progress.tally.losses)


def _fraction(progress: Progress) -> float:
    """Return how much of the run is done, 0 to 1."""
    within = progress.step_in_epoch / progress.steps_per_epoch if progress.steps_per_epoch else 0.0
    return min(1.0, (progress.epoch + within) / max(progress.epochs, 1))
