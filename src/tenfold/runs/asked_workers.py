"""The workers that somebody asks for, and where they are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tenfold.errors import ConfigError
from tenfold.files.token_file import shared_token
from tenfold.quoting import quoted
from tenfold.runs.folder import begun_workers
from tenfold.runs.workers import Say, Workers
from tenfold.train.parallel.called_workers import CalledWorkers
from tenfold.train.parallel.team import Starter

MOST = 256
_LAST_PORT = 65_535


def asked_workers(
    count: int | None,
    resumed: Path | None,
    *,
    if_faster: bool = False,
    listen: str | None = None,
    token_file: Path | None = None,
    place: str | None = None,
) -> Workers | None:
    """Return the workers that are asked for.

    Parameters
    ----------
    count : int or None
        None for one, or for as many as the resumed run was begun on.
    resumed : path or None
    if_faster : bool
    listen : str, optional
        ``HOST:PORT``, where workers of other machines call.
    token_file : path, optional
        The file with their token; by default it is in the environment.
    place : str, optional
        Where others are started: ``"local"``, ``"ray"`` or ``"ray://HOST:PORT"``.

    Raises
    ------
    ConfigError
        If the number, the address or the place is none, or there is no token.
    """
    if count is None:
        return None if resumed is None else Workers(begun_workers(resumed))
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MOST:
        raise ConfigError(f"workers: expected a whole number from 1 to {MOST}, got {quoted(count)}; use 2")
    if place is not None and place != "local":
        return Workers(count, _on_ray(place), if_faster)
    if listen is None:
        return Workers(count, if_faster=if_faster)
    token, (host, port) = shared_token(token_file, "--listen"), address_of(listen, "--listen")
    return Workers(count, lambda _, say: CalledWorkers(host, port, token, say), if_faster)


def _on_ray(place: str) -> Callable[[int, Say], Starter]:
    """Return what starts workers on a Ray cluster."""
    if place != "ray" and not place.startswith("ray://"):
        raise ConfigError(
            f"--on: expected local, ray or ray://HOST:PORT, got {quoted(place)}; with Slurm use --listen and "
            "`srun tenfold worker`"
        )

    def start(count: int, say: Say) -> Starter:
        from tenfold.train.parallel.ray_workers import RayWorkers

        return RayWorkers(None if place == "ray" else place)

    return start


def address_of(text: str, option: str) -> tuple[str, int]:
    """Return host and port of ``HOST:PORT``.

    Raises
    ------
    ConfigError
        If it is something else.
    """
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or int(port) > _LAST_PORT:
        raise ConfigError(f"{option}: expected HOST:PORT, got {quoted(text)}; write 10.0.0.1:7777")
    return host.strip("[]"), int(port)
