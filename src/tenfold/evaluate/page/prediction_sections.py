"""The sections that show predictions, image by image: wrong ones, and right ones beside them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tenfold.evaluate.examples import Kind, examples
from tenfold.evaluate.mistakes import between
from tenfold.evaluate.page.cards import RIGHT, WRONG, card_filter, prediction_cards
from tenfold.evaluate.page.markup import Html, el, join
from tenfold.evaluate.page.report_data import ReportData, Section
from tenfold.evaluate.wording import plural

WORST = 120
UNCERTAIN = 48
AT_RANDOM = 24
EACH = 3
PAIR_LIMIT = 24
_BARS = "Bars: the probability of each digit."


def worst_errors(data: ReportData) -> Section:
    """Every error where they are few, otherwise the worst and some of each pair."""
    every, index = _some("wrong", data, WORST)
    if len(every) == 0:
        return _none("errors", "Errors", "There are none: every image was read rightly.")
    what = (
        "All errors"
        if len(index) == len(every)
        else f"The {WORST} worst errors and at most {EACH} more of each pair of digits"
    )
    lead = f"{what}, those that gave the true digit least probability first. {_BARS}"
    by = card_filter("error-cards", WRONG, data.probabilities.shape[1], len(index), len(every))
    return Section("errors", "Errors", join([_lead(lead), by, _cards(data, index, "error-cards")]))


def pair_errors(data: ReportData, pair: tuple[int, int] = (4, 9)) -> Section | None:
    """The errors between two digits that are easily confused."""
    one, other = pair
    if max(pair) >= data.probabilities.shape[1]:
        return None
    index = between(data.labels, data.probabilities, pair)
    heading = f"{one} against {other}"
    if len(index) == 0:
        return _none("pair", heading, f"No {one} was read as {other}, and no {other} as {one}.")
    matrix = data.evaluation.scores.matrix
    more = f" The {PAIR_LIMIT} worst:" if len(index) > PAIR_LIMIT else ""
    lead = (
        f"{one} read as {other}: {plural(int(matrix[one, other]), 'time')}. {other} read as {one}: "
        f"{plural(int(matrix[other, one]), 'time')}.{more}"
    )
    return Section("pair", heading, join([_lead(lead), _cards(data, index[:PAIR_LIMIT])]))


def least_certain(data: ReportData) -> Section:
    """Right predictions that had the least probability."""
    heading = "Right, but least certain"
    every, index = _some("uncertain", data, UNCERTAIN)
    if len(every) == 0:
        return _none("uncertain", heading, "There are none: no image was read rightly.")
    lead = (
        "Images that were read rightly, those with the least probability first: what the predictor finds "
        f"hard. The second choice is the digit that came next. {_BARS}"
    )
    by = card_filter("uncertain-cards", RIGHT, data.probabilities.shape[1], len(index), len(every))
    return Section("uncertain", heading, join([_lead(lead), by, _cards(data, index, "uncertain-cards")]))


def right_at_random(data: ReportData) -> Section | None:
    """Right predictions as they come."""
    every, index = _some("right", data, AT_RANDOM)
    if len(every) == 0:
        return None
    lead = (
        "Images that were read rightly, drawn at random (the same ones for the same images): what is usual. "
        f"{_BARS}"
    )
    by = card_filter("right-cards", RIGHT, data.probabilities.shape[1], len(index), len(every))
    return Section("right", "Right, at random", join([_lead(lead), by, _cards(data, index, "right-cards")]))


def _some(kind: Kind, data: ReportData, first: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Predictions of a kind: all, and the first of them with a few more of each pair of digits.

    With these the filter has something to show for every digit.
    """
    every = examples(kind, data.labels, data.probabilities)
    if len(every) <= 2 * first:
        return every, every
    read = np.argmax(data.probabilities[every], axis=1)
    pair = data.labels[every] * data.probabilities.shape[1] + read  # (m,)
    keep = np.zeros(len(every), dtype=np.bool_)
    keep[:first] = True
    for code in np.unique(pair):
        keep[np.flatnonzero(pair == code)[:EACH]] = True
    return every, every[keep]


def _cards(data: ReportData, index: NDArray[np.int64], anchor: str | None = None) -> Html:
    arrays = data.images, data.labels, data.probabilities
    return prediction_cards(*arrays, index, doubtful=data.doubtful, anchor=anchor)


def _lead(words: str) -> Html:
    return el("p", words, class_="lead")


def _none(anchor: str, heading: str, words: str) -> Section:
    return Section(anchor, heading, el("p", words, class_="note"))
