"""Training recipes: everything that decides the result except the network, the data and the seed."""

from __future__ import annotations

import hashlib
import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, get_args

from tenfold.checkpoint import dump_json
from tenfold.data import AUGMENTATIONS, Augmenter, augmentation_from_config
from tenfold.data.batches import ShortBatch
from tenfold.errors import ConfigError, RangeError
from tenfold.habits import constructor
from tenfold.nn import Loss, SoftmaxCrossEntropy, as_loss, loss_from_config
from tenfold.optim import (
    AVERAGES,
    EMA,
    Adam,
    Optimizer,
    RateFunction,
    Schedule,
    as_optimizer,
    check_schedule,
    nominal_value,
    optimizer_from_config,
    schedule_from_config,
)
from tenfold.quoting import message, quoted
from tenfold.registry import construct, lookup, unknown
from tenfold.train.augmentation import Augmentation, augmentation_config
from tenfold.train.callbacks import STOPPING, ReduceOnPlateau, Stopping
from tenfold.train.former_names import digested

Protocol = Literal["honest", "published"]
EPOCHS = 10
"""How many epochs are trained if nothing is said."""

_A_FACTOR = (
    "rate is a factor on the optimiser's learning rate in each epoch, such as CosineDecay(1.0, epochs=20); "
    "for a learning rate of 0.01 write optimizer=Adam(0.01)"
)
_OF_LAST = re.compile(r"(best|mean)_of_last\(([1-9][0-9]{0,3})\)")


