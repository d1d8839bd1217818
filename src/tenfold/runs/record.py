"""What a run says of itself: the JSON of ``train --json``, kept as ``run.json`` in the run's folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from tenfold.backend.devices import in_words
from tenfold.errors import CheckpointError, RangeError, TenfoldError
from tenfold.machine import commit
from tenfold.quoting import quoted
from tenfold.train import EpochRow
from tenfold.train.former_names import TODAY, figures_today, with_monitors
from tenfold.zoo import NetworkModel
from tenfold.zoo.model_input import DIGIT

if TYPE_CHECKING:
    from tenfold.evaluate import Environment, Evaluation
    from tenfold.runs.job import Job, Trained
    from tenfold.zoo import Model

FORMAT = 1


class Choice(NamedTuple):
    """What a run chose by: ``"validation"`` or ``"test"`` images, and how many."""

    set: str
    images: int


@dataclass(frozen=True)
class Figures:
    """What came of a run on its test images; accuracy and interval are fractions, the loss is in nats."""

    split: str
    images: int
    accuracy: float
    interval: tuple[float, float]
    loss: float
    predict_seconds: float | None

    @classmethod
    def of(cls, evaluation: Evaluation) -> Figures:
        """Return the figures of an evaluation."""
        share = evaluation.scores.share
        interval = share.interval.low, share.interval.high
        figures = evaluation.accuracy, interval, evaluation.loss, evaluation.predict_seconds
        return cls(evaluation.split, share.images, *figures)


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What must be equal for a run to be resumed.

    Attributes
    ----------
    model : str
        Name in the zoo, or the one that its maker gave it.
    dataset, dataset_sha256 : str
    seed : int
    protocol : {"honest", "published"}
    start : str or None
        The run that the network continued from, or ``"shipped"``; ``"given"`` if ``fit`` began with the
        weights that the network had.
    train_on : {"all", "images"} or None
        ``"all"``: every labelled image of the data, so that none is left to measure on. ``"images"``: images
        without a test set, as ``fit`` may be given; ``dataset_sha256`` is theirs alone.
    watch : str or None
        ``"validation"`` where images were held out to be watched, and not trained on.
    """

    model: str
    dataset: str
    dataset_sha256: str
    seed: int
    protocol: str
    start: str | None = None
    train_on: str | None = None
    watch: str | None = None

    @classmethod
    def of(cls, job: Job) -> Identity:
        """Return what tells a job's run from others."""
        return Identity(**_identity(job))

    @classmethod
    def from_json(cls, found: object, where: Path | str) -> Self:
        """Return what `to_json` gave, and tenfold wrote at any time; ``where`` is named in errors.

        Raises
        ------
        CheckpointError
            If anything in it is not what it must be.
        """
        if not isinstance(found, Mapping) or found.get("format") != FORMAT:
            raise CheckpointError(
                f"{where}: expected a record of format {FORMAT}, found another; train it again"
            )
        values = {}
        for one in fields(cls):
            value = found.get(one.name)
            if value is None and one.name not in _REQUIRED:
                continue  # older records do not have it
            try:
                values[one.name] = _READ[one.type](value)
            except (TenfoldError, KeyError, TypeError, ValueError) as error:
                raise CheckpointError(
                    f"{where}: expected {one.name}, found {quoted(value)}; train it again"
                ) from error
        try:
            return cls(**values)
        except RangeError as error:
            raise CheckpointError(f"{where}: {error}; train it again") from error

    def to_json(self) -> dict[str, Any]:
        """Return the record as values that JSON can carry."""
        return {"format": FORMAT} | asdict(self)


