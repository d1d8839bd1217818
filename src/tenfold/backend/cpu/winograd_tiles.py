"""Tiles of images to values at points and back: the transformations of `winograd`, 16 channels at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tenfold.backend.cpu import opcodes
from tenfold.backend.cpu.compilation import kernel, linked
from tenfold.backend.cpu.lanewise import add, maximum, nonzero
from tenfold.backend.cpu.memory import clear
from tenfold.backend.cpu.toom_cook import POINTS, Matrix, evaluation, interpolation, transposed
from tenfold.backend.cpu.transform import two_sided
from tenfold.backend.cpu.vector import LANES, REGISTER, load, registers, store, zeros
from tenfold.backend.cpu.views import integers, operation

KERNELS = (3, 5)  # sides of the kernels that are computed like this
ALL = POINTS * POINTS
square = registers(ALL)


def for_each_kernel(matrix: Callable[[int], Matrix]) -> Callable[..., None]:
    """Return `two_sided` with a matrix that depends on the kernel's side, which comes first."""
    three, five = (two_sided(matrix(side)) for side in KERNELS)

    @kernel
    def transform(
        side: int, source: int, row: int, column: int, lanes: int, target: int, target_row: int,
        target_column: int, target_lanes: int,
    ) -> None:  # fmt: skip
        if side == 3:
            three(source, row, column, lanes, target, target_row, target_column, target_lanes)
        else:
            five(source, row, column, lanes, target, target_row, target_column, target_lanes)

    return transform


_input_values = two_sided(interpolation())
_from_input_values = two_sided(transposed(interpolation()))
_output_values = for_each_kernel(lambda side: evaluation(POINTS + 1 - side))
_from_output_values = for_each_kernel(lambda side: transposed(evaluation(POINTS + 1 - side)))


