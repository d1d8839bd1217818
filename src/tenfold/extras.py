"""Packages that only an extra installs."""

from __future__ import annotations

from importlib.util import find_spec

from tenfold.errors import ConfigError


def require(what: str, extra: str, *packages: str) -> None:
    """Refuse to go on without the packages of an extra.

    Parameters
    ----------
    what : str
        What needs it, as the message begins.
    extra : str
        Of tenfold, which brings them.
    *packages : str
        What is imported.

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
