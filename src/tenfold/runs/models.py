"""Where a model's name leads: the zoo, installed packages, and the files that the user names now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from tenfold import zoo
from tenfold.errors import ConfigError
from tenfold.predict.reader_recipe import NAME, READER
from tenfold.registry import unknown
from tenfold.zoo.own_file import OPTION, OwnFile, is_file_name, read_own_file
from tenfold.zoo.own_model import MNIST, Builder, entry_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tenfold.data import Corpus
    from tenfold.evaluate.ablation import Ablation
    from tenfold.zoo import Entry, Trainable

T = TypeVar("T", bound="Trainable")


def network_option(source: Mapping[str, Any] | None) -> str | None:
    """Return what ``--network`` was, from the record of a network in a file of the user's own; or None."""
    if source is None or "file" not in source:
        return None
    return f"{source['file']}:{source['function']}"


@dataclass(frozen=True)
class Models:
    """The models that have a name in this command.

    Attributes
    ----------
    files : tuple of OwnFile
        The user's own, whose code has been run because the user named them.
    layers : tuple of classes
        Own layers, losses, optimisers and schedules that are given in Python.
    corpus : Corpus or None
        The data that the networks are built for; by default those of MNIST.
    """

    files: tuple[OwnFile, ...] = ()
    layers: tuple[type[Any], ...] = ()
    corpus: Corpus | None = None

    @classmethod
    def of(cls, named: Sequence[str] | None) -> Self:
        """Run the files that ``--network`` names, and return the models.

        Raises
        ------
        ConfigError
            If a file cannot be read or raises an error.
        """
        return cls(tuple(read_own_file(one) for one in dict.fromkeys(named or ())))

    @property
    def own(self) -> tuple[type[Any], ...]:
        """The user's own layers, losses, optimisers and schedules: those given, and those in the files."""
        return tuple(dict.fromkeys([*self.layers, *(cls for file in self.files for cls in file.classes)]))

    @property
    def options(self) -> list[str]:
        """What names the files again, for another process."""
        return [word for file in self.files for word in (OPTION, file.named)]

    def on(self, corpus: Corpus) -> Models:
        """Return the same models for other data."""
        return replace(self, corpus=corpus)

    @cached_property
    def entries(self) -> dict[str, Entry]:
        """The networks of the files by name.

        Raises
        ------
        ConfigError
            If a file's function cannot be used, or a name is taken.
        """
        found: dict[str, Entry] = {}
        for file in self.files:
            entry = entry_of(Builder.of_file(file), *self._data())
            if entry.name in (*found, NAME, *zoo.models()):
                raise ConfigError(
                    f"{file.named}: expected a name that no other model has, got {entry.name!r}; "
                    "rename the file, or return NetworkModel(name, network, recipe)"
                )
            found[entry.name] = entry
        return found

    def names(self, given: Sequence[str] | None) -> list[str]:
        """Return the models that a command is about: those given, or the files' own.

        Raises
        ------
        ConfigError
            If there are neither.
        """
        if given or self.files:
            return list(given or self.entries)
        raise ConfigError(
            f"expected the name of a model or {OPTION} FILE.py, got neither; "
            "write a name, such as lenet5 (`tenfold models` lists them)"
        )

    def name(self, given: str | None) -> str:
        """Return the one model that a command is about.

        Raises
        ------
        ConfigError
            If there are none or several.
        """
        if self.files and given not in self.entries and given in zoo.models():
            raise ConfigError(
                f"expected the name of a model or {OPTION}, got {given!r:.60} and {OPTION} for "
                f"{', '.join(self.entries)}; leave one of the two out"
            )
        found = self.names(None if given is None else [given])
        if len(found) > 1:
            raise ConfigError(f"expected one model, got {OPTION} for {', '.join(found)}; name one of them")
        return found[0]

    def entry(self, name: str, others: Sequence[str] = ()) -> Entry:
        """Return the entry of a model.

        Raises
        ------
        ConfigError
            If there is no such model; the nearest name is offered, also of ``others``.
        """
        if name in zoo.ENTRIES:
            return self.fitted(zoo.ENTRIES[name])
        if name in self.entries:
            return self.entries[name]
        if is_file_name(name) and name not in zoo.models():
            raise ConfigError(
                f"{name}: expected the name of a model, got a file; write {OPTION} {name} to run its code"
            )
        found = zoo.installed_entry(name)
        if found is None:
            raise unknown("model", name, [*zoo.models(), *self.entries, *others])
        return self.fitted(found)

    def trainable(self, name: str) -> Trainable:
        """Return what `train` trains under a name: an entry, or the built-in network."""
        return READER if name == NAME else self.entry(name, [NAME])

    def ablation(self, file: Path | str) -> Ablation:
        """Return what is in an ablation's file; the base may be one of these models.

        Raises
        ------
        ConfigError
            If it cannot be read or understood.
        """
        from tenfold.evaluate.ablation import read_ablation

        base = self.name(None) if len(self.files) == 1 else None
        return read_ablation(file, self.entry, base)

    def fitted(self, entry: T) -> T:
        """Return an entry whose network has the shape and the classes of the data."""
        return entry if self.corpus is None else cast(T, zoo.fitted_to(entry, self.corpus.train))

    def _data(self) -> tuple[int, tuple[int, ...]]:
        if self.corpus is None:
            return MNIST
        return self.corpus.train.classes, self.corpus.train.image_shape