@constructor(
    {
        **dict.fromkeys(("learning_rate", "lr"), "write optimizer=Adam(1e-3)"),
        "weight_decay": "write optimizer=Adam(1e-3, weight_decay=0.01)",
        "momentum": "write optimizer=SGD(0.1, momentum=0.9)",
        **dict.fromkeys(("schedule", "scheduler"), "write rate=CosineDecay(1.0, epochs=20)"),
        **dict.fromkeys(("callbacks", "seed", "validation", "verbose"), "it belongs to fit"),
    }
)
@dataclass(frozen=True)
class Recipe:
    """A training recipe.

    Parameters
    ----------
    epochs : int
        Passes over the training images.
    batch_size : int or schedule
        Images in a minibatch; a schedule gives it for each epoch (counted from 0).
    optimizer : Optimizer
        The update rule, with its learning rate. A name or a class works too, see `optim.as_optimizer`.
    rate : schedule or function, optional
        A factor on the optimiser's learning rate for each epoch or step:
        ``rate(epoch, step, steps_per_epoch)``.
    loss : Loss
        A name or a class works too, see `nn.as_loss`.
    short_batch : {"resample", "drop", "keep"}
        What happens to a short last minibatch of an epoch: it is filled with images drawn from the whole
        training set, left out, or kept. A single remaining image joins the minibatch before it if batch
        normalisation needs two.
    augmentation : callable, optional
        `tenfold.data.RandomAffine`, or your own: ``augment(images, rng) -> images`` on float32
        (n, h, w, c) from 0 to 1.
    early_stopping : EarlyStopping or WindowStopping, optional
    plateau : ReduceOnPlateau, optional
    average : EMA, optional
        A moving average of the weights over the steps. The averaged weights are evaluated after each epoch,
        chosen by ``choose`` and ``early_stopping``, and kept; see `tenfold.optim.EMA`.
    choose : str
        The epoch whose weights the network gets at the end: ``"last"`` (or the one that
        ``early_stopping`` restores), ``"best"`` by validation accuracy, or ``"best_of_last(4)"``: the
        best of the last four. Of equal epochs, the latest counts. With ``"mean_of_last(4)"`` the weights
        are the mean over the last four epochs.
    protocol : {"honest", "published"}
        A label in every file: choices use validation images, or follow the authors of a published figure.
    chunk_images : int
        Images between two checks of callbacks, Ctrl-C and checkpoints. A count and not a time, so that
        random numbers do not depend on the machine.

    Raises
    ------
    RangeError, ConfigError
        If a number or a name cannot be used.

    Examples
    --------
    >>> from tenfold.optim import Doubling
    >>> recipe = Recipe(epochs=20, batch_size=Doubling(32, every=4), optimizer=Adam(1e-3))
    >>> recipe.batch_size_at(4)
    64
    >>> Recipe.from_config(recipe.config()) == recipe
    True
    """

    epochs: int = EPOCHS
    batch_size: int | Schedule = 32
    optimizer: Optimizer = field(default_factory=lambda: Adam(1e-3))
    rate: Schedule | RateFunction | None = None
    loss: Loss = field(default_factory=SoftmaxCrossEntropy)
    short_batch: ShortBatch = "resample"
    augmentation: Augmentation | None = None
    early_stopping: Stopping | None = None
    plateau: ReduceOnPlateau | None = None
    average: EMA | None = None
    choose: str = "last"
    protocol: Protocol = "honest"
    chunk_images: int = 4096

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size", "chunk_images"):
            value = getattr(self, name)
            if name != "batch_size" or not callable(value):
                object.__setattr__(self, name, _at_least_one(name, value))  # NumPy's integers become int
        self._check_parts()
        lookup("short_batch", self.short_batch, dict.fromkeys(get_args(ShortBatch), True))
        lookup("protocol", self.protocol, dict.fromkeys(get_args(Protocol), True))
        self.window()
        if getattr(self.augmentation, "adds_negatives", False) and not self.loss.extra_labels:
            raise ConfigError(
                f"recipe: the augmentation makes images without a digit, for which {self.loss.kind} has no "
                "label; use the loss open_set_cross_entropy"
            )
        if self.averages and self.average is not None:
            raise ConfigError(
                f"recipe: choose={self.choose!r} and average={self.average} both average the weights; "
                "set choose='last' or average=None"
            )
        if self.choose != "last" and self.early_stopping is not None and self.early_stopping.restore_best:
            raise ConfigError(
                f"recipe: choose={self.choose!r} and early stopping with restore_best both choose "
                "the weights; set choose='last' or restore_best=False"
            )

    def _check_parts(self) -> None:
        """Check the parts that may be the user's own, and turn names and classes into objects."""
        object.__setattr__(self, "optimizer", as_optimizer(self.optimizer))
        object.__setattr__(self, "loss", as_loss(self.loss))
        if callable(self.batch_size):
            check_schedule("batch_size", self.batch_size, instead="write batch_size=32")
        if self.rate is not None:
            check_schedule("rate", self.rate, instead=_A_FACTOR)
        self._check_augmentation()
        parts: dict[str, tuple[type[Any], ...]] = {
            "early_stopping": (*STOPPING.values(),),
            "plateau": (ReduceOnPlateau,),
            "average": (*AVERAGES.values(),),
        }
        for name, kinds in parts.items():
            part = getattr(self, name)
            if part is not None and not isinstance(part, kinds):
                cls = kinds[0].__name__
                raise ConfigError(f"{name}: expected {cls}(...), got {quoted(part)}; write {cls}()")

    def _check_augmentation(self) -> None:
        given: Any = self.augmentation
        if isinstance(given, type):
            got, advice = f"the class {given.__name__}", f"{given.__name__}(...)"
        elif given is None or callable(given) or isinstance(given, Augmenter):
            return
        else:
            got, advice = quoted(given), "for example RandomAffine(rotation=10)"
            advice = "Chain([...])" if isinstance(given, (list, tuple)) else advice
        raise ConfigError(
            f"augmentation: expected a function augment(images, rng), got {got}; write {advice}"
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Recipe) and self.config() == other.config()

    def __hash__(self) -> int:
        return hash(self.hash)

    @property
    def hash(self) -> str:
        """Return the SHA-256 of the configuration, in hexadecimal: equal recipes have equal hashes."""
        return hashlib.sha256(dump_json(digested(self.config()))).hexdigest()

    @property
    def validates(self) -> bool:
        """Whether a choice needs validation images: the best epoch, when to stop, when to lower the rate."""
        watched = [part.monitor for part in (self.early_stopping, self.plateau) if part is not None]
        chooses = self.choose != "last" and not self.averages
        return chooses or any(monitor.startswith("validation") for monitor in watched)

    def without_choices(self) -> Recipe:
        """Return the recipe without the choices that need validation images.

        All epochs are trained, at a rate that no plateau lowers, and the last epoch's weights are kept.
        """

        def kept(part: Any) -> Any:
            return None if part is not None and part.monitor.startswith("validation") else part

        return replace(
            self,
            choose=self.choose if self.averages else "last",
            early_stopping=kept(self.early_stopping),
            plateau=kept(self.plateau),
        )

    @property
    def averages(self) -> bool:
        """Whether the final weights are the mean of those after several epochs."""
        return self.choose.startswith("mean")

    def window(self) -> int | None:
        """Return how many of the last epochs to choose among, or average: None for all, 1 for the last.

        Raises
        ------
        ConfigError
            If ``choose`` is not a known rule.
        """
        if self.choose in ("last", "best"):
            return None if self.choose == "best" else 1
        match = _OF_LAST.fullmatch(self.choose)
        if match is None:
            raise unknown(
                "rule in choose:", self.choose, ("last", "best", "best_of_last(4)", "mean_of_last(4)")
            )
        return int(match[2])

    def batch_size_at(self, epoch: int) -> int:
        """Return the minibatch size in an epoch (from 0).

        Raises
        ------
        RangeError
            If the schedule gives less than 1.
        """
        size = self.batch_size if isinstance(self.batch_size, int) else self.batch_size(epoch)
        return _at_least_one(f"batch_size in epoch {epoch + 1}", size)

    def rate_at(self, epoch: int, step: int, steps_per_epoch: int) -> float:
        """Return the learning rate of a step (both from 0), before callbacks scale it."""
        factor = 1.0 if self.rate is None else float(self.rate(epoch, step, steps_per_epoch))
        return self.optimizer.learning_rate * factor

    def rate_as_set(self, epoch: int, step: int, steps_per_epoch: int) -> float:
        """Return the learning rate of a step without the factors that correct Adam: `optim.nominal_value`."""
        factor = 1.0 if self.rate is None else float(nominal_value(self.rate, epoch, step, steps_per_epoch))
        return self.optimizer.learning_rate * factor

    def config(self) -> dict[str, Any]:
        """Return the recipe as JSON values."""
        return {
            "epochs": self.epochs,
            "batch_size": _part(self.batch_size) if callable(self.batch_size) else self.batch_size,
            "optimizer": _part(self.optimizer),
            "rate": _part(self.rate),
            "loss": _part(self.loss),
            "short_batch": self.short_batch,
            "augmentation": None if self.augmentation is None else augmentation_config(self.augmentation),
            "early_stopping": _part(self.early_stopping),
            "plateau": None if self.plateau is None else self.plateau.config(),
            "average": _part(self.average),
            "choose": self.choose,
            "protocol": self.protocol,
            "chunk_images": self.chunk_images,
        }

    @classmethod
    def from_config(
        cls,
        config: Mapping[str, Any],
        *,
        augmentation: Augmentation | None = None,
        own: Iterable[Any] = (),
    ) -> Recipe:
        """Build a recipe from what `config` returned.

        Parameters
        ----------
        config : mapping
        augmentation : callable, optional
            The augmentation that the configuration names, if it is your own: nothing is imported by name.
        own : classes
            Your own losses, optimisers and schedules that the configuration may name; your own augmentation
            may be among them.

        Raises
        ------
        ConfigError, RangeError
            If a key or a kind is unknown (the nearest is offered), or a value cannot be used.
        """
        if not isinstance(config, Mapping):
            raise ConfigError(f"recipe: expected its options by name, got {quoted(config)}")
        if "epochs" not in config:
            raise ConfigError("recipe: expected epochs and known keys, got no epochs; add it")
        names = [parameter.name for parameter in fields(cls)]
        for key in config:
            if key not in names:
                raise unknown("key in recipe:", key, names)
        own = tuple(own)
        values = {
            key: _BUILDERS[key](value, own) if key in _BUILDERS else value for key, value in config.items()
        }
        named = config.get("augmentation")
        if augmentation is None:
            augmentation = _augmentation(named, own)
        if named != (None if augmentation is None else augmentation_config(augmentation)):
            raise ConfigError(
                f"recipe: expected the augmentation {quoted(named)}, got {augmentation!r}; "
                "pass it: Recipe.from_config(config, augmentation=...)"
            )
        try:
            return cls(**values | {"augmentation": augmentation})
        except TypeError as error:
            raise ConfigError(
                f"recipe: expected epochs and known keys, got others ({message(error)})"
            ) from error


