"""A unit of work: a command that writes one file."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path

from tenfold.resources import Resources


@dataclass(frozen=True)
class Unit:
    """A command that writes one file, which is there completely or not at all.

    Attributes
    ----------
    name : str
        Names it in tables and queues; no other unit of the same home has it.
    words : tuple of str
        Of the command, without the option that names the home.
    home : Path
        The folder that the command writes to.
    option : str
        The option that names the home: ``--results`` of a trial.
    file : Path
        Where in the home its file will be.
    resources : Resources
        What it is given where other machines run it.
    besides : Path or None
        A folder in the home that it also writes, brought back with the file where the home is not shared.
    needs : Path or None
        A folder in the home that it reads, sent along where the home is not shared.
    program : tuple of str
        What Python runs, if it is not ``tenfold``: a file that is at the same path on each machine.

    Notes
    -----
    If it is run again, the command continues what it left in its home, or begins again; both end with the
    same bits.
    """

    name: str
    words: tuple[str, ...]
    home: Path
    option: str
    file: Path
    resources: Resources = field(default_factory=Resources)
    besides: Path | None = None
    needs: Path | None = None
    program: tuple[str, ...] = ("-m", "tenfold")

    def command(self, home: Path | None = None) -> list[str]:
        """Return the command for this Python; ``home`` in place of its own."""
        return [sys.executable, *self.program, *self.words, self.option, str(home or self.home)]


@dataclass(frozen=True)
class Exit:
    """How a unit's process ended.

    Attributes
    ----------
    code : int
        The exit code; that of a killed process is the signal's number, negative.
    words : str
        The last line that it printed, which says why it failed.
    """

    code: int
    words: str = ""
