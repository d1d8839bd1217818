"""Units on a Ray cluster, an actor for each; the cluster finds a machine with room for it."""

from __future__ import annotations

import atexit
import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from tenfold.errors import ConfigError, StorageError
from tenfold.resources import Resources
from tenfold.runs.launch.carried import Carried
from tenfold.runs.launch.cluster import Lost
from tenfold.runs.launch.order import Order, Status
from tenfold.runs.launch.ray_head import Head
from tenfold.train.parallel.ray_connection import connect

_NAMESPACE = "tenfold"
_TO_CLEAN = 5.0  # seconds for a machine to remove its files
_UNASKED = 600.0  # seconds that what a unit has written is kept for a driver that was killed
_UNASKED_SHARED = 30.0  # seconds where its file is in its home: cores must not wait for a driver then


class RayCluster:
    """A Ray cluster.

    Parameters
    ----------
    address : str or None
        ``ray://HOST:PORT``, or None for the cluster of ``$RAY_ADDRESS`` or of this machine; without one, Ray
        is started on this machine until the command ends.

    Raises
    ------
    ConfigError
        Without Ray, or where the cluster cannot be reached.
    """

    shares_folders = False

    def __init__(self, address: str | None = None) -> None:
        connect(address, _NAMESPACE)
        import ray

        self._actor = ray.remote(Place)
        self._head = Head(address or ray.get_runtime_context().gcs_address)

    def start(self, order: Order, resources: Resources, files: Mapping[str, bytes]) -> RayJob:
        """Start a unit, or find the one that a driver started which is no longer there."""
        self._head.wait()
        actor = self._actor.options(
            name=order.identity,
            namespace=_NAMESPACE,
            get_if_exists=True,
            lifetime="detached",  # it outlives a driver that is killed
            num_cpus=resources.cores,
            memory=resources.memory * 2**20,
            max_restarts=0,
        ).remote(order.to_json(), dict(files))
        return RayJob(actor, self._head)

    def close(self) -> None:
        """Let go of the cluster."""
        import ray

        self._head.close()
        if self._head.is_lost:
            atexit.unregister(ray.shutdown)  # it would wait for the head
            atexit.register(os._exit, StorageError.exit_code)  # the end of Ray's compiled code crashes then
        else:
            ray.shutdown()


class RayJob:
    """A unit as an actor.

    Parameters
    ----------
    actor : ray.actor.ActorHandle
    head : Head
        Without it nothing can be asked.
    """

    def __init__(self, actor: Any, head: Head) -> None:
        self._actor, self._head = actor, head
        self._asked: Any = None
        self._last: Status | None = None

    def status(self) -> Status | None:
        """Return where it stands; see `tenfold.runs.launch.cluster.Job`."""
        import ray

        self._head.check()
        if self._asked is None:
            self._asked = self._actor.status.remote()
        if not ray.wait([self._asked], timeout=0)[0]:
            return self._last
        asked, self._asked = self._asked, None
        with _heard(), suppress(ray.exceptions.ActorUnavailableError):  # the network, say; it may come back
            self._last = Status(**ray.get(asked))
        return self._last

    def stop(self) -> None:
        """Have it save and end."""
        self._actor.stop.remote()

    def fetch(self) -> Mapping[str, bytes]:
        """Return what it has written."""
        import ray

        with _heard():
            found: dict[str, bytes] = ray.get(self._actor.files.remote())
        return found

    def end(self) -> None:
        """Remove it; its process, if it still runs, sees that and saves."""
        import ray

        if self._head.is_lost:
            return
        with suppress(Exception):  # the actor may be gone
            ray.wait([self._actor.close.remote()], timeout=_TO_CLEAN if self._last else 0)
            ray.kill(self._actor)


@contextmanager
def _heard() -> Iterator[None]:
    """In a ``with`` block, an actor that is no longer there is a lost unit.

    Raises
    ------
    Lost, ConfigError
    """
    import ray

    try:
        yield
    except (ray.exceptions.RayActorError, ray.exceptions.ObjectLostError) as error:
        if "ModuleNotFoundError" in str(error):
            raise ConfigError(
                "--on ray: expected tenfold on every machine of the cluster, found one without it; install "
                "this version there too"
            ) from error
        raise Lost("its machine or its worker was lost") from error


class Place:
    """The actor: runs one unit on a machine of the cluster.

    Parameters
    ----------
    order : dict
    files : dict of str to bytes
        What the unit needs, where its home is not shared.
    """

    def __init__(self, order: dict[str, Any], files: dict[str, bytes]) -> None:
        self._carried = Carried(order, files)
        self._asked = time.monotonic()
        threading.Thread(target=self._run, daemon=True).start()

    def status(self) -> dict[str, Any]:
        """Return where it stands, see `Status`."""
        self._asked = time.monotonic()
        return self._carried.status()

    def stop(self) -> None:
        """Have it save and end."""
        self._carried.stop()

    def files(self) -> dict[str, bytes]:
        """Return what it has written, where the home is not shared."""
        return self._carried.files()

    def close(self) -> None:
        """Remove what was written here."""
        self._carried.close()

    def _run(self) -> None:
        self._carried.run()
        kept = _UNASKED_SHARED if self._carried.is_shared else _UNASKED
        while time.monotonic() - self._asked < kept:
            time.sleep(1)
        self._carried.close()
        os._exit(0)  # no driver has come back for it
