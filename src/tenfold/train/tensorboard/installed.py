"""Whether tensorboardX is installed, and whether a folder has event files."""

from __future__ import annotations

from pathlib import Path

from tenfold.extras import require

PREFIX = "events.out.tfevents."
"""How the names of event files begin; TensorBoard looks for them, and reads them in the order of names."""


def check_installed() -> None:
    """Refuse to continue without tensorboardX.

    Raises
    ------
    ConfigError
        With the command that installs it.
    """
    require("TensorBoard", "tensorboard", "tensorboardX")


def has_events(folder: Path) -> bool:
    """Return whether there are event files in a folder."""
    return any(folder.glob(f"{PREFIX}*"))
