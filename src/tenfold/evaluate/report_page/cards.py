"""Predictions as cards: the image, its digit, the digit read, and the probabilities of all digits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tenfold.evaluate.examples import Kind, examples
from tenfold.evaluate.mistakes import pair_mistakes
from tenfold.evaluate.report_page.report_data import ReportData
from tenfold.evaluate.wording import chance
from tenfold.pages import Html
from tenfold.pages.images import ink_picture

EACH = 3  # of each pair of digits, in addition to the first cards
LIMITS: dict[Kind, int] = {"wrong": 120, "uncertain": 48, "right": 24}


@dataclass(frozen=True)
class Bar:
    """The probability of one digit; ``kind`` is its class, if it is the true digit or the one read."""

    digit: int
    kind: str | None
    percent: str
    words: str


@dataclass(frozen=True)
class Card:
    """One prediction. ``other`` is the true digit, or the second choice where the true digit was read."""

    index: int
    true: int
    read: int
    other: int
    picture: Html
    bars: tuple[Bar, ...]
    doubtful: bool

    @property
    def right(self) -> bool:
        """Whether the true digit was read."""
        return self.read == self.true

    @property
    def spoken(self) -> str:
        """The probabilities that are not next to nothing."""
        return ", ".join(f"{bar.digit} {bar.words} %" for bar in self.bars if float(bar.percent) >= 0.05)


@dataclass(frozen=True)
class CardList:
    """Cards with the number of predictions of their kind, whether they are all in the page or not."""

    cards: tuple[Card, ...]
    every: int

    @property
    def scope(self) -> str:
        """How many of the predictions are in the page."""
        shown = len(self.cards)
        return f"all {shown:,}" if shown == self.every else f"{shown:,} of {self.every:,} are in this page"


def card_list(kind: Kind, data: ReportData) -> CardList:
    """Return all predictions of a kind, or the first of them and a few more of each pair of digits.

    With these the filter has something to show for every digit.
    """
    every, first = examples(kind, data.labels, data.probabilities), LIMITS[kind]
    if len(every) <= 2 * first:
        return CardList(_cards(data, every), len(every))
    read = np.argmax(data.probabilities[every], axis=1)
    pair = data.labels[every] * data.probabilities.shape[1] + read  # (m,)
    keep = np.zeros(len(every), dtype=np.bool_)
    keep[:first] = True
    for code in np.unique(pair):
        keep[np.flatnonzero(pair == code)[:EACH]] = True
    return CardList(_cards(data, every[keep]), len(every))


def pair_cards(data: ReportData, pair: tuple[int, int], most: int) -> tuple[Card, ...]:
    """Return the worst errors between two digits."""
    return _cards(data, pair_mistakes(data.labels, data.probabilities, pair)[:most])


def _cards(data: ReportData, index: NDArray[np.int64]) -> tuple[Card, ...]:
    return tuple(_card(data, int(i)) for i in index)


def _card(data: ReportData, index: int) -> Card:
    probabilities, true = data.probabilities[index], int(data.labels[index])
    order = np.argsort(-probabilities, kind="stable")
    read, second = int(order[0]), int(order[:2][-1])
    kinds = {read: "read", true: "true"}
    bars = tuple(
        Bar(digit, kinds.get(digit), f"{100 * float(p):.3g}", chance(p))
        for digit, p in enumerate(probabilities)
    )
    words = f"Image {index}: a {true} read " + ("correctly" if read == true else f"as {read}")
    other = second if read == true else true
    picture = ink_picture(data.images[index], words)
    return Card(index, true, read, other, picture, bars, index in data.doubtful)
