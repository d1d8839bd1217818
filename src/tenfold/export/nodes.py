"""Each kind of layer as nodes of an ONNX graph, from the layer's options and the network's named arrays.

Between layers images are (n, c, h, w), as ONNX has them; ours are (n, h, w, c).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

from tenfold.backend.arrays import Shape
from tenfold.errors import ConfigError
from tenfold.nn import LAYERS, Layer
from tenfold.nn.activations import AMPLITUDE, GELU_CUBIC, GELU_SCALE, SLOPE

CHANNELS_FIRST, CHANNELS_LAST = [0, 3, 1, 2], [0, 2, 3, 1]


@dataclass
class Graph:
    """A graph in the making: a chain of nodes, each fed by the one before.

    Attributes
    ----------
    arrays : mapping of str to array
        The network's parameters and running statistics by dotted name.
    at : str
        The name of the value that the chain has come to.
    shape : tuple of int
        Of one image, or vector, in that value: (h, w, c) or (c,).
    nodes, tensors : list
        What the graph has so far.
    """

    arrays: Mapping[str, NDArray[Any]]
    at: str
    shape: Shape
    nodes: list[NodeProto] = field(default_factory=list)
    tensors: list[TensorProto] = field(default_factory=list)

    def add(self, op: str, out: str, *inputs: str, **attributes: Any) -> None:
        """Append a node that takes where the chain is, and then ``inputs``; continue from its output."""
        self.nodes.append(helper.make_node(op, [self.at, *inputs], [out], name=out, **attributes))
        self.at = out

    def constant(self, name: str, array: NDArray[Any] | np.float32) -> str:
        """Keep an array, or a number, in the graph and return its name."""
        self.tensors.append(numpy_helper.from_array(np.asarray(array, order="C"), name))
        return name

    def parameter(self, name: str, axes: tuple[int, ...] | None = None) -> str:
        """Keep one of the network's arrays under its own name, perhaps with other axes; return the name."""
        array = self.arrays[name].astype(np.float32)
        return self.constant(name, array if axes is None else array.transpose(axes))


def _dense(graph: Graph, name: str, layer: Any) -> None:
    weight, bias = graph.parameter(f"{name}.weight"), graph.parameter(f"{name}.bias")
    graph.add("Gemm", f"{name}.output", weight, bias)


def _conv2d(graph: Graph, name: str, layer: Any) -> None:
    weight = graph.parameter(f"{name}.weight", (3, 2, 0, 1))  # (kh, kw, c, c_out) -> (c_out, c, kh, kw)
    bias = graph.parameter(f"{name}.bias")
    (top, bottom), (left, right) = layer.pads
    graph.add(
        "Conv",
        f"{name}.output",
        weight,
        bias,
        kernel_shape=layer.kernel,
        strides=layer.stride,
        pads=[top, left, bottom, right],
        group=layer.groups,
    )


def _pool(graph: Graph, name: str, layer: Any, op: str) -> None:
    graph.add(op, f"{name}.output", kernel_shape=layer.size, strides=layer.stride)


def _flatten(graph: Graph, name: str, layer: Any) -> None:
    if len(graph.shape) == 3:
        graph.add("Transpose", f"{name}.input", perm=CHANNELS_LAST)
    lengths = np.array([0, math.prod(graph.shape)])  # 0: as many as there are; -1 could not be told of none
    graph.add("Reshape", f"{name}.output", graph.constant(f"{name}.lengths", lengths))


def _batch_norm(graph: Graph, name: str, layer: Any) -> None:
    arrays = [f"{name}.{part}" for part in ("weight", "bias", "running_mean", "running_var")]
    kept = [graph.parameter(array) for array in arrays]
    graph.add("BatchNormalization", f"{name}.output", *kept, epsilon=layer.eps)


def _activation(graph: Graph, name: str, layer: Any, op: str) -> None:
    graph.add(op, f"{name}.output")


def _leaky_relu(graph: Graph, name: str, layer: Any) -> None:
    graph.add("LeakyRelu", f"{name}.output", alpha=layer.slope)


def _elu(graph: Graph, name: str, layer: Any) -> None:
    graph.add("Elu", f"{name}.output", alpha=layer.alpha)


def _silu(graph: Graph, name: str, layer: Any) -> None:
    x = graph.at
    graph.add("Sigmoid", f"{name}.sigmoid")
    graph.add("Mul", f"{name}.output", x)


def _gelu(graph: Graph, name: str, layer: Any) -> None:
    """Write ``x / 2 (1 + tanh(x scale (1 + cubic x ** 2)))``; Gelu itself came with opset 20."""
    x = graph.at
    number = partial(_number, graph, name)
    graph.add("Mul", f"{name}.square", x)
    graph.add("Mul", f"{name}.cubic", number("cubic_factor", GELU_CUBIC))
    graph.add("Add", f"{name}.slant", number("one", 1))
    graph.add("Mul", f"{name}.slanted", x)
    graph.add("Mul", f"{name}.scaled", number("scale", GELU_SCALE))
    graph.add("Tanh", f"{name}.tanh")
    graph.add("Add", f"{name}.share", f"{name}.one")
    graph.add("Mul", f"{name}.twice", x)
    graph.add("Mul", f"{name}.output", number("half", 0.5))


