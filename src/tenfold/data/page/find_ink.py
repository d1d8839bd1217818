"""Finds the amount of ink on each pixel of a picture, in any light."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tenfold.data.page.grey import Grey
from tenfold.data.page.lit_paper import ink_on_lit_paper
from tenfold.data.page.plain_paper import ink_on_plain_paper, is_blank, paper_level


@dataclass(frozen=True)
class Ink:
    """Ink and paper of a picture.

    Attributes
    ----------
    amount : uint8 (h, w)
        0 paper, 255 full ink; in between at the edges of strokes.
    paper : uint8 (h, w)
        The picture without ink.
    even : bool
        Whether the paper has one level everywhere, as in a drawing or a screenshot.
    """

    amount: Grey
    paper: Grey
    even: bool


def find_ink(grey: Grey) -> Ink | None:
    """Separate ink from paper, dark on light or light on dark.

    Parameters
    ----------
    grey : uint8 array (h, w)

    Returns
    -------
    Ink or None
        None if nothing differs from the paper.
    """
    level = paper_level(grey)
    if is_blank(grey, level):
        return None
    amount = ink_on_plain_paper(grey, level)
    if amount is not None:
        return Ink(amount, np.broadcast_to(np.uint8(level), grey.shape), even=True)
    found = ink_on_lit_paper(grey)
    return None if found is None else Ink(*found, even=False)
