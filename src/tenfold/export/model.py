"""A network as an ONNX model: from its configuration and its named arrays, and nothing else of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, ValueInfoProto, helper

from tenfold import __version__
from tenfold.export.nodes import Graph
from tenfold.export.opset import OPSET
from tenfold.export.probabilities import add_indicators, add_open_set, add_softmax
from tenfold.nn import Sequential, Tanh
from tenfold.nn.onnx_graph import CHANNELS_FIRST
from tenfold.zoo.model_input import DIGIT
from tenfold.zoo.open_set import OpenSetCalibration

IMAGES, LOGITS, PROBABILITIES, DOUBT = "images", "logits", "probabilities", "doubt"
N = "N"  # any number of images, also none
_MADE = (
    "One digit an image, ink high: 0 is paper, {ink} is full ink. Made as MNIST was: the digit, in its own "
    "proportions, just fills 20 x 20 pixels, with soft edges, and lies on 28 x 28 so that its centre of mass "
    "is in the middle."
)
_ANY = "Images of {size}, {channels}, from 0 to {ink}, as in the training set; scaled as its images were."
_CHANNELS = {1: "grey", 3: "red, green and blue"}


def onnx_model(
    name: str,
    network: Sequential,
    arrays: Mapping[str, NDArray[Any]],
    classes: Sequence[str],
    pixels: str,
    calibration: OpenSetCalibration | None = None,
    opset: int = OPSET,
) -> ModelProto:
    """Return a network as an ONNX model.

    Parameters
    ----------
    name : str
    network : Sequential
        Its layers are read, its arrays are not.
    arrays : mapping of str to array
        Parameters and running statistics by dotted name.
    classes : sequence of str
        What the outputs stand for.
    pixels : {"float32", "uint8"}
    calibration : OpenSetCalibration, optional
        How the outputs are to be read, if it was chosen; then the graph gives the doubt too.
    opset : int
        The version of the operators.

    Raises
    ------
    ConfigError
        If a layer has no form in ONNX, or none in this version.
    """
    graph = Graph(arrays, IMAGES, network.input_shape)
    digits = (network.input_shape, list(classes)) == (DIGIT, [str(digit) for digit in range(10)])
    images = _add_images(graph, pixels, digits)
    graph.add_layers(network.layers)
    *_, last = network.layers.values()
    graph.add("Identity", LOGITS)
    if calibration is not None:
        add_open_set(graph, PROBABILITIES, DOUBT, calibration.temperature)
    elif isinstance(last, Tanh):  # fitted to indicators, not to logarithms
        add_indicators(graph, PROBABILITIES)
    else:
        add_softmax(graph, PROBABILITIES)
    outputs = _outputs(len(classes), calibration)
    whole = helper.make_graph(graph.nodes, name, [images], outputs, initializer=graph.tensors)
    return _described(whole, classes, images, calibration, opset)


def _outputs(k: int, calibration: OpenSetCalibration | None) -> list[ValueInfoProto]:
    """Return what comes out, with words for each."""
    told: list[tuple[str, list[str | int], str]] = [
        (LOGITS, [N, k], "What the last layer gives."),
        (PROBABILITIES, [N, k], "Each row adds up to 1."),
    ]
    if calibration is not None:
        words = "How likely the best class is wrong, or the image none of them."
        told.append((DOUBT, [N], f"{words} Refuse above {calibration.threshold:.4f}."))
    return [
        helper.make_tensor_value_info(out, TensorProto.FLOAT, shape, doc_string=doc)
        for out, shape, doc in told
    ]


def _add_images(graph: Graph, pixels: str, digits: bool) -> ValueInfoProto:
    """Append what brings the images to (n, c, h, w) and 0..1; return how they must come."""
    h, w, c = graph.shape
    if pixels == "float32":
        graph.add("Transpose", "images.channels_first", perm=CHANNELS_FIRST)
        made = _words(graph.shape, digits, 1)
        return helper.make_tensor_value_info(IMAGES, TensorProto.FLOAT, [N, h, w, c], doc_string=made)
    ink = graph.constant("images.ink", 255)
    graph.add("Cast", "images.numbers", to=TensorProto.FLOAT)
    graph.add("Div", "images.shares", ink)
    if c == 1:
        graph.add("Unsqueeze", "images.channels_first", graph.constant("images.axis", np.array([1])))
    else:
        graph.add("Transpose", "images.channels_first", perm=CHANNELS_FIRST)
    size: list[str | int | None] = [N, h, w] if c == 1 else [N, h, w, c]
    return helper.make_tensor_value_info(
        IMAGES, TensorProto.UINT8, size, doc_string=_words((h, w, c), digits, 255)
    )


def _words(shape: tuple[int, ...], digits: bool, ink: int) -> str:
    """Return in words how images must be made."""
    if digits:
        return _MADE.format(ink=ink)
    h, w, c = shape
    return _ANY.format(size=f"{h} x {w}", channels=_CHANNELS.get(c, f"{c} channels"), ink=ink)


def _described(
    graph: Any,
    classes: Sequence[str],
    images: ValueInfoProto,
    calibration: OpenSetCalibration | None,
    opset: int,
) -> ModelProto:
    """Return the model with what a reader should know of it."""
    operators = [helper.make_opsetid("", opset)]
    model = helper.make_model(
        graph,
        producer_name="tenfold",
        producer_version=__version__,
        ir_version=helper.find_min_ir_version_for(operators),
        opset_imports=operators,
        doc_string=f"{graph.name}: images to probabilities of {len(classes)} classes.",
    )
    facts = {"name": graph.name, "classes": json.dumps(list(classes)), "images": images.doc_string}
    if calibration is not None:
        facts |= {name: repr(value) for name, value in calibration.to_dict().items()}
    helper.set_model_props(model, facts)
    return model
