"""How weights start: a closed set of initialisers by name.

``glorot_uniform``, ``glorot_normal``, ``he_uniform``, ``he_normal``, ``zeros``; ``uniform(a)`` for the
uniform distribution on [-a, a], and ``normal(sd)`` for the normal one around 0, with a number in place of
``a`` or ``sd``.

Numbers are drawn in float64 and then rounded, so that float32 and float64 networks of one seed are the same
network to rounding.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from tenfold.backend.arrays import Array, Shape
from tenfold.backend.memory_limit import check_memory
from tenfold.errors import ConfigError
from tenfold.registry import unknown

Initialiser: TypeAlias = Callable[[np.random.Generator, Shape, Any], Array]


def fans(shape: Shape) -> tuple[int, int]:
    """Return how many inputs feed one output, and how many outputs one input feeds.

    The weight's last two axes are (c_in, c_out); those before them, if any, are the window (kh, kw).
    """
    window = math.prod(shape[:-2])
    return window * shape[-2], window * shape[-1]


def _fitting(shape: Shape) -> Shape:
    """Return the shape, if there is memory for its numbers in float64, in which they are drawn."""
    advice = "take fewer units or channels, or a smaller kernel"
    check_memory(f"an array of shape {tuple(shape)}", 8 * math.prod(shape), advice)
    return shape


def glorot_uniform(rng: np.random.Generator, shape: Shape, dtype: Any) -> Array:
    """Draw from U(-a, a) with a = sqrt(6 / (fan_in + fan_out)).

    References
    ----------
    X. Glorot, Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks"
    (2010), equation 16.
    """
    a = math.sqrt(6 / sum(fans(shape)))
    return rng.uniform(-a, a, _fitting(shape)).astype(dtype)


def glorot_normal(rng: np.random.Generator, shape: Shape, dtype: Any) -> Array:
    """Draw from N(0, sd) with sd = sqrt(2 / (fan_in + fan_out)), not truncated."""
    return rng.normal(0, math.sqrt(2 / sum(fans(shape))), _fitting(shape)).astype(dtype)


def he_uniform(rng: np.random.Generator, shape: Shape, dtype: Any) -> Array:
    """Draw from U(-a, a) with a = sqrt(6 / fan_in)."""
    a = math.sqrt(6 / fans(shape)[0])
    return rng.uniform(-a, a, _fitting(shape)).astype(dtype)


def he_normal(rng: np.random.Generator, shape: Shape, dtype: Any) -> Array:
    """Draw from N(0, sd) with sd = sqrt(2 / fan_in), not truncated.

    References
    ----------
    K. He, X. Zhang, S. Ren, J. Sun, "Delving Deep into Rectifiers" (2015), equation 10.
    """
    return rng.normal(0, math.sqrt(2 / fans(shape)[0]), _fitting(shape)).astype(dtype)


def zeros(rng: np.random.Generator, shape: Shape, dtype: Any) -> Array:
    """Draw nothing: every number is 0."""
    return np.zeros(_fitting(shape), dtype)


def uniform(a: float) -> Initialiser:
    """Return the initialiser that draws from U(-a, a)."""
    return partial(_uniform, a)  # and not a closure, which pickle would refuse


def normal(sd: float) -> Initialiser:
    """Return the initialiser that draws from N(0, sd), not truncated."""
    return partial(_normal, sd)


def _normal(sd: float, rng: np.random.Generator, shape: Shape, dtype: Any) -> Array:
    return rng.normal(0, sd, _fitting(shape)).astype(dtype)


def _uniform(a: float, rng: np.random.Generator, shape: Shape, dtype: Any) -> Array:
    return rng.uniform(-a, a, _fitting(shape)).astype(dtype)


SCALED: dict[str, Initialiser] = {
    "glorot_uniform": glorot_uniform,
    "glorot_normal": glorot_normal,
    "he_uniform": he_uniform,
    "he_normal": he_normal,
}
"""The initialisers that depend on the fans, so that only weights can have them."""

_LARGEST = 1e30  # float32 holds it, and sums of many such numbers
_MEASURED: dict[str, Callable[[float], Initialiser]] = {"uniform": uniform, "normal": normal}
_WITH_A_NUMBER = re.compile(r"(uniform|normal)\(\s*(\d+\.?\d*|\.\d+)\s*\)")


def bias_initialiser(name: str) -> Initialiser:
    """Return the initialiser of that name, one that a bias can have: zeros, ``uniform(a)``, ``normal(sd)``.

    Raises
    ------
    ConfigError
        If there is none of that name, or if it needs the fans of a weight.
    """
    if name == "zeros":
        return zeros
    if isinstance(name, str) and (match := _WITH_A_NUMBER.fullmatch(name)):
        kind, number = match[1], float(match[2])
        if number > _LARGEST:
            raise ConfigError(f"{kind}(a): expected at most {_LARGEST:g}, got {number:g}; take a smaller a")
        return _MEASURED[kind](number)
    if isinstance(name, str) and name in SCALED:
        raise ConfigError(f"{name!r} scales with a weight's fans, which a bias has not; try 'zeros'")
    raise unknown("initialiser", name, [*SCALED, "zeros", "uniform(0.5)", "normal(0.05)"])


def weight_initialiser(name: str) -> Initialiser:
    """Return the initialiser of that name.

    Raises
    ------
    ConfigError
        If there is none of that name.

    Examples
    --------
    >>> import numpy as np
    >>> weight_initialiser("uniform(0.5)")(np.random.default_rng(0), (2, 3), np.float32).shape
    (2, 3)
    """
    return SCALED[name] if isinstance(name, str) and name in SCALED else bias_initialiser(name)
