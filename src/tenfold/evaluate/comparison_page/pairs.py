"""What there is to say about each pair: the evidence, whose errors, and pictures of them."""

from __future__ import annotations

from dataclasses import dataclass

from tenfold.evaluate.comparison import Comparison, ModelResults, Pair, three_accuracies, verdict
from tenfold.evaluate.comparison_page.colours import colour
from tenfold.evaluate.comparison_page.evidence import conventions, evidence, seeds_table
from tenfold.evaluate.comparison_page.intervals_chart import intervals_chart
from tenfold.evaluate.comparison_page.misread import misread
from tenfold.evaluate.comparison_page.models import figure
from tenfold.evaluate.comparison_page.overlap_chart import overlap_chart
from tenfold.evaluate.evaluation import Labelled
from tenfold.evaluate.page.markup import Html, el, join
from tenfold.evaluate.page.report_data import Section

PICTURES, FEWER = 40, 16  # of each kind, where there are few pairs and many
FEW = 3


@dataclass(frozen=True)
class _Two:
    """A pair with its models and their colours."""

    number: int
    pair: Pair
    a: ModelResults
    b: ModelResults
    kinds: tuple[str, str]


def pairs_section(comparison: Comparison, test: Labelled | None) -> Section:
    """The evidence of the one pair, or of each of several, to be opened."""
    places = {one.name: place for place, one in enumerate(comparison.models)}
    every = [
        _Two(
            number,
            pair,
            comparison.models[places[pair.a]],
            comparison.models[places[pair.b]],
            (colour(places[pair.a]), colour(places[pair.b])),
        )
        for number, pair in enumerate(comparison.pairs)
    ]
    if len(every) == 1:
        return Section("evidence", "The evidence", _one(every[0], test))
    return Section("evidence", "Pair by pair", join(_folded(two, len(every), test) for two in every))


def _one(two: _Two, test: Labelled | None) -> Html:
    pair, tables = two.pair, conventions(two.pair, three_accuracies(two.a), three_accuracies(two.b))
    return join(
        [
            el("div", _overlap(two), tables, class_="two"),
            el("div", evidence(pair, 1), seeds_table(pair), class_="two"),
            misread(two.number, two.a, two.b, test, PICTURES),
        ]
    )


def _folded(two: _Two, pairs: int, test: Labelled | None) -> Html:
    """A pair under its verdict, open where there are few."""
    pair, tables = two.pair, conventions(two.pair, three_accuracies(two.a), three_accuracies(two.b))
    return el(
        "details",
        el("summary", f"{pair.a} against {pair.b}", el("span", f": {verdict(pair)}")),
        el(
            "div",
            figure("Difference and its 95 % intervals", intervals_chart(pair)),
            _overlap(two),
            evidence(pair, pairs),
            el("div", tables, seeds_table(pair)),
            class_="two",
        ),
        misread(two.number, two.a, two.b, test, PICTURES if pairs <= FEW else FEWER),
        class_="pair",
        open=pairs <= FEW,
    )


def _overlap(two: _Two) -> Html:
    mean = ", mean over the pairs of runs" if len(two.pair.seeds) > 1 else ""
    return figure(
        f"Images misread{mean}",
        overlap_chart((two.pair.a, two.pair.b), two.pair.images.shares, two.kinds),
    )
