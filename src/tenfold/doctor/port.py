"""Checks that the server's port is free."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

from tenfold.doctor.check_result import Check, Notify, State
from tenfold.files import os_error_text

_AREA = "port"
PORT = 8000  # the default of ``tenfold serve``


def examine(notify: Notify) -> Iterator[Check]:
    """Bind the port, as the server would, and release it."""
    with socket.socket() as listening:
        if os.name != "nt":  # on Windows this option would take a port that is in use
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(("127.0.0.1", PORT))
        except OSError as error:
            advice = "tenfold serve --port 0 takes a free port"
            yield Check(_AREA, State.note, f"{PORT} cannot be used: {os_error_text(error)}", advice)
        else:
            yield Check(_AREA, State.ok, f"{PORT} is free for tenfold serve")
