"""Elementwise layers, compiled from their own expressions and called by address.

A layer gives a function and its derivative as NumPy code (`tenfold.nn.Elementwise`). Here the same code is
compiled for one number, in float64, with `scalar` in the place of NumPy, and put into a loop. The program
holds the addresses of the loops, so a new function needs no new compilation of the engine.
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import types
from numba.core.ccallback import CFunc
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
    """Return the compiled loops of an elementwise layer; raise whatever Numba does if there are none."""
    return _loops(type(layer).__qualname__, *(Expression(*parts) for parts in layer.expressions()))


def why_not(layer: Any) -> str | None:
    """Return in one line why a layer's expressions cannot be compiled; None if they can be."""
    expressions = [Expression(*parts) for parts in layer.expressions()]
    try:
        _loops(type(layer).__qualname__, *expressions)
    except Exception as error:  # whatever Numba raises, or what it was given
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        return next((line for line in lines if not line.startswith("Failed in")), type(error).__name__)
    return None


def _loops(name: str, function: Expression, derivative: Expression) -> Loops:
    """Return the loops of two expressions, compiled once for all that is the same."""
    facts = _Facts(function, derivative)
    key = name, *facts.found
    if key not in _compiled:
        _compiled[key] = _compile(name, function, derivative, key if facts.certain else None)
        _alive.append(facts)  # no other object gets the identity of one of these
    return _compiled[key]


_compiled: dict[tuple[str, ...], Loops] = {}


def _compile(name: str, function: Expression, derivative: Expression, facts: tuple[str, ...] | None) -> Loops:
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

    return Loops(_address(apply, 3, name, facts), _address(apply_gradient, 5, name, facts))


def _of_numbers(expression: Expression) -> Any:
    """Return the compiled function of (x, y), for one number each."""
    function, takes, options = _on_scalars(expression.function, {}), expression.takes, expression.options
    if takes == ("x",):
        return kernel(lambda x, y: function(x, *options))
    if takes == ("y",):
        return kernel(lambda x, y: function(y, *options))
    return kernel(lambda x, y: function(x, y, *options))


def _on_scalars(function: FunctionType, made: dict[FunctionType, Any]) -> Any:
    """Return a function compiled with `scalar` for NumPy, and the functions that it calls likewise.

    ``made`` holds those that are compiled already, and None for those whose callees are being compiled.
    """
    if function not in made:
        made[function] = None
        used = {name: _replaced(value, made) for name, value in _used(function).items()}
        used["__name__"] = __name__  # a module that is there when code is read from disk
        code, defaults, cells = function.__code__, function.__defaults__, function.__closure__
        again = FunctionType(code, used, function.__name__, defaults, cells)
        again.__kwdefaults__ = function.__kwdefaults__
        made[function] = kernel(again)
    if made[function] is None:  # without an end to it, compiled code would end the process
        raise RecursionError(f"the function {function.__name__} calls itself")
    return made[function]


def _replaced(value: Any, made: dict[FunctionType, Any]) -> Any:
    """Return what compiled code takes for something that a function uses."""
    if value is np:
        return scalar
    if value is namespace:
        return _scalars
    if _is_of(np, value):
        return getattr(scalar, value.__name__)
    return _on_scalars(value, made) if type(value) is FunctionType else value


def _used(function: FunctionType) -> dict[str, Any]:
    """Return the globals that a function uses, itself or in functions within it."""
    known = function.__globals__
    return {
        name: known[name] for code in _codes(function.__code__) for name in code.co_names if name in known
    }


def _codes(code: CodeType) -> Iterator[CodeType]:
    """A function's code and that of all functions within it."""
    yield code
    for value in code.co_consts:
        if isinstance(value, CodeType):
            yield from _codes(value)


def _is_of(module: Any, value: Any) -> bool:
    name = getattr(value, "__name__", None)
    return isinstance(name, str) and getattr(module, name, None) is value


@kernel
def _scalars(x: Any) -> Any:
    """What `namespace` returns in compiled code."""
    return scalar


_OF_CODE = (
    "co_code co_names co_varnames co_cellvars co_freevars co_flags co_exceptiontable "
    "co_argcount co_posonlyargcount co_kwonlyargcount"
).split()  # all but where it stands, its constants, and what they are called


class _Facts:
    """All that compiled expressions depend on.

    Attributes
    ----------
    found : list of str
    certain : bool
        Whether the same words mean the same in another process. What an array or a module holds, for
        instance, cannot be told; in this process it goes by its identity.
    """

    def __init__(self, *expressions: Expression) -> None:
        self.found: list[str] = []
        self.certain = True
        self._functions: list[FunctionType] = []
        self._others: list[Any] = []
        for function, takes, options in expressions:
            hash(options)  # one that can change is none for compiled code
            self._add((function, takes, options))

    def _add(self, value: Any) -> None:
        module = next((one for one in (np, math, builtins) if value is one or _is_of(one, value)), None)
        if module is not None or value is namespace:
            self.found.append(f"{module and module.__name__}: {value.__name__}")
        elif type(value) is FunctionType:
            self._add_function(value)
        elif type(value) is tuple:
            self.found.append(f"tuple of {len(value)}")
            for part in value:
                self._add(part)
        elif isinstance(value, int | float | str | None):
            self.found.append(f"{type(value).__qualname__} {value!r}")
        else:
            self.certain = False
            self._others.append(value)
            self.found.append(f"{type(value).__qualname__} at {id(value)}")

    def _add_function(self, function: FunctionType) -> None:
        if function in self._functions:
            self.found.append(f"function {self._functions.index(function)}")
            return
        self._functions.append(function)
        for code in _codes(function.__code__):
            constants = ["a function" if isinstance(c, CodeType) else c for c in code.co_consts]
            self.found.append(repr([*(getattr(code, name) for name in _OF_CODE), constants]))
        used, further = _used(function), function.__kwdefaults__ or {}
        self.found.append(repr([*used, *further]))
        cells = tuple(cell.cell_contents for cell in function.__closure__ or ())
        self._add((*used.values(), *further.values(), function.__defaults__, cells))


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
