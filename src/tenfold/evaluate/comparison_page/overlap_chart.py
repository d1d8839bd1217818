"""The errors of two models as one bar: the first model's alone, those of both, the second's alone."""

from __future__ import annotations

from tenfold.pages.axes import LETTER
from tenfold.pages.svg import Html, box, chart, stroke, words

_WIDTH, _HEIGHT, _BAR, _TOP = 400, 112, 40, 34


def overlap_chart(
    names: tuple[str, str], shares: tuple[float, float, float], kinds: tuple[str, str], word: str = "misread"
) -> Html:
    """Draw the bar.

    Parameters
    ----------
    names : tuple of str
    shares : tuple of float
        Images misread by both, by the first alone, by the second alone.
    kinds : tuple of str
        Classes of the two models' colours.
    word : str
        What happened to the images: of digits, ``"misread"``.
    """
    both, only_a, only_b = shares
    unit = _WIDTH / max(both + only_a + only_b, 1e-9)
    pieces = [
        (0.0, only_a, kinds[0], f"{names[0]} alone"),
        (only_a, both, "shared", "both"),
        (only_a + both, only_b, kinds[1], f"{names[1]} alone"),
    ]
    parts: list[Html] = []
    for start, width, kind, name in pieces:
        note = f"{name}: {width:.4g} images"
        parts.append(box(start * unit, _TOP, width * unit, _BAR, f"piece {kind}", note))
        if width * unit > 1.2 * LETTER * len(f"{width:.4g}") + 4:
            middle = (start + width / 2) * unit
            parts.append(words(middle, _TOP + _BAR / 2 + 5, f"{width:.4g}", f"t count on-{kind.split()[0]}"))
    all_a, all_b = max((only_a + both) * unit, 3), max((only_b + both) * unit, 3)
    above, below = _TOP - 9, _TOP + _BAR + 9
    parts += [
        words(1, above - 9, f"{names[0]}: {only_a + both:.4g}", f"t label {kinds[0]}", "start"),
        stroke(1, above, all_a - 1, above, f"brace {kinds[0]}"),
        words(_WIDTH - 1, below + 19, f"{names[1]}: {only_b + both:.4g}", f"t label {kinds[1]}", "end"),
        stroke(_WIDTH - all_b + 1, below, _WIDTH - 1, below, f"brace {kinds[1]}"),
    ]
    label = f"Images {word}: {names[0]} alone {only_a:.4g}, both {both:.4g}, {names[1]} alone {only_b:.4g}."
    return chart(_WIDTH, _HEIGHT, label, *parts)
