"""Whose errors: one bar, the first model's alone, those of both, the second's alone."""

from __future__ import annotations

from tenfold.evaluate.page.markup import Html
from tenfold.evaluate.page.svg import box, chart, stroke, words

_WIDTH, _HEIGHT, _BAR, _TOP = 400, 112, 40, 34


def overlap_chart(names: tuple[str, str], shares: tuple[float, float, float], kinds: tuple[str, str]) -> Html:
    """Draw the bar.

    Parameters
    ----------
    names : tuple of str
    shares : tuple of float
        Images misread by both, by the first alone, by the second alone.
    kinds : tuple of str
        Classes of the two models' colours.
    """
    both, only_a, only_b = shares
    total = max(both + only_a + only_b, 1e-9)
    unit = _WIDTH / total
    pieces = [
        (0.0, only_a, f"piece {kinds[0]}", f"{names[0]} alone"),
        (only_a, both, "piece shared", "both"),
        (only_a + both, only_b, f"piece {kinds[1]}", f"{names[1]} alone"),
    ]
    parts: list[Html] = []
    for start, width, class_, name in pieces:
        parts.append(box(start * unit, _TOP, width * unit, _BAR, class_, f"{name}: {width:.4g} images"))
        if width * unit > 6.5 * len(f"{width:.4g}") + 4:
            middle = (start + width / 2) * unit
            parts.append(
                words(middle, _TOP + _BAR / 2 + 5, f"{width:.4g}", f"t count on-{class_.split()[1]}")
            )
    all_a, all_b = (only_a + both) * unit, (only_b + both) * unit
    parts += [
        words(0, _TOP - 18, f"{names[0]}: {only_a + both:.4g}", f"t label {kinds[0]}", "start"),
        stroke(1, _TOP - 9, max(all_a - 1, 2), _TOP - 9, f"brace {kinds[0]}"),
        words(_WIDTH, _TOP + _BAR + 28, f"{names[1]}: {only_b + both:.4g}", f"t label {kinds[1]}", "end"),
        stroke(
            min(_WIDTH - all_b + 1, _WIDTH - 2),
            _TOP + _BAR + 9,
            _WIDTH - 1,
            _TOP + _BAR + 9,
            f"brace {kinds[1]}",
        ),
    ]
    label = f"Images misread: {names[0]} alone {only_a:.4g}, both {both:.4g}, {names[1]} alone {only_b:.4g}."
    return chart(_WIDTH, _HEIGHT, label, *parts)
