"""The errors that tenfold raises, each also the built-in that a caller would expect.

Every message is one line: what was expected, what came, what to try. The command line turns an
error into its ``exit_code``; the traceback is shown only with ``--debug``.
"""

from __future__ import annotations


class TenfoldError(Exception):
    """Base of every error that tenfold raises on purpose."""

    exit_code = 1


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


class DivergedError(TenfoldError, ArithmeticError):
    """Training that produced NaN or infinity."""

    exit_code = 5


class BusyError(TenfoldError, RuntimeError):
    """A run folder or cache that another process is using."""

    exit_code = 6
