"""Ink brought to the size and place that it has in MNIST: a box of 20 pixels, centred by mass."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tenfold.backend.cpu.compilation import entry
from tenfold.backend.drawing.ink import between, put_in, weigh

BOX = 20
_FAINT = 0.15  # of the darkest ink; what is fainter is not part of the box


@entry
def put_into_frame(first: int, last: int, images: Any, draws: Any, new: Any) -> None:
    """Images (n, h, w); for each the factor of its size, and how far it is off centre, down and right.

    The last number: pixels are kept, and only moved, if the size would change by less than that.
    """
    _, h, w = images.shape
    bordered = np.zeros((h + 3, w + 3), np.float32)
    for k in range(first, last):
        image = images[k]
        darkest, total, y, x = weigh(image)
        new[k] = 0
        if total < 1e-6:
            continue
        top, bottom, left, right = h, -1, w, -1
        for i in range(h):
            for j in range(w):
                if image[i, j] > _FAINT * darkest:
                    top, bottom = min(top, i), max(bottom, i)
                    left, right = min(left, j), max(right, j)
        scale = draws[k, 0] * BOX / max(bottom - top + 1, right - left + 1, BOX // 2)
        if abs(scale - 1) < draws[k, 3]:  # as MNIST does it, by whole pixels: nothing is blurred
            down = h // 2 - math.floor(y + 0.5 - draws[k, 1])
            across = w // 2 - math.floor(x + 0.5 - draws[k, 2])
            for i in range(max(0, down), min(h, h + down)):
                for j in range(max(0, across), min(w, w + across)):
                    new[k, i, j] = image[i - down, j - across]
        else:
            put_in(image, bordered)
            centre_y, centre_x = h / 2 + draws[k, 1], w / 2 + draws[k, 2]
            for i in range(h):
                for j in range(w):
                    new[k, i, j] = between(bordered, y + (i - centre_y) / scale, x + (j - centre_x) / scale)
        darkest = max(weigh(new[k])[0], 1e-6)
        for i in range(h):
            for j in range(w):
                new[k, i, j] = np.float32(min(new[k, i, j] / darkest, 1.0))
