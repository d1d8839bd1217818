"""A network's layers as nodes of an ONNX graph; each layer appends its own (`Layer.add_onnx`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

from tenfold.backend.arrays import Shape
from tenfold.export.expressions import recorded
from tenfold.nn import LAYERS, Elementwise, Layer, OnnxGraph
from tenfold.nn.elementwise import own_passes


@dataclass
class Graph(OnnxGraph):
    """The nodes and tensors so far; `OnnxGraph` describes the rest."""

    arrays: Mapping[str, NDArray[Any]]
    at: str
    shape: Shape
    nodes: list[NodeProto] = field(default_factory=list)
    tensors: list[TensorProto] = field(default_factory=list)

    def add(self, op: str, out: str, *inputs: str, **attributes: Any) -> None:
        self.nodes.append(helper.make_node(op, [self.at, *inputs], [out], name=out, **attributes))
        self.at = out

    def add_layers(self, layers: Mapping[str, Layer], prefix: str = "") -> None:
        for name, layer in layers.items():
            if _is_expression(layer):
                self._add_expression(layer, prefix + name)
                continue
            add_onnx = type(layer).add_onnx if _has_form(layer) else Layer.add_onnx  # which refuses
            add_onnx(layer, self, prefix + name)
            self.shape = layer.output_shape(self.shape)

    def _add_expression(self, layer: Elementwise, name: str) -> None:
        (function, _, options), _ = layer.expressions()
        found = recorded(function, options, self.at, name)
        self.nodes += found.nodes
        self.tensors += found.tensors
        self.at = found.result

    def constant(self, name: str, value: NDArray[Any] | float) -> str:
        array = value if isinstance(value, np.ndarray) else np.float32(value)
        self.tensors.append(numpy_helper.from_array(np.asarray(array, order="C"), name))
        return name

    def parameter(self, name: str, axes: tuple[int, ...] | None = None) -> str:
        array = self.arrays[name].astype(np.float32)
        return self.constant(name, array if axes is None else array.transpose(axes))


def _is_expression(layer: Layer) -> TypeGuard[Elementwise]:
    """Return whether a user's layer is given as NumPy expressions alone."""
    if not isinstance(layer, Elementwise) or own_passes(layer):
        return False
    return type(layer).add_onnx is Layer.add_onnx or not _has_form(layer)


def _has_form(layer: Layer) -> bool:
    """Return whether a layer has a form in ONNX that is meant for its class.

    A user's class that is derived from one of ours may compute something else: what it inherits is not meant.
    """
    ours = LAYERS.values()
    return type(layer) in ours or type(layer).add_onnx not in [cls.add_onnx for cls in ours]
