"""Sessions of browsers: a random cookie stands for a user until it expires, also after a restart."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tenfold.checkpoint import dump_json, read_json
from tenfold.files import write_atomically
from tenfold.users.tokens import hash_of, new_token
from tenfold.users.user import User

SECONDS = 12 * 3600
"""After which a session has expired."""

_MOST = 20  # of a user; the oldest is ended
_OWNER = 0o600
_MOST_BYTES = 1 << 22


class Sessions:
    """Who has signed in. Only hashes of the cookies are kept.

    Parameters
    ----------
    path : Path
        The file that keeps them.
    clock : callable
        Seconds since 1970.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self._path, self._clock, self._lock = path, clock, threading.Lock()
        self._open: dict[str, dict[str, Any]] = (
            read_json(path, max_bytes=_MOST_BYTES) if path.is_file() else {}
        )

    def begin(self, user: User, origin: str | None = None) -> str:
        """Return the cookie of a new session.

        Parameters
        ----------
        user : User
        origin : str, optional
            What it began by, see `tenfold.users.ProviderSettings.origin`; by default the user's token.
        """
        cookie, now = new_token(), self._clock()
        with self._lock:
            kept = {key: one for key, one in self._open.items() if one["until"] > now}
            own = sorted((one["until"], key) for key, one in kept.items() if one["user"] == user.name)
            for _, key in own[: max(0, len(own) + 1 - _MOST)]:
                del kept[key]
            began = {"user": user.name, "token": user.token_hash, "until": now + SECONDS}
            kept[hash_of(cookie)] = began if origin is None else began | {"origin": origin}
            self._keep(kept)
        return cookie

    def find(
        self, cookie: str, users: dict[str, User], origin: Callable[[User], str | None] = lambda _: None
    ) -> User | None:
        """Return the user of a session.

        None if there is none, it has expired, the token was renewed, or what it began by does not lead to the
        user any more.

        Parameters
        ----------
        cookie : str
        users : dict of str to User
        origin : callable
            Returns what a session of a user at the identity provider begins by now; None without a provider.
        """
        found = self._open.get(hash_of(cookie))
        user = None if found is None else users.get(found["user"])
        if found is None or user is None or found["until"] <= self._clock():
            return None
        same = found["token"] == user.token_hash and found.get("origin") in (None, origin(user))
        return user if same else None

    def end(self, cookie: str) -> None:
        """End a session."""
        with self._lock:
            self._keep({key: one for key, one in self._open.items() if key != hash_of(cookie)})

    def _keep(self, sessions: dict[str, dict[str, Any]]) -> None:
        write_atomically(self._path, dump_json(sessions), mode=_OWNER)
        self._open = sessions
