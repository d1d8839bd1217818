"""What is decided by arithmetic before anything runs: how a layer is best computed at its size."""

from __future__ import annotations

from typing import Any

from tenfold.backend.cpu import opcodes as oc
from tenfold.backend.cpu.parameters import aligned
from tenfold.backend.cpu.tile import MAX_ROWS, MAX_VECTORS
from tenfold.backend.cpu.toom_cook import POINTS
from tenfold.backend.cpu.vector import LANES
from tenfold.backend.cpu.winograd_tiles import KERNELS, between_points

_TILES = 200_000  # floats of values of tiles that are worked on at once
_STRIP = 2048  # floats of gradient that are made and used up while they stay in the first-level cache
_WINDOWS = 8192  # floats of windows that are computed before they are added up
_KERNELS = 8192  # floats of kernels that are run through for one row of pixels after the other


def worth_leaving_out(columns: int) -> bool:
    """Whether a dense layer on an image should leave out its zeros: not where finding them costs more."""
    return columns > 2 * LANES


def strip_rows(rows: int, columns: int) -> int:
    """How many rows of a tensor to move at a time: at least those that a tile makes at once."""
    return min(rows, max(MAX_ROWS[-1], _STRIP // columns))


def outputs_per_window(window: int, step: int, width: int, channels: int) -> int:
    """How many neighbouring pixels of a row a convolution should make together.

    A register holds 16 numbers (with AVX-512) and a pixel of six channels fills six of them. A
    kernel that is wider by one step of zeros, and has its columns twice, makes two pixels at once,
    with twelve: more products for the pair than for one, but fewer than for two.
    """
    possible = [q for q in range(1, LANES // channels + 1) if width % q == 0] or [1]
    return min(possible, key=lambda q: (window + (q - 1) * step) / q)


def columns_per_pass(k: int, columns: int) -> int:
    """How many channels to make in one go over the rows: so few that their kernels stay in cache."""
    fit = max(2, min(MAX_VECTORS, _KERNELS // (k * LANES)))
    chunks = -(-columns // (fit * LANES))
    registers = -(-columns // LANES)
    return -(-registers // chunks) * LANES


def rows_per_pass(geometry: dict[str, int]) -> int:
    """How many rows of windows are computed before they are added up: as many as the first cache holds."""
    g = geometry
    row = g["ow"] * g["kh"] * g["kw"] * g["c"]
    return max(1, min(g["oh"], _WINDOWS // row))


def input_gradient_method(geometry: dict[str, int]) -> tuple[int, int]:
    """The way with less arithmetic, counting whole registers, and the floats it needs to work in."""
    g = geometry
    k = g["kh"] * g["kw"] * g["c"]
    gathered = g["h"] * g["w"] * g["kh"] * g["kw"] * g["oc"] * aligned(g["c"]) / (g["sh"] * g["sw"])
    scattered = g["oh"] * g["ow"] * g["oc"] * aligned(k) * 1.35  # adding up takes about a third more
    if gathered > scattered:
        return oc.SCATTERED, g["hp"] * g["wp"] * g["c"] + rows_per_pass(g) * g["ow"] * k
    height = (g["kh"] - 1) // g["sh"] + max(g["oh"], (g["h"] - 1 + g["top"]) // g["sh"] + 1)
    width = (g["kw"] - 1) // g["sw"] + max(g["ow"], (g["w"] - 1 + g["left"]) // g["sw"] + 1)
    return oc.GATHERED, height * width * g["oc"]


def winograd_tiles(layer: Any, shape: tuple[int, ...], output: tuple[int, ...]) -> dict[str, int] | None:
    """How a convolution is cut into tiles of 8 x 8 pixels, or None where that would not pay."""
    (_, _, c), (oh, ow, c_out), (kh, kw) = shape, output, layer.kernel
    if layer.stride != (1, 1) or kh != kw or kh not in KERNELS:
        return None
    m = POINTS + 1 - kh
    down, across = -(-oh // m), -(-ow // m)
    tiles = down * across
    inputs, outputs = -(-c // LANES), -(-c_out // LANES)
    direct = oh * ow * kh * kw * c * outputs
    values = tiles * (POINTS * POINTS * c * outputs * 1.2 + 700 * inputs + 500 * outputs)
    if 1.5 * values > direct:  # a small gain is not worth the digits it costs
        return None
    each = between_points(tiles, c) + between_points(tiles, c_out)
    group = max(1, _TILES // (POINTS * POINTS * each))
    return {"tile": m, "down": down, "across": across, "group": group}


def winograd_scratch(tiles: dict[str, int], c: int, c_out: int) -> int:
    """Floats for the values of as many images as are convolved at once."""
    n = tiles["group"] * tiles["down"] * tiles["across"]
    side = tiles["tile"]
    lit = 2 * (n * side**2 + tiles["across"] * side)  # int64 for each output, and a row more
    return POINTS * POINTS * (between_points(n, c) + between_points(n, c_out)) + lit
