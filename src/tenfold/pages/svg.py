"""The pieces that charts are drawn from. Colours are classes, so that a page can be light or dark."""

from __future__ import annotations

from html import escape


class Html(str):
    """Markup that is put into a page as it is; Jinja2 asks ``__html__`` for it."""

    __slots__ = ()

    def __html__(self) -> str:
        return self


Child = Html | str | None
_EMPTY = frozenset({"circle", "line", "polyline", "rect"})


def el(tag: str, /, *children: Child, **attributes: str | float | None) -> Html:
    """An element of SVG; strings among the children are escaped, ``Html`` is not, ``None`` is left out.

    A trailing underscore in an attribute's name is removed and others become hyphens (``class_``,
    ``text_anchor``); an attribute that is ``None`` is left out.

    Examples
    --------
    >>> el("text", "a < b", class_="t", x=1.5)
    '<text class="t" x="1.5">a &lt; b</text>'
    """
    given = [
        f'{_attribute_name(key)}="{escape(_number(value))}"'
        for key, value in attributes.items()
        if value is not None
    ]
    start = " ".join([tag, *given])
    inside = "".join(
        child if isinstance(child, Html) else escape(unbroken(child))
        for child in children
        if child is not None
    )
    return Html(f"<{start}/>" if tag in _EMPTY else f"<{start}>{inside}</{tag}>")


def unbroken(text: str) -> str:
    """The text with its numbers and their per cent signs on one line."""
    return text.replace(" %", "\u00a0%")


def chart(width: float, height: float, label: str, *children: Child) -> Html:
    """An SVG that fills its column; a screen reader reads the label."""
    box = f"0 0 {width:g} {height:g}"
    return el("svg", *children, viewBox=box, role="img", aria_label=label, class_="chart")


def words(x: float, y: float, text: str, class_: str = "t", anchor: str = "middle") -> Html:
    """Text at a point; ``anchor`` is ``start``, ``middle`` or ``end``."""
    return el("text", text, x=float(x), y=float(y), class_=class_, text_anchor=anchor)


def stroke(
    x1: float, y1: float, x2: float, y2: float, class_: str = "grid", title: str | None = None
) -> Html:
    """A straight line."""
    return _titled(title, el("line", x1=float(x1), y1=float(y1), x2=float(x2), y2=float(y2), class_=class_))


def box(x: float, y: float, width: float, height: float, class_: str, title: str | None = None) -> Html:
    """A filled rectangle."""
    at = {"x": float(x), "y": float(y), "width": float(width), "height": float(height)}
    return _titled(title, el("rect", class_=class_, **at))


def dot(x: float, y: float, class_: str, title: str | None = None, radius: float = 4.0) -> Html:
    """A point."""
    return _titled(title, el("circle", cx=float(x), cy=float(y), r=float(radius), class_=class_))


def _titled(title: str | None, shape: Html) -> Html:
    """A shape with words that appear when the pointer is on it."""
    return shape if title is None else el("g", el("title", title), shape)


def _attribute_name(key: str) -> str:
    return key if key == "viewBox" else key.rstrip("_").replace("_", "-")


def _number(value: str | float) -> str:
    """Numbers with two decimals at most: a hundredth of a pixel is enough, and the file stays small."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
