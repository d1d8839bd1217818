"""One training run of a zoo entry: its data under a protocol, its folder, the model in it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tenfold.errors import ConfigError
from tenfold.predict.calibrating import recalibrate
from tenfold.runs import event_files, live
from tenfold.runs.folder import begin, changed_file, put_model
from tenfold.runs.job import Job, Prepared, Trained, divided, prepared
from tenfold.runs.training_ensemble import train_ensemble
from tenfold.runs.workers import ALONE, Computing, computing
from tenfold.train import Callback, History
from tenfold.zoo import ClassicalModel, NetworkModel

if TYPE_CHECKING:
    from tenfold.checkpoint import RunLock
    from tenfold.train import Progress
    from tenfold.train.live import EventLog

Notice = Callable[[str], None]
log = logging.getLogger(__name__).warning


def train(
    job: Job,
    lock: RunLock,
    *,
    resume: bool,
    callbacks: Sequence[Callback] = (),
    notice: Notice = log,
    events: EventLog | None = None,
) -> Trained:
    """Train and save the model in the job's folder, which this process has claimed.

    Parameters
    ----------
    job : Job
    lock : RunLock
        From `tenfold.runs.folder.claimed`.
    resume : bool
    callbacks : sequence of Callback
        Who shows the run, and others who follow it.
    notice : callable
        Told what must be known of the run once it is trained; by default it is logged.
    events : EventLog, optional
        Gets the events of a network's training, see `tenfold.runs.live`.

    Raises
    ------
    TenfoldError, Interrupted
        As `tenfold.fit` does.
    """
    if job.entry.is_network:
        trained = _network(job, lock, resume, callbacks, notice, events)
    elif job.entry.members:
        trained = train_ensemble(job, lock, resume, [_Begins(job), *callbacks])
    else:
        trained = _classical(job)
        lock.check()
        begin(job)
    lock.check()
    put_model(trained.model, job.out)
    return trained


class _Begins(Callback):
    """Has the folder say that its run is not finished, as soon as nothing speaks against going on."""

    def __init__(self, job: Job, workers: int = 1) -> None:
        self._job, self._workers = job, workers

    def on_start(self, progress: Progress) -> None:
        changed = changed_file(self._job)
        begin(self._job, self._workers)
        if changed is not None:
            progress.notice(changed)
        if self._job.came_from is not None:
            progress.notice(f"continued from {self._job.came_from}, which is not changed")


def _network(
    job: Job,
    lock: RunLock,
    resume: bool,
    callbacks: Sequence[Callback],
    notice: Notice,
    events: EventLog | None,
) -> Trained:
    given = prepared(job)
    board = event_files.board(job, given.model, given.splits, given.watch)
    recorder = live.recorder(events, given.model, given.splits)
    callbacks = [*callbacks, *(one for one in (board, recorder) if one is not None)]
    with computing(job.workers, given.model, notice) as found:
        begins = _Begins(job, found.workers)
        history = train_prepared(job, given, found, lock=lock, resume=resume, callbacks=[begins, *callbacks])
    lock.check()
    if job.given is None and (calibrated := recalibrate(given.model, given.aside, job.seed)) is not None:
        notice(calibrated)
        history.notices.append(calibrated)
    # The same file as after every epoch, now with the names of what it is about.
    history.write_csv(job.out / "history.csv", {"model": job.entry.name, "dataset": job.corpus.name})
    return trained_network(job, given, history, found.workers)


def train_prepared(
    job: Job,
    given: Prepared,
    computing: Computing = ALONE,
    *,
    lock: RunLock | None = None,
    resume: bool = False,
    callbacks: Sequence[Callback] = (),
) -> History:
    """Train a job's network; it is saved in the job's folder if this has been claimed."""
    return NetworkModel.fit(  # the training alone: `fit` of a network from Python makes a run of it
        given.model,
        given.splits.train,
        validation=given.splits.held_out,
        held_out=given.splits.what,
        watch=given.watch,
        evaluate_train=job.evaluate_train,
        seed=job.seed,
        out=None if lock is None else job.out,
        lock=lock,
        resume=resume,
        callbacks=callbacks,
        checkpoints=job.checkpoints,
        initialise=given.initialise,
        executor=computing.executor,
    )


def trained_network(job: Job, given: Prepared, history: History, workers: int = 1) -> Trained:
    """Return what came of a network's training."""
    recipe, train = given.model.recipe, given.splits.train
    return Trained(
        model=given.model,
        splits=given.splits,
        history=history,
        recipe={} if recipe is None else recipe.config(),
        train_seconds=sum(row.train_seconds for row in history.rows),
        watched=({"train": len(train)} if job.evaluate_train else {})
        | {name: len(data) for name, data in given.watch.items()},
        workers=workers,
    )


def _classical(job: Job) -> Trained:
    if job.epochs is not None:
        raise ConfigError(
            f"{job.entry.name}: expected no --epochs, it is fitted at once; leave the option out"
        )
    model, splits = job.entry.build(job.entry), divided(job)
    if not isinstance(model, ClassicalModel):
        raise ConfigError(
            f"{job.entry.name}: expected a classical model, got a {model.family}; give an entry"
        )
    fitted = model.fit(splits.train, validation=splits.held_out, seed=job.seed)
    return Trained(model, splits, History(), {}, fitted.train_seconds)
