"""The few pieces that the charts of the page are made of.

Colours are classes, so that the page can be light or dark.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import log10

from tenfold.evaluate.page.markup import Child, Html, el

Scale = Callable[[float], float]


def linear(low: float, high: float, start: float, end: float) -> Scale:
    """Map ``low..high`` to the pixels ``start..end``."""
    return lambda value: start + (value - low) / (high - low) * (end - start)


def logarithmic(low: float, high: float, start: float, end: float) -> Scale:
    """Map ``low..high``, both positive, to the pixels ``start..end`` by their logarithms."""
    inner = linear(log10(low), log10(high), start, end)
    return lambda value: inner(log10(value))


def chart(width: float, height: float, label: str, *children: Child) -> Html:
    """An SVG that fills its column; a reader that cannot see it hears the label."""
    return el(
        "svg", *children, viewBox=f"0 0 {width:g} {height:g}", role="img", aria_label=label, class_="chart"
    )


def words(x: float, y: float, text: str, class_: str = "t", anchor: str = "middle") -> Html:
    """Text at a point; ``anchor`` is ``start``, ``middle`` or ``end``."""
    return el("text", text, x=float(x), y=float(y), class_=class_, text_anchor=anchor)


def stroke(x1: float, y1: float, x2: float, y2: float, class_: str = "grid") -> Html:
    """A straight line."""
    return el("line", x1=float(x1), y1=float(y1), x2=float(x2), y2=float(y2), class_=class_)


def levels(left: float, right: float, marks: Iterable[tuple[float, str]]) -> list[Html]:
    """Lines of a grid from left to right, at each height with its words before it."""
    return [
        part
        for y, name in marks
        for part in (stroke(left, y, right, y), words(left - 5, y + 3.5, name, "t soft", "end"))
    ]


def box(x: float, y: float, width: float, height: float, class_: str, title: str | None = None) -> Html:
    """A filled rectangle, with words that appear when it is pointed at."""
    at = {"x": float(x), "y": float(y), "width": float(width), "height": float(height)}
    if title is None:
        return el("rect", class_=class_, **at)
    return el("g", el("title", title), el("rect", class_=class_, **at))


def dot(x: float, y: float, class_: str, title: str | None = None, radius: float = 4.0) -> Html:
    """A point, with words that appear when it is pointed at."""
    circle = el("circle", cx=float(x), cy=float(y), r=float(radius), class_=class_)
    return circle if title is None else el("g", el("title", title), circle)
