"""What a search for better options is: a network, data, a space; and what became of its trials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenfold.errors import ConfigError
from tenfold.runs.job import Job, Prepared, prepared
from tenfold.runs.overrides import merged
from tenfold.runs.protocol import Protocol
from tenfold.runs.search_space import Option, Value, as_settings, check_names
from tenfold.zoo import Splits, digest, hold_out
from tenfold.zoo.changes import changed

if TYPE_CHECKING:
    from tenfold.data import Corpus
    from tenfold.train import Recipe
    from tenfold.zoo import Trainable


@dataclass(frozen=True)
class Search:
    """What is searched, on what.

    Attributes
    ----------
    entry : Trainable
        A network with its recipe.
    corpus : Corpus
        The test images are not used.
    space : tuple of Option
    seed : int
        Of the held-out images, of every training, and of the suggestions.
    epochs : int or None
        In place of the recipe's.
    source : str or None
        Where the corpus is, as it was given.
    """

    entry: Trainable
    corpus: Corpus
    space: tuple[Option, ...]
    seed: int = 0
    epochs: int | None = None
    source: str | None = None

    @property
    def name(self) -> str:
        """Names the study in the journal; whatever decides the outcome of a trial is in it."""
        space = " ".join(map(str, self.space))
        what = f"{digest(self.entry, self.epochs)} {self.corpus.sha256} {self.seed} {space}"
        code = (self.entry.origin or {}).get("sha256")  # of the user's file: what its layers compute
        what += f" {code}" if code else ""
        return f"{self.entry.name}-{sha256(what.encode()).hexdigest()[:12]}"

    def check(self) -> None:
        """Refuse, before anything is trained, options that the network does not have.

        Raises
        ------
        ConfigError, RangeError, ShapeError
            For a name or a value that cannot be used.
        """
        check_names(self.space)
        for option in self.space:
            for value in option.ends:
                self.changed({option.name: value})
        if self.epochs is not None and any(option.name == "recipe.epochs" for option in self.space):
            raise ConfigError(
                f"--epochs: expected it only where the epochs are not searched, got {self.epochs} and "
                "--search epochs=...; leave one of them out"
            )

    @property
    def present(self) -> dict[str, Value]:
        """The recipe's own values that are in the space: the first trial gets them."""
        recipe = self.entry.recipe() if self.entry.recipe else None
        own = {option.name: present(recipe, option.name) for option in self.space}
        return {option.name: own[option.name] for option in self.space if option.holds(own[option.name])}

    def changed(self, values: dict[str, Value]) -> Trainable:
        """Return the entry with these values of its options."""
        return changed(self.entry, merged(*as_settings(values)))

    def prepared(self, values: dict[str, Value]) -> Prepared:
        """Return what a trial is given: its network, and always held-out images."""
        job = Job(
            self.changed(values), self.corpus, Protocol.honest, self.seed, self.epochs, Path(), made_by="tune"
        )
        given = prepared(job)
        if given.splits.held_out is None:
            splits = Splits(*hold_out(given.splits.train, self.seed), "validation")
            given = given._replace(splits=splits)
        return given


def present(recipe: Recipe | None, name: str) -> Any:
    """Return the value that an option of a recipe has; ``None`` for others."""
    table, *path = name.split(".")
    value = recipe if table == "recipe" else None
    for part in ["optimizer", "learning_rate"] if path == ["learning_rate"] else path:
        value = getattr(value, part, None)
    return value


@dataclass(frozen=True)
class TrialResult:
    """What became of a trial.

    Attributes
    ----------
    number : int
    values : dict
        By the names of the options.
    state : {"complete", "stopped early", "diverged"}
    accuracy : float or None
        On the held-out images, of the epoch that the recipe chooses, or of the last one.
    epochs : int
    seconds : float
    """

    number: int
    values: dict[str, Value]
    state: str
    accuracy: float | None
    epochs: int
    seconds: float


def best(results: Sequence[TrialResult]) -> TrialResult | None:
    """Return the complete trial with the highest accuracy; of equals, the first."""
    complete = [one for one in results if one.state == "complete" and one.accuracy is not None]
    return max(complete, key=lambda one: one.accuracy or 0.0, default=None)


def searchable(entry: Trainable) -> tuple[Trainable, Recipe]:
    """Return the entry and its recipe, if it is a network.

    Raises
    ------
    ConfigError
        If it is not.
    """
    if entry.recipe is None:
        raise ConfigError(
            f"{entry.name}: expected a network with a recipe, got a model without one; choose a network, "
            "see `tenfold models`"
        )
    return entry, entry.recipe()
