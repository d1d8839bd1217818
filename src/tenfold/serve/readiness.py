"""How many workers are ready, and whether it makes sense to wait for one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Readiness:
    """Counts the workers that are ready.

    Parameters
    ----------
    patience : float
        Seconds that requests wait for a worker while none is ready and another one starts.
    give_up : callable
        Called then.

    Attributes
    ----------
    workers : int
        Ready at the moment.
    unavailable : bool
        Whether no worker is ready, nor soon will be; until one is.
    """

    def __init__(self, patience: float, give_up: Callable[[], None]) -> None:
        self.workers = 0
        self.unavailable = False
        self._patience, self._give_up = patience, give_up
        self._timer: asyncio.TimerHandle | None = None

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count a worker while in the block."""
        self.workers += 1
        self.unavailable = False
        self.stop()
        try:
            yield
        finally:
            self.workers -= 1
            if not self.workers:
                self._timer = asyncio.get_running_loop().call_later(self._patience, self._none)

    def failed(self) -> None:
        """Note that no worker can be started: without any other, there is nothing to wait for."""
        if not self.workers:
            self._none()

    def stop(self) -> None:
        """Wait no longer."""
        if self._timer is not None:
            self._timer.cancel()

    def _none(self) -> None:
        self.unavailable = True
        self._give_up()
