"""A job: what is to be trained, on what, and where it goes; and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tenfold.data import load_corpus
from tenfold.errors import ConfigError
from tenfold.predict.calibrating import hold_out_for_calibration
from tenfold.predict.fine_tuning import EPOCHS, mixed, starting_point
from tenfold.runs.protocol import Protocol, Watching
from tenfold.zoo import (
    NetworkModel,
    Splits,
    Trainable,
    fitted_to,
    of_digits,
    split_for_protocol,
    watch_rule,
    watched,
)
from tenfold.zoo.matched_classes import to_train_further, with_classes
from tenfold.zoo.trained import RUNS

if TYPE_CHECKING:
    from tenfold.data import Corpus, Dataset
    from tenfold.runs.workers import Workers
    from tenfold.train import CheckpointEvery, History
    from tenfold.zoo import Model, Watch


@dataclass(frozen=True)
class Job:
    """What is to be trained, on what, and where it goes.

    Attributes
    ----------
    entry : Trainable
        With the shape and the classes of the data, see `tenfold.zoo.fitted_to`.
    corpus : Corpus
    protocol : Protocol
    seed : int
    epochs : int or None
        In place of the recipe's.
    out : Path
    tensorboard : Path, optional
        The folder for TensorBoard's event files, if they are to be written.
    start : str, optional
        The run to fine-tune, ``"shipped"``, or ``"given"`` for the weights that a network from Python has;
        without one the network is initialised.
    watch : Watching, optional
        What ``--watch`` said.
    evaluate_train : bool
        Whether the training images are watched too.
    checkpoints : CheckpointEvery, optional
        Which checkpoints are kept.
    came_from : str, optional
        The run, and its epoch, that the folder's checkpoints were copied from.
    device : str, optional
        Where it is trained; by default on the processor.
    workers : Workers, optional
        Those that share its minibatches.
    live : bool
        Whether the training is recorded while it goes on, for the studio.
    given : Prepared, optional
        What the training is given, where that does not follow from the entry and the protocol.
    made_by : "python", optional
        Who asks for it; by default the command.
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
    checkpoints: CheckpointEvery | None = None
    came_from: str | None = None
    given: Prepared | None = None
    made_by: str | None = None
    device: str | None = None
    workers: Workers | None = None
    live: bool = False

    def __post_init__(self) -> None:
        """Fit the entry to the data, unless its network is given already."""
        if self.given is None and self.start is None:
            object.__setattr__(self, "entry", fitted_to(self.entry, self.corpus.train))

    @property
    def watches(self) -> Watch:
        """Which images are only watched."""
        entry = self.entry if self.start is None else replace(self.entry, selection_set=None)
        return watch_rule(entry, self.protocol.value, self.watch)

    @property
    def train_on(self) -> str | None:
        """``"all"`` or ``"images"`` where nothing is left to measure on; see `Identity`."""
        if self.corpus.split != "none":
            return None
        return "images" if self.corpus.sha256 == self.corpus.train.sha256 else "all"

    def check(self) -> None:
        """Raise ConfigError if what is asked for cannot be watched."""
        _ = self.watches
        if self.corpus.split == "none" and self.watch in (Watching.validation, Watching.test):
            raise ConfigError(
                f"--watch: expected none with --all-images, which holds no images out, got {self.watch}; "
                "leave one of the two out, or add --evaluate-train"
            )


class Prepared(NamedTuple):
    """What a network's training is given.

    Attributes
    ----------
    model : NetworkModel
    splits : Splits
        What it is trained on, and what it chooses on.
    watch : dict of str to Dataset
        What is only watched, by name.
    aside : Dataset or None
        Images set aside, on which temperature and threshold are chosen afterwards.
    initialise : bool
        Whether the network is initialised.
    """

    model: NetworkModel
    splits: Splits
    watch: dict[str, Dataset]
    aside: Dataset | None = None
    initialise: bool = True


@dataclass(frozen=True)
class Trained:
    """A trained model and how it came about.

    Attributes
    ----------
    model : Model
    splits : Splits
        What it was trained on, and what it chose on.
    history : History
        Empty of a model without epochs; of an ensemble, whose members have their own, only the notices.
    recipe : dict
        As JSON values.
    train_seconds : float
    watched : dict of str to int
        How many images were only watched, by name.
    members : tuple of dict
        What there is to say of each member of an ensemble.
    workers : int
        How many computed its minibatches.
    """

    model: Model
    splits: Splits
    history: History
    recipe: dict[str, Any]
    train_seconds: float
    watched: dict[str, int] = field(default_factory=dict)
    members: tuple[dict[str, Any], ...] = ()
    workers: int = 1


def default_folder(name: str, dataset: str) -> Path:
    """Return a folder below ``runs`` that is free; the data's name is in it unless they are MNIST."""
    stem = name if dataset == "mnist" else f"{name}-{dataset}"
    folder, copy = RUNS / stem, 2
    while folder.exists():
        folder, copy = RUNS / f"{stem}-{copy}", copy + 1
    return folder


def prepared(job: Job) -> Prepared:
    """Return what the training of the job's network is given.

    Raises
    ------
    ConfigError
        If it is not a network, or the protocol does not allow these watched images.
    """
    if job.given is not None:
        return job.given
    if job.start is not None:
        return _prepared_further(job, job.start)
    recipe = None if job.entry.recipe is None else job.entry.recipe()
    own, aside = hold_out_for_calibration(recipe, job.corpus.train, job.seed)
    splits = divided(replace(job, corpus=replace(job.corpus, train=own)))
    splits, watch = watched(splits, job.watches, job.corpus.test, job.seed)
    model = job.entry.build(job.entry)
    if not isinstance(model, NetworkModel) or model.recipe is None:
        raise ConfigError(
            f"{job.entry.name}: expected a network, got a model without epochs; leave the option out"
        )
    recipe = replace(model.recipe, protocol=job.protocol.value)
    model.recipe = recipe if job.epochs is None else replace(recipe, epochs=job.epochs)
    if job.device is not None:
        model.network.to(job.device)
    return Prepared(model, splits, watch, aside)


def _prepared_further(job: Job, source: str) -> Prepared:
    """Return what the further training of a trained network is given."""
    start = starting_point(source, job.entry.name, job.epochs or EPOCHS, job.entry)
    if job.device is not None:
        start.network.to(job.device)
    train = to_train_further(start, job.corpus.train)
    own, aside = hold_out_for_calibration(start.recipe, train, job.seed)
    splits, watch = watched(Splits(own, None, "validation"), job.watches, job.corpus.test, job.seed)
    watch = {name: with_classes(images, start.labels, start.name) for name, images in watch.items()}
    own = splits.train
    both = mixed(own, load_corpus("mnist-5k").train) if of_digits(own) else own
    return Prepared(start, splits._replace(train=both), watch, aside, initialise=False)


def divided(job: Job) -> Splits:
    """Return what a job learns from and chooses on."""
    corpus, entry = job.corpus, job.entry
    return split_for_protocol(
        entry.selection_set, job.protocol.value, corpus.train, corpus.test, job.seed, entry.first
    )


def entry_of_network(model: NetworkModel) -> Trainable:
    """Return the entry of a network that is built already."""
    return Trainable(
        name=model.name,
        title=model.name,
        build=lambda _: model,
        parameters=model.n_parameters,
        recipe=model.known_recipe,
    )
