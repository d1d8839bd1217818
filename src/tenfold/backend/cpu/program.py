"""From a network to a program: which operations, in which order, on which memory.

Written in plain Python and run once for each network and minibatch size. A layer's class names in
``engine`` the method of `Builder` that adds it. What can be done in passing is done in passing: a ReLU
after a convolution or a dense layer is taken while the result leaves the registers, and its
derivative together with that of the pooling that follows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from tenfold.backend.cpu import opcodes as oc
from tenfold.backend.cpu.choices import (
    columns_per_pass,
    input_gradient_method,
    outputs_per_window,
    rows_per_pass,
    strip_rows,
    winograd_scratch,
    winograd_tiles,
    worth_leaving_out,
)
from tenfold.backend.cpu.dense import IMAGES, PANEL
from tenfold.backend.cpu.fallback import NOTHING, Fallback
from tenfold.backend.cpu.layout import Buffer, Collected, Program, lay_out
from tenfold.backend.cpu.parameters import Parameters, aligned
from tenfold.backend.cpu.pointwise import loops
from tenfold.backend.cpu.sparse import list_size
from tenfold.backend.cpu.toom_cook import POINTS
from tenfold.backend.cpu.vector import LANES
from tenfold.backend.cpu.winograd_tiles import between_points

_POOLS = {"max": (oc.MAX_POOL, oc.MAX_POOL_BACK), "mean": (oc.AVG_POOL, oc.AVG_POOL_BACK)}
_PER_CHANNEL = {"scale": (oc.SCALE, oc.SCALE_BACK), "layer_norm": (oc.LAYER_NORM, oc.LAYER_NORM_BACK)}
_NORMS = (oc.NORM, oc.NORM_RUNNING)
_WITH_RELU = (oc.DENSE, oc.CONV, oc.WINOGRAD, oc.ADD, *_NORMS)  # which take a ReLU along
_OVERWRITTEN = (  # whose gradients need no output
    *_WITH_RELU, oc.GROUPED_CONV, oc.AVG_POOL, oc.SCALE, oc.LAYER_NORM
)  # fmt: skip
_LARGE = 2048  # parameters of a tensor that is worth being shared out


class Builder:
    """Collects a network's operations layer by layer."""

    def __init__(
        self, network: Any, parameters: Parameters, fallback: Fallback = NOTHING, *, training: bool
    ) -> None:
        has_norm = bool(parameters.normalised)
        self.fallback = fallback
        self.parameters = parameters
        keeps_all = bool(fallback.layers) or (training and (has_norm or fallback.loss))
        self.found = Collected(training, has_norm, keeps_all, parameters_size=parameters.size)
        self.shape = tuple(network.input_shape)
        self.x = self.buffer(math.prod(self.shape), trained=False)
        self.found.forward.append({"code": oc.GATHER, "y": self.x})
        for name, layer in network.layers.items():
            self.add(name, layer)

    def finish(self, loss: dict[str, Any] | None, capacity: int, threads: int, shards: int) -> Program:
        """Return the program for minibatches of up to ``capacity`` images."""
        self.x.wide = self.x.wide or bool(self.fallback.layers)  # Python reads the outputs of all images
        return lay_out(self.found, self.x, loss, capacity, threads, shards)

    def buffer(self, size: int, *, trained: bool, wide: bool = False) -> Buffer:
        """A new buffer; where threads meet within a pass, every buffer holds the whole minibatch."""
        made = Buffer(size, wide or self.found.keeps_all, trained)
        self.found.buffers.append(made)
        return made

    def add_all(self, prefix: str, layers: Mapping[str, Any]) -> None:
        for name, layer in layers.items():
            self.add(f"{prefix}.{name}", layer)

    def add(self, name: str, layer: Any) -> None:
        """Add a layer's operations and step on to its output."""
        shape = self.shape
        self.shape = tuple(layer.output_shape(shape))
        method, *which = ["by_definition"] if name in self.fallback.layers else layer.engine
        getattr(self, method)(name, layer, shape, *which)

    def emit(self, forward: dict[str, Any], *backward: dict[str, Any], y: Buffer) -> None:
        """Add an operation from x to y and its backward operations; y becomes the next x."""
        places = {"x": self.x, "y": y, "has_dx": int(self.x.trained)}
        self.found.forward.append({**forward, **places})
        self.found.backward.append([{**forward, **op, **places} for op in backward])
        self.x = y

    def flatten(self, name: str, layer: Any, shape: tuple[int, ...]) -> None:
        """Add nothing: an image lies in memory as its vector."""

    def dense(self, name: str, layer: Any, shape: tuple[int, ...]) -> None:
        weight, bias = f"{name}.weight", f"{name}.bias"
        x, rows, columns = self.x, self.x.size, math.prod(self.shape)
        x.wide = x.wide or self.found.training
        y = self.buffer(columns, trained=True, wide=self.found.training)
        method = oc.SPARSE if not x.trained and worth_leaving_out(columns) else oc.PLAIN
        if method == oc.SPARSE:
            form, derived = oc.CHECKED, self.derive(rows)
            self.found.scratch = max(self.found.scratch, list_size(max(rows, IMAGES)))
        else:
            form = oc.PANELS if x.trained else oc.NOTHING
            derived = self.derive(-(-rows // PANEL) * PANEL * columns if form else 0)
        common = {"x": x, "dy": y}
        self.tensor(weight, oc.FROM_PRODUCT, rows, columns, form=form, derived=derived, **common)
        self.tensor(bias, oc.FROM_COLUMNS, 1, columns, **common)
        op = self.weights(name) | {"code": oc.DENSE, "method": method, "derived": derived}
        back = [{"code": oc.DENSE_BACK}] if x.trained else []
        self.emit(op, *back, y=y)

    def conv(self, name: str, layer: Any, shape: tuple[int, ...]) -> None:
        if layer.groups > 1:
            self.grouped_conv(name, layer, shape)
        elif (tiles := winograd_tiles(layer, shape, self.shape)) is not None:
            self.winograd(name, layer, tiles, shape)
        else:
            self.windows(name, layer, shape)

    def windows(self, name: str, layer: Any, shape: tuple[int, ...]) -> None:
        c, (oh, ow, c_out), (kh, kw), (sh, sw) = shape[2], self.shape, layer.kernel, layer.stride
        per_window = 1 if self.x.trained else outputs_per_window(kw * c, sw * c, ow, c_out)
        geometry = _geometry(layer, shape, self.shape, per_window)
        k, columns = kh * geometry["kw"] * c, geometry["oc"]
        method = oc.PATCHES if per_window == 1 and kw * c <= 8 else oc.WINDOWS
        scratch = geometry["hp"] * geometry["wp"] * c + (k * oh * ow if method == oc.PATCHES else 0)
        form, input_method = oc.SPREAD if per_window > 1 else oc.NOTHING, oc.NO_INPUT_GRADIENT
        if self.x.trained:
            input_method, back_scratch = input_gradient_method(geometry)
            form = oc.FLIPPED if input_method == oc.GATHERED else oc.TRANSPOSED
            scratch = max(scratch, back_scratch)
        self.found.scratch = max(self.found.scratch, scratch)
        derived, derived_bias = self.derive(k * columns if form else 0), self.derive(columns)
        dweight, dbias = self.gradient(k * columns), self.gradient(columns)
        kernel = {"kh": kh, "kw": kw, "c": c, "oc": c_out, "per_window": per_window, "sh": sh, "sw": sw}
        weight, rows = f"{name}.weight", kh * kw * c
        self.tensor(
            weight, oc.FROM_SHARDS, rows, c_out, gradient=dweight, form=form, derived=derived, **kernel
        )
        bias = {
            "kh": 1,
            "kw": 1,
            "c": 1,
            "oc": c_out,
            "per_window": per_window,
            "sw": 0,
            "derived": derived_bias,
        }
        bias["form"] = oc.SPREAD if per_window > 1 else oc.NOTHING
        self.tensor(f"{name}.bias", oc.FROM_SHARDS, 1, c_out, gradient=dbias, **bias)
        op = self.weights(name) | geometry | {
            "code": oc.CONV, "method": method, "input_method": input_method, "derived": derived,
            "dweight": dweight, "dbias": dbias, "rows_per_pass": rows_per_pass(geometry),
            "columns": columns_per_pass(k, columns), "back_columns": columns_per_pass(kh * kw * c_out, c),
        }  # fmt: skip
        if per_window > 1:
            op |= {"weight": derived, "bias": derived_bias}
        self.emit(op, {"code": oc.CONV_BACK}, y=self.buffer(oh * ow * c_out, trained=True))

    def winograd(self, name: str, layer: Any, tiles: dict[str, int], shape: tuple[int, ...]) -> None:
        (h, w, c), (oh, ow, c_out) = shape, self.shape
        (kh, kw), ((top, _), (left, _)) = layer.kernel, layer.pads
        values = POINTS * POINTS * between_points(c, c_out)
        derived, dweight, dbias = self.derive(2 * values), self.gradient(values), self.gradient(c_out)
        self.found.scratch = max(self.found.scratch, winograd_scratch(tiles, c, c_out))
        kernel = {"kh": kh, "kw": kw, "c": c, "oc": c_out, "taps": kh * kw, "derived": derived}
        self.tensor(f"{name}.weight", oc.FROM_VALUES, c, c_out, gradient=dweight, form=oc.VALUES, **kernel)
        self.tensor(f"{name}.bias", oc.FROM_SHARDS, 1, c_out, gradient=dbias)
        op = self.weights(name) | tiles | {
            "code": oc.WINOGRAD, "h": h, "w": w, "c": c, "oh": oh, "ow": ow, "oc": c_out, "kh": kh, "kw": kw,
            "top": top, "left": left, "dweight": dweight, "dbias": dbias, "weight": derived,
            "derived": derived + values,
        }  # fmt: skip
        self.emit(op, {"code": oc.WINOGRAD_BACK}, y=self.buffer(oh * ow * c_out, trained=True))

    def grouped_conv(self, name: str, layer: Any, shape: tuple[int, ...]) -> None:
        geometry, (kh, kw) = _geometry(layer, shape, self.shape, 1), layer.kernel
        rows, columns = kh * kw * (layer.c_in // layer.groups), layer.c_out
        self.found.scratch = max(self.found.scratch, 2 * geometry["hp"] * geometry["wp"] * columns)
        op = self.weights(name) | self.small_tensors(name, rows, columns) | geometry
        op |= {"code": oc.GROUPED_CONV, "groups": layer.groups}
        y = self.buffer(math.prod(self.shape), trained=True)
        self.emit(op, {"code": oc.GROUPED_CONV_BACK}, y=y)

    def per_channel(self, name: str, layer: Any, shape: tuple[int, ...], which: str) -> None:
        code, back = _PER_CHANNEL[which]
        op = self.weights(name) | self.small_tensors(name, 1, layer.c)
        op |= {"code": code, "c": layer.c, "value": layer.config().get("eps", 0.0)}
        self.found.scratch = max(self.found.scratch, 4 * layer.c)  # two sums in float64 for each channel
        self.emit(op, {"code": back}, y=self.buffer(self.x.size, trained=True))

    def small_tensors(self, name: str, rows: int, columns: int) -> dict[str, int]:
        """Note a weight and a bias; return where each shard has its part of their gradients."""
        dweight, dbias = self.gradient(rows * columns), self.gradient(columns)
        self.tensor(f"{name}.weight", oc.FROM_SHARDS, rows, columns, gradient=dweight)
        self.tensor(f"{name}.bias", oc.FROM_SHARDS, 1, columns, gradient=dbias)
        return {"dweight": dweight, "dbias": dbias}

    def global_pool(self, name: str, layer: Any, shape: tuple[int, ...], which: str) -> None:
        self.windowed(*_POOLS[which], shape, (1, 1), shape[:2], shape[:2])

    def residual(self, name: str, layer: Any, shape: tuple[int, ...]) -> None:
        """Add the block, the shortcut, and their sum.

        Both read x, so nothing overwrites it. On the backward pass the block writes the gradient of x; what
        comes over the shortcut is added to it at the end, so its operation is noted first.
        """
        x, output, added = self.x, self.shape, list[dict[str, Any]]()
        x.kept, self.shape = True, shape
        self.found.backward.append(added)
        self.add_all(f"{name}.block", layer.block.layers)
        if self.x is x:  # none of the block's layers has an operation
            self.copied({"code": oc.COPY_BACK})
        block, skip, source = self.x, x, x
        if layer.shortcut is not None:
            self.x, self.shape = x, shape
            source = self.copied()
            self.add_all(f"{name}.shortcut", layer.shortcut.layers)
            skip = self.x
        self.shape = output
        if skip is x:
            self.sum_up(block, skip, [block])
        else:
            self.x = skip  # made last, so that the sum may take its place
            self.sum_up(skip, block, [skip, block])
        if x.trained:
            added.append({"code": oc.ADD_BACK, "x": x, "y": self.x if source is x else source})

    def copied(self, *backward: dict[str, Any]) -> Buffer:
        """Step on to a copy of x, and return it."""
        back = backward if self.x.trained else ()
        self.emit({"code": oc.COPY}, *back, y=self.buffer(self.x.size, trained=self.x.trained))
        return self.x

    def sum_up(self, block: Buffer, skip: Buffer, handed_on: list[Buffer]) -> None:
        """Add a second buffer to the latest, in place if that may be.

        The gradient of their sum is handed on to some.
        """
        in_place = self.may_overwrite()
        y = block if in_place else self.buffer(block.size, trained=block.trained or skip.trained)
        self.found.forward.append({"code": oc.ADD, "x": block, "skip": skip, "y": y})
        targets = [one for one in handed_on if one is not y and one.trained]
        self.found.backward.append([{"code": oc.COPY_BACK, "x": one, "y": y} for one in targets])
        self.x = y

    def producer(self) -> dict[str, Any]:
        """The operation that made x, if it is the last one and x is needed for nothing else."""
        last = self.found.forward[-1]
        return last if last["y"] is self.x and not self.x.kept else {"code": None}

    def may_overwrite(self) -> bool:
        """Whether x may be overwritten; then no ReLU is taken along by what made it any more."""
        before = self.producer()
        allowed = before["code"] in _OVERWRITTEN and "activation" not in before
        if allowed:
            before["activation"] = oc.LINEAR
        return allowed

    def read_by_one(self) -> bool:
        """Whether a prediction may write over x: then more images fit into the cache.

        Not over the images themselves: what comes after them has to be laid out as in training.
        """
        return self.producer()["code"] is not None and self.x.trained

    def pool(self, name: str, layer: Any, shape: tuple[int, ...], which: str) -> None:
        (top, _), (left, _) = layer.pads(shape)
        self.windowed(*_POOLS[which], shape, self.shape[:2], layer.size, layer.stride, (top, left))

    def windowed(
        self,
        code: int,
        back: int,
        shape: tuple[int, ...],
        output: tuple[int, ...],
        size: Any,
        stride: Any,
        beyond: tuple[int, int] = (0, 0),
    ) -> None:
        (h, w, c), (oh, ow), (kh, kw), (sh, sw), (top, left) = shape, output, size, stride, beyond
        op = {
            "code": code, "h": h, "w": w, "c": c, "oh": oh, "ow": ow, "kh": kh, "kw": kw, "sh": sh, "sw": sw,
            "top": top, "left": left,
        }  # fmt: skip
        before = self.producer()
        if code == oc.MAX_POOL and before.get("activation") == oc.RELU and before["code"] != oc.ACTIVATION:
            ways = [b for b in self.found.backward[-1] if b["code"] != oc.ACTIVATION_BACK]
            self.found.backward[-1] = [b | {"activation": oc.LINEAR} for b in ways]
            op["relu_after"] = 1
        ways = [{"code": back}] if self.x.trained else []
        self.emit(op, *ways, y=self.buffer(oh * ow * c, trained=self.x.trained))

    def relu(self, name: str, layer: Any, shape: tuple[int, ...]) -> None:
        """Add a ReLU, to the layer before where that takes it along as its results leave the registers."""
        before, x = self.producer(), self.x
        op = {"code": oc.ACTIVATION, "activation": oc.RELU}
        if before["code"] in _WITH_RELU and "activation" not in before:
            before["activation"] = oc.RELU
            if before["code"] in _NORMS:
                for back in self.found.backward[-1][:1]:  # its sums stop what the ReLU let not pass
                    back["activation"] = oc.RELU
                return
            # first the ReLU's derivative, then the layer's own
            self.found.backward[-1].insert(0, {**op, "code": oc.ACTIVATION_BACK, "x": x, "y": x})
        else:
            self.activation(op, keeps_input=False)

    def elementwise(self, name: str, layer: Any, shape: tuple[int, ...]) -> None:
        found = loops(layer)
        _, (_, derivative_takes, _) = layer.expressions()
        op = {"code": oc.ACTIVATION, "activation": oc.ELEMENTWISE}
        op |= {"loop": found.forward, "loop_back": found.backward}
        self.activation(op, keeps_input="x" in derivative_takes)

    def activation(self, op: dict[str, Any], *, keeps_input: bool) -> None:
        """Add it in place, unless its derivative needs its input or the layer before its own output."""
        x = self.x
        in_place = not keeps_input and self.may_overwrite()
        y = x if in_place else self.buffer(x.size, trained=x.trained)
        self.emit(op, *([{"code": oc.ACTIVATION_BACK}] if x.trained else []), y=y)

    def dropout(self, name: str, layer: Any, shape: tuple[int, ...]) -> None:
        if not self.found.training:
            return
        op = {"code": oc.DROPOUT, "threshold": layer.threshold, "draws": sum(self.found.dropouts)}
        self.found.dropouts.append(self.x.size)
        back = [{"code": oc.DROPOUT_BACK}] if self.x.trained else []
        self.emit(op, *back, y=self.buffer(self.x.size, trained=self.x.trained))

    def norm(self, name: str, layer: Any, shape: tuple[int, ...]) -> None:
        c = layer.c
        op = self.weights(name) | self.small_tensors(name, 1, c) | {
            "c": c, "value": layer.eps, "keep": layer.momentum, "sums": self.found.sums,
            "statistics": self.parameters.statistics[f"{name}.running_mean"][0],
        }  # fmt: skip
        self.found.sums += 4 * c
        if not self.found.training:
            y = self.x if self.read_by_one() else self.buffer(self.x.size, trained=True)
            self.emit(op | {"code": oc.NORM_RUNNING}, y=y)
            return
        y = self.buffer(self.x.size, trained=True)
        places = {"x": self.x, "y": y, "has_dx": int(self.x.trained)}
        self.found.forward.append(op | {"code": oc.NORM_SUMS} | places)
        self.emit(op | {"code": oc.NORM}, {"code": oc.NORM_BACK_SUMS}, {"code": oc.NORM_BACK}, y=y)

    def by_definition(self, name: str, layer: Any, shape: tuple[int, ...]) -> None:
        """A layer that is not compiled: its definition takes the whole minibatch from x to y, and back."""
        gradients = {}
        for key, its_shape in layer.param_shapes().items():
            columns = its_shape[-1] if its_shape else 1
            gradients[key] = self.gradient(math.prod(its_shape))
            rows = math.prod(its_shape[:-1])
            self.tensor(f"{name}.{key}", oc.FROM_SHARDS, rows, columns, gradient=gradients[key])
        trained = self.x.trained or bool(gradients)
        self.x.wide = True
        y = self.buffer(math.prod(self.shape), trained=trained, wide=True)
        back = [{"code": oc.FALLBACK_BACK}] if trained else []
        self.emit({"code": oc.FALLBACK, "layer": name, "gradients": gradients}, *back, y=y)

    def weights(self, name: str) -> dict[str, int]:
        """Where a layer's parameters lie."""
        offsets = self.parameters.offsets
        return {"weight": offsets[f"{name}.weight"], "bias": offsets[f"{name}.bias"]}

    def derive(self, size: int) -> int:
        """Room behind the parameters and their slots for what is derived from a tensor."""
        at = 3 * self.parameters.size + self.found.derived
        self.found.derived += aligned(size)
        return at

    def gradient(self, size: int) -> int:
        """Room among a shard's gradients."""
        at = self.found.gradients
        self.found.gradients += aligned(size)
        return at

    def tensor(self, name: str, source: int, rows: int, columns: int, **fields: Any) -> None:
        """Note a trained tensor and how its gradient is made."""
        taps = fields.get("taps", 1)
        strip = LANES if source == oc.FROM_VALUES else strip_rows(rows, columns)
        owner = -1 if taps * rows * columns >= _LARGE else len(self.found.tensors)
        parameter = self.parameters.offsets[name]
        self.found.tensors.append(
            {"source": source, "rows": rows, "columns": columns, "strip": strip, "owner": owner,
             "parameter": parameter, **fields}
        )  # fmt: skip


def _geometry(layer: Any, shape: tuple[int, ...], output: tuple[int, ...], per_window: int) -> dict[str, int]:
    """A convolution's sizes, where each window makes several neighbouring pixels at once."""
    (h, w, c), (oh, ow, c_out) = shape, output
    (kh, kw), (sh, sw) = layer.kernel, layer.stride
    (top, bottom), (left, right) = layer.pads
    return {
        "h": h, "w": w, "c": c, "oh": oh, "ow": ow // per_window, "oc": c_out * per_window, "kh": kh,
        "kw": kw + (per_window - 1) * sw, "sh": sh, "sw": sw * per_window, "top": top, "left": left,
        "hp": h + top + bottom, "wp": w + left + right,
    }  # fmt: skip
