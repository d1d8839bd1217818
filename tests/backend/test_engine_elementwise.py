"""Elementwise layers of a user's own in the compiled engine: expressions, options, what is kept on disk."""

from __future__ import annotations

import ctypes
import math
from types import ModuleType

import numpy as np
import pytest
from numba import njit

from tenfold.backend.cpu import pointwise
from tenfold.errors import ConfigError
from tenfold.nn import Conv2d, Dense, Elementwise, Flatten, Sequential
from tenfold.nn.registry import has_fast_path

GAIN = 1.5
TABLE = np.arange(3.0)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class Swish(Elementwise):
    """Options, a function of the module, and a derivative from x and y."""

    kind = "swish"

    def __init__(self, beta=1.25):
        super().__init__()
        self.beta = float(beta)

    @staticmethod
    def function(x, beta):
        return x * sigmoid(beta * x)

    @staticmethod
    def derivative(x, y, beta):
        return beta * y + sigmoid(beta * x) * (1 - beta * y)


class HardSwish(Elementwise):
    """NumPy's functions that Numba has for arrays alone, and kinks."""

    kind = "hard_swish"
    kinks = (-3.0, 3.0)

    @staticmethod
    def function(x):
        return x * np.clip(x + 3, 0, 6) / 6

    @staticmethod
    def derivative(x):
        return np.where(x < -3, 0.0, np.where(x > 3, 1.0, x / 3 + 0.5))


class Gain(Elementwise):
    """A number of the module, and a derivative from the output."""

    kind = "own_gain"

    @staticmethod
    def function(x):
        return np.tanh(GAIN * x)

    @staticmethod
    def derivative(y):
        return GAIN * (1 - y * y)


class Sorted(Elementwise):
    """What cannot be compiled for single numbers."""

    kind = "sorted"

    @staticmethod
    def function(x):
        return np.sort(x)

    @staticmethod
    def derivative(x):
        return np.ones_like(x)


class Overridden(Gain):
    """A pass of its own, of which the expressions say nothing."""

    kind = "overridden"

    def forward(self, x, *, training=False, rng=None):
        return 2 * x, lambda dy: (2 * dy, {})


class Predicting(Gain):
    """The same for prediction alone."""

    kind = "predicting"

    def infer(self, x):
        return 2 * x


OWN = (Swish, HardSwish, Gain)


@pytest.mark.parametrize(
    "before", [Conv2d(2, 17, 3), Flatten()], ids=["in place where it may", "not in place"]
)
@pytest.mark.parametrize("kind", OWN, ids=lambda kind: kind.__name__)
def test_gradients_are_the_definitions(twins, kind, before):
    layers = {"conv": Conv2d(2, 2, 1), "before": before, "it": kind(), "flatten": Flatten(), "fc": None}
    (size,) = Flatten().output_shape(before.output_shape((5, 4, 2)))
    layers["fc"] = Dense(size, 3)
    twins(layers, (5, 4, 2), own=OWN).check_step(threads=2)


def test_what_is_compiled():
    assert all(has_fast_path(kind()) for kind in OWN)
    assert not any(has_fast_path(kind()) for kind in (Sorted, Overridden, Predicting))
    reason = pointwise.why_not(Sorted())
    assert "sort" in reason
    assert "\n" not in reason


def test_an_option_that_is_no_number_runs_by_the_definition():
    layer = Swish()
    layer.beta = [1.0]
    assert not has_fast_path(layer)


def test_options_make_the_configuration():
    assert repr(Swish(2)) == "Swish(beta=2.0)"
    network = Sequential({"it": Swish(2)}, (3,))
    again = Sequential.from_config(network.config(), layers=[Swish])
    assert again.layers["it"].beta == 2.0


def swish(gain, extra=None):
    """A class like another one, as in another process."""

    class Again(Elementwise):
        @staticmethod
        def function(x):
            return gain * x if extra is None else x + extra

        @staticmethod
        def derivative(x):
            return gain * np.ones_like(x)

    return Again()


def test_loops_are_kept_on_disk_by_what_they_depend_on(tmp_path, monkeypatch):
    monkeypatch.setattr(pointwise, "folder", lambda: tmp_path)

    def files():
        return {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}

    pointwise.loops(swish(2.5))
    first = files()
    assert len(first) == 2
    pointwise.loops(swish(2.5))
    assert files() == first
    pointwise.loops(swish(3.5))
    assert len(files()) == 4
    pointwise.loops(swish(3.5, extra=np.float64(1)))  # a float, too
    assert len(files()) == 6


def test_loops_of_what_cannot_be_told_are_not_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(pointwise, "folder", lambda: tmp_path)

    class Looked(Elementwise):
        @staticmethod
        def function(x):
            return x * TABLE[1]

        @staticmethod
        def derivative(x):
            return np.ones_like(x)

    assert has_fast_path(Looked())
    assert not list(tmp_path.iterdir())


