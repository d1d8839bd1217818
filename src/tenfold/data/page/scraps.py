"""Removes the scraps of neighbours from a picture that was cut out of a page around a digit or a number."""

from __future__ import annotations

from collections.abc import Sequence

from tenfold.data.page.components import Box, Mark

_DEEP = 0.4  # of the height of the largest mark; what reaches further into the picture is no scrap
_SMALL = 0.5  # of the ink of the largest mark


def without_scraps(pieces: Sequence[Mark], shape: tuple[int, ...]) -> list[Mark]:
    """Remove small marks that the edge of the picture cuts off, if the largest mark lies free of the edge.

    In a picture cut tight around a number, its digits touch the edge: then all marks are kept.

    Parameters
    ----------
    pieces : sequence of Mark
    shape : tuple of int
        Height and width of the picture.

    Returns
    -------
    list of Mark
    """
    if len(pieces) < 2:
        return list(pieces)
    largest = max(pieces, key=lambda piece: piece.area)
    if _depth(largest.box, shape) is not None:
        return list(pieces)
    most = _DEEP * largest.box.height
    return [
        piece
        for piece in pieces
        if (depth := _depth(piece.box, shape)) is None or depth > most or piece.area > _SMALL * largest.area
    ]


def _depth(box: Box, shape: tuple[int, ...]) -> int | None:
    """Return how far a mark reaches into the picture from the edge that it touches; None if it lies free."""
    height, width = shape
    if box.left == 0 or box.right == width:
        return box.width
    return box.height if box.top == 0 or box.bottom == height else None
