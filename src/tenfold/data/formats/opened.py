"""A picture file whose pages can be decoded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image


@dataclass(frozen=True)
class Opened:
    """A picture file.

    Attributes
    ----------
    page : callable
        Returns the page of a number, from 0, as a Pillow image.
    count : int
        How many pages there are.
    remarks : tuple of str
        What is left out of the picture, such as the other frames of an animation.
    """

    page: Callable[[int], Image.Image]
    count: int = 1
    remarks: tuple[str, ...] = ()
