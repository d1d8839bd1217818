"""File descriptors: each connection needs one, and the system limits them for each process."""

from __future__ import annotations

import errno
import logging
import os
import sys
from contextlib import suppress
from dataclasses import replace

from tenfold.errors import ConfigError
from tenfold.serve.connections import CLOSING_SHARE, Connections
from tenfold.serve.limits import Limits

log = logging.getLogger(__name__)

_OWN = 64  # for everything but connections and workers
_PER_WORKER = 8  # two pipes, and a few more while another worker starts
_LEAST_CONNECTIONS = 16
_OUT_OF_DESCRIPTORS = (errno.EMFILE, errno.ENFILE)


def limits_that_fit(limits: Limits, workers: int) -> Limits:
    """Raise this process's limit on open files as far as needed; if that fails, lower the connections.

    Raises
    ------
    ConfigError
        If fewer than 16 connections are possible.
    """
    if sys.platform == "win32":
        return limits
    import resource

    others = _OWN + _PER_WORKER * workers
    needed = others + limits.connections + limits.connections // CLOSING_SHARE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return limits
    wanted = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    with suppress(ValueError, OSError):  # macOS may have a lower limit of its own
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    connections = min(limits.connections, (soft - others) * CLOSING_SHARE // (CLOSING_SHARE + 1))
    if connections < _LEAST_CONNECTIONS:
        least = others + _LEAST_CONNECTIONS + _LEAST_CONNECTIONS // CLOSING_SHARE
        raise ConfigError(
            f"open files: expected a limit of at least {least}, got {soft}; raise it: ulimit -n {needed}"
        )
    if connections < limits.connections:
        log.warning(
            "the limit is %d open files: at most %d connections instead of %d; ulimit -n %d allows all",
            *(soft, connections, limits.connections, needed),
        )
    return replace(limits, connections=connections)


class FileDescriptors:
    """Lowers the number of connections while the system has no free file descriptor.

    Without this, asyncio would close new connections without an answer.

    Parameters
    ----------
    connections : Connections
    """

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def check(self) -> None:
        """Try to get a descriptor: on failure close connections, on success allow one connection more."""
        before = self._connections.most
        try:
            os.close(os.dup(2))
        except OSError as error:
            if error.errno not in _OUT_OF_DESCRIPTORS:
                return
            self._connections.shrink()
            if before == self._connections.limits.connections:  # logged once, until the limit is back
                log.warning(
                    "no more files can be opened (ulimit -n): fewer than %d connections until they can",
                    before,
                )
        else:
            self._connections.grow()
