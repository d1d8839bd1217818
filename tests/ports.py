"""A port of this machine that nobody uses."""

from __future__ import annotations

import socket


def free_port() -> int:
    """Return its number; another process may take it before it is used."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
