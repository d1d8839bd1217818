"""The kernels of the definition against plain loops, and each adjoint against its kernel."""

from __future__ import annotations

import array_api_strict
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenfold.backend.arrays import asarray_like, copied, dtype_name, is_finite, is_floating, to_numpy
from tenfold.backend.portable import (
    max_of_windows,
    max_of_windows_adjoint,
    mean_of_windows,
    mean_of_windows_adjoint,
    patches,
    patches_adjoint,
    windows,
)

small = st.integers(1, 3)
pairs = st.tuples(small, small)


@st.composite
def cases(draw, beyond_half=True):
    """Images, kernel, stride and pads that go together."""
    kernel, stride = draw(pairs), draw(pairs)
    most = [2 if beyond_half else k // 2 for k in kernel]
    pads = tuple(draw(st.tuples(st.integers(0, p), st.integers(0, p))) for p in most)
    size = tuple(max(1, k - sum(p)) + draw(st.integers(0, 4)) for k, p in zip(kernel, pads, strict=True))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return rng.standard_normal((draw(small), *size, draw(small))), kernel, stride, pads


def each_window(x, kernel, stride):
    """Yield (a, b, pixels of the window (n, kh, kw, c)), one at a time."""
    ho = (x.shape[1] - kernel[0]) // stride[0] + 1
    wo = (x.shape[2] - kernel[1]) // stride[1] + 1
    for a in range(ho):
        for b in range(wo):
            top, left = a * stride[0], b * stride[1]
            yield a, b, x[:, top : top + kernel[0], left : left + kernel[1], :]


@settings(max_examples=60, deadline=None)
@given(cases())
def test_patches_are_the_windows(case):
    x, kernel, stride, pads = case
    rows = patches(x, kernel, stride, pads)
    assert rows.shape[1:3] == windows(x.shape[1:3], kernel, stride, pads)
    count = 0
    for a, b, window in each_window(np.pad(x, ((0, 0), *pads, (0, 0))), kernel, stride):
        np.testing.assert_array_equal(rows[:, a, b], window.reshape(len(x), -1))
        count += 1
    assert count == rows.shape[1] * rows.shape[2] > 0


@settings(max_examples=60, deadline=None)
@given(cases())
def test_patches_adjoint_is_the_adjoint(case):
    x, kernel, stride, pads = case
    rows = patches(x, kernel, stride, pads)
    drows = np.random.default_rng(1).standard_normal(rows.shape)
    dx = patches_adjoint(drows, x.shape, kernel, stride, pads)
    assert dx.shape == x.shape
    assert np.sum(rows * drows) == pytest.approx(np.sum(x * dx), rel=1e-9, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(cases(beyond_half=False))
def test_pooling_is_the_windows_maximum_and_mean(case):
    x, kernel, stride, pads = case
    maximum, position = max_of_windows(x, kernel, stride, pads)
    mean = mean_of_windows(x, kernel, stride, pads)
    padded = np.pad(x, ((0, 0), *pads, (0, 0)), constant_values=-np.inf)
    for a, b, window in each_window(padded, kernel, stride):
        pixels = window.reshape(len(x), -1, x.shape[3])  # (n, kh * kw, c)
        np.testing.assert_array_equal(maximum[:, a, b], pixels.max(axis=1))
        np.testing.assert_array_equal(position[:, a, b], pixels.argmax(axis=1))
        of_image = pixels[:, np.isfinite(pixels[0, :, 0])]
        np.testing.assert_allclose(mean[:, a, b], of_image.mean(axis=1), rtol=1e-12, atol=1e-15)


@settings(max_examples=60, deadline=None)
@given(cases(beyond_half=False))
def test_pooling_adjoints(case):
    x, kernel, stride, pads = case
    maximum, position = max_of_windows(x, kernel, stride, pads)
    dy = np.random.default_rng(1).standard_normal(maximum.shape)
    for y, dx in (
        (maximum, max_of_windows_adjoint(dy, position, x.shape, kernel, stride, pads)),
        (
            mean_of_windows(x, kernel, stride, pads),
            mean_of_windows_adjoint(dy, x.shape, kernel, stride, pads),
        ),
    ):
        assert dx.shape == x.shape
        assert np.sum(y * dy) == pytest.approx(np.sum(x * dx), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("xp", [np, array_api_strict], ids=["numpy", "array-api-strict"])
def test_array_helpers(xp):
    x = xp.asarray([1.0, 2.0], dtype=xp.float32)
    assert dtype_name(x) == "float32"
    assert dtype_name(xp.asarray([1])) == "int64"
    assert is_floating(x)
    assert not is_floating(xp.asarray([1]))
    assert is_finite(x)
    assert not is_finite(xp.asarray([1.0, float("nan")]))
    assert not is_finite(xp.asarray([1.0, float("inf")]))
    moved = asarray_like(np.array([True, False]), x, dtype=x.dtype)
    assert type(moved) is type(x)
    assert dtype_name(moved) == "float32"
    y = copied(x)
    y[0] = 7.0
    assert isinstance(to_numpy(x), np.ndarray)
    np.testing.assert_array_equal(to_numpy(x), [1, 2])
