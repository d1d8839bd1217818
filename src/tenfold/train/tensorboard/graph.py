"""A network as the graph that TensorBoard draws."""

from __future__ import annotations

from typing import Any

from tensorboardX.proto.attr_value_pb2 import AttrValue
from tensorboardX.proto.graph_pb2 import GraphDef
from tensorboardX.proto.node_def_pb2 import NodeDef
from tensorboardX.proto.tensor_shape_pb2 import TensorShapeProto
from tensorboardX.proto.types_pb2 import DT_FLOAT, DT_INT64
from tensorboardX.proto.versions_pb2 import VersionDef

from tenfold.backend.arrays import Shape
from tenfold.nn import Layer, Loss, Sequential

N = -1  # images in a minibatch: TensorBoard shows a question mark


def graph(network: Sequential, loss: Loss) -> Any:
    """Return a network from its images to its loss as a ``GraphDef``.

    A layer with parameters becomes a box with its operation and each parameter in it; one without is a
    single node. A layer of layers is one operation, in whose box theirs hold their parameters. Edges carry
    shapes, nodes the layers' options.
    """
    images, labels = "data/images", "data/labels"
    nodes = [
        _node(images, "Placeholder", [], (N, *network.input_shape)),
        _node(labels, "Placeholder", [], (N,), DT_INT64),
    ]
    before = images
    for (name, layer), row in zip(network.layers.items(), network.rows(), strict=True):
        nodes += _layer(name, layer, before, (N, *row.output_shape))
        before = nodes[-1].name
    nodes.append(_node(f"loss/{loss.kind}", loss.kind, [before, labels], (), options=loss.config()))
    return GraphDef(node=nodes, versions=VersionDef(producer=22))


def _layer(name: str, layer: Layer, before: str, shape: Shape) -> list[Any]:
    """Return a layer's nodes, its operation last."""
    own = layer.param_shapes() | layer.state_shapes()
    variables = [_node(f"{name}/{part.replace('.', '/')}", "VariableV2", [], own[part]) for part in own]
    at = f"{name}/{layer.kind}" if own else name
    inputs = [before, *(variable.name for variable in variables)]
    return [*variables, _node(at, layer.kind, inputs, shape, options=layer.config())]


def _node(
    name: str,
    op: str,
    inputs: list[str],
    shape: Shape,
    dtype: Any = DT_FLOAT,
    options: dict[str, Any] | None = None,
) -> Any:
    attributes = {key: AttrValue(s=str(value).encode()) for key, value in (options or {}).items()}
    dims = TensorShapeProto(dim=[TensorShapeProto.Dim(size=size) for size in shape])
    attributes["_output_shapes"] = AttrValue(list=AttrValue.ListValue(shape=[dims]))
    attributes["dtype"] = AttrValue(type=dtype)
    return NodeDef(name=name, op=op, input=inputs, attr=attributes)
