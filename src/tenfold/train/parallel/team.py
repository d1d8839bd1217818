"""The workers of a training besides the leader: they are started, call, and prove that they belong here."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self

from tenfold.errors import ConfigError, WorkerLostError
from tenfold.quoting import message, quoted
from tenfold.train.parallel.link import Link, is_authentic
from tenfold.train.versions import changes, versions

_LOOK_SECONDS = 0.5  # so often the leader looks whether those that it started still run


class Starter(Protocol):
    """How the other workers come to run.

    Attributes
    ----------
    host : str
        Where the leader listens for them.
    port : int
        0 for any that is free.
    token : str or None
        What they must know; None for a new one.
    own_threads : int
        On how many threads the leader computes its own part.
    share_memory : bool
        Whether all of them run on this machine.
    """

    @property
    def host(self) -> str: ...

    @property
    def port(self) -> int: ...

    @property
    def token(self) -> str | None: ...

    @property
    def own_threads(self) -> int: ...

    @property
    def share_memory(self) -> bool: ...

    def start(self, port: int, token: str, count: int) -> None:
        """Start them, or have them started; they are to call the leader at this port."""

    def reason(self, wait: bool) -> str | None:
        """Return why one that was started has ended, in words; None if none has.

        With ``wait`` one has ended, and its system may need a moment to say so.
        """

    def end(self) -> None:
        """End all that were started, whatever they do."""


@dataclass(frozen=True)
class Member:
    """A worker that has called."""

    link: Link
    threads: int


class Team:
    """The other workers, in a ``with`` block; at its end they are ended.

    Parameters
    ----------
    size : int
        How many workers, the leader among them.
    starter : Starter
    say : callable
        Told in one line what must be known.
    """

    def __init__(self, size: int, starter: Starter, say: Callable[[str], None]) -> None:
        self.size, self.members = size, list[Member]()
        self._starter, self._say = starter, say

    def __enter__(self) -> Self:
        try:
            self._gather()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def links(self) -> list[Link]:
        """The connections to the workers of rank 1, 2, ..."""
        return [member.link for member in self.members]

    @property
    def threads(self) -> list[int]:
        """On how many threads each worker computes, the leader first."""
        return [self._starter.own_threads, *(member.threads for member in self.members)]

    @property
    def share_memory(self) -> bool:
        """Whether all workers run on this machine."""
        return self._starter.share_memory

    def close(self) -> None:
        """Close the connections and end what was started."""
        for member in self.members:
            member.link.close()
        self._starter.end()

    def explained(self, error: WorkerLostError) -> WorkerLostError:
        """Return the error of a lost connection with the reason, where it can be known."""
        reason = self._starter.reason(wait=True)
        return error if reason is None else WorkerLostError.of(error.who, reason)

    def _gather(self) -> None:
        """Wait until all workers have called."""
        starter = self._starter
        token = starter.token or secrets.token_hex(16)
        try:
            server = socket.create_server((starter.host, starter.port))
        except OSError as error:
            raise ConfigError(
                f"workers: expected an address to listen at, got {starter.host}:{starter.port} "
                f"({message(error)}); give another"
            ) from error
        with server:
            starter.start(server.getsockname()[1], token, self.size - 1)
            server.settimeout(_LOOK_SECONDS)
            while len(self.members) < self.size - 1:
                try:
                    connected, address = server.accept()
                except TimeoutError:
                    if (reason := starter.reason(wait=False)) is not None:
                        raise WorkerLostError.of("a worker", reason) from None
                    continue
                self._welcome(connected, address[0], token)

    def _welcome(self, connected: socket.socket, address: str, token: str) -> None:
        """Take a caller in, if it is a worker of this training and of this version."""
        if (reason := _refusal(connected, token)) is not None:
            connected.close()
            self._say(f"a caller from {address} {reason}; it was refused")
            return
        number = len(self.members) + 2
        link = Link(connected, f"worker {number} of {self.size} ({address})")
        try:
            hello, _ = link.receive()
            threads, found = int(hello["threads"]), dict(hello["versions"])
        except (WorkerLostError, KeyError, TypeError, ValueError):
            link.close()
            return
        try:
            self._check_versions(link, found)
        except ConfigError:
            link.close()
            raise
        link.send({"rank": number - 1})
        link.name = f"worker {number} of {self.size} (process {hello.get('process')} at {address})"
        self.members.append(Member(link, threads))

    def _check_versions(self, link: Link, found: Mapping[str, Any]) -> None:
        """Refuse another version of tenfold; say what else differs."""
        own = versions()
        if found.get("tenfold") != own["tenfold"]:
            text = (
                f"workers: expected tenfold {own['tenfold']} as the leader has, got "
                f"{quoted(found.get('tenfold'))} at {link.name}; install that version there"
            )
            link.send({"refused": text})
            raise ConfigError(text)
        if different := changes(found, own):
            self._say(f"{link.name}: {different}: bits may differ from those of equal machines")


def _refusal(connected: socket.socket, token: str) -> str | None:
    """Return in words why a caller is no worker of this training; None if it is one."""
    try:
        return None if is_authentic(connected, token, listens=True) else "did not know the token"
    except (OSError, EOFError):
        return "did not send the token"