def _at_least_one(name: str, value: object) -> int:
    if isinstance(value, bool) or not hasattr(value, "__index__") or int(value.__index__()) < 1:
        raise RangeError(f"{name}: expected a whole number of at least 1, got {quoted(value)}")
    return int(value.__index__())


def _part(part: Any) -> dict[str, Any] | None:
    if inspect.isroutine(part):  # a schedule that is a function: only its name can be written
        return {"kind": part.__qualname__, "config": {}}
    return None if part is None else {"kind": part.kind, "config": part.config()}


def _kind_and_config(name: str, value: Any) -> tuple[str, Mapping[str, Any]]:
    well_formed = isinstance(value, Mapping) and value.keys() == {"kind", "config"}
    if not well_formed or not isinstance(value["config"], Mapping):
        raise ConfigError(f"recipe: {name}: expected kind and config, got {quoted(value)}")
    return value["kind"], value["config"]


def _augmentation(value: Any, own: tuple[Any, ...]) -> Augmentation | None:
    """Return the augmentation that a configuration names, built-in or one of ``own``; otherwise None."""
    if not isinstance(value, Mapping):
        return None
    if value.get("kind") in AUGMENTATIONS:
        return augmentation_from_config(*_kind_and_config("augmentation", value))
    for one in own:
        if isinstance(one, type) and getattr(one, "kind", None) == value.get("kind"):
            registry: dict[str, type[Any]] = {value["kind"]: one}
            found: Augmentation = construct("augmentation", value["kind"], value.get("config", {}), registry)
            return found
        if not isinstance(one, type) and callable(one) and augmentation_config(one) == value:
            return one  # type: ignore[no-any-return]
    return None


