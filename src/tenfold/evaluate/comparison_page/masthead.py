"""The top of the page: what is compared, and what came out."""

from __future__ import annotations

from collections.abc import Sequence

from tenfold.evaluate.comparison import Comparison, ModelResults, Pair, differs, verdict, warnings
from tenfold.evaluate.comparison_page.intervals_chart import intervals_chart
from tenfold.evaluate.comparison_page.tables import wide_table
from tenfold.evaluate.page.markup import Html, el
from tenfold.evaluate.wording import count, p_value, points


def masthead(comparison: Comparison) -> Html:
    """Title, warnings and verdicts."""
    names = [one.name for one in comparison.models]
    title = f"{names[0]} against {names[1]}" if len(names) == 2 else f"{len(names)} models compared"
    return el(
        "header",
        el("p", "tenfold comparison", class_="eyebrow"),
        el("h1", title),
        _chips(comparison),
        *notes(comparison.models),
        _one(comparison.pairs[0]) if len(comparison.pairs) == 1 else _several(comparison),
    )


def _one(pair: Pair) -> Html:
    """The verdict in words, the difference as a picture."""
    chart = intervals_chart(pair)
    said = el("p", _capital(verdict(pair)) + ".", class_="said")
    return el("div", el("div", said), el("div", chart), class_="headline compared")


def _several(comparison: Comparison) -> Html:
    heads = ("Pair", "What can be said", "Difference", "p (Holm)")
    rows = [
        [
            el("th", f"{pair.a} – {pair.b}", scope="row"),
            el("td", verdict(pair), class_="words"),
            el("td", points(pair.difference, 2), class_="strong" if differs(pair) else None),
            el("td", p_value(pair.p_holm)),
        ]
        for pair in comparison.pairs
    ]
    caption = (
        "Every two models. Difference: accuracy of the first less the second, in points. p is raised by "
        "Holm's method for the number of comparisons; below 0.05 a difference is spoken of."
    )
    return wide_table(caption, heads, rows, "numbers verdicts")


def _chips(comparison: Comparison) -> Html:
    first = comparison.models[0]
    protocols = sorted({one.protocol for one in comparison.models})
    chips = [
        ("data", first.dataset),
        ("test images", count(first.trials[0].images)),
        ("protocol", " and ".join(protocols)),
        ("runs", " + ".join(str(len(one.trials)) for one in comparison.models)),
    ]
    return el("ul", *(el("li", el("span", name), " ", value) for name, value in chips), class_="chips")


def notes(models: Sequence[ModelResults]) -> list[Html]:
    """What limits the comparison, where anything does."""
    return [
        el("p", el("strong", name), " ", text, class_="warning", role="note")
        for name, text in warnings(models)
    ]


def _capital(text: str) -> str:
    """A first word that is no model's name begins with a capital."""
    return text[:1].upper() + text[1:] if text.startswith("no ") else text