@dataclass(frozen=True, kw_only=True)
class Record(Identity):
    """What a finished run says of itself.

    Attributes
    ----------
    dataset_origin : str
        Where the data came from.
    classes : int
        The number of classes of the data; older records are of ten digits of 28 x 28.
    class_names : tuple of str
        The names of the classes; empty where they are their numbers.
    image_shape : tuple of int
        Height, width and channels of an image.
    train_images : int
    train_first : int or None
        Of how many images from the beginning of the training set the run was to learn.
    choice : Choice or None
        ``None`` where nothing was chosen on images of its own.
    watched : mapping of str to int
        How many images were only watched, by name.
    watch_seconds, train_seconds : float
    parameters : int or None
    epochs : tuple of EpochRow
    chosen_epoch : int or None
        The epoch (from 1) whose weights the model has.
    stopped : str or None
        Why the run ended before its last epoch.
    notices : tuple of str
    recipe : mapping
        The recipe's ``config()``; that of each member, by name, of an ensemble.
    network : mapping or None
        The network's ``config()``: its layers and their arguments.
    members : tuple of mappings
        What there is to say of each member of an ensemble.
    test : Figures or None
        ``None`` where the run was not measured.
    run, report : str or None
        The run's folder and its page, as they were named.
    commit, machine, system : str or None
    versions : mapping of str to str
        Of what the figures were measured with.
    device : str or None
        Which GPU or library computed; ``None`` for the processor with compiled code.
    workers : int or None
        How many processes shared the minibatches; ``None`` for one.
    made_by : str or None
        ``"python"`` where ``fit`` made the run, and not the command.
    source : mapping or None
        The user's file that the network comes from, its function and its SHA-256, or the installed package.
        It is only for messages and notices: nothing is run because it stands here.
    """

    dataset_origin: str
    classes: int = 10
    class_names: tuple[str, ...] = ()
    image_shape: tuple[int, ...] = DIGIT
    train_images: int
    train_first: int | None = None
    choice: Choice | None = None
    watched: Mapping[str, int] = field(default_factory=dict)
    watch_seconds: float = 0.0
    parameters: int | None = None
    epochs: tuple[EpochRow, ...]
    train_seconds: float
    chosen_epoch: int | None = None
    stopped: str | None = None
    notices: tuple[str, ...] = ()
    recipe: Mapping[str, Any]
    network: Mapping[str, Any] | None = None
    members: tuple[Mapping[str, Any], ...] = ()
    test: Figures | None = None
    run: str | None = None
    report: str | None = None
    commit: str | None = None
    machine: str | None = None
    system: str | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    made_by: str | None = None
    device: str | None = None
    workers: int | None = None
    source: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        if self.chosen_epoch is not None and not 0 < self.chosen_epoch <= len(self.epochs):
            raise RangeError(
                f"expected chosen_epoch from 1 to {len(self.epochs)}, found {quoted(self.chosen_epoch)}"
            )

    def to_json(self) -> dict[str, Any]:
        """Return the record as values that JSON can carry; what few runs have is left out of others."""
        found = super().to_json()
        left_out = {name for name in _OF_SOME if not found[name]}
        choice = None if self.choice is None else self.choice._asdict()
        return {name: value for name, value in found.items() if name not in left_out} | {"choice": choice}

    @property
    def train_epochs(self) -> int | None:
        """How many epochs were trained; ``None`` for a model without epochs."""
        return len(self.epochs) or None


_OF_SOME = ("class_names", "network", "members", "run", "report", "made_by", "device", "workers", "source")
_REQUIRED = {one.name for one in fields(Record) if one.default is MISSING and one.default_factory is MISSING}


def _typed(*kinds: Any) -> Callable[[Any], Any]:
    """Return a reader that takes values of these types."""

    def read(value: Any) -> Any:
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise TypeError(value)
        return value

    return read


_text, _whole, _number, _mapping, _list = (_typed(kind) for kind in (str, int, (int, float), Mapping, list))


def _row(value: Any) -> EpochRow:
    for name, figure in _mapping(value).items():
        if figure is not None and name != "watched":
            _number(figure)
    return EpochRow.from_dict(value)


def _test(value: Any) -> Figures:
    found = Figures(**{"split": "test"} | figures_today(value))  # older records do not name the split
    low, high = found.interval
    for figure in (low, high, found.images, found.accuracy, found.loss):
        _number(figure)
    return replace(found, interval=(low, high))


