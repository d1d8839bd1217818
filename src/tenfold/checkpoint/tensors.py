"""Named arrays in safetensors files; the header is checked before any array is made.

The format: eight bytes with the header's length (little endian), the header as JSON
(``{"conv1.weight": {"dtype": "F32", "shape": [...], "data_offsets": [begin, end]}}``), the bytes.

References
----------
https://github.com/huggingface/safetensors, section "Format".
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from tenfold.checkpoint.json_file import parse_json
from tenfold.errors import CheckpointError
from tenfold.quoting import quoted

MAX_BYTES = 2**32  # 4 GiB, a thousand times the largest network of the zoo
_MAX_HEADER = 2**20
_LENGTH_BYTES = 8
_LARGEST = 2**63  # bound of the numbers in the header: NumPy uses 64 bits
_DTYPES: dict[str, np.dtype[Any]] = {
    "F32": np.dtype("<f4"),
    "F64": np.dtype("<f8"),
    "I64": np.dtype("<i8"),
    "U8": np.dtype("u1"),
}


def pack_tensors(tensors: Mapping[str, np.ndarray[Any, Any]]) -> bytes:
    """Return the bytes of a safetensors file.

    Raises
    ------
    CheckpointError
        If an array is not float32, float64, int64 or uint8.
    """
    from safetensors.numpy import save

    for name, array in tensors.items():
        if array.dtype not in _DTYPES.values():
            raise CheckpointError(
                f"tensor {name!r}: expected float32, float64, int64 or uint8, got {array.dtype}; "
                "convert it first"
            )
    return bytes(save({name: np.asarray(array, order="C") for name, array in tensors.items()}))


def parse_tensors(content: bytes, *, where: str) -> dict[str, np.ndarray[Any, Any]]:
    """Return the named arrays of a safetensors file, as copies.

    Every length is checked against the file's size before an array is made, so that no file can make
    this allocate more memory than its own size, or run code.

    Raises
    ------
    CheckpointError
        If the header is too long or malformed, a dtype is not float32, float64, int64 or uint8, a shape
        does not fit its bytes, or the tensors overlap or leave gaps. The message begins with ``where``.
    """
    header, data = _split_header(content, where)
    spans = {name: _check_entry(name, entry, len(data), where) for name, entry in header.items()}
    _check_cover(spans, len(data), where)
    tensors = {}
    for name, (begin, end) in spans.items():
        flat = np.frombuffer(data[begin:end], dtype=_DTYPES[header[name]["dtype"]])
        tensors[name] = flat.reshape(header[name]["shape"]).astype(flat.dtype.newbyteorder("="), copy=True)
    return tensors


def _split_header(content: bytes, where: str) -> tuple[dict[str, Any], memoryview]:
    if len(content) < _LENGTH_BYTES:
        raise CheckpointError(
            f"{where}: expected a safetensors file of at least {_LENGTH_BYTES} bytes, "
            f"found {len(content)}; save it again"
        )
    length = int.from_bytes(content[:_LENGTH_BYTES], "little")
    room = min(len(content) - _LENGTH_BYTES, _MAX_HEADER)
    if length > room:
        raise CheckpointError(
            f"{where}: expected a header of at most {room} bytes, found a length of {length}; "
            "this is not a safetensors file, or it was truncated: save it again"
        )
    header = parse_json(content[_LENGTH_BYTES : _LENGTH_BYTES + length], where=f"{where}: header")
    if not isinstance(header, dict):
        raise CheckpointError(
            f"{where}: expected a header of named tensors, got a {type(header).__name__}; save it again"
        )
    header.pop("__metadata__", None)
    return header, memoryview(content)[_LENGTH_BYTES + length :]


def _check_entry(name: str, entry: Any, n_bytes: int, where: str) -> tuple[int, int]:
    """Check the header entry of a tensor and return the offsets of its bytes."""
    place = f"{where}: tensor {quoted(name)}"
    if not isinstance(entry, dict) or entry.keys() != {"dtype", "shape", "data_offsets"}:
        raise CheckpointError(f"{place}: expected dtype, shape, data_offsets, got other keys; save it again")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in _DTYPES:
        raise CheckpointError(
            f"{place}: expected dtype {', '.join(_DTYPES)}, got {quoted(dtype)}; convert it"
        )
    if not (_are_sizes(shape) and _are_sizes(offsets) and len(offsets) == 2 and len(shape) <= 8):
        raise CheckpointError(
            f"{place}: expected shape and offsets in whole numbers, got others; save it again"
        )
    begin, end = offsets
    expected = math.prod(shape) * _DTYPES[dtype].itemsize
    if end - begin != expected or end > n_bytes:
        raise CheckpointError(
            f"{place}: expected {expected} bytes for shape {tuple(shape)} of {dtype}, "
            f"got bytes {begin} to {end} of {n_bytes}; save it again"
        )
    if math.prod(size for size in shape if size) > _LARGEST // 8:  # too large for NumPy, even if a size is 0
        raise CheckpointError(
            f"{place}: expected sizes that an array can have, got {quoted(shape)}; save it again"
        )
    return begin, end


def _are_sizes(values: Any) -> bool:
    """Return whether the values are a list of whole numbers that are valid sizes of an array."""
    if not isinstance(values, list) or any(type(value) is not int for value in values):
        return False
    return all(0 <= value < _LARGEST for value in values)


def _check_cover(spans: Mapping[str, tuple[int, int]], n_bytes: int, where: str) -> None:
    """Check that the tensors neither overlap nor leave gaps or bytes at the end."""
    spans_in_order = [(0, 0), *sorted(spans.values()), (n_bytes, n_bytes)]
    for (_, end), (begin, _) in pairwise(spans_in_order):
        if begin != end:
            problem = "an overlap" if begin < end else "a gap"
            span = f"{min(begin, end)} to {max(begin, end)}"
            raise CheckpointError(
                f"{where}: expected adjacent tensors, found {problem} in bytes {span}; save it again"
            )
