"""The rows of the record: counts, shares with their intervals, and whether they reach the targets."""

from __future__ import annotations

from typing import Any

from aims import Aims, aims
from found import Found
from kind import Kind

from tenfold.metrics import wilson_interval

KEPT = 10  # mistakes that the record names


def row(kind: Kind, found: Found) -> dict[str, Any]:
    """Return a line as the record keeps it."""
    score, nothing = found.score, not found.score.characters
    total = score.pictures if nothing else score.characters
    shares = {
        "right": share(score.pictures_right if nothing else score.right, total),
        "refused": share(score.refused, total),
        "confident_mistakes": share(score.confident_mistakes, total),
    }
    return {
        "group": kind.group,
        "kind": kind.name,
        "note": kind.note,
        "digits_written": not nothing,
        **vars(score),
        "shares": shares,
        "met": met(shares, score.pictures_right / score.pictures, nothing, aims(kind.group)),
        "mistakes": [
            {"index": one.index, "text": one.text, "read": one.read} for one in found.mistakes[:KEPT]
        ],
    }


def share(count: int, total: int) -> dict[str, float]:
    """Return a share of the total with Wilson's 95 % interval."""
    interval = wilson_interval(count, total)
    return {"share": count / total, "low": interval.low, "high": interval.high}


def met(shares: dict[str, dict[str, float]], whole: float, nothing: bool, aims: Aims) -> bool:
    """Return whether a row reaches its targets."""
    if nothing:
        return shares["refused"]["share"] >= aims.nothing
    return (
        whole >= aims.whole
        and shares["right"]["share"] >= aims.right
        and shares["refused"]["share"] <= aims.refused
        and shares["confident_mistakes"]["share"] <= aims.confident
    )
