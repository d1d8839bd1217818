"""ONNX Runtime, which predicts; the file is made here, layer by layer."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
from channels_first import channels_first, pads
from onnx import TensorProto, helper, numpy_helper
from serve import Digits, Job, serve

OPSET = 21


class OnnxRuntime:
    """A session on the network in ONNX."""

    def __init__(self, job: Job, digits: Digits) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = job.threads
        model = exported(job).SerializeToString()
        self.session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self.test = np.ascontiguousarray(digits.test_floats.transpose(0, 3, 1, 2))  # (n, 1, 28, 28)

    def predict(self, n: int, batch: int) -> np.ndarray:
        return np.concatenate([self._run(self.test[at : at + batch]) for at in range(0, n, batch)])

    def predict_one(self, i: int) -> None:
        self._run(self.test[i : i + 1])

    def _run(self, images: np.ndarray) -> np.ndarray:
        return self.session.run(None, {"images": images})[0]


def exported(job: Job) -> onnx.ModelProto:
    """Return the network in ONNX, for images (n, c, h, w)."""
    nodes, value = [], "images"
    for layer in job.layers:
        if layer["kind"] == "dropout":
            continue  # does nothing at prediction
        nodes.append(node(layer, value))
        value = layer["name"]
    weights = [numpy_helper.from_array(array, name) for name, array in channels_first(job).items()]
    h, w, c = job.network["input_shape"]
    images = helper.make_tensor_value_info("images", TensorProto.FLOAT, ["n", c, h, w])
    logits = helper.make_tensor_value_info(value, TensorProto.FLOAT, ["n", 10])
    graph = helper.make_graph(nodes, "network", [images], [logits], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)
    onnx.checker.check_model(model)
    return model


def node(layer: dict, value: str) -> onnx.NodeProto:
    """Return one layer, which takes ``value`` and gives what is called like the layer."""
    options, name = layer["config"], layer["name"]
    parameters = [f"{name}.weight", f"{name}.bias"]
    match layer["kind"]:
        case "dense":
            return helper.make_node("Gemm", [value, *parameters], [name])
        case "conv2d":
            sizes = {"strides": options["stride"], "pads": [*pads(layer)] * 2}
            return helper.make_node("Conv", [value, *parameters], [name], **sizes)
        case "max_pool2d":
            sizes = {"kernel_shape": options["size"], "strides": options["stride"]}
            return helper.make_node("MaxPool", [value], [name], **sizes)
        case "flatten":
            return helper.make_node("Flatten", [value], [name])
        case "relu":
            return helper.make_node("Relu", [value], [name])
    raise ValueError(f"expected a layer that is timed in ONNX, got {layer['kind']!r}; add it here")


if __name__ == "__main__":
    serve(OnnxRuntime, {"onnx": onnx.__version__, "onnxruntime": onnxruntime.__version__})
