"""Whether the head of a Ray cluster still answers: without it Ray ends this process, after a minute."""

from __future__ import annotations

import threading

from tenfold.errors import StorageError
from tenfold.train.parallel.ray_connection import answers

_SECONDS_BETWEEN = 5.0
_SECONDS_BETWEEN_LOOKS = 0.5
_TRIES = 4


class Head:
    """Asks the head of a cluster now and then whether it takes connections.

    Parameters
    ----------
    address : str
        ``HOST:PORT``.

    Attributes
    ----------
    is_lost : bool
        Whether it did not, several times in a row.
    """

    def __init__(self, address: str) -> None:
        self.address, self.is_lost = address, False
        self._ended = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def check(self) -> None:
        """Check that it is there.

        Raises
        ------
        StorageError
            If it is lost.
        """
        if self.is_lost:
            raise StorageError(
                f"--on ray: expected the head of the cluster at {self.address} to answer, found that it does "
                "not any more",
                "start the cluster again",
            )

    def wait(self) -> None:
        """Return as soon as it answers: a call of Ray would wait for it, and end this process after a minute.

        Raises
        ------
        StorageError
            If it is lost.
        """
        while not (self._ended.is_set() or answers(self.address)):
            self.check()
            self._ended.wait(_SECONDS_BETWEEN_LOOKS)

    def close(self) -> None:
        """Ask no more."""
        self._ended.set()

    def _watch(self) -> None:
        failed = 0
        while not self.is_lost and not self._ended.wait(_SECONDS_BETWEEN):
            failed = 0 if answers(self.address) else failed + 1
            self.is_lost = failed == _TRIES
