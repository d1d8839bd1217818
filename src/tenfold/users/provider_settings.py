"""The settings of an identity provider: where it is, and how it knows the studio."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from tenfold.errors import ConfigError
from tenfold.files import read_toml, shown
from tenfold.quoting import quoted
from tenfold.registry import unknown

_MOST_BYTES = 1 << 16
_HERE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class ProviderSettings:
    """An identity provider, and how it knows this studio.

    Attributes
    ----------
    issuer : str
        The provider's address, as in its tokens.
    client_id : str
        The name of the studio at the provider.
    address : str
        By which people open the studio. The provider sends them back to ``ADDRESS/api/callback``.
    client_secret : str, optional
        Without it the studio is a public client.
    claim : str
        Which claim names a user: ``"email"``, which the provider must have checked, ``"sub"`` or another one
        that people cannot choose for themselves.

    Raises
    ------
    ConfigError
        If a value is missing or cannot be used.
    """

    issuer: str
    client_id: str
    address: str
    client_secret: str | None = field(default=None, repr=False)
    claim: str = "email"

    def __post_init__(self) -> None:
        for name in ("issuer", "client_id", "address", "claim"):
            value = getattr(self, name)
            if not isinstance(value, str) or not value.strip():
                raise ConfigError(f"{name}: expected a text, got {quoted(value)}; correct it")
        if self.client_secret is not None and not isinstance(self.client_secret, str):
            raise ConfigError("client_secret: expected a text, got another value; correct it")
        for name in ("issuer", "address"):
            check_address(name, getattr(self, name))

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the settings from a TOML file.

        Raises
        ------
        ConfigError
            If it cannot be read, or something in it cannot be used.
        """
        found = read_toml(path, _MOST_BYTES)
        known = [one.name for one in fields(cls)]
        try:
            for key in found:
                if key not in known:
                    raise unknown("setting", key, known)
            for key in ("issuer", "client_id", "address"):
                if key not in found:
                    raise ConfigError(f"expected the setting {key}, found none; add it")
            return cls(**found)
        except ConfigError as error:
            raise ConfigError(f"{shown(path)}: {error}") from error

    @property
    def callback(self) -> str:
        """The address that the provider sends people back to."""
        return f"{self.address.rstrip('/')}/api/callback"

    @property
    def host(self) -> str:
        """The provider's host, for people."""
        return urlsplit(self.issuer).netloc

    @property
    def is_secure(self) -> bool:
        """Whether people open the studio over TLS."""
        return self.address.startswith("https:")

    def same(self, identity: str, other: str) -> bool:
        """Return whether two identities are one.

        Of e-mail addresses the case of ASCII letters does not count; other letters may be another person's.
        """
        plain = self.claim == "email" and identity.isascii() and other.isascii()
        return identity == other or (plain and identity.lower() == other.lower())

    def origin(self, identity: str | None) -> str:
        """Return what a session began by: this provider, the claim and the identity."""
        return f"{self.issuer} {self.claim} {identity}"


def check_address(name: str, value: str, *, query: bool = False) -> None:
    """Refuse an address over which secrets should not be sent; with ``query`` it may have one."""
    try:
        parts = urlsplit(value)
    except ValueError:
        parts = urlsplit("")
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE)
    if (
        not safe
        or not value.isascii()
        or not parts.netloc
        or (parts.query and not query)
        or parts.fragment
        or parts.username is not None
    ):
        raise ConfigError(
            f"{name}: expected an address such as https://accounts.example, got {quoted(value)}; http is for "
            "this machine alone"
        )
