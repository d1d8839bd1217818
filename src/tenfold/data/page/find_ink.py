"""Finds the amount of ink on each pixel of a picture, in any light."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tenfold.data.page.grey import Grey
from tenfold.data.page.lit_paper import ink_on_lit_paper
from tenfold.data.page.plain_paper import ink_on_plain_paper, is_blank, paper_level
from tenfold.data.page.smooth_paper import smooth_paper

SMALL = 30  # pixels of the shorter side; in a smaller picture there is no room for light around strokes


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
        Whether all of the picture is paper: no table, no other sheet, no deep shadow.
    name : str
        Of the way to see it, see `ink_views`.
    """

    amount: Grey
    paper: Grey
    even: bool
    name: str = "plain"


def ink_views(grey: Grey, *, every: bool = False) -> Iterator[Ink]:
    """Yield the ways to see ink in a picture, the likeliest first; each is computed when it is asked for.

    Parameters
    ----------
    grey : uint8 array (h, w)
    every : bool
        Also what is nearly always paper: "reversed", and ink that covers a whole side of the picture.

    Yields
    ------
    Ink
        Named "plain" (paper of one level), "smooth" (paper whose level changes slowly), "lit" (a photo with
        shadows, or of a sheet on a table) and "reversed" (as smooth, with paper and ink exchanged). Nothing
        if the picture is blank.
    """
    level = paper_level(grey)
    if is_blank(grey, level):
        return
    amount = ink_on_plain_paper(grey, level)
    if amount is not None:
        yield Ink(amount, np.broadcast_to(np.uint8(level), grey.shape), even=True)
    surfaces = smooth_paper(grey)
    first = [one for one in surfaces[:1] if min(grey.shape) < SMALL or one.explains()]
    if amount is None and first:
        yield Ink(*first[0].amount(grey), even=True, name="smooth")
    lit = ink_on_lit_paper(grey)
    if lit is not None:
        yield Ink(*lit, even=False, name="lit")
    for name, surface in zip(("smooth", "reversed"), surfaces, strict=False):
        further = surface not in first or amount is not None
        if further and (every or (name == "smooth" and not surface.is_along_a_side)):
            yield Ink(*surface.amount(grey), even=True, name=name)
