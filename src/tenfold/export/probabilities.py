"""The last step of an exported graph: outputs to probabilities, as the model itself takes it."""

from __future__ import annotations

import numpy as np

from tenfold.export.nodes import Graph

_SMALL = 0.05


def add_softmax(graph: Graph, out: str) -> None:
    """Exponentials, divided by their sum."""
    graph.add("Softmax", out, axis=1)


def add_indicators(graph: Graph, out: str) -> None:
    """Outputs above 0.05 as they stand, the others on an exponential of the same slope; divided by their sum.

    What `tenfold.zoo.indicators` does for networks that end in a tanh.
    """
    outputs = graph.at
    small = graph.constant("indicators.small", np.float32(_SMALL))
    one, axis = (
        graph.constant("indicators.one", np.float32(1)),
        graph.constant("indicators.axis", np.array([1])),
    )
    graph.add("Min", "indicators.low", small)
    graph.add("Div", "indicators.steps", small)
    graph.add("Sub", "indicators.exponent", one)
    graph.add("Exp", "indicators.exponential")
    graph.add("Mul", "indicators.tail", small)
    graph.at = outputs
    graph.add("Greater", "indicators.are_large", small)
    graph.add("Where", "indicators.positive", outputs, "indicators.tail")
    graph.add("ReduceSum", "indicators.sum", axis, keepdims=1)
    graph.at = "indicators.positive"
    graph.add("Div", out, "indicators.sum")
