"""The settings of the studio."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from tenfold.errors import ConfigError
from tenfold.serve.limits import Limits
from tenfold.serve.settings import is_loopback
from tenfold.serve.tls import Pair
from tenfold.users import ProviderSettings
from tenfold.zoo.trained import RUNS


@dataclass(frozen=True)
class StudioSettings:
    """The options of ``tenfold studio``.

    Attributes
    ----------
    port : int
        0 takes any free port.
    folder : Path
        The folder of the runs; made if it does not exist.
    data : str or None
        The data that are offered first: a name or a path, see `tenfold.load_corpus`.
    networks : tuple of str
        The user's own files with networks, which are run.
    host : str
        Address or name to listen at. Whoever reaches a studio starts processes, so any other address than
        this machine's own needs users.
    names : tuple of str
        Further host names that clients may use.
    users : Path or None
        The file of users; None for one person on this machine.
    trainings : int or None
        How many run at once, of all users together; by default one for each core.
    provider : ProviderSettings or None
        Where users can also sign in.
    tls : (Path, Path) or None
        Certificate and key; None without TLS.
    limits : Limits

    Raises
    ------
    ConfigError
        If other machines could reach a studio without users.
    """

    port: int = 8100
    folder: Path = RUNS
    data: str | None = None
    networks: tuple[str, ...] = ()
    host: str = "127.0.0.1"
    names: tuple[str, ...] = ()
    users: Path | None = None
    trainings: int | None = None
    provider: ProviderSettings | None = None
    tls: Pair | None = None
    limits: Limits = field(default_factory=lambda: Limits(body_bytes=1 << 20, batch_bytes=1 << 20))

    def __post_init__(self) -> None:
        if self.users is None and not is_loopback(self.host):
            raise ConfigError(
                f"--host {self.host}: expected --users FILE, because other machines could reach this studio "
                "and start trainings, got none; write `tenfold users add NAME`"
            )
        if self.users is None and self.trainings is not None:
            raise ConfigError(
                f"--trainings {self.trainings}: expected --users FILE, because trainings wait for one "
                "another only where several people share a studio, got none; write `tenfold users add NAME`"
            )
        if self.users is None and self.provider is not None:
            raise ConfigError(
                "--oidc: expected --users FILE, because an identity provider tells who somebody is, and that "
                "file what the user may do, got none; write `tenfold users add NAME --identity WHO`"
            )
        if self.users is None and self.names:
            raise ConfigError(
                f"--name {self.names[0]}: expected --users FILE, because others could reach this studio by "
                "that name, got none; write `tenfold users add NAME`"
            )
