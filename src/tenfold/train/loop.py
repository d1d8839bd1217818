"""The training loop."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from tenfold.errors import DivergedError, StorageError
from tenfold.interrupt import Interrupted, StopSignals, fit_again, signal_suffix
from tenfold.train.augmentation import prepare
from tenfold.train.callbacks import CallbackError, Callbacks
from tenfold.train.chunk import PART_SECONDS, ChunkTrainer
from tenfold.train.definition import load_weights
from tenfold.train.divergence import diverged, first_non_finite
from tenfold.train.epoch_evaluation import EpochEvaluator, watched_test_notice
from tenfold.train.epoch_plan import EpochPlan
from tenfold.train.executor import ExecutorFactory, HostArray, Weights
from tenfold.train.history import EpochRow, History
from tenfold.train.progress import Progress, Tally
from tenfold.train.run_checkpoints import RunCheckpoints
from tenfold.train.run_checks import (
    check_minibatch,
)
from tenfold.train.run_state import RunState
from tenfold.train.selection import Selection
from tenfold.train.task import Task


class Loop:
    """One call of `fit`: its epochs, from the first step or a checkpoint to the last."""

    def __init__(
        self,
        task: Task,
        executor: ExecutorFactory,
        callbacks: Callbacks,
        folder: RunCheckpoints | None,
        signals: StopSignals,
    ) -> None:
        self.network, self.recipe = task.network, task.recipe
        self.train, self.validation, self.watch = task.train, task.validation, task.watch
        self.callbacks, self.folder, self.signals = callbacks, folder, signals
        self.executor = executor(self.network, self.recipe.loss, self.recipe.optimizer)
        if self.recipe.average is not None:
            self.executor.keep_average(self.recipe.average)
        self.selection = Selection.of(self.recipe, callbacks.callbacks, self.validation is not None)
        history = History(held_out=task.held_out)
        if self.executor.notice is not None:
            history.notices.append(self.executor.notice)  # a warning has said it
        self.progress = Progress(
            self.recipe.epochs,
            history=history,
            network=self.network,
            keys=callbacks.keys,
            on_notice=self._pass_on_notice,
            current_weights=lambda: self.executor.weights(),
        )
        self.state = RunState(
            self.network,
            self.executor,
            self.progress,
            self.selection,
            task.seed,
            averages=self.recipe.average is not None,
        )
        self.chunks_since_saved = 0
        self.chunks = ChunkTrainer(self.recipe, self.train, self.executor, self.state, self._diverged)
        self.evaluator = EpochEvaluator(self.executor, self.recipe.loss, self.progress, self._end_if_asked)
        self.evaluation_seconds = 0.0  # of the latest epoch

    @property
    def asked_to_end(self) -> bool:
        """Whether a signal or a callback asks to save and end the run."""
        return self.signals.number is not None or self.progress.interrupt

    @property
    def unfinished(self) -> bool:
        return self.progress.stop is None and self.progress.epoch < self.recipe.epochs

    def begin(self, resume: bool) -> None:
        """Start, or restore the newest checkpoint."""
        if self.folder is not None and resume:
            self.folder.resume(self.state.restore_methods, self.progress.notice)
        elif self.folder is not None:
            self.folder.refuse_old_run()
        self.callbacks.tell("on_start", self.progress)
        self.executor.prepare()
        prepare(self.recipe.augmentation, self.train.take(slice(0, 0)))
        if text := watched_test_notice(self.watch, self.recipe.protocol):
            self.progress.notice(text)

    def epoch(self) -> None:
        """Train the rest of the current epoch, chunk by chunk."""
        progress = self.progress
        n, least = len(self.train), self.network.least_images
        self.train.check_unchanged()
        check_minibatch(self.network, self.recipe, n, progress.epoch)
        plan = EpochPlan.of(self.recipe, n, self.state.seed, progress.epoch, least)
        progress.steps_per_epoch, progress.images_per_epoch = plan.steps, len(plan.order)
        progress.batch_size = plan.batch_size
        for steps in plan.chunks(progress.step_in_epoch):
            if not self.chunks.train(plan, steps, ended=lambda: self.asked_to_end, after_part=self._end_part):
                self._interrupt()
            self._tell("on_chunk", before=progress.to_json())
            self._save_between_chunks(plan)
            if progress.stop is not None:
                return
        self._end_epoch()

    def _end_part(self) -> None:
        """Tell the callbacks that follow the parts of a chunk."""
        if self.callbacks.follow_parts:
            self._tell("on_part", before=self.progress.to_json())

    def _end_epoch(self) -> None:
        """Evaluate the epoch, tell callbacks and selection, save."""
        progress, before = self.progress, self.progress.to_json()
        weights = self.executor.weights()
        images = sum(len(data) for data in (self.validation, *self.watch.values()) if data is not None)
        if max(self.evaluation_seconds, images * self.chunks.image_seconds) > PART_SECONDS:
            self._save()  # a signal during the evaluation must not lose the epoch
        row = self._evaluated(weights)
        progress.history.rows.append(row)
        progress.epoch, progress.step_in_epoch, progress.tally = row.epoch, 0, Tally()
        load_weights(self.network, *weights)  # for callbacks: an executor may keep its own
        self._tell("on_epoch_end", before)
        self.selection.observe(row, progress.step, weights)
        self.state.use_generators_of(progress.epoch)
        saved = self._save()
        if self.asked_to_end and self.unfinished:
            self._leave_latest_weights()
            raise self._interrupted(f"after epoch {progress.epoch}", saved)

    def _evaluated(self, weights: Weights) -> EpochRow:
        """Return the row of the epoch at its end."""
        progress, began = self.progress, time.perf_counter()
        accuracy, loss = self.evaluator.validation(self.validation)
        self._check_finite(loss, weights)
        watched, watch_seconds = self.evaluator.watched(self.watch)
        self.evaluation_seconds = time.perf_counter() - began
        return EpochRow(
            epoch=progress.epoch + 1,
            train_seconds=progress.tally.seconds,
            train_loss=progress.tally.mean_loss,
            train_accuracy=progress.tally.accuracy,
            validation_accuracy=accuracy,
            validation_loss=loss,
            learning_rate=progress.learning_rate,
            batch_size=progress.batch_size,
            watched=watched,
            watch_seconds=watch_seconds,
        )

    def _check_finite(self, loss: float | None, weights: Weights) -> None:
        """Refuse weights, or a loss on the held-out images, that are not finite."""
        arrays = (*weights.params.values(), *weights.state.values())
        weights_finite = all(np.isfinite(array).all() for array in arrays)
        if not weights_finite or not np.isfinite(loss or 0.0):
            evaluated = self.train if self.validation is None else self.validation
            held_out = self.progress.history.held_out
            what = f"weights or {held_out} loss were not by the end of epoch {self.progress.epoch + 1}"
            raise self._diverged(what, evaluated.take(slice(1000)), self.progress.learning_rate)

    def finish(self) -> History:
        """Give the network the chosen weights."""
        progress, selection, history = self.progress, self.selection, self.progress.history
        history.stopped = progress.stop
        if selection.averages and selection.candidates:
            load_weights(self.network, *selection.mean())
            progress.notice(f"weights: the mean of those after the last {len(selection.candidates)} epochs")
        elif selection.restores and selection.candidates:
            chosen = selection.chosen()
            load_weights(self.network, *selection.weights[chosen.epoch])
            history.chosen_epoch = chosen.epoch
            monitor = history.shown(selection.monitor)
            window = selection.window
            among = f", of the last {window} epochs" if window is not None and window > 1 else ""
            progress.notice(f"best weights restored: those of epoch {chosen.epoch} by {monitor}{among}")
        else:
            self._leave_latest_weights()
            history.chosen_epoch = progress.epoch if progress.step_in_epoch == 0 else None
        self.callbacks.tell("on_end", progress)
        return history

    def raise_if_asked_to_end(self) -> None:
        """Raise for a signal that came when no step was left."""
        if self.asked_to_end:
            saved = None if self.folder is None else self.folder.last_good
            raise self._interrupted("after the last epoch", saved)

    def _leave_latest_weights(self) -> None:
        load_weights(self.network, *self.executor.weights())

    # The rest is for runs that are saved, interrupted or diverge.

    def _tell(self, moment: str, before: dict[str, Any]) -> None:
        """Tell the callbacks; if one raises, save the run as it was ``before``, so that it can be resumed."""
        if self.folder is not None:
            self.folder.lock.check()  # nothing is written into another folder in its place
        try:
            self.callbacks.tell(moment, self.progress)
        except CallbackError as error:
            raise CallbackError(f"{error}; {self._kept(before)}") from error.__cause__
        except StorageError as error:
            error.kept = self._kept(before)
            raise
        except Exception as error:  # made for stopping: it comes out as it is
            error.add_note(self._kept(before))
            self._leave_latest_weights()
            raise

    def _kept(self, before: dict[str, Any]) -> str:
        """Save the run as it was ``before`` and return what was saved, in words."""
        self.progress.restore(before)
        saved = self._save()
        return "nothing was saved" if saved is None else f"the run is saved in {saved}"

    def _pass_on_notice(self, text: str) -> None:
        self.callbacks.tell("on_notice", self.progress, text)

    def _save_between_chunks(self, plan: EpochPlan) -> None:
        """Save if the run stops here, or now and then in a long epoch; every epoch is saved at its end."""
        self.chunks_since_saved += 1
        due = self.folder is not None and self.chunks_since_saved >= self.folder.cadence.chunks
        self._end_if_asked()
        if self.progress.stop is not None or (due and self.progress.step_in_epoch < plan.steps):
            self._save()

    def _save(self) -> Path | None:
        if self.folder is None:
            return None
        self.chunks_since_saved = 0
        state = {**self.state.to_json(), "recipe_hash": self.recipe.hash}
        at = self.progress.epoch, self.progress.step
        return self.folder.save(*at, self.state.tensors(), state, self.selection.pinned)

    def _end_if_asked(self) -> None:
        if self.asked_to_end:
            self._interrupt()

    def _interrupt(self) -> NoReturn:
        saved = self._save()
        self._leave_latest_weights()
        at = f"in epoch {self.progress.epoch + 1}, after step {self.progress.step_in_epoch}"
        raise self._interrupted(at, saved)

    def _interrupted(self, at: str, saved: Path | None) -> Interrupted:
        number = self.signals.number or signal.SIGINT
        then = None if self.folder is None else fit_again(self.folder.folder)
        return Interrupted(f"interrupted{signal_suffix(number)} {at}", saved, number, then)

    def _diverged(self, what: str, images: HostArray, rate: float) -> DivergedError:
        params, state, _ = self.executor.export()
        where = first_non_finite(self.network, params, state, images)
        return diverged(what, where, rate, None if self.folder is None else self.folder.last_good)
