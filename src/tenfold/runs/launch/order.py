"""What a cluster is told of a unit, and what it tells: plain values that JSON can hold."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

from tenfold import __version__
from tenfold.runs.launch.unit import Unit

CARRIED = ("TENFOLD_DATA", "NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES")
"""Variables of this process that a unit is given elsewhere too, unless that machine has its own."""


@dataclass(frozen=True)
class Order:
    """A unit as another machine is told of it.

    Attributes
    ----------
    version : str
        Of the tenfold that gives the order.
    name, words, home, option, file, besides, program
        See `Unit`; paths are text, the home is absolute.
    cores : int
    folder : str
        Where the command runs, if that folder is there too.
    mark : str
        Content of a file in the home: who finds it there shares the home.
    environment : dict of str to str
    """

    version: str
    name: str
    words: list[str]
    home: str
    option: str
    file: str
    besides: str | None
    cores: int
    folder: str
    mark: str
    environment: dict[str, str]
    program: list[str]

    @classmethod
    def of(cls, unit: Unit, mark: str) -> Self:
        """Return the order to run a unit."""
        return cls(
            version=__version__,
            name=unit.name,
            words=list(unit.words),
            home=str(unit.home.absolute()),
            option=unit.option,
            file=unit.file.as_posix(),
            besides=None if unit.besides is None else unit.besides.as_posix(),
            cores=unit.resources.cores,
            folder=str(Path.cwd()),
            mark=mark,
            environment={name: os.environ[name] for name in CARRIED if name in os.environ},
            program=list(unit.program),
        )

    @property
    def identity(self) -> str:
        """The same for every order to do the same work, also of another process."""
        what = "\n".join([self.version, self.home, self.name, *self.program, *self.words])
        return f"{self.name}-{sha256(what.encode()).hexdigest()[:12]}"

    def to_json(self) -> dict[str, Any]:
        """Return the order as JSON values."""
        return asdict(self)


@dataclass
class Status:
    """Where a unit stands on another machine.

    Attributes
    ----------
    host : str
    processor : str
        What the engine is compiled for there: other instructions may round differently.
    shared : bool
        Whether the unit's home is the same folder there.
    beat : int
        Grows while the machine lives.
    reports : int
        How many lines of JSON the unit has printed.
    report : dict or None
        The last of them.
    refused : str or None
        Why no unit is run there.
    lost : str or None
        Why the machine ended the unit, which can be run again.
    code : int or None
        The exit code, once it has ended.
    words : str
        The last line that it printed.
    """

    host: str = ""
    processor: str = ""
    shared: bool = True
    beat: int = 0
    reports: int = 0
    report: dict[str, Any] | None = None
    refused: str | None = None
    lost: str | None = None
    code: int | None = None
    words: str = ""

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self.code is not None or self.refused is not None or self.lost is not None
