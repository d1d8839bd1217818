"""What the server and its workers say to each other: a list of heads as JSON, and a body for each.

::

    length of the list   4 bytes, little-endian
    list of heads        JSON; each tells the ``size`` of its body
    bodies               one after the other
"""

from __future__ import annotations

import json
import struct
from asyncio import StreamReader
from collections.abc import Sequence
from typing import Any, BinaryIO, TypeAlias

Head: TypeAlias = dict[str, Any]
Message: TypeAlias = tuple[Head, bytes]

_LENGTH = struct.Struct("<I")


def pack_messages(messages: Sequence[Message]) -> list[bytes]:
    """Return the pieces to be written."""
    heads = json.dumps([head | {"size": len(body)} for head, body in messages]).encode()
    return [_LENGTH.pack(len(heads)), heads, *(body for _, body in messages)]


def read_messages(stream: BinaryIO) -> list[Message]:
    """Return the next messages.

    Raises
    ------
    EOFError
        If the other side has gone.
    """
    (length,) = _LENGTH.unpack(_exactly(stream, _LENGTH.size))
    heads = json.loads(_exactly(stream, length))
    return [(head, _exactly(stream, head["size"])) for head in heads]


async def receive_messages(stream: StreamReader) -> list[Message]:
    """Return the next messages, awaited.

    Raises
    ------
    EOFError
        If the other side has gone.
    """
    (length,) = _LENGTH.unpack(await stream.readexactly(_LENGTH.size))
    heads = json.loads(await stream.readexactly(length))
    return [(head, await stream.readexactly(head["size"])) for head in heads]


def _exactly(stream: BinaryIO, size: int) -> bytes:
    content = stream.read(size)
    if len(content) < size:
        raise EOFError
    return content
