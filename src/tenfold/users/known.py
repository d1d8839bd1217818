"""The users as a server knows them: the file is read again when it changes."""

from __future__ import annotations

import hmac
import os
from pathlib import Path

from tenfold.errors import ConfigError
from tenfold.users.tokens import hash_of
from tenfold.users.user import User
from tenfold.users.user_file import UserFile


class KnownUsers:
    """Finds users by their tokens and names.

    Parameters
    ----------
    path : Path
        Of the file of users.

    Raises
    ------
    ConfigError, CheckpointError
        If the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self._file, self._path = UserFile(path), path
        self._stamp: tuple[int, int, int] | None = None
        self._users: dict[str, User] = {}
        if not self.all():
            raise ConfigError(
                f"{path}: expected at least one user, found none; add one with tenfold users add"
            )

    def all(self) -> dict[str, User]:
        """Return all users by name. A file that cannot be used is an error: nobody is let in then."""
        stamp = self._now()
        if stamp is None or stamp != self._stamp:
            self._users, self._stamp = self._file.read(), stamp
        return self._users

    def _now(self) -> tuple[int, int, int] | None:
        try:
            found = os.stat(self._path)
        except OSError:
            return None  # reading it says why
        return found.st_mtime_ns, found.st_ino, found.st_size

    def by_token(self, token: str) -> User | None:
        """Return the user who has a token; None if nobody has it.

        All hashes are compared, each in constant time, so that the time tells nothing.
        """
        given, found = hash_of(token), None
        for user in self.all().values():
            if hmac.compare_digest(user.token_hash, given):
                found = user
        return found
