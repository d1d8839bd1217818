"""The training loop."""

from __future__ import annotations

import signal
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from tenfold.checkpoint import RunLock
from tenfold.data import Dataset
from tenfold.data.image_weights import check_one_counts
from tenfold.errors import ConfigError, DivergedError, OutOfMemoryError, StorageError, TenfoldError
from tenfold.habits import keywords
from tenfold.interrupt import Interrupted, StopSignals, fit_again, signal_suffix
from tenfold.nn import Sequential
from tenfold.quoting import message
from tenfold.train.augmentation import prepare
from tenfold.train.callbacks import Callback, CallbackError, CallbackLike, Callbacks
from tenfold.train.choosing import executor_for
from tenfold.train.chunk import PART_SECONDS, ChunkTrainer
from tenfold.train.definition import load_weights
from tenfold.train.divergence import diverged, first_non_finite
from tenfold.train.epoch_evaluation import EpochEvaluator, watched_datasets, watched_test_notice
from tenfold.train.epoch_plan import EpochPlan
from tenfold.train.executor import ExecutorFactory, HostArray
from tenfold.train.history import EpochRow, HeldOut, History
from tenfold.train.own_parts import check_own_parts
from tenfold.train.progress import Progress, Tally
from tenfold.train.recipe import Recipe
from tenfold.train.run_checkpoints import CheckpointEvery, RunCheckpoints
from tenfold.train.run_checks import (
    check_data,
    check_minibatch,
    check_monitors,
    recipe_callbacks,
)
from tenfold.train.run_state import RunState
from tenfold.train.seeds import check_seed, generator
from tenfold.train.selection import Selection, Weights
from tenfold.train.task import Task


@keywords(example="tenfold.fit(network, recipe, data), or tenfold.Model(network).fit(images, labels)")
def fit(
    network: Sequential,
    recipe: Recipe,
    train: Dataset,
    validation: Dataset | None = None,
    *,
    seed: int = 0,
    out: Path | str | None = None,
    lock: RunLock | None = None,
    resume: bool = False,
    held_out: HeldOut = "validation",
    watch: Mapping[str, Dataset] | None = None,
    evaluate_train: bool = False,
    callbacks: Sequence[CallbackLike] = (),
    progress: Callback | None = None,
    executor: ExecutorFactory = executor_for,
    checkpoints: CheckpointEvery | None = None,
    initialise: bool = True,
) -> History:
    """Train a network.

    Parameters
    ----------
    network : Sequential
        Gets the weights that the recipe chooses.
    recipe : Recipe
    train : Dataset
    validation : Dataset, optional
        Images for choices; never the test set, unless the protocol is ``"published"``.
    seed : int
        For the initialisation and every epoch's order, dropout and augmentation.
    out : Path, optional
        The run's folder, for checkpoints and ``history.csv``; without one nothing is saved.
    lock : RunLock, optional
        The lock of ``out``, if the caller holds it already to write more into the folder.
    resume : bool
        Whether to resume from the newest checkpoint in ``out``; without one, the run starts. A resumed
        run ends with the same bits as an uninterrupted one. Only if weights that might be chosen are
        damaged, and no older checkpoint helps, it chooses among the others and gives a notice. The
        recipe may have more epochs than before.
    held_out : {"validation", "test"}
        The name of the images in ``validation``, so that no figure on test images is shown as validation.
    watch : mapping of str to Dataset, optional
        Images to be evaluated after each epoch, by name: ``{"test": corpus.test}``. No rule of the recipe
        and no built-in callback uses them, and the weights have the same bits without them. Their figures
        are in ``EpochRow.watched``.
    evaluate_train : bool
        Whether to watch all training images too, with the network as it is after the epoch.
    callbacks : sequence of Callback, or of functions
        A function is called with the `Progress` after each epoch.
    progress : Callback, optional
        Displays the run: `PlainLines`, `RichBar`.
    executor : callable
        ``executor(network, loss, optimizer)`` returns an executor.
    checkpoints : CheckpointEvery, optional
    initialise : bool
        Whether the parameters are drawn from the seed; if not, training continues with those that the
        network has.

    Returns
    -------
    History

    Raises
    ------
    ConfigError, RangeError, ShapeError, DataError
        If the parts do not fit one another, or ``out`` holds another run.
    OutOfMemoryError
        If network or minibatches need more memory than there is.
    DivergedError
        If NaN or infinity appears; epoch, step, layer and the last good checkpoint are named.
    CheckpointError, BusyError
        If the folder cannot be read, or is in use.
    StorageError
        If the disk is full, the folder cannot be written, or was moved.
    CallbackError
        If a callback raises an error; the run is saved as it was before.
    Exception
        If a callback raises an exception made for stopping (see `Callback`); the run is saved likewise.
    Interrupted
        After Ctrl-C, when the current steps are finished and saved.

    Examples
    --------
    >>> import numpy as np
    >>> from tenfold.nn import Dense, Flatten
    >>> from tenfold.train import DefinitionExecutor
    >>> rng = np.random.default_rng(0)
    >>> digits = Dataset(rng.integers(0, 256, (64, 28, 28), np.uint8), rng.integers(0, 10, 64), "noise")
    >>> network = Sequential({"flatten": Flatten(), "fc": Dense(784, 10)}, input_shape=(28, 28, 1))
    >>> history = fit(network, Recipe(epochs=3), digits, executor=DefinitionExecutor)
    >>> history.rows[-1].train_loss < history.rows[0].train_loss
    True
    """
    watched = watched_datasets(watch, train, validation, held_out, evaluate_train=evaluate_train)
    task = Task(network, recipe, train, validation, held_out, check_seed(seed), watched)
    check_data(network, recipe, train, {held_out: validation, **watched})
    check_one_counts(train.weights)
    if initialise:
        network.initialise(generator(task.seed, 0, "initialisation"), network.dtype or np.float32)
    check_own_parts(network, recipe, saved=out is not None)
    with ExitStack() as stack:
        folder = None
        if out is not None:
            held = _held(Path(out), lock, stack)
            folder = RunCheckpoints(held, task.identity, checkpoints or CheckpointEvery())
        watchers = _watchers(task, folder, callbacks, progress)
        stack.callback(watchers.close)
        run = _Run(task, executor, watchers, folder, stack.enter_context(StopSignals()))
        run.begin(resume)
        try:
            while run.unfinished:
                run.epoch()
        except MemoryError as error:
            if isinstance(error, TenfoldError):
                raise
            raise OutOfMemoryError(
                f"training: expected enough memory for a minibatch, got none ({message(error)}); "
                "use a smaller batch_size or network"
            ) from error
        history = run.finish()
        run.raise_if_asked_to_end()
        return history


