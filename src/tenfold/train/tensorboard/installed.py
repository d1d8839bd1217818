"""Whether what writes event files is there, and whether there are any."""

from __future__ import annotations

from pathlib import Path

from tenfold.extras import require

PREFIX = "events.out.tfevents."
"""How the names of event files begin; TensorBoard looks for them, and reads them in the order of names."""


def check_installed() -> None:
    """Refuse to go on without tensorboardX.

    Raises
    ------
    ConfigError
        With the command that installs it.
    """
    require("TensorBoard", "tensorboard", "tensorboardX")


def has_events(folder: Path) -> bool:
    """Return whether there are event files in a folder."""
    return any(folder.glob(f"{PREFIX}*"))
