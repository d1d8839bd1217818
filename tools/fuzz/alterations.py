"""JSON values with random changes: text that parses but has no meaning."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

ODD = (
    *(None, True, False, 0, 1, -1, 2**31, 2**63, -(2**63), 10**30, 10**4000, 0.5, -0.0, 1e308, float("nan")),
    *(
        "",
        "a",
        "x" * 3000,
        "\ud800",
        "a\nb\x1b[31m",
        "../x",
        "=cmd",
        [],
        {},
        [0],
        [[]],
        {"a": 1},
        [10**400] * 3,
    ),
)
MOST = 4  # alterations of a value


def altered(value: Any, choices: bytes) -> bytes:
    """Return a value as JSON after changes that the bytes choose: where, how, and what comes there."""
    holder, left = [deepcopy(value)], iter(choices)
    for _ in range(MOST):
        where, key = _place(holder, left)
        how, what = next(left, None), next(left, None)
        if how is None or what is None:
            break
        new = deepcopy(ODD[what % len(ODD)])
        if how % 4 == 0 and where is not holder:
            del where[key]
        elif how % 4 == 1:
            where[key] = [where[key], new]
        elif how % 4 == 2 and isinstance(where, dict):
            where[str(new)[:50]] = where[key]
        else:
            where[key] = new
    return json.dumps(holder[0]).encode()


def _place(value: Any, left: Iterator[int]) -> tuple[Any, Any]:
    """Return a container within a value and a key or an index of it; chosen level by level, deeper mostly."""
    where, key = value, 0
    while isinstance(where[key], dict | list) and where[key] and (choice := next(left, 0)) < 224:
        where = where[key]
        key = list(where)[choice % len(where)] if isinstance(where, dict) else choice % len(where)
    return where, key
