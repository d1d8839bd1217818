"""The sections that show wrong predictions, image by image."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tenfold.evaluate.mistakes import between, mistakes
from tenfold.evaluate.page.errors_list import error_cards, error_filter
from tenfold.evaluate.page.markup import el, join
from tenfold.evaluate.page.material import Material, Section
from tenfold.evaluate.wording import plural

WORST = 120
EACH_PAIR = 3
PAIR_LIMIT = 24


def worst_errors(material: Material) -> Section:
    """Every error where they are few, otherwise the worst and some of each pair."""
    every = mistakes(material.labels, material.probabilities)
    if len(every) == 0:
        return Section(
            "errors", "Errors", el("p", "There are none: every image was read rightly.", class_="note")
        )
    index = _chosen(material, every)
    what = (
        "All errors"
        if len(index) == len(every)
        else f"The {WORST} worst errors and at most {EACH_PAIR} more of each pair of digits"
    )
    lead = el(
        "p",
        f"{what}, those that gave the true digit least probability first. Bars: the probability of each "
        "digit.",
        class_="lead",
    )
    cards = error_cards(
        material.images,
        material.labels,
        material.probabilities,
        index,
        doubtful=material.doubtful,
        anchor="error-cards",
    )
    return Section(
        "errors",
        "Errors",
        join([lead, error_filter(material.probabilities.shape[1], len(index), len(every)), cards]),
    )


def pair_errors(material: Material, pair: tuple[int, int] = (4, 9)) -> Section | None:
    """The errors between two digits that are easily confused."""
    one, other = pair
    if max(pair) >= material.probabilities.shape[1]:
        return None
    index = between(material.labels, material.probabilities, pair)
    heading = f"{one} against {other}"
    if len(index) == 0:
        return Section(
            "pair", heading, el("p", f"No {one} was read as {other}, and no {other} as {one}.", class_="note")
        )
    matrix = material.evaluation.scores.matrix
    more = f" The {PAIR_LIMIT} worst:" if len(index) > PAIR_LIMIT else ""
    lead = el(
        "p",
        f"{one} read as {other}: {plural(int(matrix[one, other]), 'time')}. {other} read as {one}: "
        f"{plural(int(matrix[other, one]), 'time')}.{more}",
        class_="lead",
    )
    cards = error_cards(
        material.images,
        material.labels,
        material.probabilities,
        index[:PAIR_LIMIT],
        doubtful=material.doubtful,
    )
    return Section("pair", heading, join([lead, cards]))


def _chosen(material: Material, every: NDArray[np.int64]) -> NDArray[np.int64]:
    """The worst errors, and the worst few of each pair so that the filter has something to show for all."""
    if len(every) <= 2 * WORST:
        return every
    read = np.argmax(material.probabilities[every], axis=1)
    pair = material.labels[every] * material.probabilities.shape[1] + read  # (m,)
    keep = np.zeros(len(every), dtype=np.bool_)
    keep[:WORST] = True
    for code in np.unique(pair):
        keep[np.flatnonzero(pair == code)[:EACH_PAIR]] = True
    return every[keep]
