"""From a network to a program: which operations, in which order, on which memory.

Written in plain Python and run once for each network and minibatch size. Layers are known here by
their ``kind`` and ``config`` alone. What can be done in passing is done in passing: a ReLU after a
convolution or a dense layer is taken while the result leaves the registers, and its derivative
together with that of the pooling that follows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tenfold.backend.cpu import opcodes as oc
from tenfold.backend.cpu.tile import MAX_VECTORS
from tenfold.backend.cpu.vector import LANES

LAYERS = frozenset(
    "dense conv2d max_pool2d avg_pool2d flatten relu leaky_relu tanh sigmoid dropout batch_norm".split()
)
_ACTIVATIONS = {"relu": oc.RELU, "leaky_relu": oc.LEAKY, "tanh": oc.TANH, "sigmoid": oc.SIGMOID}
_ALIGN = 16  # floats: a cache line
_CACHE = 1 << 19  # floats of a block's working memory: 2 MB, a usual second-level cache
_STRIP = 8192  # floats of gradient that are made and used up while they stay in the first-level cache
_KERNELS = 8192  # floats of kernels that are run through for one row of pixels after the other
_LARGE = 2048  # parameters of a tensor that is worth being shared out


def compiled(layer: Any) -> bool:
    """Whether the engine knows the layer."""
    if layer.kind == "leaky_relu" and layer.config()["slope"] < 0:
        return False  # its derivative could not be told from its output
    return layer.kind in LAYERS


def aligned(size: int) -> int:
    """The size rounded up to whole cache lines."""
    return (size + _ALIGN - 1) // _ALIGN * _ALIGN


def pixels_at_once(window: int, step: int, width: int, channels: int) -> int:
    """How many neighbouring pixels of a row a convolution should make together.

    A register holds 16 numbers (with AVX-512) and a pixel of six channels fills six of them. A
    kernel that is wider by one step of zeros, and has its columns twice, makes two pixels at once,
    with twelve: more products for the pair than for one, but fewer than for two.
    """
    possible = [q for q in range(1, LANES // channels + 1) if width % q == 0] or [1]
    return min(possible, key=lambda q: (window + (q - 1) * step) / q)


def columns_at_once(k: int, columns: int) -> int:
    """How many channels to make in one go over the rows: so few that their kernels stay in cache."""
    fit = max(2, min(MAX_VECTORS, _KERNELS // (k * LANES)))
    chunks = -(-columns // (fit * LANES))
    registers = -(-columns // LANES)
    return -(-registers // chunks) * LANES


def rows_at_once(geometry: dict[str, int]) -> int:
    """How many rows of windows are computed before they are added up: as many as the first cache holds."""
    g = geometry
    row = g["ow"] * g["kh"] * g["kw"] * g["c"]
    return max(1, min(g["oh"], _STRIP // row))


def input_gradient_method(geometry: dict[str, int]) -> tuple[int, int]:
    """The way with less arithmetic, counting whole registers, and the floats it needs to work in."""
    g = geometry
    k = g["kh"] * g["kw"] * g["c"]
    gathered = g["h"] * g["w"] * g["kh"] * g["kw"] * g["oc"] * aligned(g["c"])
    scattered = g["oh"] * g["ow"] * g["oc"] * aligned(k) * 1.35  # adding up takes about a third more
    if gathered > scattered:
        return oc.SCATTERED, g["hp"] * g["wp"] * g["c"] + rows_at_once(g) * g["ow"] * k
    height = max((g["oh"] - 1) * g["sh"] + 2 * g["kh"] - 1, g["h"] + g["top"] + g["kh"] - 1)
    width = max((g["ow"] - 1) * g["sw"] + 2 * g["kw"] - 1, g["w"] + g["left"] + g["kw"] - 1)
    return oc.GATHERED, height * width * g["oc"]


@dataclass(eq=False)
class Buffer:
    """The numbers of one image at one place of the network, for all images of a block or a minibatch."""

    size: int
    wide: bool
    trained: bool  # whether a trained layer lies before it, so that its gradient is needed
    at: int = 0
    gradient: int = 0


@dataclass
class Parameters:
    """Where each tensor lies in the one vector of all parameters, and what follows from it."""

    offsets: dict[str, int]
    shapes: dict[str, tuple[int, ...]]
    size: int
    statistics: dict[str, tuple[int, tuple[int, ...]]]
    n_statistics: int
    normalised: list[tuple[int, int]]  # channels and numbers an image of each batch normalisation

    @classmethod
    def of(cls, network: Any) -> Parameters:
        """Lay out the parameters and the running statistics of a network, by their dotted names."""
        shapes: dict[str, tuple[int, ...]] = {}
        states: dict[str, tuple[int, ...]] = {}
        normalised, at = [], tuple(network.input_shape)
        for name, layer in network.layers.items():
            at = tuple(layer.output_shape(at))
            if layer.kind == "batch_norm":
                normalised.append((at[-1], math.prod(at)))
            shapes |= {f"{name}.{key}": tuple(shape) for key, shape in layer.param_shapes().items()}
            states |= {f"{name}.{key}": tuple(shape) for key, shape in layer.state_shapes().items()}
        offsets, size = {}, 0
        for name, shape in shapes.items():
            offsets[name] = size
            size += aligned(math.prod(shape))
        statistics, n_statistics = {}, 0
        for name, shape in states.items():
            statistics[name] = n_statistics, shape
            n_statistics += math.prod(shape)
        return cls(offsets, shapes, size, statistics, n_statistics, normalised)


@dataclass
class Program:
    """What `run` needs besides the numbers themselves."""

    operations: np.ndarray
    segments: np.ndarray
    tensors: np.ndarray
    layout: Any  # one row of _LAYOUT
    memory_size: int
    sums_size: int
    derived_size: int
    outputs: Any  # one row of OPERATION: where the logits are
    dropouts: list[int] = field(default_factory=list)


_LAYOUT = np.dtype(
    [(n, np.int64) for n in "gradients shard_size shards block local_size strip size draws".split()]
)


class Builder:
    """Collects operations layer by layer, then lays out the memory."""

    def __init__(self, network: Any, parameters: Parameters, *, training: bool) -> None:
        self.parameters, self.training = parameters, training
        self.has_norm = any(layer.kind == "batch_norm" for layer in network.layers.values())
        self.forward: list[dict[str, Any]] = []
        self.backward: list[list[dict[str, Any]]] = []  # by layer, to be reversed
        self.tensors: list[dict[str, Any]] = []
        self.buffers: list[Buffer] = []
        self.scratch = self.gradients = self.sums = self.derived = self.statistics = 0
        self.dropouts: list[int] = []
        self.shape = tuple(network.input_shape)
        self.x = self.buffer(math.prod(self.shape), trained=False)
        self.forward.append({"code": oc.GATHER, "y": self.x})
        for name, layer in network.layers.items():
            self.add(name, layer)

    def buffer(self, size: int, *, trained: bool, wide: bool = False) -> Buffer:
        """A new buffer; with batch normalisation every buffer holds the whole minibatch."""
        made = Buffer(size, wide or self.has_norm, trained)
        self.buffers.append(made)
        return made

    def add(self, name: str, layer: Any) -> None:
        """Add a layer's operations and step on to its output."""
        config, shape = layer.config(), self.shape
        self.shape = tuple(layer.output_shape(shape))
        if layer.kind == "dense":
            self.dense(name)
        elif layer.kind == "conv2d":
            self.conv(name, layer, shape)
        elif layer.kind in ("max_pool2d", "avg_pool2d"):
            self.pool(layer.kind, config, shape)
        elif layer.kind == "dropout":
            self.dropout(layer.threshold)
        elif layer.kind == "batch_norm":
            self.norm(name, config)
        elif layer.kind != "flatten":
            self.activation(_ACTIVATIONS[layer.kind], config.get("slope", 0.0))

    def emit(self, forward: dict[str, Any], *backward: dict[str, Any], y: Buffer) -> None:
        """Note an operation from x to y with its way back, and make y the next x."""
        places = {"x": self.x, "y": y, "has_dx": int(self.x.trained)}
        self.forward.append({**forward, **places})
        self.backward.append([{**forward, **op, **places} for op in backward])
        self.x = y

    def dense(self, name: str) -> None:
        weight, bias = f"{name}.weight", f"{name}.bias"
        x, rows, columns = self.x, self.x.size, math.prod(self.shape)
        x.wide = x.wide or self.training
        y = self.buffer(columns, trained=True, wide=self.training)
        follows = oc.TRANSPOSED if x.trained else oc.NOTHING
        derived = self.derive(rows * columns if follows else 0)
        common = {"x": x, "dy": y}
        self.tensor(weight, oc.FROM_PRODUCT, rows, columns, follows=follows, derived=derived, **common)
        self.tensor(bias, oc.FROM_COLUMNS, 1, columns, **common)
        op = self.weights(name) | {"code": oc.DENSE, "derived": derived}
        back = [{"code": oc.DENSE_BACK}] if x.trained else []
        self.emit(op, *back, y=y)

    def conv(self, name: str, layer: Any, shape: tuple[int, ...]) -> None:
        (h, w, c), (oh, ow, c_out) = shape, self.shape
        (kh, kw), (sh, sw) = layer.kernel, layer.stride
        (top, bottom), (left, right) = layer.pads
        hp, wp = h + top + bottom, w + left + right
        places = 1 if self.x.trained else pixels_at_once(kw * c, sw * c, ow, c_out)
        geometry = {
            "h": h, "w": w, "c": c, "oh": oh, "ow": ow // places, "oc": c_out * places, "kh": kh,
            "kw": kw + (places - 1) * sw, "sh": sh, "sw": sw * places, "top": top, "left": left,
            "hp": hp, "wp": wp,
        }  # fmt: skip
        k, columns = kh * geometry["kw"] * c, geometry["oc"]
        method = oc.PATCHES if places == 1 and kw * c <= 8 else oc.WINDOWS
        scratch = hp * wp * c + (k * oh * ow if method == oc.PATCHES else 0)
        follows, input_method = oc.SPREAD if places > 1 else oc.NOTHING, oc.NO_INPUT_GRADIENT
        if self.x.trained:
            input_method, back_scratch = input_gradient_method(geometry)
            follows = oc.FLIPPED if input_method == oc.GATHERED else oc.TRANSPOSED
            scratch = max(scratch, back_scratch)
        self.scratch = max(self.scratch, scratch)
        derived, derived_bias = self.derive(k * columns if follows else 0), self.derive(columns)
        dweight, dbias = self.gradient(k * columns), self.gradient(columns)
        kernel = {"kh": kh, "kw": kw, "c": c, "oc": c_out, "places": places, "step": sw}
        weight, rows = f"{name}.weight", kh * kw * c
        self.tensor(
            weight, oc.FROM_SHARDS, rows, c_out, gradient=dweight, follows=follows, derived=derived, **kernel
        )
        bias = {"kh": 1, "kw": 1, "c": 1, "oc": c_out, "places": places, "step": 0, "derived": derived_bias}
        bias["follows"] = oc.SPREAD if places > 1 else oc.NOTHING
        self.tensor(f"{name}.bias", oc.FROM_SHARDS, 1, c_out, gradient=dbias, **bias)
        op = self.weights(name) | geometry | {
            "code": oc.CONV, "method": method, "input_method": input_method, "derived": derived,
            "dweight": dweight, "dbias": dbias, "rows_at_once": rows_at_once(geometry),
            "columns": columns_at_once(k, columns), "back_columns": columns_at_once(kh * kw * c_out, c),
        }  # fmt: skip
        if places > 1:
            op |= {"weight": derived, "bias": derived_bias}
        self.emit(op, {"code": oc.CONV_BACK}, y=self.buffer(oh * ow * c_out, trained=True))

    def pool(self, kind: str, config: dict[str, Any], shape: tuple[int, ...]) -> None:
        (h, w, c), (oh, ow, _) = shape, self.shape
        (kh, kw), (sh, sw) = config["size"], config["stride"] or config["size"]
        code, back = (
            (oc.MAX_POOL, oc.MAX_POOL_BACK) if kind == "max_pool2d" else (oc.AVG_POOL, oc.AVG_POOL_BACK)
        )
        op = {
            "code": code,
            "h": h,
            "w": w,
            "c": c,
            "oh": oh,
            "ow": ow,
            "kh": kh,
            "kw": kw,
            "sh": sh,
            "sw": sw,
        }
        before = self.forward[-1]
        if code == oc.MAX_POOL and before.get("activation") == oc.RELU and before["code"] != oc.ACTIVATION:
            self.backward[-1] = [b for b in self.backward[-1] if b["code"] != oc.ACTIVATION_BACK]
            op["relu_after"] = 1
        ways = [{"code": back}] if self.x.trained else []
        self.emit(op, *ways, y=self.buffer(oh * ow * c, trained=self.x.trained))

    def activation(self, kind: int, slope: float) -> None:
        """In place, unless the layer before needs its own output for its derivative."""
        before, x = self.forward[-1], self.x
        op = {"code": oc.ACTIVATION, "activation": kind, "value": slope}
        back = {"code": oc.ACTIVATION_BACK}
        if kind == oc.RELU and before["code"] in (oc.DENSE, oc.CONV) and "activation" not in before:
            before["activation"] = oc.RELU
            # first the ReLU's derivative, then the layer's own
            self.backward[-1].insert(0, {**op, **back, "x": x, "y": x})
            return
        in_place = before["code"] in (oc.DENSE, oc.CONV, oc.NORM, oc.NORM_RUNNING, oc.AVG_POOL)
        in_place = in_place and "activation" not in before
        y = x if in_place else self.buffer(x.size, trained=x.trained)
        self.emit(op, *([back] if x.trained else []), y=y)
        if in_place:
            before["activation"] = before.get("activation", oc.LINEAR)

    def dropout(self, threshold: int) -> None:
        if not self.training:
            return
        op = {"code": oc.DROPOUT, "threshold": threshold, "draws": sum(self.dropouts)}
        self.dropouts.append(self.x.size)
        back = [{"code": oc.DROPOUT_BACK}] if self.x.trained else []
        self.emit(op, *back, y=self.buffer(self.x.size, trained=self.x.trained))

    def norm(self, name: str, config: dict[str, Any]) -> None:
        c = config["c"]
        dweight, dbias = self.gradient(c), self.gradient(c)
        self.tensor(f"{name}.weight", oc.FROM_SHARDS, 1, c, gradient=dweight)
        self.tensor(f"{name}.bias", oc.FROM_SHARDS, 1, c, gradient=dbias)
        op = self.weights(name) | {
            "c": c, "value": config["eps"], "keep": config["momentum"], "sums": self.sums,
            "statistics": self.parameters.statistics[f"{name}.running_mean"][0],
            "dweight": dweight, "dbias": dbias,
        }  # fmt: skip
        self.sums += 4 * c
        y = self.buffer(self.x.size, trained=True)
        if not self.training:
            self.emit(op | {"code": oc.NORM_RUNNING}, y=y)
            return
        places = {"x": self.x, "y": y, "has_dx": int(self.x.trained)}
        self.forward.append(op | {"code": oc.NORM_SUMS} | places)
        self.emit(op | {"code": oc.NORM}, {"code": oc.NORM_BACK_SUMS}, {"code": oc.NORM_BACK}, y=y)

    def weights(self, name: str) -> dict[str, int]:
        """Where a layer's parameters lie."""
        offsets = self.parameters.offsets
        return {"weight": offsets[f"{name}.weight"], "bias": offsets[f"{name}.bias"]}

    def derive(self, size: int) -> int:
        """Room behind the parameters and their slots for what follows from a tensor."""
        at = 3 * self.parameters.size + self.derived
        self.derived += aligned(size)
        return at

    def gradient(self, size: int) -> int:
        """Room among a shard's gradients."""
        at = self.gradients
        self.gradients += aligned(size)
        return at

    def tensor(self, name: str, source: int, rows: int, columns: int, **fields: Any) -> None:
        """Note a trained tensor and how its gradient is made."""
        strip = max(1, min(rows, _STRIP // columns))
        owner = -1 if rows * columns >= _LARGE else len(self.tensors)
        parameter = self.parameters.offsets[name]
        self.tensors.append(
            {"source": source, "rows": rows, "columns": columns, "strip": strip, "owner": owner,
             "parameter": parameter, **fields}
        )  # fmt: skip

    def finish(self, loss: dict[str, Any] | None, capacity: int, threads: int, shards: int) -> Program:
        """Lay out the memory for minibatches of up to ``capacity`` images and write the tables."""
        operations = list(self.forward)
        if loss is not None:
            operations.append({**loss, "code": oc.LOSS, "x": self.x, "y": self.x})
            for ways in reversed(self.backward):
                operations += ways
        each = sum(b.size * (2 if self.training else 1) for b in self.buffers if not b.wide)
        largest = -(-capacity // shards)
        block = (
            largest if self.has_norm and self.training else min(largest, max(1, _CACHE // max(each, 1)), 64)
        )
        layout = np.zeros((), _LAYOUT)
        at = 0
        for b in (b for b in self.buffers if b.wide):
            at = self.place(b, at, capacity)
        layout["gradients"], layout["shard_size"] = at, self.gradients
        at += shards * self.gradients
        local = 0
        for b in (b for b in self.buffers if not b.wide):
            local = self.place(b, local, block)
        for b in self.buffers:
            if not b.wide:
                b.at, b.gradient = b.at + at, b.gradient + at
        layout["strip"] = at + local
        local += aligned(max([t["strip"] * t["columns"] for t in self.tensors], default=0))
        scratch, local = local, local + aligned(self.scratch)
        layout["local_size"], layout["shards"], layout["block"] = local, shards, block
        layout["size"], layout["draws"] = self.parameters.size, sum(self.dropouts)
        rows = [self.row(op, scratch + at) for op in operations]
        table = np.array(rows, dtype=oc.OPERATION) if rows else np.zeros(0, oc.OPERATION)
        tensors = [self.tensor_row(t, int(layout["gradients"])) for t in self.tensors]
        last = {"y": self.x, "x": self.x}
        return Program(
            operations=table,
            segments=self.segments(operations),
            tensors=np.array(tensors, dtype=oc.TENSOR) if tensors else np.zeros(0, oc.TENSOR),
            layout=layout[()],
            memory_size=at + threads * local + 1024,
            sums_size=max(self.sums, 1),
            derived_size=self.derived,
            outputs=np.array([self.row(last, scratch)], dtype=oc.OPERATION)[0],
            dropouts=self.dropouts,
        )

    def place(self, b: Buffer, at: int, images: int) -> int:
        """Give a buffer and its gradient their places; return the next free one."""
        size = aligned(b.size * images)
        b.at = at
        if not self.training:
            return at + size
        b.gradient = at + size
        return at + 2 * size

    def segments(self, operations: list[dict[str, Any]]) -> np.ndarray:
        """Where all threads have to meet: at the end, and inside each batch normalisation."""
        meetings = [
            i + 1 for i, op in enumerate(operations) if op["code"] in (oc.NORM_SUMS, oc.NORM_BACK_SUMS)
        ]
        return np.array([0, *meetings, len(operations)], np.int64)

    def row(self, op: dict[str, Any], scratch: int) -> tuple[Any, ...]:
        """An operation as a row of the table."""
        x, y = op.get("x"), op.get("y")
        values = {**op, "scratch": scratch}
        if x is not None:
            values |= {"x": x.at, "x_size": x.size, "x_wide": int(x.wide), "dx": x.gradient}
        if y is not None:
            values |= {"y": y.at, "y_size": y.size, "y_wide": int(y.wide), "dy": y.gradient}
        return tuple(values.get(name, 0) for name in oc.OPERATION.names or ())

    def tensor_row(self, tensor: dict[str, Any], gradients: int) -> tuple[Any, ...]:
        """A tensor as a row of the table."""
        values = {"places": 1, **tensor}
        values["gradient"] = gradients + values.get("gradient", 0)
        if "x" in tensor:
            values |= {"x": tensor["x"].at, "dy": tensor["dy"].gradient}
        return tuple(values.get(name, 0) for name in oc.TENSOR.names or ())
