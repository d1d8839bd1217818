"""Images taken at other places than their pixels', compiled: what `tenfold.backend.bilinear` defines.

A register's worth of neighbouring pixels is made at once. An image is first copied into a border of
zeros, so that no place has to be tested. The two neighbours of a place in a row are loaded as one
number of 64 bits, which takes half the time of two loads of 32.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from tenfold.backend.cpu.checks import check_resampling
from tenfold.backend.cpu.compilation import entry, kernel
from tenfold.backend.cpu.lanewise import add, count_from, multiply, splat, subtract, whole, within
from tenfold.backend.cpu.threads import in_shares
from tenfold.backend.cpu.vector import FLOAT, INT32, INTS, LANES, VECTOR, pointer, spread, store, vector

Array: TypeAlias = np.ndarray[Any, Any]

_HALF = LANES // 2
_PAIRS = ir.VectorType(ir.IntType(64), _HALF)


def _choose(builder: Any, numbers: Any, others: Any, lanes: list[int]) -> Any:
    """The lanes, counted through both vectors, as a vector."""
    return builder.shuffle_vector(numbers, others, ir.Constant(ir.VectorType(INT32, len(lanes)), lanes))


def _pairs(builder: Any, address: Any, places: Any) -> Any:
    """The float at each of half a register's places, counted from an address, and the one after it."""
    base = pointer(builder, address, FLOAT)
    kinds = ir.VectorType(base.type, _HALF), ir.VectorType(ir.IntType(1), _HALF)
    one = builder.insert_element(ir.Constant(kinds[0], ir.Undefined), base, ir.Constant(INT32, 0))
    bases = _choose(builder, one, ir.Constant(kinds[0], ir.Undefined), [0] * _HALF)
    signature = ir.FunctionType(_PAIRS, [kinds[0], INT32, kinds[1], _PAIRS])
    name = f"llvm.masked.gather.v{_HALF}i64.v{_HALF}p0"
    gather = cgutils.get_or_insert_function(builder.module, signature, name)
    everywhere, nothing = ir.Constant(kinds[1], [1] * _HALF), ir.Constant(_PAIRS, [0] * _HALF)
    at = builder.gep(bases, [places], source_etype=FLOAT)
    return builder.bitcast(builder.call(gather, [at, ir.Constant(INT32, 4), everywhere, nothing]), VECTOR)


@intrinsic
def between_columns(typing: Any, address: Any, stride: Any, y: Any, x: Any, right: Any) -> Any:
    """``a + right * (b - a)`` in each lane, with a at (y, x), whole numbers, and b to its right."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        address, stride, y, x, right = args
        rows = builder.mul(builder.fptosi(y, INTS), spread(builder, builder.trunc(stride, INT32), INT32))
        places, unused = builder.add(rows, builder.fptosi(x, INTS)), ir.Constant(INTS, ir.Undefined)
        first, second = (
            _pairs(builder, address, _choose(builder, places, unused, list(range(start, start + _HALF))))
            for start in (0, _HALF)
        )
        a, b = (_choose(builder, first, second, list(range(i, 2 * LANES, 2))) for i in (0, 1))
        return builder.fadd(a, builder.fmul(right, builder.fsub(b, a)))

    return vector(types.int64, types.int64, vector, vector, vector), emit


@kernel
def put_in(pixels: Any, numbers: Any, k: int, bordered: Any) -> None:
    """Copy an image into its border of zeros; bytes 0-255 become float32 0-1."""
    white, h, w = np.float32(255), bordered.shape[0] - 3, bordered.shape[1] - 3
    for i in range(h):
        row = bordered[i + 1]
        if pixels.shape[0] > 0:
            for j in range(w):
                row[j + 1] = np.float32(pixels[k, i, j]) / white
        else:
            for j in range(w):
                row[j + 1] = numbers[k, i, j]


@kernel
def resample_one(bordered: Any, matrix: Any, target: int) -> None:
    """One new image from the bordered old one, whose first pixel is at (1, 1)."""
    stride, h, w = bordered.shape[1], bordered.shape[0] - 3, bordered.shape[1] - 3
    upper = np.int64(bordered.ctypes.data)
    lower = upper + 4 * stride
    bottom, end = splat(np.float32(h + 1)), splat(np.float32(w + 1))
    down_a_column, right_a_column = splat(np.float32(matrix[0, 1])), splat(np.float32(matrix[1, 1]))
    for i in range(h):
        y_of_row = splat(np.float32(matrix[0, 0] * i + matrix[0, 2] + 1))
        x_of_row = splat(np.float32(matrix[1, 0] * i + matrix[1, 2] + 1))
        for j in range(0, w, LANES):
            columns = count_from(j)
            y = within(add(y_of_row, multiply(columns, down_a_column)), bottom)
            x = within(add(x_of_row, multiply(columns, right_a_column)), end)
            row, column = whole(y), whole(x)
            right = subtract(x, column)
            above = between_columns(upper, stride, row, column, right)
            below = between_columns(lower, stride, row, column, right)
            new = add(above, multiply(subtract(y, row), subtract(below, above)))
            store(new, target + 4 * (i * w + j), min(LANES, w - j))


@entry
def resample(first: int, last: int, pixels: Any, numbers: Any, matrices: Any, new: Any) -> None:
    """The new images from ``first`` to before ``last``."""
    _, h, w = new.shape
    bordered = np.zeros((h + 3, w + 3), np.float32)
    for k in range(first, last):
        put_in(pixels, numbers, k, bordered)
        resample_one(bordered, matrices[k], np.int64(new.ctypes.data) + 4 * k * h * w)


def bilinear(images: Array, matrices: Array, *, threads: int | None = None) -> Array:
    """Return new images; see `tenfold.backend.bilinear.bilinear`.

    Parameters
    ----------
    images : uint8 array, shape (n, h, w) or (n, h, w, c), 0 to 255; or float32 array, shape (n, h, w, c)
    matrices : float64 array, shape (n, 2, 3)
    threads : int, optional
        At most so many, all cores unless given. The result is the same for any number.

    Returns
    -------
    float32 array, shape (n, h, w, c)
        Bytes as numbers from 0 to 1; with c = 1 where they have no channels.

    Raises
    ------
    ShapeError, DTypeError, RangeError
        If images or matrices are anything else, or a matrix is not finite.
    """
    check_resampling(images, matrices)
    n, h, w, c = (*images.shape, 1)[:4]
    planes = np.moveaxis(images.reshape(n, h, w, c), 3, 1).reshape(n * c, h, w)  # a copy if c > 1
    pixels, numbers = np.zeros((0, 0, 0), np.uint8), np.zeros((0, 0, 0), np.float32)
    if images.dtype == np.uint8:
        pixels = np.ascontiguousarray(planes).view()
    else:
        numbers = np.ascontiguousarray(planes).view()
    pixels.flags.writeable = numbers.flags.writeable = False  # one type for Numba, whatever is given
    each = np.ascontiguousarray(np.repeat(matrices, c, axis=0))
    new = np.empty((n * c, h, w), np.float32)
    in_shares(resample, n * c, threads, pixels, numbers, each, new)
    return np.ascontiguousarray(np.moveaxis(new.reshape(n, c, h, w), 1, 3))
