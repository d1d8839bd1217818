"""Elementwise layers of one's own in ONNX: from their NumPy expressions alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest

from tenfold.errors import ConfigError
from tenfold.export.model import onnx_model
from tenfold.export.nodes import Graph
from tenfold.nn import Dense, Elementwise, Flatten, Sequential

OPSET, IR = 17, 8


def layer(function: Callable[..., Any], **options: float) -> Elementwise:
    """Return an elementwise layer; its derivative is not asked for."""

    class Own(Elementwise):
        kind = "own"

    Own.function = staticmethod(function)
    Own.derivative = staticmethod(lambda x: x)
    made = Own()
    for name, value in options.items():
        setattr(made, name, value)
    return made


def in_onnx(subject: Elementwise, x: np.ndarray) -> np.ndarray:
    graph = Graph({}, "x", (len(x),))
    graph.add_layers({"act": subject})
    graph.add("Identity", "y")
    info = onnx.helper.make_tensor_value_info
    made = onnx.helper.make_graph(
        graph.nodes,
        "own",
        [info("x", 1, ["n", len(x)])],
        [info("y", 1, ["n", len(x)])],
        initializer=graph.tensors,
    )
    model = onnx.helper.make_model(made, ir_version=IR, opset_imports=[onnx.helper.make_opsetid("", OPSET)])
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(["y"], {"x": x[np.newaxis]})[0][0]


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "swish": lambda x: x / (1 + np.exp(-x)),
    "where": lambda x: np.where(x > 0, x, 0.1 * (np.exp(x) - 1)),
    "two conditions": lambda x: np.where((x > -1) & (x <= 1), x**2, np.abs(x)),
    "or, not": lambda x: np.where(np.logical_not((x < -1) | (x >= 1)), 2.0, -x),
    "equal": lambda x: np.where(x == 0, 5.0, x) + np.where(x != 0, 1.0, x),
    "truth as a number": lambda x: x * (x > 0) + (x < -1),
    "number as truth": lambda x: np.where(x, 1.0, -1.0),
    "clip": lambda x: np.clip(x, -1, 1.5),
    "clamped": lambda x: np.minimum(np.maximum(x, -0.5), 1),
    "softplus": lambda x: np.logaddexp(0, x),
    "log, square": lambda x: np.log1p(np.square(x)) + np.log2(1 + x * x),
    "exponentials": lambda x: np.expm1(x) + np.exp2(x) + np.sinh(x) - np.cosh(x),
    "angles": lambda x: np.sin(x) + np.cos(x) * np.arctan(x) + np.tanh(x) + np.arcsinh(x),
    "signs": lambda x: np.sign(x) * np.sqrt(np.abs(x)) + np.floor(x) - np.ceil(-x) + (-x) + (+x),
    "reflected": lambda x: (2 - x) * (1 / (3 + np.abs(x))) - 2**x,
    "like": lambda x: np.ones_like(x) + np.zeros_like(x) - x,
    "itself": lambda x: x,
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_expression_is_computed_as_numpy_does(name: str) -> None:
    x = np.concatenate([[-2.0, -1, -0.5, 0, 0.5, 1, 2], np.linspace(-3, 3, 50)]).astype(np.float32)
    expected = FUNCTIONS[name](x)
    np.testing.assert_allclose(in_onnx(layer(FUNCTIONS[name]), x), expected, rtol=2e-5, atol=2e-6)


def test_options_are_constants() -> None:
    def function(x: Any, beta: float) -> Any:
        return x / (1 + np.exp(-beta * x))

    class Swish(Elementwise):
        kind = "swish"

        def __init__(self, beta: float = 1.0) -> None:
            self.beta = beta
            super().__init__()

    Swish.function, Swish.derivative = staticmethod(function), staticmethod(lambda x, beta: x)
    x = np.linspace(-2, 2, 9, dtype=np.float32)
    np.testing.assert_allclose(in_onnx(Swish(1.5), x), function(x, 1.5), rtol=1e-5)


def test_two_layers_of_a_kind_do_not_share_names() -> None:
    network = Sequential(
        {
            "flatten": Flatten(),
            "act1": layer(FUNCTIONS["swish"]),
            "fc": Dense(9, 4),
            "act2": layer(FUNCTIONS["swish"]),
        },
        (3, 3, 1),
    )
    network.initialise(0)
    onnx.checker.check_model(onnx_model("own", network, network.params, list("abcd"), "float32"))


REFUSED: dict[str, tuple[Callable[..., Any], str]] = {
    "a branch": (lambda x: x if x > 0 else 0 * x, "a branch that depends on x; use numpy.where"),
    "another function": (lambda x: np.cbrt(x), r"numpy\.cbrt"),
    "a reduction": (lambda x: x - np.add.reduce(x), r"numpy\.add with reduce"),
    "another array function": (lambda x: np.sort(x), r"numpy\.sort"),
    "an array": (lambda x: x + np.arange(3.0), "an array"),
    "a constant": (lambda x: 1.0, "the function returns float, whatever x is"),
    "a method": (lambda x: x.clip(0, 1), "has no attribute 'clip'"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_form_in_onnx_is_named(name: str) -> None:
    function, text = REFUSED[name]
    with pytest.raises(
        ConfigError, match=rf"^act: expected arithmetic and .*{text}.*add_onnx\(graph, name\)"
    ):
        Graph({}, "x", (3,)).add_layers({"act": layer(function)})
