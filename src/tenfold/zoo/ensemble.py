"""Ensembles: several networks, each with its own recipe, whose probabilities are averaged."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from tenfold import checkpoint
from tenfold.checkpoint import RunLock
from tenfold.data import Dataset
from tenfold.errors import ConfigError
from tenfold.files import make_subfolder
from tenfold.habits import keywords
from tenfold.interrupt import Interrupted, StopSignals, fit_again, signal_suffix
from tenfold.quoting import quoted
from tenfold.train import Callback, Progress
from tenfold.zoo.model import Model
from tenfold.zoo.model_input import named
from tenfold.zoo.network import NetworkModel, naming
from tenfold.zoo.protocols import hold_out

if TYPE_CHECKING:
    from tenfold.nn import LayerRow
    from tenfold.train import HeldOut, History

MEMBERS = "members"
"""The folder of the members' runs inside an ensemble's folder."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")


class Ensemble(Model):
    """Networks whose probabilities are averaged.

    Different networks err on different images, so their mean is correct more often than each network.

    Parameters
    ----------
    name : str
        Name in the zoo, or your own.
    members : mapping of str to NetworkModel
        At least two, by name, each with its recipe. All have the same input and output shapes.

    Raises
    ------
    ConfigError
        If there are too few, a name cannot be used, or the members do not fit one another.

    References
    ----------
    L. Hansen, P. Salamon, "Neural network ensembles", IEEE Transactions on Pattern Analysis and Machine
    Intelligence 12(10), 1990.

    Examples
    --------
    >>> from tenfold.data import load_corpus
    >>> from tenfold.nn import Dense, Flatten, ReLU, Sequential
    >>> from tenfold.train import Recipe
    >>> def network(width):
    ...     hidden = {"flatten": Flatten(), "fc1": Dense(784, width), "relu": ReLU()}
    ...     return Sequential({**hidden, "fc2": Dense(width, 10)}, input_shape=(28, 28, 1))
    >>> narrow, wide = (NetworkModel(f"mlp-{width}", network(width), Recipe(epochs=2)) for width in (16, 32))
    >>> ensemble = Ensemble("mine", {"narrow": narrow, "wide": wide})
    >>> images = load_corpus("mnist-5k").train.subset(slice(500))
    >>> histories = ensemble.fit(images, seed=0)
    >>> {name: len(history) for name, history in histories.items()}
    {'narrow': 2, 'wide': 2}
    >>> ensemble.predict_proba(images.images[:3]).shape
    (3, 10)
    """

    family: ClassVar[str] = "ensemble"

    @keywords(example="tenfold.Ensemble('mine', {'first': model, 'second': other})")
    def __init__(self, name: str, members: Mapping[str, NetworkModel]) -> None:
        super().__init__(name)
        _check(name, members)
        self.members: Mapping[str, NetworkModel] = MappingProxyType(dict(members))

    @property
    def n_parameters(self) -> int:
        """Trainable numbers of all members."""
        return sum(member.n_parameters for member in self.members.values())

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Height, width and channels of its images."""
        return self._first.input_shape

    @property
    def classes(self) -> int:
        """The number of its classes."""
        return self._first.classes

    @property
    def _first(self) -> NetworkModel:
        return next(iter(self.members.values()))

    def adapted(self, classes: int, input_shape: tuple[int, ...]) -> Self:
        """Return the untrained ensemble for other classes and images; see `Model.adapted`."""
        with naming(self.name):
            fitted = {name: member.adapted(classes, input_shape) for name, member in self.members.items()}
        same = all(fitted[name] is member for name, member in self.members.items())
        return self if same else type(self)(self.name, fitted)

    @property
    def chooses(self) -> bool:
        """Whether a member's recipe makes a choice that needs images of its own."""
        return any(member.chooses for member in self.members.values())

    def recipes(self) -> dict[str, Any]:
        """Return the members' recipes by name, as JSON values; ``None`` for one without."""
        return {
            name: None if member.recipe is None else member.recipe.config()
            for name, member in self.members.items()
        }

    def set_recipes(self, **options: Any) -> None:
        """Set options, such as ``epochs``, in the recipe of every member that has one."""
        for member in self.members.values():
            if member.recipe is not None:
                member.recipe = replace(member.recipe, **options)

    def rows(self) -> list[LayerRow]:
        """Return a row for each layer of each member, named ``member.layer``."""
        return [
            replace(row, name=f"{name}.{row.name}")
            for name, member in self.members.items()
            for row in member.rows()
        ]

    def fit(
        self,
        train: Dataset,
        *,
        validation: Dataset | None = None,
        seed: int = 0,
        out: Path | str | None = None,
        lock: RunLock | None = None,
        resume: bool = False,
        held_out: HeldOut = "validation",
        callbacks: Sequence[Callback] = (),
    ) -> dict[str, History]:
        """Train the members one after the other, each by its recipe, with a seed of its own.

        Parameters
        ----------
        train : Dataset
        validation : Dataset, optional
            Images for the members' choices. If they are missing and a member makes choices, a sixth of
            ``train`` is held out, stratified by digit: the same images for all members, so that no member
            is trained on images that another one uses for choices.
        seed : int
            Gives each member a seed, see `member_seeds`.
        out : path, optional
            Folder for the members' runs: ``members/NAME``, each with its checkpoints and ``history.csv``.
        resume : bool
            Resume in ``out``: finished members are used as they are, the interrupted one resumes from its
            last checkpoint.
        lock, held_out, callbacks : optional
            As in `tenfold.fit`; the callbacks are called in each member's run.

        Returns
        -------
        dict of str to History
            By member.

        Raises
        ------
        ConfigError, DivergedError, CheckpointError, BusyError
            As `NetworkModel.fit`.
        Interrupted
            After Ctrl-C; everything that was trained is saved.
        """
        if validation is None and self.chooses:
            train, validation = hold_out(train, seed)
        histories = {}
        with ExitStack() as stack:
            home = None if out is None else _claim(Path(out), lock, stack)
            signals = stack.enter_context(StopSignals())
            for name in self.members:
                histories[name] = self._fit_member(
                    name,
                    train,
                    home,
                    signals,
                    seed,
                    validation=validation,
                    resume=resume,
                    held_out=held_out,
                    callbacks=callbacks,
                )
        self.class_names = named(train)
        return histories

    def fit_member(
        self,
        name: str,
        train: Dataset,
        *,
        validation: Dataset | None = None,
        seed: int = 0,
        out: Path | str,
        resume: bool = False,
        held_out: HeldOut = "validation",
        callbacks: Sequence[Callback] = (),
    ) -> History:
        """Train one member as `fit` does; several processes may do so for different members of one folder.

        Afterwards ``fit(..., out=out, resume=True)`` uses the members that are trained as they are.

        Parameters
        ----------
        name : str
            Of the member.
        train, validation, seed, out, resume, held_out, callbacks
            As for `fit`; the seed is that of the ensemble.

        Returns
        -------
        History

        Raises
        ------
        ConfigError, DivergedError, CheckpointError, BusyError, Interrupted
            As `fit`; BusyError if another process trains this member.
        """
        if name not in self.members:
            raise ConfigError(
                f"{self.name}: expected a member, one of {', '.join(self.members)}, got {quoted(name)}; "
                "correct it"
            )
        if validation is None and self.chooses:
            train, validation = hold_out(train, seed)
        make_subfolder(Path(out) / MEMBERS)
        with StopSignals() as signals:
            return self._fit_member(
                name,
                train,
                Path(out),
                signals,
                seed,
                validation=validation,
                resume=resume,
                held_out=held_out,
                callbacks=callbacks,
            )

    def _fit_member(
        self,
        name: str,
        train: Dataset,
        home: Path | None,
        signals: StopSignals,
        seed: int,
        *,
        callbacks: Sequence[Callback],
        **options: Any,
    ) -> History:
        """Train a member with its own seed, in its folder below the ensemble's."""
        number = list(self.members).index(name)
        own_seed = member_seeds(seed, len(self.members))[number]
        place = f"member {number + 1} of {len(self.members)}, {name}"
        with _interruption_names(place, home, signals):
            return NetworkModel.fit(  # a member is trained, and makes no run of its own
                self.members[name],
                train,
                seed=own_seed,
                out=None if home is None else home / MEMBERS / name,
                callbacks=[_MemberNotice(f"{place}, seed {own_seed}"), *callbacks],
                **options,
            )

    def predict_proba(self, images: NDArray[Any]) -> NDArray[np.float64]:
        """Return the mean of the members' probabilities, float64 ``(n, k)``; see `Model.predict_proba`."""
        each = [member.predict_proba(images) for member in self.members.values()]  # (n, k) each
        return np.asarray(np.mean(each, axis=0), dtype=np.float64)

    def save(self, folder: Path | str) -> Path:
        """Write all members to a new folder, arrays under ``member.layer.parameter``; see `Model.save`."""
        headers: dict[str, Any] = {}
        tensors: dict[str, dict[str, NDArray[Any]]] = {}
        for name, member in self.members.items():
            headers[name], arrays = member.saved()
            for file, own in arrays.items():
                tensors.setdefault(file, {}).update({f"{name}.{at}": array for at, array in own.items()})
        return checkpoint.save(Path(folder), tensors, self.header() | {MEMBERS: headers})


