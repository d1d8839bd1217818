"""Each digit's share of all errors as a bar, split by the other digit; the longest above."""

from __future__ import annotations

from tenfold.evaluate.page.markup import Html
from tenfold.evaluate.page.svg import box, chart, linear, stroke, words
from tenfold.evaluate.stacks import ErrorShare
from tenfold.evaluate.wording import percent

_WIDTH, _ROW, _BAR = 400, 22, 16
_LEFT, _RIGHT = 26, 316
_LEAST = 11  # pixels that a digit needs
MOST = 20  # rows: of many classes only those that make most errors


def error_shares_chart(shares: list[ErrorShare], verb: str) -> Html:
    """Draw one panel.

    Parameters
    ----------
    shares : list of ErrorShare
        The largest first, and larger than 0.
    verb : str
        What the other digit of an error is to this one: ``"read as"`` or ``"really"``.
    """
    shown = shares[:MOST]
    known = ", ".join(f"{one.digit}: {percent(one.share, 1)}" for one in shown if one.images)
    parts = [part for row, one in enumerate(shown) for part in _bar(one, row, shown[0].share, verb)]
    height = _ROW * len(shown) + 4
    return chart(
        _WIDTH,
        height,
        f"Share of all errors by digit. {known}.",
        *parts,
        stroke(_LEFT, 0, _LEFT, height, "axis"),
    )


def _bar(one: ErrorShare, row: int, longest: float, verb: str) -> list[Html]:
    x = linear(0.0, longest, _LEFT, _RIGHT)
    top = row * _ROW + 4
    foot = top + _BAR - 4
    end = f"{percent(one.share, 1)} ({one.images:,})"
    parts = [
        words(_LEFT - 8, foot, str(one.digit), "t digit", "end"),
        words(x(one.share) + 6, foot, end, "t small soft", "start"),
    ]
    start = 0.0
    for place, (other, images) in enumerate(one.others):
        part = one.share * images / one.images
        left, right = x(start), x(start + part)
        start += part
        shade = "wrong" if place % 2 == 0 else "wrong pale"
        note = f"{one.digit} {verb} {other}: {images:,}, {percent(part, 1)} of all errors"
        parts.append(box(left, top, max(right - left - 0.7, 0.4), _BAR, shade, note))
        if right - left > _LEAST:
            class_ = f"t small on-{shade.replace(' ', '-')}"
            parts.append(words((left + right) / 2, foot, str(other), class_))
    return parts
