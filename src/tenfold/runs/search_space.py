"""The options that a search chooses, and the values that it may choose from."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeGuard, cast

from tenfold.errors import ConfigError
from tenfold.quoting import quoted
from tenfold.runs.overrides import nested, setting

if TYPE_CHECKING:
    from optuna.trial import Trial

    from tenfold.train import Recipe

Value = float | int | str | bool
_RANGE = re.compile(r"(?P<low>[^.\s]\S*?)\.\.(?P<high>[^:\s]+)(?P<log>:log)?")


@dataclass(frozen=True)
class Option:
    """An option of the recipe or of a layer, with its values: a range of numbers, or a list.

    Attributes
    ----------
    name : str
        With its table: ``"recipe.learning_rate"``.
    low, high : float or int, optional
        The ends of a range; whole numbers if both are.
    log : bool
        Whether a factor counts as much anywhere in the range, as for a learning rate.
    choices : tuple
        The values of a list; empty for a range.
    """

    name: str
    low: float = 0
    high: float = 0
    log: bool = False
    choices: tuple[Value, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Option:
        """Return the option that ``NAME=LOW..HIGH``, ``NAME=LOW..HIGH:log`` or ``NAME=A,B,C`` describes.

        Raises
        ------
        ConfigError
            If it is anything else.

        Examples
        --------
        >>> Option.parse("learning_rate=1e-4..1e-2:log").log
        True
        >>> Option.parse("recipe.batch_size=32,64").choices
        (32, 64)
        """
        name, equals, values = (part.strip() for part in text.partition("="))
        if not equals or not values:
            raise _unclear(text)
        path = list(_path(setting(f"{name}=0")))
        found = _RANGE.fullmatch(values)
        if found is None:
            choices = tuple(_leaf(setting(f"{name}={one}")) for one in values.split(",") if one.strip())
            if len(choices) < 2 or len(set(map(repr, choices))) < len(choices):
                raise _unclear(text)
            return cls(".".join(path), choices=choices)
        low, high = (_leaf(setting(f"{name}={found[end]}")) for end in ("low", "high"))
        log = found["log"] is not None
        if not (_finite(low) and _finite(high) and low < high and (low > 0 or not log)):
            raise _unclear(text)
        return cls(".".join(path), low, high, log)

    def suggest(self, trial: Trial) -> Value:
        """Return the value that a trial gets."""
        if self.choices:
            return cast(Value, trial.suggest_categorical(self.name, self.choices))
        if isinstance(self.low, int) and isinstance(self.high, int):
            return trial.suggest_int(self.name, self.low, self.high, log=self.log)
        return trial.suggest_float(self.name, self.low, self.high, log=self.log)

    def holds(self, value: object) -> bool:
        """Return whether the option may have this value."""
        return value in self.choices if self.choices else _finite(value) and self.low <= value <= self.high

    @property
    def ends(self) -> tuple[Value, ...]:
        """Values that must be possible: the choices, or both ends of the range."""
        return self.choices or (self.low, self.high)

    def __str__(self) -> str:
        values = ",".join(map(str, self.choices)) or f"{self.low}..{self.high}{':log' if self.log else ''}"
        return f"{self.name}={values}"


def default_space(recipe: Recipe) -> tuple[Option, ...]:
    """Return what is searched by default: the learning rate around the recipe's, and the minibatch."""
    rate = recipe.optimizer.learning_rate
    return (
        Option("recipe.learning_rate", float(f"{rate / 30:.2g}"), float(f"{rate * 30:.2g}"), log=True),
        Option("recipe.batch_size", choices=(16, 32, 64, 128, 256)),
    )


def as_settings(values: dict[str, Value]) -> list[dict[str, Any]]:
    """Return values by the names of their options as changes; see `tenfold.zoo.changes.changed`."""
    return [nested(name.split("."), value) for name, value in values.items()]


def check_names(space: Sequence[Option]) -> None:
    """Refuse an option that is given twice."""
    names = [option.name for option in space]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"--search: expected each option once, got {name} twice; leave one out")


def _path(tables: Any) -> Sequence[str]:
    path = []
    while isinstance(tables, dict):
        [(name, tables)] = tables.items()
        path.append(name)
    return path


def _leaf(tables: Any) -> Any:
    while isinstance(tables, dict) and len(tables) == 1:
        [tables] = tables.values()
    return tables


def _finite(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _unclear(text: str) -> ConfigError:
    return ConfigError(
        f"--search: expected NAME=LOW..HIGH, NAME=LOW..HIGH:log or NAME=A,B,C, got {quoted(text)}; "
        "for instance learning_rate=1e-4..1e-2:log"
    )
