"""Strict JSON with limits on size and depth, without NaN and duplicate keys."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

from tenfold.errors import CheckpointError
from tenfold.files import read_bounded
from tenfold.quoting import message

MAX_BYTES = 2**20  # 1 MiB, enough for any configuration
MAX_DEPTH = 20

# An unterminated string matches too; otherwise each of its quotes would start a search (quadratic time).
_STRING_OR_BRACKET = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)


def dump_json(value: Any) -> bytes:
    """Return a value as JSON in a canonical form: sorted keys, no NaN, a newline at the end.

    Raises
    ------
    CheckpointError
        If the value holds NaN, infinity or anything else that JSON cannot represent.
    """
    try:
        text = json.dumps(value, sort_keys=True, indent=1, allow_nan=False, ensure_ascii=True)
    except (TypeError, ValueError) as error:
        raise CheckpointError(
            f"expected values that JSON can represent, got others ({message(error)}); leave them out"
        ) from error
    return text.encode("ascii") + b"\n"


def read_json(path: Path, *, max_bytes: int = MAX_BYTES) -> Any:
    """Read the value of a JSON file, within limits.

    Raises
    ------
    CheckpointError
        If the file is missing, too large, or not strict JSON; the file is named.
    """
    content = read_bounded(path, max_bytes, CheckpointError, follow_link=False)
    return parse_json(content, where=str(path), max_bytes=max_bytes)


def parse_json(content: bytes, *, where: str, max_bytes: int = MAX_BYTES) -> Any:
    """Parse strict JSON.

    Raises
    ------
    CheckpointError
        If it is larger than ``max_bytes``, nested deeper than 20, holds NaN, infinity or a duplicate key, or
        is not JSON. The message begins with ``where``.
    """
    if len(content) > max_bytes:
        raise CheckpointError(
            f"{where}: expected at most {max_bytes} bytes of JSON, got {len(content)}; make it shorter"
        )
    try:
        text = content.decode("utf-8")
        _check_depth(text)
        return json.loads(
            text, object_pairs_hook=_without_duplicates, parse_constant=_refuse, parse_float=_finite
        )
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        raise CheckpointError(
            f"{where}: expected valid JSON, found an error ({message(error)}); save it again"
        ) from error


def _check_depth(text: str) -> None:
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(match[0], 0)
        if depth > MAX_DEPTH:
            raise ValueError(f"nested deeper than {MAX_DEPTH}")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for key, item in pairs:
        if key in value:
            raise ValueError(f"duplicate key {key[:40]!r}")
        value[key] = item
    return value


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not a JSON number")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"{digits[:40]} is too large for a number")
    return value