def _settings(name: str, value: Any, cls: type[Any]) -> Any:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise ConfigError(f"recipe: {name}: expected its options, got {quoted(value)}")
    return construct("recipe part", name, value, {name: cls})


def _stopping(value: Any) -> Any:
    if value is None:
        return None
    return construct("stopping rule", *_kind_and_config("early_stopping", value), STOPPING)


def _average(value: Any) -> Any:
    return None if value is None else construct("average", *_kind_and_config("average", value), AVERAGES)


def _schedule(name: str, value: Any, own: tuple[Any, ...]) -> Any:
    return schedule_from_config(*_kind_and_config(name, value), own) if isinstance(value, Mapping) else value


_BUILDERS: dict[str, Callable[[Any, tuple[Any, ...]], Any]] = {
    "batch_size": lambda v, own: _schedule("batch_size", v, own),
    "optimizer": lambda v, own: optimizer_from_config(*_kind_and_config("optimizer", v), own),
    "rate": lambda v, own: _schedule("rate", v, own),
    "loss": lambda v, own: loss_from_config(*_kind_and_config("loss", v), own),
    "early_stopping": lambda v, _: _stopping(v),
    "average": lambda v, _: _average(v),
    "plateau": lambda v, _: _settings("plateau", v, ReduceOnPlateau),
}
