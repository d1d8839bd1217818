"""Layers that apply one function to every number by itself."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar, TypeAlias

import numpy as np

from tenfold.backend.arrays import Array, namespace
from tenfold.errors import ConfigError
from tenfold.habits import keywords
from tenfold.nn.habits import LAYER_OPTIONS
from tenfold.nn.layer import Backward, Examples, Gradients, Layer

Expression: TypeAlias = tuple[Callable[..., Array], tuple[str, ...], tuple[Any, ...]]
"""A function, which of x and y it takes, and the values of its options."""


class Elementwise(Layer):
    """Base of layers that apply one function to every number by itself.

    A subclass gives ``function`` and ``derivative`` as static methods of arrays. The derivative takes the
    input ``x``, the output ``y``, or both, in this order: what it needs, and no more. Further arguments are
    the layer's options, each an attribute of the same name and an argument of the constructor.

    Both are compiled for single numbers, so they may use arithmetic, comparisons, NumPy's elementwise
    functions, `numpy.where`, and Python functions that do the same. What cannot be compiled runs as it
    stands.

    Options, and numbers of the module or of an enclosing function, may change: the layer is then compiled
    again. What an array, another object or a module (other than NumPy's and ``math``) holds is taken at the
    first use, and a later change within it is not noticed.

    Examples
    --------
    >>> import numpy as np
    >>> from tenfold.nn import Elementwise, gradcheck
    >>> class Swish(Elementwise):
    ...     kind = "swish"
    ...     def __init__(self, beta=1.0):
    ...         super().__init__()
    ...         self.beta = float(beta)
    ...     @staticmethod
    ...     def function(x, beta):
    ...         return x / (1 + np.exp(-beta * x))
    ...     @staticmethod
    ...     def derivative(x, y, beta):
    ...         return beta * y + (1 - beta * y) / (1 + np.exp(-beta * x))
    >>> gradcheck(Swish(1.5), (3,), np.random.default_rng(0)) < 1e-6
    True
    >>> Swish(1.5)
    Swish(beta=1.5)
    """

    kind: ClassVar[str] = ""  # it is not a layer itself
    pointwise: ClassVar[bool] = True
    engine: ClassVar[tuple[str, ...]] = ("elementwise",)
    function: ClassVar[Callable[..., Array]]
    derivative: ClassVar[Callable[..., Array]]

    @keywords(LAYER_OPTIONS)
    def __init__(self) -> None:
        super().__init__()
        for name, possible in (("function", [["x"]]), ("derivative", [["x"], ["y"], ["x", "y"]])):
            given = getattr(type(self), name, None)
            if given is None or [*_arguments(given)[0]] not in possible:
                taken = " or ".join(f"({', '.join(names)})" for names in possible)
                raise ConfigError(
                    f"{type(self).__name__}: expected a static method {name} of {taken} and of options, "
                    f"got {'none' if given is None else inspect.signature(given)}; define it"
                )

    @classmethod
    def examples(cls) -> Examples:
        return {"": (cls(), (11,))}

    def config(self) -> dict[str, Any]:
        names = [*_arguments(type(self).function)[1], *_arguments(type(self).derivative)[1]]
        return {name: self._option(name) for name in dict.fromkeys(names)}

    def expressions(self) -> tuple[Expression, Expression]:
        """Return the function and the derivative, each with what it takes and the values of its options."""
        return self._expression(type(self).function), self._expression(type(self).derivative)

    def _expression(self, function: Callable[..., Array]) -> Expression:
        takes, options = _arguments(function)
        return function, takes, tuple(self._option(name) for name in options)

    def _option(self, name: str) -> Any:
        if not hasattr(self, name):
            raise ConfigError(
                f"{type(self).__name__}: expected an attribute {name}, which its functions take, found none; "
                "set it in __init__"
            )
        return getattr(self, name)

    def forward(
        self, x: Array, *, training: bool = False, rng: np.random.Generator | None = None
    ) -> tuple[Array, Backward]:
        (function, _, options), (derivative, takes, more) = self.expressions()
        y = _as_of(x, function(x, *options))

        def backward(dy: Array) -> tuple[Array, Gradients]:
            given = [{"x": x, "y": y}[name] for name in takes]
            return dy * _as_of(x, derivative(*given, *more)), {}

        return y, backward


def own_passes(layer: Elementwise) -> list[str]:
    """Return which of ``forward`` and ``infer`` a layer defines itself: its expressions do not tell them."""
    passes = ("forward", "infer")
    return [name for name in passes if getattr(type(layer), name) is not getattr(Elementwise, name)]


def _as_of(x: Array, values: Array) -> Array:
    """Return values in the dtype of x: NumPy makes float64 of some expressions of float32."""
    xp = namespace(x)
    return xp.astype(xp.asarray(values), x.dtype, copy=False)


@cache
def _arguments(function: Callable[..., Array]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return which of x and y a function takes, and the names of its options."""
    names = [*inspect.signature(function).parameters]
    takes = tuple(name for name in names if name in ("x", "y"))
    return takes, tuple(names[len(takes) :])
