"""The last step of an exported graph: outputs to probabilities, as the model itself takes it."""

from __future__ import annotations

import numpy as np

from tenfold.export.nodes import Graph
from tenfold.zoo.network import SMALL


def add_softmax(graph: Graph, out: str) -> None:
    """Exponentials, divided by their sum."""
    graph.add("Softmax", out, axis=1)


def add_open_set(graph: Graph, out: str, doubt: str, temperature: float) -> None:
    """Outputs by the temperature; their softmax, and the doubt: 1 - P(best) with one more logit, always 0.

    What `tenfold.zoo.open_set` does for networks that were trained to refuse. P(best) with the eleventh
    is ``exp(best - top) / (sum exp(z - top) + exp(-top))``, where ``top`` is the largest of all, also the 0.
    """
    axis = graph.constant("calibration.axis", np.array([1]))
    zero, one = (graph.constant(f"calibration.{name}", i) for i, name in enumerate(("zero", "one")))
    graph.add("Div", "calibration.logits", graph.constant("calibration.temperature", temperature))
    graph.add("Softmax", out, axis=1)
    graph.at = "calibration.logits"
    graph.add("ReduceMax", "calibration.best", axes=[1], keepdims=1)  # (n, 1)
    graph.add("Max", "calibration.top", zero)
    graph.add("Neg", "calibration.none")
    graph.add("Exp", "calibration.none_exponential")
    graph.at = "calibration.logits"
    graph.add("Sub", "calibration.shifted", "calibration.top")
    graph.add("Exp", "calibration.exponentials")
    graph.add("ReduceSum", "calibration.sum", axis, keepdims=1)
    graph.add("Add", "calibration.total", "calibration.none_exponential")
    graph.at = "calibration.best"
    graph.add("Sub", "calibration.best_shifted", "calibration.top")
    graph.add("Exp", "calibration.best_exponential")
    graph.add("Div", "calibration.sure", "calibration.total")
    graph.add("Squeeze", "calibration.sure_of_each", axis)  # (n,)
    graph.at = one
    graph.add("Sub", doubt, "calibration.sure_of_each")


def add_indicators(graph: Graph, out: str) -> None:
    """Outputs above 0.05 as they stand, the others on an exponential of the same slope; divided by their sum.

    What `tenfold.zoo.network` does for networks that end in a tanh.
    """
    outputs = graph.at
    small = graph.constant("indicators.small", SMALL)
    one, axis = (
        graph.constant("indicators.one", 1),
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
