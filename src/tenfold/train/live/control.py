"""Orders to a training that goes on, through a file: pause, one step, one epoch, go on, stop."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tenfold.checkpoint import dump_json, read_json
from tenfold.errors import CheckpointError, ConfigError, StorageError
from tenfold.files import write_atomically
from tenfold.quoting import quoted

CONTROL = "control.json"
ORDERS = ("pause", "step", "epoch", "go", "stop", "look")
"""Of these, ``look`` only chooses the image whose activations are shown."""

_MAX_BYTES = 1000


@dataclass(frozen=True)
class Order:
    """What a training is to do.

    Attributes
    ----------
    do : str
        One of `ORDERS`.
    image : int
        The image, among those held out, whose activations are shown.

    Raises
    ------
    ConfigError
        If it is none.
    """

    do: str
    image: int = 0

    def __post_init__(self) -> None:
        if self.do not in ORDERS:
            raise ConfigError(f"do: expected one of {', '.join(ORDERS)}, got {quoted(self.do)}")
        if isinstance(self.image, bool) or not isinstance(self.image, int) or self.image < 0:
            raise ConfigError(f"image: expected a whole number of at least 0, got {quoted(self.image)}")

    @classmethod
    def of(cls, values: Any) -> Self:
        """Return the order that JSON values describe."""
        if not isinstance(values, dict) or not {"do"} <= values.keys() <= {"do", "image"}:
            raise ConfigError(f"order: expected do, and image if there is one, got {quoted(values)}")
        return cls(**values)


def give_order(folder: Path, order: Order) -> None:
    """Give an order to the training that records into a folder; a new order replaces the last one."""
    write_atomically(folder / CONTROL, dump_json({"do": order.do, "image": order.image}))


class Control:
    """Reads the orders to a training. What was in the folder before it began is no order to it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / CONTROL
        self._seen = self._stamp()

    def _stamp(self) -> tuple[int, int] | None:
        try:
            found = os.lstat(self._path)
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns

    def new_order(self) -> Order | None:
        """Return an order that was given since the last call; None without one.

        Raises
        ------
        ConfigError, CheckpointError, StorageError
            If the file holds something else, or cannot be read.
        """
        stamp = self._stamp()
        if stamp is None or stamp == self._seen:
            return None
        self._seen = stamp
        try:
            return Order.of(read_json(self._path, max_bytes=_MAX_BYTES))
        except (CheckpointError, ConfigError, StorageError) as error:
            raise ConfigError(f"{self._path}: {error}; the run continues") from error
