"""Elementwise layers, compiled from their own expressions and called by address.

A layer gives a function and its derivative as NumPy code (`tenfold.nn.Elementwise`). Here the same code is
compiled for one number, in float64, with `scalar` in the place of NumPy, and put into a loop. The program
holds the addresses of the loops, so a new function needs no new compilation of the engine.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import types
from numba.core.ccallback import CFunc
from numba.core.errors import NumbaError
from numba.extending import intrinsic

from tenfold.backend.arrays import namespace
from tenfold.backend.cpu import scalar
from tenfold.backend.cpu.cache_folder import folder
from tenfold.backend.cpu.compilation import Cache, kernel, version
from tenfold.backend.cpu.memory import copy
from tenfold.backend.cpu.views import floats

_HERE = Path(__file__)
_INT = ir.IntType(64)


class Expression(NamedTuple):
    """A function of x, y or both, and the values of its further arguments."""

    function: Any
    takes: tuple[str, ...]
    options: tuple[float, ...]


class Loops(NamedTuple):
    """Addresses of ``apply(x, y, size)`` and of ``apply_gradient(x, y, dy, dx, size)``."""

    forward: int
    backward: int


def loops(layer: Any) -> Loops:
    """Return the compiled loops of an elementwise layer.

    Raises
    ------
    NumbaError
        If its expressions cannot be compiled.
    """
    function, derivative = (Expression(*parts) for parts in layer.expressions())
    return _compiled(type(layer).__qualname__, function, derivative)


def why_not(layer: Any) -> str | None:
    """Return in one line why a layer's expressions cannot be compiled; None if they can be."""
    try:
        loops(layer)
    except (NumbaError, TypeError) as error:  # TypeError: an option that is not a number
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        return next((line for line in lines if not line.startswith("Failed in")), type(error).__name__)
    return None


@cache
def _compiled(name: str, function: Expression, derivative: Expression) -> Loops:
    y, slope = _of_numbers(function), _of_numbers(derivative)

    def apply(x_at: int, y_at: int, size: int) -> None:
        if x_at != y_at:
            copy(x_at, y_at, size)
        numbers = floats(y_at, size)
        for i in range(size):
            numbers[i] = y(np.float64(numbers[i]), 0.0)

    def apply_gradient(x_at: int, y_at: int, dy_at: int, dx_at: int, size: int) -> None:
        if dy_at != dx_at:
            copy(dy_at, dx_at, size)
        inputs, outputs, gradient = floats(x_at, size), floats(y_at, size), floats(dx_at, size)
        for i in range(size):
            gradient[i] *= slope(np.float64(inputs[i]), np.float64(outputs[i]))

    facts = _facts(function, derivative)
    return Loops(_address(apply, 3, name, facts), _address(apply_gradient, 5, name, facts))


def _of_numbers(expression: Expression) -> Any:
    """Return the compiled function of (x, y), for one number each."""
    function, takes, options = _on_scalars(expression.function), expression.takes, expression.options
    if takes == ("x",):
        return kernel(lambda x, y: function(x, *options))
    if takes == ("y",):
        return kernel(lambda x, y: function(y, *options))
    return kernel(lambda x, y: function(x, y, *options))


def _on_scalars(function: FunctionType) -> Any:
    """Return a function compiled with `scalar` for NumPy, and the functions that it calls likewise."""
    used = {name: _replaced(value) for name, value in _used(function).items()}
    used["__name__"] = __name__  # of a module that is there when the code is read back from disk
    code, defaults, cells = function.__code__, function.__defaults__, function.__closure__
    return kernel(FunctionType(code, used, function.__name__, defaults, cells))


def _replaced(value: Any) -> Any:
    """Return what compiled code takes for something that a function uses."""
    if value is np:
        return scalar
    if value is namespace:
        return _scalars
    if _is_numpys(value):
        return getattr(scalar, value.__name__)
    return _on_scalars(value) if type(value) is FunctionType else value


def _used(function: FunctionType) -> dict[str, Any]:
    """Return the globals that a function uses."""
    known = function.__globals__
    return {name: known[name] for name in function.__code__.co_names if name in known}


def _is_numpys(value: Any) -> bool:
    name = getattr(value, "__name__", None)
    return isinstance(name, str) and getattr(np, name, None) is value


@kernel
def _scalars(x: Any) -> Any:
    """What `namespace` returns in compiled code."""
    return scalar


def _facts(*expressions: Expression) -> tuple[str, ...] | None:
    """Return all that compiled expressions depend on; None if that cannot be told."""
    found: list[str] = []
    for expression in expressions:
        found += (repr(expression.takes), repr(expression.options))
        if not _add_facts(expression.function, found):
            return None
    return tuple(found)


def _add_facts(value: Any, found: list[str]) -> bool:
    """Add what ``value`` is and depends on; return False if that cannot be told."""
    if value is namespace or isinstance(value, ModuleType) or _is_numpys(value):
        found.append(value.__name__)
        return True
    if not isinstance(value, FunctionType):
        found.append(repr(value))
        return isinstance(value, int | float | BuiltinFunctionType | None)
    code = value.__code__
    found += (code.co_code.hex(), repr([c for c in code.co_consts if not isinstance(c, CodeType)]))
    parts = {**_used(value), **dict(zip(code.co_freevars, _cells(value), strict=True))}
    found += (repr(code.co_names), repr([*parts]), repr(value.__defaults__))
    return all(_add_facts(part, found) for part in parts.values())


def _cells(function: FunctionType) -> list[Any]:
    return [cell.cell_contents for cell in function.__closure__ or ()]


def _address(loop: Any, arguments: int, name: str, facts: tuple[str, ...] | None) -> int:
    """Compile a loop, or fetch it from disk, and return where it lies."""
    signature = types.void(*[types.int64] * arguments)
    compiled: Any = CFunc(loop, (signature.args, types.void), {}, {"error_model": "numpy"})
    place = folder()
    if place is not None and facts is not None:
        compiled._cache = _Cache(place, f"pointwise.{name}.{loop.__name__}", facts)
    compiled.compile()
    _alive.append(compiled)
    return int(compiled.address)


_alive: list[Any] = []  # compiled functions live as long as somebody holds them


class _Cache(Cache):
    """A loop depends on its expression and on the engine; where the expression stands does not matter."""

    def __init__(self, place: Path, label: str, facts: tuple[str, ...]) -> None:
        self._source, self._place = _HERE, place
        self._label = f"{label.replace('<', '').replace('>', '')}-{version(_HERE)}"
        self._facts = version(_HERE), facts


def _call(builder: Any, address: Any, places: Any) -> None:
    kind = ir.FunctionType(ir.VoidType(), [_INT] * len(places))
    builder.call(builder.inttoptr(address, kind.as_pointer()), places)


@intrinsic
def call_forward(typing: Any, address: Any, x: Any, y: Any, size: Any) -> Any:
    """Call the compiled ``apply(x, y, size)`` at an address."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        _call(builder, args[0], args[1:])
        return context.get_dummy_value()

    return types.void(*[types.int64] * 4), emit


@intrinsic
def call_backward(typing: Any, address: Any, x: Any, y: Any, dy: Any, dx: Any, size: Any) -> Any:
    """Call the compiled ``apply_gradient(x, y, dy, dx, size)`` at an address."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        _call(builder, args[0], args[1:])
        return context.get_dummy_value()

    return types.void(*[types.int64] * 6), emit
