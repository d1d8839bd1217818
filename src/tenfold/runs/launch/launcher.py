"""What every launcher does."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Protocol, Self

from tenfold.runs.launch.unit import Exit, Unit


class Listener(Protocol):
    """Hears of a unit while it runs."""

    def runs_on(self, where: str) -> None:
        """It runs on this machine, or waits; told again if that changes. Never told of this machine."""

    def stands(self, report: dict[str, Any]) -> None:
        """It has printed a line of JSON."""

    def notice(self, line: str) -> None:
        """Something that the user should know."""


class Launcher(Protocol):
    """Runs units, several at a time; used in a ``with`` block, at whose end nothing of it runs any more."""

    at_once: int
    """How many units to run at a time, each by a thread that calls `run`."""

    def run(self, unit: Unit, listener: Listener) -> Exit:
        """Run a unit; return when its process has ended and its file, if it wrote one, is in its home.

        A unit whose machine is lost is run again. A failure of the unit is an `Exit`, not an error.

        Raises
        ------
        TenfoldError
            If nothing can be run there at all.
        """

    def stop(self) -> None:
        """Have every unit save where it is and end; those run later end at once. For any thread."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...
