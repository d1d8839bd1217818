"""File descriptors: each connection takes one, and the system gives a process only so many."""

from __future__ import annotations

import errno
import logging
import os
import sys
from contextlib import suppress
from dataclasses import replace

from tenfold.errors import ConfigError
from tenfold.serve.connections import LEAVING, Connections
from tenfold.serve.limits import Limits

log = logging.getLogger(__name__)

_OWN = 64  # for all but connections and workers
_OF_A_WORKER = 8  # two pipes, and what starting another one takes for a moment
_LEAST = 16  # connections
_FULL = (errno.EMFILE, errno.ENFILE)


def limits_that_fit(limits: Limits, workers: int) -> Limits:
    """Raise how many files this process may open to what is needed, or lower the connections to what fits.

    Raises
    ------
    ConfigError
        If hardly any connection fits.
    """
    if sys.platform == "win32":
        return limits
    import resource

    others = _OWN + _OF_A_WORKER * workers
    needed = others + limits.connections + limits.connections // LEAVING
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return limits
    wanted = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    with suppress(ValueError, OSError):  # macOS: there may be a bound of its own
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    connections = min(limits.connections, (soft - others) * LEAVING // (LEAVING + 1))
    if connections < _LEAST:
        least = others + _LEAST + _LEAST // LEAVING
        raise ConfigError(
            f"open files: expected at least {least} to be allowed, got {soft}; raise it: ulimit -n {needed}"
        )
    if connections < limits.connections:
        log.warning(
            "%d open files are allowed: at most %d connections instead of %d; ulimit -n %d allows all",
            *(soft, connections, limits.connections, needed),
        )
    return replace(limits, connections=connections)


class FileDescriptors:
    """Looks whether the system still gives descriptors; while it does not, there are fewer connections.

    What accepts connections closes those it has no descriptor for, without a word.

    Parameters
    ----------
    connections : Connections
    """

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def look(self) -> None:
        """Look; make room if need be, and take it back bit by bit when there are descriptors again."""
        before = self._connections.most
        try:
            os.close(os.dup(2))
        except OSError as error:
            if error.errno not in _FULL:
                return
            self._connections.shrink()
            if before == self._connections.limits.connections:  # said once, until there are as many again
                log.warning(
                    "no more files can be opened (ulimit -n): fewer connections than %d until they can",
                    before,
                )
        else:
            self._connections.grow()
