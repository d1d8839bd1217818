"""The errors that tenfold raises, each also the built-in that a caller would expect.

Every message is one line: what was expected, what came, what to try. The command line turns an
error into its ``exit_code``; the traceback is shown only with ``--debug``.
"""

from __future__ import annotations

LONGEST = 2_000  # characters of a message: it may name values and files of any length


class TenfoldError(Exception):
    """Base of every error that tenfold raises on purpose."""

    exit_code = 1

    def __str__(self) -> str:
        return _within(super().__str__())


class SlowerWarning(UserWarning):
    """Something that works, and could be faster; the message says what to do."""


class ConfigError(TenfoldError, ValueError):
    """An option, a name or a recipe that cannot be used."""

    exit_code = 2


class ShapeError(TenfoldError, ValueError):
    """An array whose shape does not fit."""

    exit_code = 2


class DTypeError(TenfoldError, TypeError):
    """An array of the wrong dtype."""

    exit_code = 2


class RangeError(TenfoldError, ValueError):
    """A value outside the range that it must lie in."""

    exit_code = 2


class OutOfMemoryError(TenfoldError, MemoryError):
    """Something that needs more memory than there is."""

    exit_code = 2


class DataError(TenfoldError, ValueError):
    """A data file or picture that is missing, damaged or not what it claims to be."""

    exit_code = 3


class CheckpointError(TenfoldError, ValueError):
    """A saved run that is missing, damaged or belongs to something else."""

    exit_code = 4


class StorageError(TenfoldError, OSError):
    """A file system that does not do what it must: a full disk, no descriptors, no permission.

    Its parts can be completed by whoever knows more, on the error's way up; they make one line.

    Attributes
    ----------
    what : str
        Which file, what was expected, what was found.
    advice : str
        What to do about it.
    kept : str or None
        What is safe.
    then : str or None
        How to go on afterwards.
    of_the_place : bool
        Whether another place would do, as against a machine that is out of something.
    """

    exit_code = 4

    def __init__(
        self, what: str, advice: str, *, errno: int | None = None, of_the_place: bool = True
    ) -> None:
        super().__init__()
        self.args = what, advice  # not given above, where they would be taken for errno and strerror
        self.what, self.advice, self.errno, self.of_the_place = what, advice, errno, of_the_place
        self.kept: str | None = None
        self.then: str | None = None

    def __str__(self) -> str:
        kept = f"; {self.kept}" if self.kept else ""
        return _within(f"{self.what}{kept}; {self.advice}" + (f", then {self.then}" if self.then else ""))


class DivergedError(TenfoldError, ArithmeticError):
    """Training that produced NaN or infinity."""

    exit_code = 5


class BusyError(TenfoldError, RuntimeError):
    """A run folder or cache that another process is using."""

    exit_code = 6


def _within(text: str) -> str:
    """Return a text, if too long without its middle: it begins with the place and ends with the advice."""
    half = LONGEST // 2 - 3
    return text if len(text) <= LONGEST else f"{text[:half]} ... {text[-half:]}"
