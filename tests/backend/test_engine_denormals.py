"""Numbers below 1e-38 are taken for 0 while the engine runs, and only there."""

import platform

import numpy as np
import pytest

from tenfold.backend.cpu.compilation import kernel
from tenfold.backend.cpu.denormals import flush_denormals, restore_denormals

pytestmark = pytest.mark.skipif(
    platform.machine().lower() not in ("x86_64", "amd64"), reason="other processors are left as they are"
)


@kernel
def halves(numbers, flushed):
    """Half of each number while flushing, and once more after."""
    before = flush_denormals()
    for i in range(numbers.shape[0]):
        flushed[i] = numbers[i] * np.float32(0.5)
    restore_denormals(before)
    for i in range(numbers.shape[0]):
        numbers[i] = numbers[i] * np.float32(0.5)


def test_they_become_zero_and_nothing_else_does():
    numbers = np.array([1e-38, 2e-39, 1e-45, 1e-30, 1.0, -1e-39, np.inf], np.float32)
    want = numbers * np.float32(0.5)
    flushed = np.ones(7, np.float32)
    halves(numbers, flushed)
    np.testing.assert_array_equal(numbers, want)
    np.testing.assert_array_equal(flushed, [0, 0, 0, want[3], 0.5, 0, np.inf])
