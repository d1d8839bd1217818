"""Winograd's convolutions: exact on paper, near in float32, and taken where they are meant to be."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from tenfold.backend.cpu import opcodes
from tenfold.backend.cpu.compilation import kernel
from tenfold.backend.cpu.parameters import Parameters
from tenfold.backend.cpu.program import Builder
from tenfold.backend.cpu.toom_cook import (
    POINTS,
    evaluation,
    interpolation,
    kernel_evaluation,
    transposed,
)
from tenfold.backend.cpu.transform import one_sided
from tenfold.backend.cpu.transposition import transpose
from tenfold.backend.cpu.vector import LANES
from tenfold.nn import AvgPool2d, Conv2d, Dense, Flatten, MaxPool2d, ReLU, Sequential, Tanh

# Tiles that fit and that hang over the edge, registers that are full and not, paddings up to the kernel.
TABLE = {
    f"{kernel}x{kernel}, {c} to {k}, {h}x{w}, padding {padding}": (
        Conv2d(c, k, kernel, padding=padding),
        (h, w, c),
    )
    for kernel, padding, h, w, c, k in [
        (3, 0, 14, 14, 16, 16),
        (3, 1, 13, 12, 17, 33),
        (3, 2, 10, 25, 33, 20),
        (3, "same", 18, 6, 48, 31),
        (5, 0, 12, 12, 16, 16),
        (5, 2, 9, 13, 17, 33),
        (5, 4, 8, 5, 33, 18),
        (5, "same", 8, 8, 48, 31),
    ]
}


def code_of(layer, shape):
    """Which operation the engine computes a layer with."""
    network = Sequential({"it": layer}, shape)
    return Builder(network, Parameters.of(network), training=True).found.forward[-1]["code"]


@pytest.mark.parametrize("name", TABLE)
def test_the_table_is_computed_like_this(name):
    assert code_of(*TABLE[name]) == opcodes.WINOGRAD


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (Conv2d(1, 64, 5), (28, 28, 1)),  # nothing to be saved
        (Conv2d(64, 64, 1), (14, 14, 64)),
        (Conv2d(64, 64, 7), (14, 14, 64)),
        (Conv2d(64, 64, (3, 5)), (14, 14, 64)),
        (Conv2d(64, 64, 3, stride=2), (14, 14, 64)),
        (Conv2d(64, 64, 5), (5, 5, 64)),  # a single output
    ],
)
def test_other_convolutions_are_computed_directly(layer, shape):
    assert code_of(layer, shape) == opcodes.CONV


@pytest.mark.parametrize(("n", "threads", "deterministic"), [(1, 1, False), (5, 2, True), (19, 2, False)])
@pytest.mark.parametrize("name", TABLE)
def test_gradients_are_the_definitions(twins, name, n, threads, deterministic):
    layer, shape = TABLE[name]
    fresh = {"it": Conv2d(**layer.config()), "flatten": Flatten()}
    twins(fresh, shape, n=n).check_step(threads=threads, deterministic=deterministic)
    before = {"before": Conv2d(shape[-1], shape[-1], 1), **fresh}
    twins(before, shape, n=n).check_step(threads=threads, deterministic=deterministic)


@pytest.mark.parametrize("relu", [False, True])
@pytest.mark.parametrize("name", TABLE)
def test_outputs_are_the_definitions(twins, name, relu):
    layer, shape = TABLE[name]
    activation = {"relu": ReLU()} if relu else {}
    pair = twins({"it": Conv2d(**layer.config()), **activation, "flatten": Flatten()}, shape)
    want = pair.double.infer(pair.x.astype(float))
    error = pair.engine().logits(pair.x) - want  # in all 3e-6; that of the worst of 20,000 is chance
    assert np.linalg.norm(error) < 1e-5 * np.linalg.norm(want)
    assert abs(error).max() < 3e-5 * abs(want).max()


def test_rounding_errors_are_a_few_millionths(twins):
    """The bound that the documentation states, for the largest convolution of the zoo."""
    pair = twins({"it": Conv2d(48, 64, 5, padding="same"), "flatten": Flatten()}, (14, 14, 48), n=20)
    pair.x = np.maximum(pair.x, 0)  # as behind a ReLU
    want = pair.double.infer(pair.x.astype(float))
    error = pair.engine().logits(pair.x) - want
    assert np.linalg.norm(error) < 3e-6 * np.linalg.norm(want)
    assert abs(error).max() < 2e-5 * abs(want).max()


@pytest.mark.parametrize("threads", [1, 2])
def test_four_in_a_row(twins, threads):
    """Smooth, so that no kink turns rounding into another gradient."""
    layers = {"first": Conv2d(1, 16, 5, padding=2), "tanh1": Tanh()}
    layers |= {"second": Conv2d(16, 32, 5, padding=2), "tanh2": Tanh(), "pool": AvgPool2d(2)}
    layers |= {"third": Conv2d(32, 48, 3, padding=1), "tanh3": Tanh(), "flatten": Flatten()}
    layers |= {"dense": Dense(8 * 8 * 48, 10)}
    twins(layers, (16, 16, 1), n=5).check_step(threads=threads)


def test_pooled_and_rectified(twins):
    layers = {"before": Conv2d(2, 16, 1), "it": Conv2d(16, 17, 3, padding=1), "relu": ReLU()}
    layers |= {"pool": MaxPool2d(2), "flatten": Flatten(), "dense": Dense(6 * 6 * 17, 10)}
    twins(layers, (12, 12, 2), n=3).check_step()


@pytest.mark.parametrize("pool", [False, True])
@pytest.mark.parametrize("name", TABLE)
def test_where_a_window_sees_nothing_the_output_is_exactly_the_bias(twins, name, pool):
    """With a bias of 0, a ReLU behind it would otherwise let rounding decide about the gradient."""
    layer, shape = TABLE[name]
    layers = {"before": Conv2d(shape[-1], shape[-1], 1), "it": Conv2d(**layer.config()), "relu": ReLU()}
    layers |= ({"pool": MaxPool2d(2)} if pool else {}) | {"flatten": Flatten()}
    pair = twins(layers, shape, n=3)
    for network in (pair.network, pair.double):
        network.params["before.bias"][:] = network.params["it.bias"][:] = 0
    pair.x[:, 3:] = 0
    pair.x[0, :, :2] = 0
    pair.x[1] = 0
    pair.x[1, 4, 4, -1] = 1
    pair.check_step(threads=2)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_stays_visible(twins, bad):
    pair = twins({"it": Conv2d(16, 16, 3), "flatten": Flatten()}, (14, 14, 16), n=2)
    pair.x[1, 3, 4, 5] = bad
    logits = pair.engine().logits(pair.x)
    assert np.isfinite(logits[0]).all()
    assert not np.isfinite(logits[1]).all()


@pytest.mark.parametrize("taps", range(1, POINTS + 1))
def test_the_matrices_are_exact(taps):
    rng = np.random.default_rng(taps)
    d = [Fraction(int(v)) for v in rng.integers(-9, 10, POINTS)]
    g = [Fraction(int(v)) for v in rng.integers(-9, 10, taps)]
    outputs = POINTS + 1 - taps

    def times(matrix, x):
        return [sum(a * b for a, b in zip(row, x, strict=True)) for row in matrix]

    values = [
        a * b for a, b in zip(times(kernel_evaluation(taps), g), times(interpolation(), d), strict=True)
    ]
    assert times(transposed(evaluation(outputs)), values) == [
        sum(d[i + j] * g[j] for j in range(taps)) for i in range(outputs)
    ]


MATRICES = {
    "one number": [[3]],
    "a row of zeros": [[0, 0], [1, -1]],
    "signs in pairs of rows": [[1, 2, 3], [1, -2, 3], [0, 5, 0]],
    "signs in pairs of columns": [[1, 1, 2], [3, -3, 0]],
    "equal and opposite rows": [[1, 2], [1, 2], [-1, -2]],
    "interpolation": interpolation(),
    "its transpose": transposed(interpolation()),
    "evaluation": evaluation(4),
    "its transpose, 6 coefficients": transposed(evaluation(6)),
    "evaluation of a kernel": kernel_evaluation(5),
}


@pytest.mark.parametrize("name", MATRICES)
def test_a_matrix_becomes_code(name):
    matrix = tuple(tuple(Fraction(v) for v in row) for row in MATRICES[name])
    apply, rows, columns = one_sided(matrix), len(matrix), len(matrix[0])

    @kernel
    def call(source, target, lanes):
        apply(source, 4 * LANES, lanes, target, 4 * LANES, lanes)

    x = np.random.default_rng(0).standard_normal((columns, LANES), np.float32)
    for lanes in (1, LANES - 1, LANES):
        y = np.full((rows, LANES), 7, np.float32)
        call(x.ctypes.data, y.ctypes.data, lanes)
        want = np.array([[float(v) for v in row] for row in matrix]) @ x[:, :lanes]
        np.testing.assert_allclose(y[:, :lanes], want, rtol=1e-5, atol=1e-5)
        assert (y[:, lanes:] == 7).all()


@pytest.mark.parametrize("rows", [1, 3, 16, 37])
@pytest.mark.parametrize("columns", [1, 8, 17, 32])
def test_transposition_writes_the_transpose_and_nothing_else(rows, columns):
    @kernel
    def call(source, row, rows, columns, target, column):
        transpose(source, row, rows, columns, target, column)

    source = np.random.default_rng(0).standard_normal((rows, columns + 2), np.float32)
    target = np.full((columns + 1, rows + 3), 7, np.float32)
    call(source.ctypes.data, columns + 2, rows, columns, target.ctypes.data, rows + 3)
    assert (target[:columns, :rows] == source[:, :columns].T).all()
    assert (target[columns:] == 7).all()
    assert (target[:, rows:] == 7).all()
