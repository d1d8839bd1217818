"""Kernels to their values at points, and the gradient of those back to the kernels (`winograd`)."""

from __future__ import annotations

from tenfold.backend.cpu.compilation import linked
from tenfold.backend.cpu.lanewise import add
from tenfold.backend.cpu.toom_cook import POINTS, kernel_evaluation, transposed
from tenfold.backend.cpu.transposition import transpose
from tenfold.backend.cpu.vector import LANES, REGISTER, load, store
from tenfold.backend.cpu.views import tensor_at
from tenfold.backend.cpu.winograd_tiles import ALL, between, for_each_kernel, square

_kernel_values = for_each_kernel(kernel_evaluation)
_from_kernel_values = for_each_kernel(lambda side: transposed(kernel_evaluation(side)))


@linked
def kernel_gradient(
    tensor: int, memory: int, first: int, count: int, shards: int, shard_size: int, into: int
) -> None:
    """``G^T (dvalues) G`` for some channels: (kh, kw, count, oc), summed over the shards."""
    t = tensor_at(tensor)
    oc, step = t.oc, 4 * between(t.c, t.oc)
    room = square()
    for i in range(count):
        for channel in range(0, oc, LANES):
            lanes = min(LANES, oc - channel)
            at = memory + 4 * (t.gradient + (first + i) * oc + channel)
            for p in range(ALL):
                total = load(at + p * step, lanes)
                for shard in range(1, shards):
                    total = add(total, load(at + p * step + 4 * shard * shard_size, lanes))
                store(total, room + p * REGISTER, LANES)
            target, column = into + 4 * (i * oc + channel), 4 * count * oc
            _from_kernel_values(
                t.kh, room, POINTS * REGISTER, REGISTER, LANES, target, t.kh * column, column, lanes
            )


@linked
def kernel_values(tensor: int, params_at: int, first: int, count: int) -> None:
    """``G g G^T`` for some channels: (64, c, oc), and behind it the same as (64, oc, c)."""
    t = tensor_at(tensor)
    c, oc = t.c, t.oc
    step, column = 4 * between(c, oc), 4 * c * oc
    values = params_at + 4 * t.derived
    for i in range(first, first + count):
        for channel in range(0, oc, LANES):
            lanes = min(LANES, oc - channel)
            at = 4 * (i * oc + channel)
            source = params_at + 4 * t.parameter + at
            _kernel_values(
                t.kh, source, t.kh * column, column, lanes, values + at, POINTS * step, step, lanes
            )
    for p in range(ALL):
        at = values + p * step
        transpose(at + 4 * first * oc, oc, count, oc, at + ALL * step + 4 * first, c)