def _watchers(
    task: Task, folder: RunCheckpoints | None, callbacks: Sequence[CallbackLike], progress: Callback | None
) -> Callbacks:
    """Return all callbacks of the run: the recipe's, the caller's, and the display."""
    own = recipe_callbacks(task.recipe, task.train, None if folder is None else folder.folder)
    watchers = Callbacks([*own, *callbacks, *([] if progress is None else [progress])])
    check_monitors(watchers.callbacks, task.validation)
    return watchers


def _held(out: Path, lock: RunLock | None, stack: ExitStack) -> RunLock:
    """Return the folder's lock: the caller's, or one that is acquired now."""
    if lock is None:
        return stack.enter_context(RunLock(out))
    if not (lock.held and lock.folder == out):
        found = "that of another folder" if lock.held else "one that is not held"
        raise ConfigError(f"{out}: expected the folder's lock, got {found}; pass the lock that is held")
    return lock


class _Run:
    """One call of `fit`."""

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
            current_weights=lambda: self.executor.export()[:2],
        )
        self.state = RunState(self.network, self.executor, self.progress, self.selection, task.seed)
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
        params, state, _ = self.executor.export()
        images = sum(len(data) for data in (self.validation, *self.watch.values()) if data is not None)
        if max(self.evaluation_seconds, images * self.chunks.image_seconds) > PART_SECONDS:
            self._save()  # a signal during the evaluation must not lose the epoch
        row = self._evaluated(params, state)
        progress.history.rows.append(row)
        progress.epoch, progress.step_in_epoch, progress.tally = row.epoch, 0, Tally()
        load_weights(self.network, params, state)  # for callbacks: an executor may keep its own
        self._tell("on_epoch_end", before)
        self.selection.observe(row, progress.step, Weights(params, state))
        self.state.use_generators_of(progress.epoch)
        self._save()

    def _evaluated(self, params: dict[str, HostArray], state: dict[str, HostArray]) -> EpochRow:
        """Return the row of the epoch at its end."""
        progress, began = self.progress, time.perf_counter()
        accuracy, loss = self.evaluator.validation(self.validation)
        self._check_finite(loss, params, state)
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

    def _check_finite(
        self, loss: float | None, params: dict[str, HostArray], state: dict[str, HostArray]
    ) -> None:
        """Refuse weights, or a loss on the held-out images, that are not finite."""
        weights_finite = all(np.isfinite(array).all() for array in (*params.values(), *state.values()))
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
        params, state, _ = self.executor.export()
        load_weights(self.network, params, state)

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
