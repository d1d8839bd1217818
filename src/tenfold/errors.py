"""The exceptions of tenfold; each is also the matching built-in exception.

A message is one line: what was expected, what was found, what to try. The command line exits with the
exception's ``exit_code``, and shows the traceback only with ``--debug``.
"""

from __future__ import annotations

__all__ = [
    "BusyError",
    "CheckpointError",
    "ConfigError",
    "DTypeError",
    "DataError",
    "DivergedError",
    "OutOfMemoryError",
    "RangeError",
    "ShapeError",
    "SlowerWarning",
    "StorageError",
    "TenfoldError",
]

LONGEST = 2_000  # characters of a message, because values and file names in it can be long


class TenfoldError(Exception):
    """Base of all exceptions that tenfold raises deliberately."""

    exit_code = 1

    def __str__(self) -> str:
        return _shortened(super().__str__())


class SlowerWarning(UserWarning):
    """Something that works, and could be faster; the message says what to do."""

    def __str__(self) -> str:
        return _shortened(super().__str__())


class ConfigError(TenfoldError, ValueError):
    """An invalid option, name or recipe."""

    exit_code = 2


class ShapeError(TenfoldError, ValueError):
    """An array with the wrong shape."""

    exit_code = 2


class DTypeError(TenfoldError, TypeError):
    """An array with the wrong dtype."""

    exit_code = 2


class RangeError(TenfoldError, ValueError):
    """A value outside its valid range."""

    exit_code = 2


class OutOfMemoryError(TenfoldError, MemoryError):
    """An operation that needs more memory than is available."""

    exit_code = 2


class DataError(TenfoldError, ValueError):
    """A data file or picture that is missing, damaged or of the wrong kind."""

    exit_code = 3


class CheckpointError(TenfoldError, ValueError):
    """A saved run that is missing, damaged or belongs to another network."""

    exit_code = 4


class StorageError(TenfoldError, OSError):
    """An error of the file system: a full disk, no free descriptor, no permission.

    Callers that know more can set further parts before the message is shown; it stays one line.

    Attributes
    ----------
    what : str
        The file, what was expected and what was found.
    advice : str
        What to try.
    kept : str or None
        What has been saved.
    then : str or None
        How to continue afterwards.
    of_the_place : bool
        Whether another folder would help; False if the machine lacks a resource.
    """

    exit_code = 4

    def __init__(
        self, what: str, advice: str, *, errno: int | None = None, of_the_place: bool = True
    ) -> None:
        super().__init__()
        self.args = what, advice  # not passed to __init__, which would take them for errno and strerror
        self.what, self.advice, self.errno, self.of_the_place = what, advice, errno, of_the_place
        self.kept: str | None = None
        self.then: str | None = None

    def __str__(self) -> str:
        kept = f"; {self.kept}" if self.kept else ""
        return _shortened(f"{self.what}{kept}; {self.advice}" + (f", then {self.then}" if self.then else ""))


class DivergedError(TenfoldError, ArithmeticError):
    """Training produced NaN or infinity."""

    exit_code = 5


class WorkerLostError(TenfoldError, RuntimeError):
    """A worker of a training that ended, or cannot be reached any more.

    Attributes
    ----------
    who : str
        Which worker.
    then : str or None
        How the training goes on; a caller that knows can set it before the message is shown.
    """

    exit_code = 4

    def __init__(self, text: str, who: str = "", then: str | None = None) -> None:
        super().__init__(text)
        self.who, self.then = who, then

    @classmethod
    def of(cls, who: str, found: str) -> WorkerLostError:
        """Return the error for a worker and what was found instead of its part of a step."""
        text = f"{who}: expected it to compute its part, found {found}; the training stopped"
        return cls(text, who, "start it again")

    def __str__(self) -> str:
        then = f"; {self.then}" if self.then else ""
        return _shortened(f"{Exception.__str__(self)}{then}")


class BusyError(TenfoldError, RuntimeError):
    """A run folder or cache that another process is using."""

    exit_code = 6


def _shortened(text: str) -> str:
    """Shorten a long text in the middle, because it begins with the place and ends with the advice."""
    half = LONGEST // 2 - 3
    return text if len(text) <= LONGEST else f"{text[:half]} ... {text[-half:]}"
