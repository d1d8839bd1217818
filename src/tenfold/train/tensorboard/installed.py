"""Whether what writes event files is there, and whether there are any."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from tenfold.errors import ConfigError

PREFIX = "events.out.tfevents."
"""How the names of event files begin; TensorBoard looks for them, and reads them in the order of names."""
_INSTALL = "pip install tensorboardX crc32c"


def check_installed() -> None:
    """Refuse to go on without tensorboardX.

    Raises
    ------
    ConfigError
        With the command that installs it.
    """
    if find_spec("tensorboardX") is None:
        raise ConfigError(
            "TensorBoard: expected the package tensorboardX, it is not installed; "
            f"install the extra 'tensorboard': {_INSTALL}"
        )


def has_events(folder: Path) -> bool:
    """Return whether there are event files in a folder."""
    return any(folder.glob(f"{PREFIX}*"))