def layer(source, **names):
    """A layer whose function is the f of some source, as in a cell of a notebook."""
    exec(source, names := {"np": np, **names})
    members = {"function": staticmethod(names["f"]), "derivative": staticmethod(lambda x: np.ones_like(x))}
    return type("Own", (Elementwise,), members)()


def of_one(layer):
    """What the compiled function gives for 1."""
    number = np.ones(1, np.float32)
    apply = ctypes.CFUNCTYPE(None, *[ctypes.c_int64] * 3)(pointwise.loops(layer).forward)
    apply(number.ctypes.data, number.ctypes.data, 1)
    return float(number[0])


def module(number):
    made = ModuleType("constants")
    made.number, made.times = number, njit(lambda x: number * x)
    return made


# A layer by a number, with which it multiplies.
CHANGES = {
    "a number": lambda n: layer("def f(x): return n * x", n=n),
    "in a lambda": lambda n: layer(f"def f(x): return (lambda z: {n} * z)(x)"),
    "used by a lambda": lambda n: layer("def f(x): return (lambda z: n * z)(x)", n=n),
    "a default": lambda n: layer(f"def g(x, n={n}): return n * x\ndef f(x): return g(x)"),
    "order of names": lambda n: layer(
        f"def g({'a, b' if n == 2 else 'b, a'}): return {'a' if n == 2 else 'b'}\n"
        "def f(x): return g(a=2 * x, b=5 * x)"
    ),
    "constant of a module": lambda n: layer("def f(x): return m.number * x", m=module(n)),
    "function of a module": lambda n: layer("def f(x): return m.times(x)", m=module(n)),
    "array": lambda n: layer("def f(x): return a[0] * x", a=np.array([n])),
}


@pytest.fixture
def _without_derivatives(monkeypatch):
    """Only functions are compiled: their derivatives, the same in each case, would take as long."""
    address = pointwise._address
    monkeypatch.setattr(
        pointwise, "_address", lambda loop, *facts: address(loop, *facts) if loop.__name__ == "apply" else 0
    )


@pytest.mark.usefixtures("_without_derivatives")
@pytest.mark.parametrize("name", CHANGES)
def test_what_has_changed_is_compiled_anew(name, tmp_path, monkeypatch):
    monkeypatch.setattr(pointwise, "folder", lambda: tmp_path)
    monkeypatch.setattr(pointwise, "_compiled", {})
    assert [of_one(CHANGES[name](n)) for n in (2.0, 5.0)] == [2, 5]
    monkeypatch.setattr(pointwise, "_compiled", {})  # as another process has it
    assert [of_one(CHANGES[name](n)) for n in (5.0, 2.0)] == [5, 2]


@pytest.mark.usefixtures("_without_derivatives")
def test_a_number_that_changes_under_the_same_function():
    one = layer("n = 2.0\ndef f(x): return n * x")
    assert of_one(one) == 2
    type(one).function.__globals__["n"] = 5.0
    assert of_one(one) == 5


@pytest.mark.usefixtures("_without_derivatives")
def test_equal_numbers_of_other_types_are_other_code():
    found = {pointwise.loops(layer("def f(x): return n * x", n=n)) for n in (1, 1.0, True)}
    assert len(found) == 3
    options = Swish(), Swish(), Swish()
    for it, beta in zip(options, (1, 1.0, True), strict=True):
        it.beta = beta
    assert len({pointwise.loops(it) for it in options}) == 3


def test_a_function_that_calls_itself():
    """Compiled recursion without an end would end the process, so no recursion is compiled."""
    power = "def g(x, n): return x if n == 0 else 2 * g(x, n - 1)\ndef f(x): return g(x, 3)"
    endless = "def g(x): return h(x) + 1\ndef h(x): return g(x)\ndef f(x): return g(x)"
    for expression in power, endless:
        assert pointwise.why_not(layer(expression)) == "the function g calls itself"


def test_whatever_is_raised_is_a_reason():
    def of_empty_cell():
        def f(x):
            return later * x

        yield f
        later = 2.0

    with_empty_cell = layer("def f(x): return x")
    type(with_empty_cell).function = staticmethod(next(of_empty_cell()))
    assert "empty" in pointwise.why_not(with_empty_cell)
    assert not has_fast_path(with_empty_cell)


class NoDerivative(Elementwise):
    @staticmethod
    def function(x):
        return math.pi * x


class Backwards(NoDerivative):
    @staticmethod
    def derivative(y, x):
        return x


class Lost(NoDerivative):
    @staticmethod
    def derivative(x, slope):
        return slope


EXPECTED = "expected a static method derivative of (x) or (y) or (x, y) and of options, got"
REFUSED = {
    "no derivative": (NoDerivative, f"NoDerivative: {EXPECTED} none; define it"),
    "another order": (Backwards, f"Backwards: {EXPECTED} (y, x); define it"),
    "no such option": (
        lambda: Lost().config(),
        "Lost: expected an attribute slope, which its functions take, found none; set it in __init__",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(case):
    build, message = REFUSED[case]
    with pytest.raises(ConfigError) as error:
        build()
    assert str(error.value) == message
