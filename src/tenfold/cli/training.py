"""One training run of a zoo entry: its data under a protocol, its folder, the model in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tenfold.cli import output, tensorboard
from tenfold.cli.options import Protocol, Watching
from tenfold.cli.run_folder import begin, put_model
from tenfold.data import load_corpus
from tenfold.errors import ConfigError
from tenfold.predict.calibrating import recalibrate, set_aside
from tenfold.predict.fine_tuning import EPOCHS, mixed, starting_point
from tenfold.train import Callback, CheckpointEvery
from tenfold.zoo import NetworkModel, Parts, divide, to_be_watched, watched

if TYPE_CHECKING:
    from tenfold.checkpoint import RunLock
    from tenfold.data import Corpus, Dataset
    from tenfold.train import EpochRow, Progress
    from tenfold.zoo import Model, Trainable, Watch

RUNS = Path("runs")


@dataclass(frozen=True)
class Job:
    """What is to be trained, on what, and where it goes.

    Attributes
    ----------
    entry : Trainable
    corpus : Corpus
    protocol : Protocol
    seed : int
    epochs : int or None
        In place of the recipe's.
    out : Path
    tensorboard : Path, optional
        The folder for TensorBoard's event files, if they are to be written.
    start : str, optional
        The run to go on from, or ``"shipped"``; without one the network begins anew.
    watch : Watching, optional
        What ``--watch`` said.
    evaluate_train : bool
        Whether the training images are watched too.
    keep_all : bool
        Whether the checkpoint of every epoch is kept.
    came_from : str, optional
        The run, and its epoch, that the folder's checkpoints were copied from.
    """

    entry: Trainable
    corpus: Corpus
    protocol: Protocol
    seed: int
    epochs: int | None
    out: Path
    tensorboard: Path | None = None
    start: str | None = None
    watch: Watching | None = None
    evaluate_train: bool = False
    keep_all: bool = False
    came_from: str | None = None

    @property
    def watches(self) -> Watch:
        """Which images are only watched."""
        entry = self.entry if self.start is None else replace(self.entry, choice=None)
        return to_be_watched(entry, self.protocol.value, self.watch)

    def check(self) -> None:
        """Raise ConfigError if what is asked for cannot be watched."""
        _ = self.watches
        if self.corpus.split == "none" and self.watch in (Watching.validation, Watching.test):
            raise ConfigError(
                f"--watch: expected none with --all-images, which holds no images out, got {self.watch}; "
                "leave one of the two out, or say --evaluate-train"
            )


class Prepared(NamedTuple):
    """A network to train, what it is trained and chooses on, and what is only watched."""

    model: NetworkModel
    parts: Parts
    watch: dict[str, Dataset]


@dataclass(frozen=True)
class Trained:
    """A trained model and how it came about."""

    model: Model
    train_images: int
    choice: str | None
    choice_images: int
    rows: tuple[EpochRow, ...]
    train_seconds: float
    chosen_epoch: int | None
    stopped: str | None
    notices: tuple[str, ...]
    recipe: dict[str, Any]
    watched: dict[str, int] = field(default_factory=dict)  # how many images, by name
    watch_seconds: float = 0.0
    members: tuple[dict[str, Any], ...] = ()


def default_folder(name: str, dataset: str) -> Path:
    """Return a folder below ``runs`` that is free; the data's name is in it unless they are MNIST."""
    stem = name if dataset == "mnist" else f"{name}-{dataset}"
    folder, copy = RUNS / stem, 2
    while folder.exists():
        folder, copy = RUNS / f"{stem}-{copy}", copy + 1
    return folder


def prepared(job: Job) -> Prepared:
    """Return a network to train, its images, and those to watch.

    Raises
    ------
    ConfigError
        If it is no network, or the protocol does not allow to watch what is asked for.
    """
    parts, watch = watched(divided(job), job.watches, job.corpus.test, job.seed)
    if job.start is not None:
        start = starting_point(job.start, job.entry.name, job.epochs or EPOCHS)
        both = mixed(parts.train, load_corpus("mnist-5k").train)
        return Prepared(start, parts._replace(train=both), watch)
    model = job.entry.build(job.entry)
    if not isinstance(model, NetworkModel) or model.recipe is None:
        raise ConfigError(
            f"{job.entry.name}: expected a network, got a model without epochs; leave the option out"
        )
    recipe = replace(model.recipe, protocol=job.protocol.value)
    model.recipe = recipe if job.epochs is None else replace(recipe, epochs=job.epochs)
    return Prepared(model, parts, watch)