def member_seeds(seed: int, n: int) -> list[int]:
    """Return a seed for each of n members.

    The seeds are drawn, not counted up from ``seed``. Otherwise, ensembles of neighbouring seeds would share
    members and would not be independent.

    Examples
    --------
    >>> set(member_seeds(0, 8)) & set(member_seeds(1, 8))
    set()
    """
    children = np.random.SeedSequence(seed).spawn(n)
    return [int(child.generate_state(1)[0]) for child in children]


def _check(name: str, members: Mapping[str, NetworkModel]) -> None:
    if not isinstance(members, Mapping):
        raise ConfigError(
            f"{name}: expected members by name, got {type(members).__name__}; "
            "write Ensemble('mine', {'first': model, 'second': other})"
        )
    if len(members) < 2:
        raise ConfigError(
            f"{name}: expected at least two members, got {len(members)}; use the network itself"
        )
    for key, member in members.items():
        if not isinstance(key, str) or not _NAME.fullmatch(key):
            raise ConfigError(
                f"{name}: expected a member's name of letters, digits, _ and -, got {quoted(key)}; rename it"
            )
        if not isinstance(member, NetworkModel):
            raise ConfigError(
                f"{name}: {key}: expected a NetworkModel, got {type(member).__name__}; "
                "wrap a network: NetworkModel(name, network, recipe)"
            )
    if len({id(member.network) for member in members.values()}) < len(members):
        raise ConfigError(f"{name}: expected a network for each member, got one twice; build a second")
    shapes = {(member.network.input_shape, member.network.output_shape) for member in members.values()}
    if len(shapes) > 1:
        found = " and ".join(f"{given} to {made}" for given, made in sorted(shapes))
        raise ConfigError(
            f"{name}: expected members of the same input and output shapes, got {found}; "
            "remove those that differ"
        )


def _claim(out: Path, lock: RunLock | None, stack: ExitStack) -> Path:
    """Lock the ensemble's folder, create the folder of its members, and return it."""
    if lock is None:
        lock = stack.enter_context(RunLock(out))
    lock.check()
    make_subfolder(out / MEMBERS)
    return out


@contextmanager
def _interruption_names(place: str, home: Path | None, signals: StopSignals) -> Iterator[None]:
    """In a ``with`` block, an interruption names the member, and how to resume the ensemble.

    A signal after a member's last step does not end that run, which is finished; it ends the ensemble's.
    """
    folder = None
    try:
        yield
    except Interrupted as end:
        folder, signals.number = end.folder, end.number
    if signals.number is not None:
        then = None if home is None else fit_again(home)
        text = f"interrupted{signal_suffix(signals.number)} in {place}"
        raise Interrupted(text, folder, signals.number, then)


class _MemberNotice(Callback):
    """Gives a notice with the member's name at the start of its run."""

    def __init__(self, text: str) -> None:
        self._text = text

    def on_start(self, progress: Progress) -> None:
        """Give the notice."""
        progress.notice(self._text)
