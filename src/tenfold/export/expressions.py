"""A NumPy expression as nodes of an ONNX graph: a value that is passed in records what is done to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from onnx import NodeProto, TensorProto, helper, numpy_helper

from tenfold.errors import ConfigError
from tenfold.quoting import message


@dataclass
class Recorded:
    """The nodes and constants of an expression, and the name of its result."""

    nodes: list[NodeProto] = field(default_factory=list)
    tensors: list[TensorProto] = field(default_factory=list)
    result: str = ""


def recorded(function: Callable[..., Any], options: tuple[Any, ...], x: str, layer: str) -> Recorded:
    """Return the nodes of ``function(x, *options)``.

    Parameters
    ----------
    function : callable
        Of one array and numbers; made of arithmetic, comparisons, `numpy.where` and NumPy's elementwise
        functions.
    options : tuple of float
    x : str
        The name of the value that the expression takes.
    layer : str
        The layer's name; the names of the nodes begin with it.

    Raises
    ------
    ConfigError
        If something in it has no form in ONNX, such as a branch of Python's.
    """
    graph = _Recorder(layer)
    try:
        made = function(_Value(graph, x), *options)
        if not isinstance(made, _Value):
            raise TypeError(f"the function returns {type(made).__name__}, whatever x is")
        graph.found.result = graph.node("Identity", graph.numbers(made)).name
    except Exception as error:  # whatever the user's function raises when it is given no array
        raise ConfigError(
            f"{layer}: expected arithmetic and NumPy's elementwise functions that ONNX has, got "
            f"{message(error)}; write it so, or give the class a method add_onnx(graph, name), see "
            "docs/adding-a-layer.md"
        ) from error
    return graph.found


class _Recorder:
    def __init__(self, layer: str) -> None:
        self.layer, self.found = layer, Recorded()

    def node(self, op: str, *inputs: _Value, boolean: bool = False, **attributes: Any) -> _Value:
        """Append a node and return its output."""
        name = f"{self.layer}.{len(self.found.nodes)}.{op}"
        names = [one.name for one in inputs]
        self.found.nodes.append(helper.make_node(op, names, [name], name=name, **attributes))
        return _Value(self, name, boolean)

    def value(self, given: Any) -> _Value:
        """Return a value of the graph for an argument of a NumPy function; a number becomes a constant."""
        if isinstance(given, _Value):
            return given
        if np.ndim(given) != 0:
            raise TypeError("an array")
        name = f"{self.layer}.constant.{len(self.found.tensors)}"
        self.found.tensors.append(numpy_helper.from_array(np.asarray(given, np.float32), name))
        return _Value(self, name)

    def numbers(self, given: Any) -> _Value:
        """Return a value as float32: NumPy counts True as 1."""
        value = self.value(given)
        return self.node("Cast", value, to=TensorProto.FLOAT) if value.boolean else value

    def truths(self, given: Any) -> _Value:
        """Return a value as true or false."""
        value = self.value(given)
        return value if value.boolean else self.node("Cast", value, to=TensorProto.BOOL, boolean=True)


class _Value(NDArrayOperatorsMixin):
    """What stands for an array while its expression is recorded."""

    def __init__(self, graph: _Recorder, name: str, boolean: bool = False) -> None:
        self.graph, self.name, self.boolean = graph, name, boolean

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> _Value:
        name = ufunc.__name__
        if method != "__call__" or options:
            raise TypeError(f"numpy.{name} with {', '.join(options) or method}")
        return self._called(name, inputs)

    def __array_function__(self, function: Any, types: Any, inputs: Any, options: Any) -> _Value:
        if options:
            raise TypeError(f"numpy.{function.__name__} with {', '.join(options)}")
        return self._called(function.__name__, inputs)

    def __bool__(self) -> bool:
        raise TypeError("a branch that depends on x; use numpy.where")

    def _called(self, name: str, inputs: tuple[Any, ...]) -> _Value:
        graph = self.graph
        if name in _NUMBERS:
            return graph.node(_NUMBERS[name], *map(graph.numbers, inputs))
        if name in _COMPARISONS:
            return graph.node(_COMPARISONS[name], *map(graph.numbers, inputs), boolean=True)
        if name in _TRUTHS:
            return graph.node(_TRUTHS[name], *map(graph.truths, inputs), boolean=True)
        if name in _COMPOSED:
            return _COMPOSED[name](graph, *inputs)
        raise TypeError(f"numpy.{name}")


_NUMBERS = {
    **dict.fromkeys(("divide", "true_divide"), "Div"),
    **{"add": "Add", "subtract": "Sub", "multiply": "Mul", "power": "Pow", "negative": "Neg"},
    **{"absolute": "Abs", "fabs": "Abs", "exp": "Exp", "log": "Log", "sqrt": "Sqrt", "sign": "Sign"},
    **{"reciprocal": "Reciprocal", "floor": "Floor", "ceil": "Ceil", "rint": "Round"},
    **{"maximum": "Max", "minimum": "Min", "fmax": "Max", "fmin": "Min", "positive": "Identity"},
    **{"sin": "Sin", "cos": "Cos", "tan": "Tan", "arcsin": "Asin", "arccos": "Acos", "arctan": "Atan"},
    **{"sinh": "Sinh", "cosh": "Cosh", "tanh": "Tanh", "arcsinh": "Asinh", "arccosh": "Acosh"},
    **{"arctanh": "Atanh"},
}
_COMPARISONS = {
    "greater": "Greater",
    "greater_equal": "GreaterOrEqual",
    "less": "Less",
    "less_equal": "LessOrEqual",
    "equal": "Equal",
}
_TRUTHS = {
    **{"logical_and": "And", "bitwise_and": "And", "logical_or": "Or", "bitwise_or": "Or"},
    **{"logical_xor": "Xor", "bitwise_xor": "Xor", "logical_not": "Not", "invert": "Not"},
}
_COMPOSED: dict[str, Callable[..., _Value]] = {
    "where": lambda graph, condition, yes, no: graph.node(
        "Where", graph.truths(condition), graph.numbers(yes), graph.numbers(no)
    ),
    "clip": lambda graph, x, least, most: graph.node(
        "Clip", graph.numbers(x), graph.numbers(least), graph.numbers(most)
    ),
    "not_equal": lambda graph, a, b: graph.node("Not", a == b, boolean=True),
    "square": lambda graph, x: x * x,
    "log1p": lambda graph, x: np.log(1 + x),
    "expm1": lambda graph, x: np.exp(x) - 1,
    "exp2": lambda graph, x: np.exp(x * np.log(2.0)),
    "log2": lambda graph, x: np.log(x) / np.log(2.0),
    "zeros_like": lambda graph, x: x * 0,
    "ones_like": lambda graph, x: x * 0 + 1,
    "logaddexp": lambda graph, a, b: np.maximum(a, b) + np.log(1 + np.exp(-np.absolute(np.subtract(a, b)))),
}
"""Functions that are written with others."""
