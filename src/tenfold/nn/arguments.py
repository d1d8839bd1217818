"""Constructor arguments, checked once and brought to one form."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

from tenfold.backend.portable import Pair
from tenfold.errors import ConfigError
from tenfold.quoting import quoted

IntOrPair: TypeAlias = int | Sequence[int]

MOST = 2**31 - 1
"""The largest size of anything: products of a few of them still fit into the 64 bits of compiled code."""


def count(name: str, value: object, *, least: int = 1) -> int:
    """Return ``value`` if it is a whole number from ``least`` to `MOST`.

    Raises
    ------
    ConfigError
        If it is not.
    """
    if isinstance(value, bool) or not hasattr(value, "__index__") or int(value) < least:
        raise ConfigError(f"{name}: expected a whole number of at least {least}, got {quoted(value)}")
    if int(value) > MOST:
        raise ConfigError(
            f"{name}: expected a whole number of at most {MOST}, got {quoted(value)}; take less"
        )
    return int(value)


def pair(name: str, value: IntOrPair, *, least: int = 1) -> Pair:
    """Return (height, width) from one number for both, or from two.

    Raises
    ------
    ConfigError
        If there are not one or two whole numbers of at least ``least``.
    """
    if not isinstance(value, Sequence):
        return (count(name, value, least=least),) * 2
    if len(value) != 2:
        raise ConfigError(f"{name}: expected a whole number or a pair (height, width), got {quoted(value)}")
    return count(name, value[0], least=least), count(name, value[1], least=least)


def padding_of(value: IntOrPair | str) -> Pair | Literal["same"]:
    """Return "same", or (height, width) from one number for both, or from two.

    Raises
    ------
    ConfigError
        If it is neither.
    """
    if not isinstance(value, str):
        return pair("padding", value, least=0)
    if value != "same":
        instead = "padding='same'" if value.lower() == "same" else "padding=0"
        raise ConfigError(
            f"padding: expected a whole number, a pair (height, width) or 'same', got {quoted(value)}; "
            f"write {instead}"
        )
    return "same"


def is_finite_number(value: Any) -> bool:
    """Return whether ``value`` is a number, Python's or NumPy's, that a float can hold."""
    try:
        return math.isfinite(value)
    except (TypeError, OverflowError):
        return False


def positive(name: str, value: float) -> float:
    """Return ``value`` if it is a finite number above 0.

    Raises
    ------
    ConfigError
        If it is not.
    """
    if not is_finite_number(value) or value <= 0:
        raise ConfigError(f"{name}: expected a finite number above 0, got {quoted(value)}")
    return float(value)


def fraction(name: str, value: float, *, below: float = 1.0) -> float:
    """Return ``value`` if it lies in [0, below).

    Raises
    ------
    ConfigError
        If it does not.
    """
    if not is_finite_number(value) or not 0 <= value < below:
        raise ConfigError(f"{name}: expected a number from 0 to below {below:g}, got {quoted(value)}")
    return float(value)
