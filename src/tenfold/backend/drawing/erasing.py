"""Rectangles of images that get other values."""

from __future__ import annotations

from typing import Any

from tenfold.backend.cpu.compilation import entry


@entry
def erase(first: int, last: int, images: Any, boxes: Any, offsets: Any, field: Any, new: Any) -> None:
    """Images (n, h, w), in which the pixels of a box get numbers of a field.

    boxes (n, 4): first row, end of the rows, first column, end of the columns; all of them are within the
    image. offsets (n,): where in the field, which is read around and around, the image's numbers begin.
    """
    w = images.shape[2]
    for k in range(first, last):
        new[k] = images[k]
        top, bottom, left, right = boxes[k, 0], boxes[k, 1], boxes[k, 2], boxes[k, 3]
        for i in range(top, bottom):
            for j in range(left, right):
                new[k, i, j] = field[(offsets[k] + i * w + j) % field.shape[0]]
