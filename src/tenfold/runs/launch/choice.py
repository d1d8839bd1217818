"""Where a command's units run, as its options say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tenfold.errors import ConfigError
from tenfold.resources import Resources
from tenfold.runs.launch.launcher import Launcher
from tenfold.runs.launch.local import LocalLauncher

if TYPE_CHECKING:
    from tenfold.runs.launch.cluster import Cluster

_AT_ONCE = 256  # units that a cluster is given at a time


@dataclass(frozen=True)
class Choice:
    """What ``--on`` and its companions say.

    Attributes
    ----------
    on : str
        ``local``, ``slurm``, ``slurm:local``, ``ray`` or ``ray://HOST:PORT``.
    jobs : int or None
        Units at a time; by default one here, and as many as there are on a cluster.
    cores, memory, minutes : int or None
        What each unit is given on a cluster, in place of what its entry states; memory in MiB.

    Raises
    ------
    ConfigError
        If they do not go together.
    """

    on: str = "local"
    jobs: int | None = None
    cores: int | None = None
    memory: int | None = None
    minutes: int | None = None

    def __post_init__(self) -> None:
        if self.on not in ("local", "slurm", "slurm:local", "ray") and not self.on.startswith("ray://"):
            raise ConfigError(
                f"--on: expected local, slurm, slurm:local, ray or ray://HOST:PORT, got {self.on!r:.60}; "
                "correct it"
            )
        if self.on == "local" and (given := self._given()):
            raise ConfigError(
                f"--{next(iter(given))}: expected --on slurm or --on ray with it, got --on local, where the "
                "units share the cores; leave it out, or use --jobs"
            )

    @property
    def is_serial(self) -> bool:
        """Whether units run on this machine, one after the other."""
        return self.on == "local" and self.jobs in (None, 1)

    def launcher(self) -> Launcher:
        """Return what runs the units.

        Raises
        ------
        ConfigError
            If there are too few cores, or the cluster cannot be used.
        """
        if self.on == "local":
            return LocalLauncher(self.jobs or 1)
        from tenfold.runs.launch.cluster import ClusterLauncher

        return ClusterLauncher(self._cluster(), self.jobs or _AT_ONCE)

    def resources(self, stated: Resources) -> Resources:
        """Return what a unit is given, whose entry states this."""
        return replace(stated, **self._given())

    @property
    def options(self) -> dict[str, object]:
        """The options that repeat the choice."""
        return {
            "--jobs": self.jobs if self.jobs != 1 else None,
            "--on": self.on if self.on != "local" else None,
            **{f"--{name}": value for name, value in self._given().items()},
        }

    def _given(self) -> dict[str, int]:
        every = {"cores": self.cores, "memory": self.memory, "minutes": self.minutes}
        return {name: value for name, value in every.items() if value is not None}

    def _cluster(self) -> Cluster:
        if self.on.startswith("slurm"):
            from tenfold.runs.launch.slurm import SlurmCluster

            return SlurmCluster("local" if self.on == "slurm:local" else "slurm")
        from tenfold.runs.launch.ray_cluster import RayCluster

        return RayCluster(None if self.on == "ray" else self.on)