def divided(job: Job) -> Parts:
    """Return what a job learns from and chooses on."""
    corpus, entry = job.corpus, job.entry
    if job.start is not None:
        return Parts(corpus.train, None, "validation")
    return divide(entry.choice, job.protocol.value, corpus.train, corpus.test, job.seed, entry.first)


def run(job: Job, lock: RunLock, *, resume: bool, progress: Callback | None) -> Trained:
    """Train and save the model in the job's folder, which this process has claimed.

    Raises
    ------
    TenfoldError, Interrupted
        As `tenfold.fit` does.
    """
    if job.entry.is_network:
        trained = _network(job, lock, resume, [_Begins(job), *([] if progress is None else [progress])])
    elif job.entry.members:
        from tenfold.cli.training_ensemble import train_ensemble

        trained = train_ensemble(job, lock, resume, [_Begins(job), *([] if progress is None else [progress])])
    else:
        trained = _classical(job)
        lock.check()
        begin(job)
    lock.check()
    put_model(trained.model, job.out)
    return trained


class _Begins(Callback):
    """Has the folder say that its run is not finished, as soon as nothing speaks against going on."""

    def __init__(self, job: Job) -> None:
        self._job = job

    def on_start(self, progress: Progress) -> None:
        begin(self._job)
        if self._job.came_from is not None:
            progress.notice(f"went on from {self._job.came_from}, which stays as it is")


def _network(job: Job, lock: RunLock, resume: bool, callbacks: Sequence[Callback]) -> Trained:
    recipe = None if job.entry.recipe is None else job.entry.recipe()
    own, held = set_aside(recipe, job.corpus.train, job.seed)
    model, parts, watch = prepared(replace(job, corpus=replace(job.corpus, train=own)))
    written = tensorboard.board(job, model, parts, watch)
    history = model.fit(
        parts.train,
        validation=parts.held_out,
        held_out=parts.what,
        watch=watch,
        evaluate_train=job.evaluate_train,
        seed=job.seed,
        out=job.out,
        lock=lock,
        resume=resume,
        callbacks=callbacks if written is None else [*callbacks, written],
        checkpoints=CheckpointEvery.all() if job.keep_all else None,
        initialise=job.start is None,
    )
    lock.check()
    if (calibrated := recalibrate(model, held, job.seed)) is not None:
        output.remark(calibrated)
        history.notices.append(calibrated)
    # The same file as after every epoch, now with the names of what it is about.
    history.write_csv(job.out / "history.csv", {"model": job.entry.name, "dataset": job.corpus.name})
    return Trained(
        model=model,
        train_images=len(parts.train),
        choice=None if parts.held_out is None else parts.what,
        choice_images=0 if parts.held_out is None else len(parts.held_out),
        rows=tuple(history.rows),
        train_seconds=sum(row.train_seconds for row in history.rows),
        chosen_epoch=history.chosen_epoch,
        stopped=history.stopped,
        notices=tuple(history.notices),
        recipe={} if model.recipe is None else model.recipe.config(),
        watched=({"train": len(parts.train)} if job.evaluate_train else {})
        | {name: len(data) for name, data in watch.items()},
        watch_seconds=history.watch_seconds,
    )


def _classical(job: Job) -> Trained:
    if job.epochs is not None:
        raise ConfigError(
            f"{job.entry.name}: expected no --epochs, it is fitted at once; leave the option out"
        )
    model = job.entry.build(job.entry)
    train, validation, choice = divided(job)
    fitted = model.fit(train, validation=validation, seed=job.seed)
    return Trained(
        model=model,
        train_images=len(train),
        choice=None if validation is None else choice,
        choice_images=0 if validation is None else len(validation),
        rows=(),
        train_seconds=fitted.train_seconds,
        chosen_epoch=None,
        stopped=None,
        notices=(),
        recipe={},
    )
