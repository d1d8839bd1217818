"""Predictions of a run, one by one: wrong ones, right ones, uncertain ones, filtered by sets of digits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from tenfold.errors import ConfigError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tenfold.data import Dataset
    from tenfold.evaluate.classes import Classes
    from tenfold.evaluate.tables import Table

_TOP = 3  # probabilities of a row, of more than ten classes


class Show(StrEnum):
    """Which predictions to show."""

    wrong = "wrong"
    right = "right"
    uncertain = "uncertain"


@dataclass(frozen=True)
class Wanted:
    """Which predictions are asked for.

    Attributes
    ----------
    kind : Show
    digits, read_as : tuple of int, or None
        True digits and digits read; any where None.
    limit : int
        At most so many.
    seed : int
        Of the order of the right ones.
    """

    kind: Show
    digits: tuple[int, ...] | None
    read_as: tuple[int, ...] | None
    limit: int
    seed: int


class Asked(NamedTuple):
    """The same as a command asks for it, with sets of classes as texts."""

    show: Show
    digits: str | None
    read_as: str | None
    limit: int
    seed: int

    def of(self, names: Sequence[str]) -> Wanted:
        """Return it for a model with these names of classes; see `parse_digits`."""
        digits = parse_digits("--digits", self.digits, names)
        return Wanted(
            self.show, digits, parse_digits("--read-as", self.read_as, names), self.limit, self.seed
        )


@dataclass(frozen=True)
class Shown:
    """The predictions that were asked for, and how many there are in all."""

    wanted: Wanted
    test: Dataset
    probabilities: NDArray[np.floating[Any]]
    index: NDArray[np.int64]

    @property
    def first(self) -> list[int]:
        """Those that are shown."""
        return [int(i) for i in self.index[: self.wanted.limit]]

    def to_dict(self) -> dict[str, Any]:
        """Return the values as JSON."""
        wanted = self.wanted
        return {
            "kind": wanted.kind.value,
            "digits": None if wanted.digits is None else list(wanted.digits),
            "read_as": None if wanted.read_as is None else list(wanted.read_as),
            "found": len(self.index),
            "images": [
                {
                    "index": i,
                    "true": int(self.test.labels[i]),
                    "predicted": int(self.probabilities[i].argmax()),
                    "true_name": self.classes[int(self.test.labels[i])],
                    "predicted_name": self.classes[int(self.probabilities[i].argmax())],
                    "probabilities": [float(p) for p in self.probabilities[i]],
                }
                for i in self.first
            ],
        }

    def table(self) -> Table:
        """Return a row for each: image, digit, digit read, per cent of each.

        Of more than ten classes, a row has the most probable ones by name.
        """
        from tenfold.evaluate.tables import Table
        from tenfold.evaluate.wording import chance

        heads = ["image", "is", self.classes.verb, "most probable, %"]
        rows = [self._likeliest(i) for i in self.first]
        if self.probabilities.shape[1] <= 10:
            names = self._names
            heads = ["image", "is", "read", *(f"{name} %" for name in names)]
            rows = [
                (str(i), *(names[k] for k in (self.test.labels[i], row.argmax())), *map(chance, row))
                for i, row in ((i, self.probabilities[i]) for i in self.first)
            ]
        return Table(self.heading(), tuple(heads), tuple(rows), left=())

    @property
    def _names(self) -> tuple[str, ...]:
        """The names of all classes that the model knows."""
        k = self.probabilities.shape[1]
        return tuple(self.test.class_names) if self.test.named else tuple(map(str, range(k)))

    def _likeliest(self, i: int) -> tuple[str, ...]:
        from tenfold.evaluate.wording import chance

        top = self.probabilities[i].argsort(kind="stable")[::-1][:_TOP]
        told = ", ".join(f"{self.classes[k]} {chance(self.probabilities[i, k])}" for k in top)
        return str(i), self.classes[int(self.test.labels[i])], self.classes[int(top[0])], told

    @property
    def classes(self) -> Classes:
        """The names of the classes."""
        from tenfold.evaluate.evaluation import classes_of

        return classes_of(self.test, self.probabilities.shape[1])

    def picture(self) -> bytes:
        """Return the same as a PNG."""
        from tenfold.evaluate import figures

        wanted = self.wanted
        figure = figures.predictions(
            wanted.kind.value,
            self.test.images,
            self.test.labels,
            self.probabilities,
            true=wanted.digits,
            predicted=wanted.read_as,
            limit=wanted.limit,
            seed=wanted.seed,
            classes=self.classes,
        )
        return figures.png(figures.signed(figure, self.test.name))

    def heading(self) -> str:
        """Return in a line what is shown, and of how many."""
        wanted = self.wanted
        kinds = {
            Show.wrong: "wrong predictions, worst first",
            Show.right: "right predictions, at random",
            Show.uncertain: "right predictions, least certain first",
        }
        kind = "classes" if self.test.named else "digits"
        of = "" if wanted.digits is None else f"; {kind} {self._listed(wanted.digits)}"
        read = "" if wanted.read_as is None else f"; read as {self._listed(wanted.read_as)}"
        return f"{len(self.first):,} of {len(self.index):,} {kinds[wanted.kind]}{of}{read}"

    def _listed(self, labels: Sequence[int]) -> str:
        return ", ".join(self._names[label] for label in labels)


def choose(wanted: Wanted, test: Dataset, probabilities: NDArray[np.floating[Any]]) -> Shown:
    """Return the predictions that are asked for.

    Raises
    ------
    ConfigError
        If a digit is none that the model knows.
    """
    from tenfold.evaluate import examples

    k = probabilities.shape[1]
    for option, digits in (("--digits", wanted.digits), ("--read-as", wanted.read_as)):
        if digits is not None and max(digits) >= k:
            raise ConfigError(f"{option}: expected digits from 0 to {k - 1}, got {max(digits)}; correct it")
    index = examples(
        wanted.kind.value,
        test.labels,
        probabilities,
        true=wanted.digits,
        predicted=wanted.read_as,
        seed=wanted.seed,
    )
    return Shown(wanted, test, probabilities, index)


def parse_digits(option: str, text: str | None, names: Sequence[str] = ()) -> tuple[int, ...] | None:
    """Return the digits, or classes by name, that a text names, sorted; None where there is no text.

    Raises
    ------
    ConfigError
        If it cannot be read.

    Examples
    --------
    >>> parse_digits("--digits", "9,4")
    (4, 9)
    """
    if text is None:
        return None
    parts = [part.strip() for part in text.split(",")]
    if names and set(parts) <= set(names):
        return tuple(sorted({names.index(part) for part in parts}))
    if names:
        raise ConfigError(
            f"{option}: expected classes separated by commas, of {', '.join(names[:8])}, got {text!r:.60}; "
            "correct it"
        )
    if not all(part.isascii() and part.isdigit() and len(part) <= 3 for part in parts):
        raise ConfigError(
            f"{option}: expected digits separated by commas, such as 4,9, got {text!r:.60}; correct it"
        )
    return tuple(sorted({int(part) for part in parts}))
