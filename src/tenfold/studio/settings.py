"""The settings of the studio."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from tenfold.serve.limits import Limits
from tenfold.zoo.trained import RUNS

HOST = "127.0.0.1"
"""The only address: whoever reaches the studio starts processes here."""


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
    limits : Limits
    """

    port: int = 8100
    folder: Path = RUNS
    data: str | None = None
    networks: tuple[str, ...] = ()
    limits: Limits = field(default_factory=lambda: Limits(body_bytes=1 << 20, batch_bytes=1 << 20))
