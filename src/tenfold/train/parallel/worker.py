"""The process of a worker: it calls the leader, gets a copy of the network, and computes its parts.

It ends when the leader does: at the end of the connection, or of stdin where the leader started it.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tenfold.backend.cpu import start
from tenfold.backend.cpu.part import Part
from tenfold.backend.cpu.threads import checked
from tenfold.errors import ConfigError, TenfoldError, WorkerLostError
from tenfold.nn import Sequential
from tenfold.nn.registry import loss_from_config
from tenfold.optim import optimizer_from_config
from tenfold.quoting import message
from tenfold.train.executor import HostArray
from tenfold.train.parallel.collective import Collective, Outer, SharedOuter
from tenfold.train.parallel.link import Link, is_authentic
from tenfold.train.parallel.shared_memory import Slots
from tenfold.train.versions import versions

if TYPE_CHECKING:
    from tenfold.backend.cpu.part_engine import PartEngine

_CALL_SECONDS = 60
_AGAIN_SECONDS = 0.5


def main() -> None:
    """Work for the process at the other end of stdin, whose first line says where it listens."""
    try:
        settings = json.loads(sys.stdin.readline())
        _end_with_stdin()
        work_for(settings["host"], settings["port"], settings["token"], settings["threads"])
    except TenfoldError as error:
        sys.stderr.write(f"{error}\n")  # the leader reads it
        sys.exit(1)


def work_for(host: str, port: int, token: str, threads: int | None = None) -> None:
    """Compute parts of minibatches until the leader ends.

    Parameters
    ----------
    host : str
    port : int
    token : str
    threads : int, optional
        All cores unless given.

    Raises
    ------
    ConfigError
        If nobody listens there, the token is another one, or the leader refuses this worker.
    """
    link = _called(host, port, token)
    threads = checked(threads)
    try:
        link.send({"versions": dict(versions()), "threads": threads, "process": os.getpid()})
        welcome, _ = link.receive()
        if "refused" in welcome:
            raise ConfigError(str(welcome["refused"]))
        _Worker(link, threads).work()
    except WorkerLostError:
        return  # the leader has ended, and says why
    finally:
        link.close()


def _called(host: str, port: int, token: str) -> Link:
    """Return the connection to the leader."""
    where, until = f"{host}:{port}", time.monotonic() + _CALL_SECONDS
    while True:
        try:
            connected = socket.create_connection((host, port), timeout=_CALL_SECONDS)
            break
        except OSError as error:  # the leader may still be reading its data
            if time.monotonic() > until:
                raise ConfigError(
                    f"{where}: expected a training that waits for workers, found none ({message(error)}); "
                    "start it, and compare the address"
                ) from error
        time.sleep(_AGAIN_SECONDS)
    try:
        known = is_authentic(connected, token, listens=False)
    except (OSError, EOFError) as error:
        connected.close()
        raise ConfigError(
            f"{where}: expected a training that waits for workers, found something else; "
            "compare the address, and start this worker again"
        ) from error
    if not known:
        connected.close()
        raise ConfigError(f"{where}: expected the training's token, got another; copy it again")
    return Link(connected, "the leader")


def _end_with_stdin() -> None:
    """End at once when stdin ends, that is, when the leader ends; there is nothing to save."""

    def watch() -> None:
        while os.read(0, 4096):
            pass
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


class _Worker:
    """A copy of the network, and the commands that it follows."""

    _engine: PartEngine
    _collective: Collective

    def __init__(self, link: Link, threads: int) -> None:
        self._link, self._threads = link, threads
        self._rank = self._size = 0

    def work(self) -> None:
        """Follow commands until the connection ends."""
        commands: dict[str, Callable[..., None]] = {
            "build": self._build,
            "assign": self._assign,
            "train": self._train,
            "exchange": self._exchange,
        }
        while True:
            content, arrays = self._link.receive()
            commands[content["do"]](content, *arrays)

    def _build(self, content: dict[str, Any]) -> None:
        """Build the network; the leader has compiled the engine, so on its machine it is there."""
        start.engine()
        from tenfold.backend.cpu.part_engine import PartEngine

        self._rank, self._size = int(content["rank"]), int(content["size"])
        network = Sequential.from_config(content["network"])
        loss, optimizer = loss_from_config(**content["loss"]), optimizer_from_config(**content["optimizer"])
        self._engine = PartEngine(network, loss, optimizer, threads=self._threads)
        self._engine.warm_up()
        self._collective = Outer(self._link)
        if content["slots"] is not None:
            slots = Slots(content["slots"], self._size, int(content["room"]))
            self._collective = SharedOuter(self._link, slots, self._rank)
        self._link.send({"ready": True})

    def _assign(self, content: dict[str, Any], vector: HostArray, statistics: HostArray) -> None:
        self._engine.take_over(vector, statistics, int(content["step"]))

    def _train(
        self, content: dict[str, Any], images: HostArray, labels: HostArray, rates: HostArray,
        bits: HostArray, weights: HostArray,
    ) -> None:  # fmt: skip
        part = Part.of(int(content["n"]), self._rank, self._size)
        self._engine.train_part(images, labels, part, rates, bits, weights, self._collective.all_sum)
        self._link.send({"checksum": self._engine.checksum()})

    def _exchange(self, content: dict[str, Any]) -> None:
        self._collective.all_sum(self._engine.gradient)


if __name__ == "__main__":
    main()