def between_points(tiles: int, channels: int) -> int:
    """Floats from one point's matrix to the next: an odd number of cache lines, to spread over the cache."""
    lines = -(-tiles * channels // 16)
    return 16 * (lines + 1 - lines % 2)


between = kernel(between_points)


@kernel
def _cut_out(
    image: int, h: int, w: int, c: int, top: int, left: int, size: int, lanes: int, into: int
) -> None:
    """Copy size x size pixels from a corner on, zeros where they lie outside of the image."""
    for i in range(size):
        for j in range(size):
            y, x = top + i, left + j
            pixel = zeros()
            if 0 <= y < h and 0 <= x < w:
                pixel = load(image + 4 * (y * w + x) * c, lanes)
            store(pixel, into + (i * size + j) * REGISTER, LANES)


@kernel
def _place(op: Any, tile: int) -> tuple[int, int, int]:
    """A tile's image, and the row and column of its first output there."""
    image, rest = tile // (op.down * op.across), tile % (op.down * op.across)
    return image, rest // op.across * op.tile, rest % op.across * op.tile


@linked
def input_values(op_at: int, x: int, images: int, into: int) -> None:
    """``B^T d B`` of every tile: (64, tiles, c) from images (h, w, c)."""
    op = operation(op_at)
    h, w, c, tiles = op.h, op.w, op.c, images * op.down * op.across
    step = 4 * between(tiles, c)
    room = square()
    for tile in range(tiles):
        image, row, column = _place(op, tile)
        top, left = row - op.top, column - op.left
        inside = top >= 0 and left >= 0 and top + POINTS <= h and left + POINTS <= w
        for channel in range(0, c, LANES):
            lanes = min(LANES, c - channel)
            at, values = x + 4 * (image * h * w * c + channel), into + 4 * (tile * c + channel)
            if inside:
                corner = at + 4 * (top * w + left) * c
                _input_values(corner, 4 * w * c, 4 * c, lanes, values, POINTS * step, step, lanes)
            else:
                _cut_out(at, h, w, c, top, left, POINTS, lanes, room)
                _input_values(room, POINTS * REGISTER, REGISTER, LANES, values, POINTS * step, step, lanes)


@linked
def output_gradient_values(op_at: int, dy: int, images: int, into: int) -> None:
    """``A dY A^T`` of every tile: (64, tiles, oc) from gradients (oh, ow, oc)."""
    op = operation(op_at)
    h, w, c, m, tiles = op.oh, op.ow, op.oc, op.tile, images * op.down * op.across
    step = 4 * between(tiles, c)
    room = square()
    for tile in range(tiles):
        image, row, column = _place(op, tile)
        for channel in range(0, c, LANES):
            lanes = min(LANES, c - channel)
            at, values = dy + 4 * (image * h * w * c + channel), into + 4 * (tile * c + channel)
            _cut_out(at, h, w, c, row, column, m, lanes, room)
            _output_values(op.kh, room, m * REGISTER, REGISTER, LANES, values, POINTS * step, step, lanes)


@kernel
def _lit_rows(op: Any, x: int, row: int, last: Any) -> None:
    """Note in ``last``, (ow,), which output columns see a number other than 0 in a row of the image."""
    at, right, latest = x + 4 * row * op.w * op.c, 0, -1
    for j in range(op.ow):
        while right < min(op.w, j - op.left + op.kw):
            for channel in range(0, op.c, LANES):
                if nonzero(load(at + 4 * (right * op.c + channel), min(LANES, op.c - channel))) != 0:
                    latest = right
            right += 1
        if latest >= 0 and latest >= j - op.left:
            last[j] = row


@linked
def lit_windows(op_at: int, x: int, images: int, into: int) -> None:
    """For each output, whether anything in its window is not 0: (oh, ow) of 1 or 0, and ow more to work in.

    Where nothing is, the sum is exactly 0, as by the definition. Rounding would leave 1e-7 there, of
    either sign, and a ReLU would let half of the gradients through that it has to stop.
    """
    op = operation(op_at)
    size = op.oh * op.ow
    last = integers(into + 8 * images * size, op.ow)
    for _ in range(images):
        lit, down = integers(into, size), 0
        last[:] = -1
        for i in range(op.oh):
            while down < min(op.h, i - op.top + op.kh):
                _lit_rows(op, x, down, last)
                down += 1
            for j in range(op.ow):
                lit[i * op.ow + j] = last[j] >= max(0, i - op.top)
        into += 8 * size
        x += 4 * op.h * op.w * op.c


@linked
def outputs(op_at: int, values: int, images: int, bias: int, lit: int, y: int) -> None:
    """``A^T (values) A + bias`` of every tile, to images (oh, ow, oc); ``lit`` as by `lit_windows`."""
    op = operation(op_at)
    h, w, c, m, tiles = op.oh, op.ow, op.oc, op.tile, images * op.down * op.across
    step = 4 * between(tiles, c)
    room = square()
    for tile in range(tiles):
        image, row, column = _place(op, tile)
        seen, image_y = integers(lit + 8 * image * h * w, h * w), y + 4 * image * h * w * c
        for channel in range(0, c, LANES):
            lanes = min(LANES, c - channel)
            at = values + 4 * (tile * c + channel)
            _from_output_values(op.kh, at, POINTS * step, step, lanes, room, m * REGISTER, REGISTER, LANES)
            shift = load(bias + 4 * channel, lanes)
            for a in range(min(m, h - row)):
                corner = image_y + 4 * (((row + a) * w + column) * c + channel)
                for b in range(min(m, w - column)):
                    value = shift
                    if seen[(row + a) * w + column + b] != 0:
                        value = add(load(room + (a * m + b) * REGISTER, LANES), shift)
                    if op.activation == opcodes.RELU:
                        value = maximum(value, zeros())
                    store(value, corner + 4 * b * c, lanes)


@linked
def input_gradients(op_at: int, values: int, images: int, dx: int) -> None:
    """``B (values) B^T`` of every tile, added up to images (h, w, c)."""
    op = operation(op_at)
    h, w, c, tiles = op.h, op.w, op.c, images * op.down * op.across
    step = 4 * between(tiles, c)
    room = square()
    clear(dx, images * h * w * c)
    for tile in range(tiles):
        image, row, column = _place(op, tile)
        top, left = row - op.top, column - op.left
        for channel in range(0, c, LANES):
            lanes = min(LANES, c - channel)
            at = values + 4 * (tile * c + channel)
            _from_input_values(at, POINTS * step, step, lanes, room, POINTS * REGISTER, REGISTER, LANES)
            for a in range(max(0, -top), min(POINTS, h - top)):
                corner = dx + 4 * ((image * h * w + (top + a) * w + left) * c + channel)
                for b in range(max(0, -left), min(POINTS, w - left)):
                    pixel = corner + 4 * b * c
                    value = load(room + (a * POINTS + b) * REGISTER, LANES)
                    store(add(load(pixel, lanes), value), pixel, lanes)
