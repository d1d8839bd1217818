"""Where everything lies in memory, and the tables that `run` reads.

Wide buffers hold the whole minibatch, because the second half of a step reads them again (`update`).
All others hold one block of images of one thread, and are used for block after block.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tenfold.backend.cpu import opcodes as oc
from tenfold.backend.cpu.parameters import aligned
from tenfold.backend.memory_limit import check_memory

_CACHE = 1 << 19  # floats of a block's working memory: 2 MB, a usual second-level cache
_MOST_IMAGES = 64  # of a block
_LEAST_IMAGES = 12  # where weights do not fit into the cache
_BETWEEN_NORMS = 6  # buffers that a pass touches from one batch normalisation to the next
_SPARE = 1024  # floats behind everything, where the last row of a product may read

_LAYOUT = np.dtype(
    [(n, np.int64) for n in "gradients shard_size shards block local_size strip scratch size draws".split()]
)


@dataclass(eq=False)
class Buffer:
    """The numbers of one image at one place of the network, for all images of a block or a minibatch."""

    size: int
    wide: bool
    trained: bool  # whether a trained layer lies before it, so that its gradient is needed
    kept: bool = False  # whether more than the next operation reads it
    at: int = 0
    gradient: int = 0


@dataclass(frozen=True)
class Stop:
    """Where compiled code waits for a definition, which takes a minibatch from x to y, or back."""

    segment: int  # that begins after it
    code: int
    layer: str
    x: Buffer
    y: Buffer
    gradients: dict[str, int]  # where those of its parameters go


@dataclass
class Collected:
    """What a network asks for: operations, trained tensors, and room."""

    training: bool
    has_norm: bool
    keeps_all: bool  # whether every buffer holds the whole minibatch
    forward: list[dict[str, Any]] = field(default_factory=list)
    backward: list[list[dict[str, Any]]] = field(default_factory=list)  # by layer, to be reversed
    tensors: list[dict[str, Any]] = field(default_factory=list)
    buffers: list[Buffer] = field(default_factory=list)
    dropouts: list[int] = field(default_factory=list)
    parameters_size: int = 0
    scratch: int = 0
    gradients: int = 0
    sums: int = 0
    derived: int = 0


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
    dropouts: list[int] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)


def lay_out(
    network: Collected, y: Buffer, loss: dict[str, Any] | None, capacity: int, threads: int, shards: int
) -> Program:
    """Give everything its place, for minibatches of up to ``capacity`` images, and write the tables."""
    wide = [b for b in network.buffers if b.wide]
    narrow = [b for b in network.buffers if not b.wide]
    block = _block(network, narrow, -(-capacity // shards))
    gradients = _place(wide, 0, capacity, training=network.training)
    start = gradients + shards * network.gradients  # of the first thread's own memory
    strip = _place(narrow, start, block, training=network.training)
    scratch = strip + aligned(
        max([t["strip"] * t.get("taps", 1) * t["columns"] for t in network.tensors], default=0)
    )
    local_size = scratch + aligned(network.scratch) - start
    memory_size = start + threads * local_size + _SPARE
    _check_memory(network, memory_size, capacity, threads)
    layout = np.zeros((), _LAYOUT)
    values = {
        "gradients": gradients, "shard_size": network.gradients, "shards": shards, "block": block,
        "local_size": local_size, "strip": strip, "scratch": scratch, "size": network.parameters_size,
        "draws": sum(network.dropouts),
    }  # fmt: skip
    for name, value in values.items():
        layout[name] = value
    operations = _in_order(network, y, loss)
    segments = _segments(operations)
    return Program(
        operations=_table(oc.OPERATION, [_operation(op, scratch) for op in operations]),
        segments=segments,
        tensors=_table(oc.TENSOR, [_tensor(t, gradients) for t in network.tensors]),
        layout=layout[()],
        memory_size=memory_size,
        sums_size=max(network.sums, 1),
        derived_size=network.derived,
        dropouts=network.dropouts,
        stops=_stops(operations, segments, gradients),
    )


def _check_memory(network: Collected, memory_size: int, images: int, threads: int) -> None:
    """Refuse what does not fit into memory, before the tables are written: they hold 64 bits a number."""
    what = (
        f"a network of {network.parameters_size:,} parameters with {images:,} images on {threads:,} threads"
    )
    copies = 5  # of the parameters: ours with two numbers each for the optimiser, the network's, the caller's
    floats = memory_size + copies * network.parameters_size + network.derived
    check_memory(what, 4 * floats, "take smaller minibatches, fewer threads or smaller layers")


def _block(network: Collected, narrow: list[Buffer], largest: int) -> int:
    """How many images a thread takes at once: as many as the second-level cache holds.

    But more where a weight alone is larger than that cache: it is read again for every block.
    """
    each = sum(b.size * (2 if network.training else 1) for b in narrow)
    if network.has_norm and network.training:  # what lies between two meetings of all threads
        each = _BETWEEN_NORMS * max(b.size for b in network.buffers)
    largest_weight = max([t["rows"] * t["columns"] for t in network.tensors], default=0)
    least = _LEAST_IMAGES if largest_weight > _CACHE else 1
    return min(largest, max(least, _CACHE // max(each, 1)), _MOST_IMAGES)


def _place(buffers: Iterable[Buffer], at: int, images: int, *, training: bool) -> int:
    """Give buffers, and in training their gradients, their places; return the next free one."""
    for b in buffers:
        size = aligned(b.size * images)
        b.at, at = at, at + size
        if training:
            b.gradient, at = at, at + size
    return at


def _in_order(network: Collected, y: Buffer, loss: dict[str, Any] | None) -> list[dict[str, Any]]:
    """All operations of a step: forward, the loss, and back."""
    if loss is None:
        return network.forward
    back = [op for ways in reversed(network.backward) for op in ways]
    return [*network.forward, {"code": oc.LOSS, **loss, "x": y, "y": y}, *back]


def _segments(operations: list[dict[str, Any]]) -> np.ndarray:
    """Where all threads meet: in each batch normalisation, before what is not compiled, at the end."""
    inside = [i + 1 for i, op in enumerate(operations) if op["code"] in (oc.NORM_SUMS, oc.NORM_BACK_SUMS)]
    before = [i for i, op in enumerate(operations) if op["code"] >= oc.FALLBACK]
    return np.array([0, *sorted(inside + before), len(operations)], np.int64)


def _stops(operations: list[dict[str, Any]], segments: np.ndarray, gradients: int) -> list[Stop]:
    """Where a step stops for what is not compiled; ``gradients`` is where those of the first shard begin."""
    return [
        Stop(
            segment=int(np.searchsorted(segments, i)),
            code=op["code"],
            layer=op.get("layer", ""),
            x=op["x"],
            y=op["y"],
            gradients={name: gradients + at for name, at in op.get("gradients", {}).items()},
        )
        for i, op in enumerate(operations)
        if op["code"] >= oc.FALLBACK
    ]


def _operation(op: dict[str, Any], scratch: int) -> dict[str, Any]:
    """An operation's fields, its buffers replaced by their places."""
    values = {**op, "scratch": scratch}
    x, y = op.get("x"), op.get("y")
    if x is not None:
        values |= {"x": x.at, "x_size": x.size, "x_wide": int(x.wide), "dx": x.gradient}
    if y is not None:
        values |= {"y": y.at, "y_size": y.size, "y_wide": int(y.wide), "dy": y.gradient}
    if (skip := op.get("skip")) is not None:
        values |= {"skip": skip.at, "skip_wide": int(skip.wide)}
    return values


def _tensor(tensor: dict[str, Any], gradients: int) -> dict[str, Any]:
    """A tensor's fields, its buffers replaced by their places."""
    values = {"per_window": 1, "taps": 1, **tensor, "gradient": gradients + tensor.get("gradient", 0)}
    if "x" in tensor:
        values |= {"x": tensor["x"].at, "dy": tensor["dy"].gradient}
    return values


def _table(kind: np.dtype[np.void], rows: list[dict[str, Any]]) -> np.ndarray:
    """Rows of named fields; fields without a value are 0."""
    table = np.zeros(len(rows), kind)
    for i, row in enumerate(rows):
        for name in kind.names or ():
            table[i][name] = row.get(name, 0)
    return table
