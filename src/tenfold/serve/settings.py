"""The settings of the server: address, model, token, workers and limits."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from tenfold.backend.cpu.threads import available
from tenfold.errors import ConfigError
from tenfold.files.token_file import SHORTEST_TOKEN, TOKEN_VARIABLE
from tenfold.quoting import quoted
from tenfold.serve.limits import Limits
from tenfold.serve.tls import Pair

WORKERS_PER_CORE = 4  # more would only compete for the same core


@dataclass(frozen=True)
class Settings:
    """The options of `tenfold serve`.

    Attributes
    ----------
    host : str
        Address or name to listen at.
    port : int
        0 takes any free port.
    run : Path or None
        The finished run to serve; by default the built-in network.
    token : str or None
        The token that every request must carry. Required if other machines can reach the server.
    names : tuple of str
        Additional host names that clients may use in the Host header.
    workers : int or None
        Worker processes; by default one for each core, at most four.
    limits : Limits
    networks : tuple of str
        The user's own files with layers of the network; each worker runs them.
    tls : (Path, Path) or None
        Certificate and key; None without TLS.
    origins : tuple of str
        Other sites whose pages may use the API, such as ``https://app.example``.

    Raises
    ------
    ConfigError
        If the token is missing or too short, there are too many workers, or an origin is none.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    run: Path | None = None
    token: str | None = field(default=None, repr=False)
    names: tuple[str, ...] = ()
    workers: int | None = None
    limits: Limits = field(default_factory=Limits)
    networks: tuple[str, ...] = ()
    tls: Pair | None = None
    origins: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for origin in self.origins:
            _check_origin(origin)
        if self.token is None and not is_loopback(self.host):
            raise ConfigError(
                f"--host {self.host}: expected a token, because other machines can reach this server, "
                f"got none; set ${TOKEN_VARIABLE} or give a file with --token-file"
            )
        if self.networks and self.run is None:
            raise ConfigError(
                f"--network: expected --run with the run that it is for, got {self.networks[0]} alone; "
                "add --run"
            )
        most = WORKERS_PER_CORE * available()
        if self.workers is not None and not 1 <= self.workers <= most:
            raise ConfigError(
                f"--workers: expected 1 to {most} on this machine, {WORKERS_PER_CORE} for each core, "
                f"got {self.workers}; leave it out for one for each core"
            )
        if self.token is not None and not (self.token.isascii() and self.token.isprintable()):
            raise ConfigError("token: expected printable ASCII, got other characters; use letters and digits")
        if self.token is not None and len(self.token) < SHORTEST_TOKEN:
            raise ConfigError(
                f"token: expected at least {SHORTEST_TOKEN} characters, got {len(self.token)}; "
                "generate one: python -c 'import secrets; print(secrets.token_urlsafe())'"
            )

    @property
    def served(self) -> tuple[str, ...] | None:
        """The run's folder and the user's own files; None for the built-in network."""
        return None if self.run is None else (str(self.run), *self.networks)


def _check_origin(origin: str) -> None:
    """Refuse what no browser sends as the Origin of a page."""
    try:
        parts = urlsplit(origin)
        named = bool(parts.hostname) and parts.port != {"http": 80, "https": 443}[parts.scheme]
    except (ValueError, KeyError):  # no port, no scheme of a site
        named = False
    if (
        not named
        or {"*", "@"} & {*origin}
        or not origin.isascii()
        or origin != f"{parts.scheme}://{parts.netloc.lower()}"
    ):
        raise ConfigError(
            f"--cors: expected the origin of a site as browsers send it, such as https://app.example or "
            f"http://localhost:3000, got {quoted(origin)}; leave out path, usual port and capital letters"
        )


def is_loopback(host: str) -> bool:
    """Return whether an address can be reached from this machine only.

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
