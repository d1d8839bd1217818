"""Packages that only an extra installs."""

from __future__ import annotations

from importlib.util import find_spec

from tenfold.errors import ConfigError


def require(what: str, package: str, extra: str, *besides: str) -> None:
    """Refuse to go on without a package.

    Parameters
    ----------
    what : str
        What needs it, as the message begins.
    package : str
        What is imported.
    extra : str
        Of tenfold, which brings it.
    *besides : str
        What else the extra brings.

    Raises
    ------
    ConfigError
        With the command that installs it.

    Examples
    --------
    >>> require("drawing", "numpy", "draw")
    """
    if find_spec(package) is None:
        raise ConfigError(
            f"{what}: expected the package {package}, it is not installed; "
            f"install the extra {extra!r}: pip install {' '.join((package, *besides))}"
        )
