"""A search as a command describes it, and the words that describe it to another command."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tenfold.runs.models import Models
from tenfold.runs.search import Search, searchable
from tenfold.runs.search_space import Option, default_space

if TYPE_CHECKING:
    from tenfold.data import Corpus


@dataclass(frozen=True)
class SearchRequest:
    """The options that describe a search, here and in the command of one trial.

    Attributes
    ----------
    name : str or None
        Of the model; None for the one of ``network``.
    network : list of str or None
        The user's own files.
    options : list of str or None
        What is searched, as ``NAME=VALUES``.
    source : str or None
        The data.
    epochs : int or None
    seed : int
    """

    name: str | None
    network: list[str] | None
    options: list[str] | None
    source: str | None
    epochs: int | None
    seed: int

    def search(self, load: Callable[[str | None], Corpus]) -> Search:
        """Return the search that they describe.

        Parameters
        ----------
        load : callable
            Returns the data that a name or a path means; None means those that there are.

        Raises
        ------
        ConfigError
            If there is no such network, or an option cannot be searched.
        DataError
            If the data cannot be read.
        """
        models = Models.of(self.network)
        found, recipe = searchable(models.trainable(models.name(self.name)))
        space = tuple(map(Option.parse, self.options or ())) or default_space(recipe)
        corpus = load(self.source or found.source)
        return Search(models.on(corpus).fitted(found), corpus, space, self.seed, self.epochs, self.source)

    @property
    def words(self) -> list[str]:
        """Themselves, as a command takes them."""
        words = [] if self.name is None else [self.name]
        for option, values in {"--network": self.network, "--search": self.options}.items():
            words += [word for value in values or () for word in (option, value)]
        given = {"--data": self.source, "--epochs": self.epochs, "--seed": self.seed}
        return words + [str(word) for pair in given.items() if pair[1] is not None for word in pair]
