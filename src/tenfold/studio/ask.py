"""A drawn digit, read by several trained networks."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tenfold.errors import ConfigError
from tenfold.predict import RECORD, Reader, Recogniser, shipped
from tenfold.quoting import quoted
from tenfold.runs.models import Models
from tenfold.runs.opened import open_run
from tenfold.studio.processes import check_run
from tenfold.zoo.trained import trained

MOST = 4
"""Networks that read one drawing."""

_SHIPPED = "zoo:shipped"
_KEPT = 8  # networks in memory
_MEGAPIXELS = 2.0


class Readers:
    """The networks that can be asked: those that come with tenfold, and those of finished runs.

    Parameters
    ----------
    folder : Path
        Of the runs.
    models : Models
        With the user's own layers.
    """

    def __init__(self, folder: Path, models: Models) -> None:
        self._folder, self._models = folder, models
        self._loaded: OrderedDict[tuple[str, int], Reader] = OrderedDict()
        self._lock = threading.Lock()  # one drawing at a time

    @staticmethod
    def built_in() -> list[str]:
        """Return the names of the networks that come with tenfold."""
        return [_SHIPPED, *(f"zoo:{name}" for name in trained())]

    def ask(self, names: Sequence[str], picture: bytes) -> list[dict[str, Any]]:
        """Return what each network reads in a picture of one digit.

        Raises
        ------
        ConfigError
            If there are no names or too many, or a network does not read digits.
        CheckpointError
            If a run cannot be opened.
        DataError
            If the picture cannot be read.
        """
        if not 1 <= len(names) <= MOST:
            raise ConfigError(f"run: expected 1 to {MOST} networks, got {len(names)}")
        with self._lock:
            return [self._answer(name, picture) for name in names]

    def _answer(self, name: str, picture: bytes) -> dict[str, Any]:
        reading = self._reader(name).read(picture, single=True, max_megapixels=_MEGAPIXELS)
        if not reading.digits:
            return {"name": name, "digit": None, "reason": reading.reason, "probabilities": []}
        digit = reading.digits[0]
        return {
            "name": name,
            "digit": digit.digit,
            "reason": digit.reason,
            "probabilities": [round(float(p), 5) for p in digit.probabilities],
            "image": digit.image.tolist(),
        }

    def _reader(self, name: str) -> Reader:
        """Return the network of a name, loaded once."""
        if name in self.built_in():
            key = name, 0
        else:
            path = check_run(self._folder, name) / RECORD
            if not path.is_file():
                raise ConfigError(
                    f"{quoted(name)}: expected a finished run, got one without its final weights"
                )
            key = name, path.stat().st_mtime_ns
        if key not in self._loaded:
            self._loaded[key] = self._load(name)
            while len(self._loaded) > _KEPT:
                self._loaded.popitem(last=False)
        self._loaded.move_to_end(key)
        return self._loaded[key]

    def _load(self, name: str) -> Reader:
        if name == _SHIPPED:
            return Reader(shipped())
        run = name if name in self.built_in() else self._folder / name
        recogniser = Recogniser.of(open_run(run, self._models).model)
        if not recogniser.reads_digits:
            raise ConfigError(f"{quoted(name)}: expected a network that reads digits of 28 x 28, got another")
        return Reader(recogniser)
