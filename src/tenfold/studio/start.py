"""A training as it is asked for, checked before its process is started."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from tenfold.errors import ConfigError
from tenfold.quoting import quoted
from tenfold.registry import unknown
from tenfold.runs.live import OPTION
from tenfold.runs.overrides import merged
from tenfold.studio.changes import Change, as_options
from tenfold.zoo import NetworkModel
from tenfold.zoo.changes import changed

if TYPE_CHECKING:
    from tenfold.runs.models import Models

_LONGEST = 1000  # characters of a path


@dataclass(frozen=True)
class Start:
    """What is to be trained, on what, with which change.

    Attributes
    ----------
    network : str
        A network of the zoo, or of a file that the studio was started with.
    data : str
        A name or a path.
    epochs : int or None
        In place of the recipe's.
    seed : int
    change : Change

    Raises
    ------
    ConfigError
        If a value is of another type or out of range.
    """

    network: str
    data: str
    epochs: int | None = None
    seed: int = 0
    change: Change = field(default_factory=Change)

    def __post_init__(self) -> None:
        for name in ("network", "data"):
            value = getattr(self, name)
            if not isinstance(value, str) or not 0 < len(value) <= _LONGEST or value.startswith("-"):
                raise ConfigError(f"{name}: expected a name, got {quoted(value)}")
        for name, least in {"epochs": 1, "seed": 0}.items():
            value = getattr(self, name)
            if value is None and name == "epochs":
                continue
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise ConfigError(f"{name}: expected a whole number of at least {least}, got {quoted(value)}")

    @classmethod
    def of(cls, values: Any) -> Self:
        """Return what JSON values ask for."""
        known = [one.name for one in fields(cls)]
        if not isinstance(values, Mapping):
            raise ConfigError(f"training: expected options by name, got {quoted(values)}")
        for key in values:
            if key not in known:
                raise unknown("option", key, known)
        for key in ("network", "data"):
            if key not in values:
                raise ConfigError(f"{key}: expected a name, got nothing; add it")
        return cls(**{**values, "change": Change.of(values.get("change") or {})})

    def to_json(self) -> dict[str, Any]:
        """Return the values from which `of` makes it again."""
        change = {name: value for name, value in vars(self.change).items() if value not in (None, {})}
        return {**vars(self), "change": change}

    def arguments(self, models: Models, out: Path, *, resume: bool = False) -> list[str]:
        """Return the arguments of the command ``tenfold`` that trains this into a folder.

        Raises
        ------
        ConfigError, RangeError, ShapeError
            If there is no such network, or it cannot be changed like this.
        """
        entry = models.trainable(self.network)
        model = entry.build(entry)
        if not isinstance(model, NetworkModel) or model.recipe is None:
            raise ConfigError(
                f"{self.network}: expected a network that is trained in epochs, got another model; "
                "choose another"
            )
        settings = self.change.settings(model.network)
        if settings:
            changed(entry, merged(settings))
        epochs = [] if self.epochs is None else ["--epochs", str(self.epochs)]
        return [
            *("train", self.network, *(models.options if self.network in models.entries else ())),
            *("--data", self.data, "--seed", str(self.seed), *epochs),
            *as_options(settings),
            *("--out", str(out), OPTION, "--no-report", "--quiet"),
            *(["--resume"] if resume else []),
        ]
