"""Where the server listens, whom it answers and with what."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass, field
from pathlib import Path

from tenfold.backend.cpu.threads import available
from tenfold.errors import ConfigError
from tenfold.files import read_bounded
from tenfold.serve.limits import Limits

TOKEN_VARIABLE = "TENFOLD_TOKEN"
SHORTEST_TOKEN = 16  # characters
WORKERS_PER_CORE = 4  # more of them only share what one does


@dataclass(frozen=True)
class Settings:
    """What `tenfold serve` was told.

    Attributes
    ----------
    host : str
        Address or name to listen at.
    port : int
        0 takes any that is free.
    run : Path or None
        The finished run to serve; by default the network that comes with tenfold.
    token : str or None
        What every request must carry; may be left out where only this machine can reach the server.
    names : tuple of str
        Further host names under which clients may call the server.
    workers : int or None
        Processes that read; by default one for each core, four at most.
    limits : Limits

    Raises
    ------
    ConfigError
        If the token is missing beyond this machine or could be guessed, or the workers are too many.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    run: Path | None = None
    token: str | None = field(default=None, repr=False)
    names: tuple[str, ...] = ()
    workers: int | None = None
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        if self.token is None and not is_loopback(self.host):
            raise ConfigError(
                f"--host {self.host}: expected a token for a server that other machines can reach, got none; "
                f"put one into ${TOKEN_VARIABLE} or name its file with --token-file"
            )
        most = WORKERS_PER_CORE * available()
        if self.workers is not None and not 1 <= self.workers <= most:
            raise ConfigError(
                f"--workers: expected 1 to {most} on this machine, {WORKERS_PER_CORE} for each core, "
                f"got {self.workers}; leave it out for one a core"
            )
        if self.token is not None and not (self.token.isascii() and self.token.isprintable()):
            raise ConfigError("token: expected printable ASCII, got other characters; make it of letters")
        if self.token is not None and len(self.token) < SHORTEST_TOKEN:
            raise ConfigError(
                f"token: expected at least {SHORTEST_TOKEN} characters, got {len(self.token)}; "
                "make one: python -c 'import secrets; print(secrets.token_urlsafe())'"
            )


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches a host.

    Examples
    --------
    >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def read_token(file: Path | None) -> str | None:
    """Return the token from its file, or from the environment; None where there is neither.

    Raises
    ------
    ConfigError
        If the file cannot be read.
    """
    if file is None:
        return os.environ.get(TOKEN_VARIABLE) or None
    return read_bounded(file, 4096, ConfigError).decode("utf-8", "replace").strip()
