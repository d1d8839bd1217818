"""One picture, and what a person reads in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Case:
    """What is given to the reader, and the answer.

    Attributes
    ----------
    picture : bytes or uint8 (h, w)
        A PNG or JPEG file, or grey levels.
    text : str
        The digits, lines separated by a newline; empty where there are none.
    """

    picture: bytes | NDArray[np.uint8]
    text: str