_READ: Mapping[Any, Callable[[Any], Any]] = {
    "str": _text,
    "str | None": _text,
    "int": _whole,
    "int | None": _whole,
    "float": _number,
    "Mapping[str, Any]": lambda value: with_monitors(_mapping(value), TODAY),
    "Mapping[str, Any] | None": _mapping,
    "Mapping[str, int]": lambda value: {_text(name): _whole(n) for name, n in _mapping(value).items()},
    "Mapping[str, str]": lambda value: {_text(name): _text(one) for name, one in _mapping(value).items()},
    "tuple[int, ...]": lambda value: tuple(map(_whole, _list(value))),
    "tuple[str, ...]": lambda value: tuple(map(_text, _list(value))),
    "tuple[Mapping[str, Any], ...]": lambda value: tuple(map(_mapping, _list(value))),
    "tuple[EpochRow, ...]": lambda value: tuple(map(_row, _list(value))),
    "Choice | None": lambda value: Choice(_text(value["set"]), _whole(value["images"])),
    "Figures | None": _test,
}
"""How a field is read, by its type."""


def _identity(job: Job) -> dict[str, Any]:
    return {
        "model": job.entry.name,
        "dataset": job.corpus.name,
        "dataset_sha256": job.corpus.sha256,
        "seed": job.seed,
        "protocol": job.protocol.value,
        "start": job.start,
        "train_on": job.train_on,
        "watch": "validation" if job.watches == "validation" else None,  # those are not trained on
    }


def record_of(job: Job, trained: Trained) -> Record:
    """Return the record of a run that has been trained, and not measured yet."""
    from tenfold.evaluate import environment

    model, splits, history = trained.model, trained.splits, trained.history
    data = job.corpus.train
    network = model.network.config() if isinstance(model, NetworkModel) else None
    return Record(
        **_identity(job),
        dataset_origin=job.corpus.origin,
        classes=data.classes,
        class_names=model.class_names,
        image_shape=data.image_shape,
        train_images=len(splits.train),
        train_first=job.entry.first,
        choice=None if splits.held_out is None else Choice(splits.what, len(splits.held_out)),
        watched=trained.watched,
        watch_seconds=history.watch_seconds,
        parameters=model.n_parameters,
        epochs=tuple(history.rows),
        train_seconds=trained.train_seconds,
        chosen_epoch=history.chosen_epoch,
        stopped=history.stopped,
        notices=tuple(history.notices),
        recipe=trained.recipe,
        network=network,
        members=trained.members,
        run=str(job.out),
        commit=commit(),
        made_by=job.made_by,
        device=_device(model),
        workers=trained.workers if trained.workers > 1 else None,
        source=job.entry.origin,
        **machine(environment()),
    )


def _device(model: Model) -> str | None:
    arrays = model.network.params.values() if isinstance(model, NetworkModel) else ()
    return next(map(in_words, arrays), None)


def machine(found: Environment) -> dict[str, Any]:
    """Return where and with what figures were measured."""
    from tenfold.evaluate.wording import plural

    return {
        "machine": f"{found.machine}, {plural(found.cores, 'core')}",
        "system": found.system,
        "versions": dict(found.versions),
    }


def write_record(folder: Path, record: Record) -> None:
    """Write ``run.json``; a run without it is not finished."""
    from tenfold.checkpoint import dump_json
    from tenfold.files import write_atomically
    from tenfold.predict import RECORD

    write_atomically(folder / RECORD, dump_json(record.to_json()))


def read_record(folder: Path | str) -> Record:
    """Return what a finished run says of itself.

    Raises
    ------
    CheckpointError
        If it is not there or not what a run writes.
    """
    from tenfold.checkpoint import read_json
    from tenfold.predict import RECORD, find_run

    where = find_run(folder) / RECORD
    return Record.from_json(read_json(where), where)
