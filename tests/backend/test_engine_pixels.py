"""Bytes become float32 in compiled code, to the bits of the definition."""

from __future__ import annotations

import numpy as np
import pytest

from tenfold.backend.cpu.operations import scale_u8_to_float
from tenfold.data import as_float


@pytest.mark.parametrize("size", [1, 3, 4, 15, 16, 17, 63, 255, 256])
def test_every_byte_becomes_its_share_of_255(size):
    for first in range(0, 257 - size, 15):
        image = np.arange(first, first + size, dtype=np.uint8)
        out = np.full(size + 1, -1, np.float32)
        scale_u8_to_float(image.ctypes.data, out.ctypes.data, size)
        np.testing.assert_array_equal(out[:size], as_float(image[None, None])[0, 0, :, 0])
        assert out[size] == -1
