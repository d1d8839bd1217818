"""Images mixed with other images."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.backend.cpu.compilation import entry


@entry
def mix(
    first: int, last: int, images: Any, others: Any, boxes: Any, shares: Any, channels: Any, new: Any
) -> None:
    """Mix planes (n * c, h, w) with those of other images, with one share in a box and one around it.

    others (n * c,): the image that is mixed in. boxes (n * c, 4): first row, end of the rows, first column,
    end of the columns. shares (n * c, 2): of the image itself, in the box and around it; the rest is the
    other's. channels (1,): c.
    """
    h, w = images.shape[1], images.shape[2]
    for k in range(first, last):
        other = images[others[k] * channels[0] + k % channels[0]]
        top, bottom, left, right = boxes[k, 0], boxes[k, 1], boxes[k, 2], boxes[k, 3]
        for i in range(h):
            for j in range(w):
                inside = top <= i < bottom and left <= j < right
                share = shares[k, 0] if inside else shares[k, 1]
                new[k, i, j] = np.float32(share * images[k, i, j] + (1 - share) * other[i, j])
