"""Safetensors files: any bytes, and valid files with a changed header."""

from __future__ import annotations

import json
import struct

import numpy as np
from alterations import altered
from bounds import refused_in_one_line
from target import Target

from tenfold.checkpoint import parse_tensors
from tenfold.checkpoint.tensors import pack_tensors

SOUND = pack_tensors(
    {
        "fc.weight": np.arange(12, dtype=np.float32).reshape(3, 4),
        "fc.bias": np.zeros(4),
        "count": np.array(7, np.int64),
        "images": np.arange(60, dtype=np.uint8).reshape(3, 20),
        "nothing": np.zeros((0, 4), np.float32),
    }
)


def fuzz_tensors(data: bytes) -> None:
    content = data[1:] if data[:1] <= b"\x7f" else _with_another_header(data[1:])
    with refused_in_one_line():
        tensors = parse_tensors(content, where="weights.safetensors")
        held = sum(array.nbytes for array in tensors.values())
        if held > len(content):
            raise RuntimeError(f"{held} bytes of arrays from a file of {len(content)}")


def _with_another_header(choices: bytes) -> bytes:
    (length,) = struct.unpack("<Q", SOUND[:8])
    header, values = SOUND[8 : 8 + length], SOUND[8 + length :]
    other = altered(json.loads(header), choices)
    return struct.pack("<Q", len(other)) + other + values


def tensor_seeds() -> list[bytes]:
    return [b"\0" + SOUND, *(b"\xff" + bytes([i, 40 * i, 3, i]) for i in range(6))]


TENSORS = Target(fuzz_tensors, tensor_seeds)
