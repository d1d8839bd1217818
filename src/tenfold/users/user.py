"""A user: name, role and quota."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self

from tenfold.errors import ConfigError
from tenfold.quoting import quoted
from tenfold.registry import unknown

ROLES = ("read", "train", "admin")
"""What a user may do; each role may also do what those before it may."""

USER_COLUMNS = (
    "user",
    "identity",
    "role",
    "requests a minute",
    "trainings at once",
    "minutes a training",
    "MB of disk",
)

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_DEVICES = re.compile(r"con|prn|aux|nul|com\d|lpt\d")  # no folder on Windows can have these names
_HASH = re.compile(r"[0-9a-f]{64}")
_MOST = 1_000_000
_LONGEST = 200  # characters of an identity


@dataclass(frozen=True)
class Quota:
    """How much a user may have.

    Attributes
    ----------
    requests : int
        A minute.
    trainings : int
        At once; further ones wait.
    minutes : int
        Of each training, all its parts together. Then it is saved and stopped.
    disk : int
        Of the user's folder, in MB.

    Raises
    ------
    ConfigError
        If a value is not a whole number of at least 1.
    """

    requests: int = 1200
    trainings: int = 2
    minutes: int = 60
    disk: int = 1000

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _MOST:
                raise ConfigError(
                    f"{one.name}: expected a whole number from 1 to {_MOST}, got {quoted(value)}; correct it"
                )


@dataclass(frozen=True)
class User:
    """Somebody who may use a studio.

    Attributes
    ----------
    name : str
        Also the name of the user's folder of runs.
    role : str
        One of `ROLES`: ``read`` sees runs and has digits read, ``train`` also trains, ``admin`` does so with
        the runs of all users.
    token_hash : str
        SHA-256 of the token, as 64 hexadecimal digits.
    quota : Quota
    identity : str or None
        How an identity provider calls this user, see `tenfold.users.ProviderSettings`.

    Raises
    ------
    ConfigError
        If the name cannot be that of a folder, or a value is of another kind.
    """

    name: str
    role: str
    token_hash: str = field(repr=False)
    quota: Quota = field(default_factory=Quota)
    identity: str | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not _NAME.fullmatch(self.name) or _DEVICES.fullmatch(self.name):
            raise ConfigError(
                f"name: expected 1 to 32 small letters, digits, - and _, a letter first, got "
                f"{quoted(self.name)}; it is also the name of a folder"
            )
        if self.role not in ROLES:
            raise unknown("role", self.role, ROLES)
        if not isinstance(self.token_hash, str) or not _HASH.fullmatch(self.token_hash):
            raise ConfigError(f"{self.name}: expected the hash of a token, got another text; renew the token")
        if self.identity is not None and not _is_identity(self.identity):
            raise ConfigError(
                f"identity: expected the name of {self.name} at the identity provider, such as an e-mail "
                f"address, got {quoted(self.identity)}"
            )

    @classmethod
    def of(cls, name: str, values: Any) -> Self:
        """Return the user that JSON values describe."""
        wanted = {"role", "token_hash", "quota"}
        if not isinstance(values, Mapping) or values.keys() - {"identity"} != wanted:
            raise ConfigError(f"{quoted(name)}: expected role, token_hash and quota, got {quoted(values)}")
        quota = values["quota"]
        known = [one.name for one in fields(Quota)]
        if not isinstance(quota, Mapping) or not quota.keys() <= {*known}:
            raise ConfigError(f"{quoted(name)}: expected a quota of {', '.join(known)}, got {quoted(quota)}")
        return cls(name, values["role"], values["token_hash"], Quota(**quota), values.get("identity"))

    def to_json(self) -> dict[str, Any]:
        """Return the values from which `of` makes it again."""
        named = {} if self.identity is None else {"identity": self.identity}
        return {"role": self.role, "token_hash": self.token_hash, "quota": asdict(self.quota), **named}

    def to_dict(self) -> dict[str, Any]:
        """Return what may be shown, as JSON values."""
        quota = asdict(self.quota)
        return {"user": self.name, "identity": self.identity, "role": self.role, "quota": quota}

    @property
    def row(self) -> tuple[str, ...]:
        """The same under `USER_COLUMNS`."""
        return self.name, self.identity or "-", self.role, *map(str, asdict(self.quota).values())

    def may(self, role: str) -> bool:
        """Return whether the user may do what a role may.

        Examples
        --------
        >>> User("anna", "train", "0" * 64).may("read"), User("anna", "train", "0" * 64).may("admin")
        (True, False)
        """
        return ROLES.index(self.role) >= ROLES.index(role)


def _is_identity(value: object) -> bool:
    return (
        isinstance(value, str)
        and 0 < len(value) <= _LONGEST
        and value.isprintable()
        and value == value.strip()
    )
