"""How many workers are ready, and whether there has been none for too long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Readiness:
    """Counts the workers that are ready.

    Parameters
    ----------
    patience : float
        Seconds without any worker until requests no longer wait for one.
    give_up : callable
        Called then.

    Attributes
    ----------
    workers : int
        Ready at the moment.
    given_up : bool
        Whether no worker has been ready for too long; until one is again.
    """

    def __init__(self, patience: float, give_up: Callable[[], None]) -> None:
        self.workers = 0
        self.given_up = False
        self._patience, self._give_up = patience, give_up
        self._timer: asyncio.TimerHandle | None = None

    @contextmanager
    def one_more(self) -> Iterator[None]:
        """Count a worker while in the block."""
        self.workers += 1
        self.given_up = False
        self.stop()
        try:
            yield
        finally:
            self.workers -= 1
            if not self.workers:
                self._timer = asyncio.get_running_loop().call_later(self._patience, self._none)

    def stop(self) -> None:
        """Wait no longer."""
        if self._timer is not None:
            self._timer.cancel()

    def _none(self) -> None:
        self.given_up = True
        self._give_up()
