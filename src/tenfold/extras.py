"""Packages that only an extra installs."""

from __future__ import annotations

from importlib.util import find_spec

from tenfold.errors import ConfigError

SERVER = ("fastapi", "httptools", "prometheus_client", "uvicorn")
"""What every server needs of the extra ``serve``."""


def require(what: str, extra: str, *packages: str) -> None:
    """Check that the packages of an extra are installed.

    Parameters
    ----------
    what : str
        What needs the packages; starts the message.
    extra : str
        Name of the extra that installs them.
    *packages : str
        Names of the packages to import.

    Raises
    ------
    ConfigError
        With the command that installs it.

    Examples
    --------
    >>> require("drawing", "draw", "numpy", "matplotlib")
    """
    missing = [package for package in packages if find_spec(package) is None]
    if missing:
        raise ConfigError(
            f"{what}: expected {', '.join(missing)} to be installed, found nothing; "
            f"install it: pip install 'tenfold[{extra}]'"
        )
