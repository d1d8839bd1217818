"""HTML and SVG as values: text is escaped unless it is markup already, so nothing can slip in by a name."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape


class Html(str):
    """Markup that is safe to stand in a page as it is."""

    __slots__ = ()


Child = Html | str | int | None
_EMPTY_HTML = frozenset({"br", "img", "input", "meta"})
_EMPTY_SVG = frozenset({"circle", "line", "polyline", "rect"})


def el(tag: str, /, *children: Child, **attributes: str | float | bool | None) -> Html:
    """An element; strings among the children are escaped, ``Html`` is not, ``None`` is left out.

    A trailing underscore in an attribute's name falls away and others become hyphens (``class_``,
    ``data_true``); ``True`` writes the bare name, ``None`` and ``False`` leave it out.

    Examples
    --------
    >>> el("p", "a < b", class_="note")
    '<p class="note">a &lt; b</p>'
    """
    parts = [tag]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        key = key.rstrip("_").replace("_", "-")
        parts.append(key if value is True else f'{key}="{escape(_text(value))}"')
    start = " ".join(parts)
    if tag in _EMPTY_SVG:
        return Html(f"<{start}/>")
    if tag in _EMPTY_HTML:
        return Html(f"<{start}>")
    return Html(f"<{start}>{join(children)}</{tag}>")


def join(children: Iterable[Child]) -> Html:
    """Children one after the other; text is escaped, and keeps a number and its % on one line."""
    return Html(
        "".join(
            child if isinstance(child, Html) else escape(str(child)).replace(" %", "\u00a0%")
            for child in children
            if child is not None
        )
    )


def _text(value: str | float) -> str:
    """Numbers with two decimals at most: a hundredth of a pixel is enough, and the file stays small."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
