"""The file of all users, which only its owner can read."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tenfold import locks
from tenfold.checkpoint import dump_json, read_json
from tenfold.errors import BusyError, ConfigError
from tenfold.files import open_lock_file, shown, storage, write_atomically
from tenfold.quoting import quoted
from tenfold.registry import unknown
from tenfold.users.tokens import hash_of, new_token
from tenfold.users.user import Quota, User

_MOST_BYTES = 1 << 20
_OWNER = 0o600
_TRIES, _PAUSE = 100, 0.05  # seconds


class UserFile:
    """Reads and changes the file of users. Two who change it at once wait for one another.

    Parameters
    ----------
    path : Path
        Made by the first `add`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> dict[str, User]:
        """Return all users by name.

        Raises
        ------
        ConfigError
            If there is no such file, or it holds something else.
        CheckpointError
            If it cannot be read.
        """
        if not os.path.lexists(self.path):
            raise ConfigError(
                f"{shown(self.path)}: expected a file of users, found none; "
                f"write `tenfold users add NAME --users {shown(self.path)}`"
            )
        values = read_json(self.path, max_bytes=_MOST_BYTES)
        users = values.get("users") if isinstance(values, Mapping) else None
        if not isinstance(users, Mapping):
            raise ConfigError(
                f"{shown(self.path)}: expected a file of users, found another; name the right one"
            )
        try:
            return {name: User.of(name, one) for name, one in users.items()}
        except ConfigError as error:
            raise ConfigError(f"{shown(self.path)}: {error}") from error

    def add(
        self, name: str, role: str = "train", quota: Quota | None = None, identity: str | None = None
    ) -> str:
        """Add a user and return the token, which is not kept.

        Raises
        ------
        ConfigError
            If there is a user of that name or identity, or it is not a name.
        """
        token = new_token()
        user = User(name, role, hash_of(token), quota or Quota(), identity)
        with self._changing(new=True) as users:
            if name in users:
                raise ConfigError(
                    f"{name}: expected a new name, found a user who has it; "
                    f"write `tenfold users renew {name}` for another token"
                )
            _check_identity(users, name, identity)
            users[name] = user
        return token

    def renew(self, name: str) -> str:
        """Return a new token for a user; the old one is not valid any more."""
        token = new_token()
        with self._changing() as users:
            users[name] = replace(_one(users, name), token_hash=hash_of(token))
        return token

    def change(
        self,
        name: str,
        role: str | None = None,
        quota: Mapping[str, int] | None = None,
        identity: str | None = None,
    ) -> None:
        """Change a user's role, parts of the quota, or the identity; an empty identity takes it away."""
        with self._changing() as users:
            user = _one(users, name)
            _check_identity(users, name, identity)
            users[name] = replace(
                user,
                role=role or user.role,
                quota=replace(user.quota, **(quota or {})),
                identity=user.identity if identity is None else identity or None,
            )

    def remove(self, name: str) -> None:
        """Remove a user. The runs stay."""
        with self._changing() as users:
            _one(users, name)
            del users[name]

    @contextmanager
    def _changing(self, *, new: bool = False) -> Iterator[dict[str, User]]:
        """Give the users to a ``with`` block, and write them when it ends without an error."""
        lock = self.path.with_name(f"{self.path.name}.lock")
        descriptor = open_lock_file(lock, ConfigError)
        try:
            self._lock(descriptor)
            users = {} if new and not os.path.lexists(self.path) else self.read()
            yield users
            content = dump_json({"users": {name: user.to_json() for name, user in users.items()}})
            write_atomically(self.path, content, mode=_OWNER)
        finally:
            os.close(descriptor)

    def _lock(self, descriptor: int) -> None:
        for _ in range(_TRIES):
            try:
                return locks.lock(descriptor)
            except OSError as error:
                if not locks.is_held(error):
                    with storage(self.path):
                        raise
                time.sleep(_PAUSE)
        raise BusyError(
            f"{shown(self.path)}: expected a free file, found one that is being changed; try again"
        )


def _one(users: Mapping[str, User], name: str) -> User:
    if name not in users:
        raise unknown("user", name if isinstance(name, str) else quoted(name), users)
    return users[name]


def _check_identity(users: Mapping[str, User], name: str, identity: str | None) -> None:
    """Refuse the identity of somebody else, whatever its case: the provider's answer must mean one user."""
    for other in users.values():
        if identity and other.name != name and (other.identity or "").casefold() == identity.casefold():
            raise ConfigError(
                f"identity: expected one of {name} alone, got that of {other.name}; "
                f"write `tenfold users set {other.name} --identity ''` to take it away"
            )
