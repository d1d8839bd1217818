"""Messages between the server and its workers, over pipes.

Several messages travel together, each a header (a dict) and a body (bytes)::

    length of the headers   4 bytes, little-endian
    headers                 a JSON list; each has the ``size`` of its body
    bodies                  one after the other
"""

from __future__ import annotations

import json
import struct
from asyncio import StreamReader
from collections.abc import Sequence
from typing import Any, BinaryIO, TypeAlias

Header: TypeAlias = dict[str, Any]
Message: TypeAlias = tuple[Header, bytes]

_LENGTH = struct.Struct("<I")


def pack_messages(messages: Sequence[Message]) -> list[bytes]:
    """Return the byte strings to write, in order."""
    headers = json.dumps([header | {"size": len(body)} for header, body in messages]).encode()
    return [_LENGTH.pack(len(headers)), headers, *(body for _, body in messages)]


def read_messages(stream: BinaryIO) -> list[Message]:
    """Read the next messages.

    Raises
    ------
    EOFError
        If the other process has ended.
    """
    (length,) = _LENGTH.unpack(_read_exactly(stream, _LENGTH.size))
    headers = json.loads(_read_exactly(stream, length))
    return [(header, _read_exactly(stream, header["size"])) for header in headers]


async def receive_messages(stream: StreamReader) -> list[Message]:
    """Read the next messages from an asyncio stream.

    Raises
    ------
    EOFError
        If the other process has ended.
    """
    (length,) = _LENGTH.unpack(await stream.readexactly(_LENGTH.size))
    headers = json.loads(await stream.readexactly(length))
    return [(header, await stream.readexactly(header["size"])) for header in headers]


def _read_exactly(stream: BinaryIO, size: int) -> bytes:
    content = stream.read(size)
    if len(content) < size:
        raise EOFError
    return content
