"""Predictions as cards: the image, its class, the predicted class, and probabilities."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tenfold.evaluate.classes import Classes
from tenfold.evaluate.examples import Kind, examples
from tenfold.evaluate.mistakes import pair_mistakes
from tenfold.evaluate.report_page.report_data import ReportData
from tenfold.evaluate.wording import chance
from tenfold.pages import Html
from tenfold.pages.images import image_picture

EACH = 3  # of each pair of classes, in addition to the first cards
LIMITS: dict[Kind, int] = {"wrong": 120, "uncertain": 48, "right": 24}
MOST, MOST_OF_MANY = 400, 200  # cards of a list: of up to ten classes, and of more
TOP = 4  # probabilities of a card where not all classes have room
_BOXES = 200  # letters of all names that there is room for as boxes to tick


@dataclass(frozen=True)
class Bar:
    """The probability of one class; ``kind`` tells the true class and the predicted one from others."""

    name: str
    kind: str | None
    percent: str
    words: str


@dataclass(frozen=True)
class Card:
    """One prediction. ``other`` is the true class, or the second choice where the prediction is right."""

    index: int
    true: int
    read: int
    other: int
    picture: Html
    bars: tuple[Bar, ...]
    chances: tuple[str, str]
    doubtful: bool

    @property
    def right(self) -> bool:
        """Whether the true class was predicted."""
        return self.read == self.true

    @property
    def spoken(self) -> str:
        """The probabilities that are not next to nothing."""
        return ", ".join(f"{bar.name} {bar.words} %" for bar in self.bars if float(bar.percent) >= 0.05)


@dataclass(frozen=True)
class CardList:
    """Cards with the number of predictions of their kind, whether they are all in the page or not."""

    cards: tuple[Card, ...]
    every: int
    of_each_pair: bool = True

    @property
    def scope(self) -> str:
        """How many of the predictions are in the page."""
        shown = len(self.cards)
        return f"all {shown:,}" if shown == self.every else f"{shown:,} of {self.every:,} are in this page"

    def true(self) -> list[int]:
        """The true classes of the cards."""
        return sorted({card.true for card in self.cards})

    def others(self) -> list[int]:
        """The predicted classes of wrong ones, or the second choices of right ones."""
        return sorted({card.other if card.right else card.read for card in self.cards})


def fits_bars(classes: Classes) -> bool:
    """Whether a card has room for a bar of every class with its name below."""
    return len(classes) <= 10 and classes.longest <= 2


def fits_boxes(classes: Classes) -> bool:
    """Whether there is room for a box of every class."""
    return sum(4 + len(name) for name in classes.names) <= _BOXES


def card_list(kind: Kind, data: ReportData) -> CardList:
    """Return all predictions of a kind, or the first of them and a few more of each pair of classes.

    With these the filter has something to show for every class, unless there are too many pairs.
    """
    every, first = examples(kind, data.labels, data.probabilities), LIMITS[kind]
    most = MOST if data.probabilities.shape[1] <= 10 else MOST_OF_MANY
    if len(every) <= min(2 * first, most):
        return CardList(_cards(data, every), len(every))
    read = np.argmax(data.probabilities[every], axis=1)
    rank = _ranks(data.labels[every] * data.probabilities.shape[1] + read)  # (m,)
    rank[:first] = -1
    wanted = np.flatnonzero(rank < EACH)
    kept = np.sort(wanted[np.argsort(rank[wanted], kind="stable")][:most])
    return CardList(_cards(data, every[kept]), len(every), of_each_pair=len(wanted) <= most)


def _ranks(codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many equal codes come before each, ``(m,)``."""
    order = np.argsort(codes, kind="stable")
    begins = np.r_[True, codes[order][1:] != codes[order][:-1]]
    place = np.arange(len(codes))
    rank = np.empty(len(codes), np.int64)
    rank[order] = place - np.maximum.accumulate(np.where(begins, place, 0))
    return rank


def pair_cards(data: ReportData, pair: tuple[int, int], most: int) -> tuple[Card, ...]:
    """Return the worst errors between two classes."""
    return _cards(data, pair_mistakes(data.labels, data.probabilities, pair)[:most])


def _cards(data: ReportData, index: NDArray[np.int64]) -> tuple[Card, ...]:
    return tuple(_card(data, int(i)) for i in index)


def _card(data: ReportData, index: int) -> Card:
    classes = data.evaluation.classes
    probabilities, true = data.probabilities[index], int(data.labels[index])
    order = np.argsort(-probabilities, kind="stable")
    read, second = int(order[0]), int(order[:2][-1])
    shown: Iterable[int] = range(len(classes))
    if not fits_bars(classes):
        top = order[:TOP].tolist()
        shown = top if true in top else [*top[:-1], true]
    kinds = {read: "read", true: "true"}
    bars = tuple(
        Bar(classes[i], kinds.get(i), f"{100 * float(probabilities[i]):.3g}", chance(probabilities[i]))
        for i in shown
    )
    told = "correctly" if read == true else f"as {classes[read]}"
    words = f"Image {index}: {_a(classes, true)} {classes.verb} {told}"
    other = second if read == true else true
    chances = chance(probabilities[read]), chance(probabilities[other])
    picture = image_picture(data.images[index], words)
    return Card(index, true, read, other, picture, bars, chances, index in data.doubtful)


def _a(classes: Classes, index: int) -> str:
    return f"{'a ' if classes.digits else ''}{classes[index]}"
