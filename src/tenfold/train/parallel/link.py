"""A connection between two processes of a training: JSON and arrays, over TCP, with a shared token."""

from __future__ import annotations

import json
import math
import os
import socket
import struct
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Connection, answer_challenge, deliver_challenge
from typing import Any

import numpy as np

from tenfold.errors import WorkerLostError
from tenfold.quoting import message
from tenfold.train.executor import HostArray

_LENGTH = struct.Struct("!Q")
_LONGEST_MESSAGE = 1 << 24  # bytes of JSON
_MOST_BYTES = 1 << 34  # of the arrays of one message
_SILENCE = 60  # seconds after which a machine that answers nothing counts as lost
_HANDSHAKE_SECONDS = 10
_CALLER_SECONDS = 60  # it waits longer: the listener takes callers one after another


class Link:
    """One end of a connection.

    Parameters
    ----------
    connected : socket
        Both ends have proved that they know the token.
    name : str
        Who is at the other end, for messages.
    """

    def __init__(self, connected: socket.socket, name: str) -> None:
        self._socket, self.name = connected, name
        connected.settimeout(None)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _notice_silence(connected)

    def send(self, content: Mapping[str, Any], *arrays: HostArray) -> None:
        """Send JSON values and arrays.

        Raises
        ------
        WorkerLostError
            If the other end is gone.
        """
        plain = [np.ascontiguousarray(array) for array in arrays]
        header = dict(content) | {"arrays": [[array.dtype.str, array.shape] for array in plain]}
        text = json.dumps(header).encode()
        self._send(_LENGTH.pack(len(text)) + text)
        for array in plain:
            self.send_array(array)

    def receive(self) -> tuple[dict[str, Any], list[HostArray]]:
        """Return what the other end sent by `send`.

        Raises
        ------
        WorkerLostError
            If it is gone, or sends something else.
        """
        (length,) = _LENGTH.unpack(self._received(bytearray(_LENGTH.size)))
        if length > _LONGEST_MESSAGE:
            raise self._lost(f"a message of {length} bytes")
        try:
            content = json.loads(self._received(bytearray(length)))
            arrays = [_room(dtype, shape) for dtype, shape in content.pop("arrays")]
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise self._lost(f"something else than a message ({message(error)})") from error
        for array in arrays:
            self.receive_into(array)
        return content, arrays

    def send_array(self, array: HostArray) -> None:
        """Send the numbers of a contiguous array, whose size the other end knows."""
        self._send(array.reshape(-1).view(np.uint8).data)

    def receive_into(self, array: HostArray) -> None:
        """Fill a contiguous array with what the other end sent by `send_array`."""
        self._received(array.reshape(-1).view(np.uint8).data)

    def close(self) -> None:
        """Close this end; the other one notices."""
        self._socket.close()

    def _send(self, data: Any) -> None:
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise self._lost(message(error)) from error

    def _received(self, into: Any) -> Any:
        room = memoryview(into)
        while len(room):
            try:
                count = self._socket.recv_into(room)
            except OSError as error:
                raise self._lost(message(error)) from error
            if count == 0:
                raise self._lost("the end of its connection")
            room = room[count:]
        return into

    def _lost(self, found: str) -> WorkerLostError:
        return WorkerLostError.of(self.name, found)


def _room(dtype: str, shape: list[int]) -> HostArray:
    kind = np.dtype(dtype)
    if kind.hasobject or any(n < 0 for n in shape) or math.prod(shape) * kind.itemsize > _MOST_BYTES:
        raise ValueError(f"an array of {dtype} and {shape}")
    return np.empty(shape, kind)


def is_authentic(connected: socket.socket, token: str, *, listens: bool) -> bool:
    """Return whether the other end knows the token; each end proves it, and none shows it.

    Parameters
    ----------
    connected : socket
    token : str
    listens : bool
        Whether this end listened; the other one called.

    Raises
    ------
    OSError, EOFError
        If it ends the connection, or says nothing for a while.

    """
    # Python's time limit would be that of one descriptor; the kernel's holds for both.
    connected.settimeout(None)
    limit = struct.pack("ll", _HANDSHAKE_SECONDS if listens else _CALLER_SECONDS, 0)
    first, second = (
        (deliver_challenge, answer_challenge) if listens else (answer_challenge, deliver_challenge)
    )
    try:
        for side in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            connected.setsockopt(socket.SOL_SOCKET, side, limit)
        with Connection(os.dup(connected.fileno())) as connection:
            first(connection, token.encode())
            second(connection, token.encode())
        for side in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            connected.setsockopt(socket.SOL_SOCKET, side, struct.pack("ll", 0, 0))
    except (AuthenticationError, ValueError):
        return False
    return True


def _notice_silence(connected: socket.socket) -> None:
    """Have the system end the connection when the other machine answers nothing for a minute."""
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    limits = {"TCP_KEEPIDLE": _SILENCE // 3, "TCP_KEEPINTVL": _SILENCE // 6, "TCP_KEEPCNT": 4}
    for name, value in (limits | {"TCP_USER_TIMEOUT": 1000 * _SILENCE}).items():
        if hasattr(socket, name):  # each system has some of them
            with suppress(OSError):
                connected.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
