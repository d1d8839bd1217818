"""Workers as tasks of a Ray cluster, spread over its machines."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from tenfold.backend.cpu.threads import available
from tenfold.errors import ConfigError
from tenfold.train.parallel.ray_connection import connect, require_ray
from tenfold.train.parallel.worker import work_for

_LAST_WORDS_SECONDS = 10.0


class RayWorkers:
    """Starts the other workers on a Ray cluster, each on as many cores as its smallest machine has.

    Parameters
    ----------
    address : str or None
        ``ray://HOST:PORT``, or None for the cluster of ``$RAY_ADDRESS`` or of this machine.

    Raises
    ------
    ConfigError
        Without Ray, or where the cluster cannot be reached.
    """

    port, share_memory = 0, False
    token: str | None = None  # a new one

    def __init__(self, address: str | None = None) -> None:
        require_ray()
        import ray

        self._began = not ray.is_initialized()
        if self._began:
            connect(address)
        self.host = str(ray.util.get_node_ip_address())
        machines = [node["Resources"].get("CPU", 0) for node in ray.nodes() if node["Alive"]]
        self._cores = [int(cores) for cores in machines if cores]
        self.threads = max(1, min(self._cores, default=1))
        self.own_threads = min(available(), self.threads)
        self._tasks: list[Any] = []

    def start(self, port: int, token: str, count: int) -> None:
        """Start a task for each; one that is lost is not started again, for the training has to resume.

        Raises
        ------
        ConfigError
            If the cluster has too few cores: the tasks would wait for ever.
        """
        check_room(self._cores, self.threads, count)
        import ray

        options = {"num_cpus": self.threads, "max_retries": 0, "scheduling_strategy": "SPREAD"}
        task = ray.remote(**options)(work_for)
        self._tasks = [task.remote(self.host, port, token, self.threads) for _ in range(count)]

    def reason(self, wait: bool) -> str | None:
        """See `Starter`."""
        import ray

        ended, _ = ray.wait(self._tasks, timeout=_LAST_WORDS_SECONDS if wait else 0)
        if not ended:
            return None
        try:
            ray.get(ended)
        except Exception as error:  # whatever the cluster or the task raises
            lines = [line.strip() for line in str(error).splitlines() if line.strip()]
            return f"that its task ended ({type(error).__name__}: {(lines or [''])[0][:200]})"
        return "that its task ended"

    def end(self) -> None:
        """See `Starter`."""
        import ray

        for task in self._tasks:
            with suppress(Exception):  # it has ended, or its machine is gone
                ray.cancel(task, force=True)
        if self._began:
            ray.shutdown()


def check_room(cores: Sequence[int], threads: int, count: int) -> None:
    """Check that tasks of some threads each have room on machines of some cores each.

    Raises
    ------
    ConfigError
    """
    room = sum(own // threads for own in cores)
    if room < count:
        raise ConfigError(
            f"--on ray: expected a cluster with room for {count} more workers of {threads} cores each, found "
            f"room for {room}; give --workers {room + 1}, or add machines"
        )
