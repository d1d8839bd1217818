"""The training of a network, from its arguments to its history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from tenfold.checkpoint import RunLock
from tenfold.data import Dataset
from tenfold.data.image_weights import check_one_counts
from tenfold.errors import ConfigError, OutOfMemoryError, TenfoldError
from tenfold.habits import keywords
from tenfold.interrupt import StopSignals
from tenfold.nn import Sequential
from tenfold.quoting import message
from tenfold.train.callbacks import Callback, CallbackLike, Callbacks
from tenfold.train.choosing import executor_for
from tenfold.train.epoch_evaluation import watched_datasets
from tenfold.train.executor import ExecutorFactory
from tenfold.train.history import HeldOut, History
from tenfold.train.loop import Loop
from tenfold.train.own_parts import check_own_parts
from tenfold.train.recipe import Recipe
from tenfold.train.run_checkpoints import CheckpointEvery, RunCheckpoints
from tenfold.train.run_checks import (
    check_data,
    check_monitors,
    recipe_callbacks,
)
from tenfold.train.seeds import check_seed, generator
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
        run = Loop(task, executor, watchers, folder, stack.enter_context(StopSignals()))
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