def _number(graph: Graph, name: str, part: str, value: float) -> str:
    return graph.constant(f"{name}.{part}", np.float32(value))


def _scaled_tanh(graph: Graph, name: str, layer: Any) -> None:
    graph.add("Mul", f"{name}.slanted", _number(graph, name, "slope", SLOPE))
    graph.add("Tanh", f"{name}.tanh")
    graph.add("Mul", f"{name}.output", _number(graph, name, "amplitude", AMPLITUDE))


def _scale(graph: Graph, name: str, layer: Any) -> None:
    shape = (-1, 1, 1) if len(graph.shape) == 3 else (-1,)  # channels first, beside images
    weight, bias = (
        graph.constant(f"{name}.{part}", graph.arrays[f"{name}.{part}"].astype(np.float32).reshape(shape))
        for part in ("weight", "bias")
    )
    graph.add("Mul", f"{name}.scaled", weight)
    graph.add("Add", f"{name}.output", bias)


def _partial_conv2d(graph: Graph, name: str, layer: Any) -> None:
    """A convolution whose missing connections are zeros."""
    c_in, kernel = layer.c_in, list(layer.kernel)
    full = graph.arrays[f"{name}.weight"] @ layer.places()
    full = full.reshape(*kernel, c_in, -1).astype(np.float32)
    weight = graph.constant(f"{name}.weight", full.transpose(3, 2, 0, 1))
    graph.add("Conv", f"{name}.output", weight, graph.parameter(f"{name}.bias"), kernel_shape=kernel)


def _layer_norm(graph: Graph, name: str, layer: Any) -> None:
    if len(graph.shape) == 3:
        graph.add("Transpose", f"{name}.channels_last", perm=CHANNELS_LAST)
    weight, bias = graph.parameter(f"{name}.weight"), graph.parameter(f"{name}.bias")
    graph.add("LayerNormalization", f"{name}.output", weight, bias, axis=-1, epsilon=layer.eps)
    if len(graph.shape) == 3:
        graph.add("Transpose", f"{name}.channels_first", perm=CHANNELS_FIRST)


def _global_avg_pool2d(graph: Graph, name: str, layer: Any) -> None:
    graph.add("ReduceMean", f"{name}.output", axes=[2, 3], keepdims=0)


def _residual(graph: Graph, name: str, layer: Any) -> None:
    x, shape, ends = graph.at, graph.shape, []
    for part_name, part in layer.parts.items():
        graph.at, graph.shape = x, shape
        add_layers(graph, part.layers, f"{name}.{part_name}.")
        ends.append(graph.at)
    graph.shape = shape
    graph.add("Add", f"{name}.output", ends[0] if len(ends) > 1 else x)


def _dropout(graph: Graph, name: str, layer: Any) -> None:
    """At prediction it does nothing, and is left out."""


def add_layers(graph: Graph, layers: Mapping[str, Layer], prefix: str = "") -> None:
    """Append the nodes of layers, each fed by the one before.

    Raises
    ------
    ConfigError
        If a layer has no form in ONNX.
    """
    for own_name, layer in layers.items():
        name = prefix + own_name
        if type(layer) is LAYERS.get(layer.kind):
            NODES[layer.kind](graph, name, layer)
        elif hasattr(layer, "add_onnx"):
            layer.add_onnx(graph, name)
        else:
            raise ConfigError(
                f"{name}: expected a layer with a form in ONNX, {type(layer).__name__} has none; "
                "give its class a method add_onnx(graph, name), see docs/adding-a-layer.md"
            )
        graph.shape = layer.output_shape(graph.shape)


NODES: Mapping[str, Callable[[Graph, str, Any], None]] = {
    "dense": _dense,
    "conv2d": _conv2d,
    "partial_conv2d": _partial_conv2d,
    "max_pool2d": partial(_pool, op="MaxPool"),
    "avg_pool2d": partial(_pool, op="AveragePool"),
    "global_avg_pool2d": _global_avg_pool2d,
    "flatten": _flatten,
    "relu": partial(_activation, op="Relu"),
    "tanh": partial(_activation, op="Tanh"),
    "scaled_tanh": _scaled_tanh,
    "scale": _scale,
    "sigmoid": partial(_activation, op="Sigmoid"),
    "leaky_relu": _leaky_relu,
    "gelu": _gelu,
    "silu": _silu,
    "softplus": partial(_activation, op="Softplus"),
    "elu": _elu,
    "dropout": _dropout,
    "batch_norm": _batch_norm,
    "layer_norm": _layer_norm,
    "residual": _residual,
}
"""Kind of layer -> what appends its nodes."""
