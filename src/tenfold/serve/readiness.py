"""How many workers are ready, and whether requests should wait for one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Readiness:
    """Counts the workers that are ready.

    Parameters
    ----------
    wait_seconds : float
        How long requests wait while no worker is ready and another one starts.
    on_unavailable : callable
        Called after that time.

    Attributes
    ----------
    workers : int
        Workers that are ready now.
    unavailable : bool
        Whether no worker is ready and none is expected soon.
    """

    def __init__(self, wait_seconds: float, on_unavailable: Callable[[], None]) -> None:
        self.workers = 0
        self.unavailable = False
        self._wait_seconds, self._on_unavailable = wait_seconds, on_unavailable
        self._timer: asyncio.TimerHandle | None = None

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count one worker more while in the block."""
        self.workers += 1
        self.unavailable = False
        self.stop()
        try:
            yield
        finally:
            self.workers -= 1
            if not self.workers:
                self._timer = asyncio.get_running_loop().call_later(self._wait_seconds, self._set_unavailable)

    def start_failed(self) -> None:
        """Note that no worker can be started: unless another one runs, waiting is useless."""
        if not self.workers:
            self._set_unavailable()

    def stop(self) -> None:
        """Cancel the timer."""
        if self._timer is not None:
            self._timer.cancel()

    def _set_unavailable(self) -> None:
        self.unavailable = True
        self._on_unavailable()
