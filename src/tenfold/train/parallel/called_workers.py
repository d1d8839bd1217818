"""Workers on other machines, which somebody else starts: by hand, by Slurm's ``srun``, by Kubernetes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tenfold.backend.cpu.threads import available


@dataclass(frozen=True)
class CalledWorkers:
    """Waits for workers that know the token; every one computes on all its cores.

    Attributes
    ----------
    host, port : str, int
        Where the leader listens.
    token : str
    say : callable
        Told how they are started.
    """

    host: str
    port: int
    token: str
    say: Callable[[str], None]
    share_memory: bool = False

    @property
    def own_threads(self) -> int:
        """All cores."""
        return available()

    def start(self, port: int, token: str, count: int) -> None:
        """Say how they are started."""
        workers = "worker" if count == 1 else "workers"
        self.say(
            f"waiting for {count} {workers}: start each with  tenfold worker {self.host}:{port}  and the "
            "same token; Ctrl-C ends the waiting"
        )

    def reason(self, wait: bool) -> str | None:
        """See `Starter`; nothing is known of them."""
        return None

    def end(self) -> None:
        """Nothing: they end when their connection does."""
