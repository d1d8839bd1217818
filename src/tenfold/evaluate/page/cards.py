"""Predictions as cards: the image, what it is, what it was read as, and the probabilities of all digits."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenfold.evaluate.page.markup import Html, el
from tenfold.evaluate.page.pictures import ink_picture
from tenfold.evaluate.wording import chance

WRONG: Mapping[str, str] = {"true": "Digit written", "read": "Digit read"}
RIGHT: Mapping[str, str] = {"true": "Digit", "second": "Second choice"}
"""What cards can be filtered by: the name of the attribute that a card carries, and the words for it."""


def prediction_cards(
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    probabilities: NDArray[np.floating[Any]],
    index: NDArray[np.int64],
    *,
    doubtful: Collection[int] = (),
    anchor: str | None = None,
) -> Html:
    """A list with a card for each image in ``index``, in that order; doubtful labels are marked."""
    cards = [_card(int(i), images[i], int(labels[i]), probabilities[i], int(i) in doubtful) for i in index]
    return el("ul", *cards, class_="cards", id=anchor)


def card_filter(anchor: str, by: Mapping[str, str], digits: int, shown: int, every: int) -> Html:
    """Boxes to tick, a row for each thing to filter by; hidden where scripts do not run.

    Parameters
    ----------
    anchor : str
        Of the cards.
    by : mapping
        `WRONG` or `RIGHT`.
    digits : int
        How many there are.
    shown, every : int
        Cards in the page, and predictions of their kind in all.
    """
    scope = f"all {every:,}" if shown == every else f"{shown:,} of {every:,} are in this page"
    return el(
        "form",
        *(_boxes(key, words, digits) for key, words in by.items()),
        el("button", "Show all", type="button"),
        el("output", scope),
        data_cards=anchor,
        class_="filter",
        hidden=True,
    )


def _boxes(key: str, words: str, digits: int) -> Html:
    boxes = [el("label", el("input", type="checkbox", value=str(digit)), digit) for digit in range(digits)]
    return el("fieldset", el("legend", words), *boxes, data_key=key)


def _card(
    index: int, image: NDArray[np.uint8], true: int, probabilities: NDArray[np.floating[Any]], doubtful: bool
) -> Html:
    order = np.argsort(-probabilities, kind="stable")
    read, second = int(order[0]), int(order[:2][-1])
    other, carried = (second, {"data_second": second}) if read == true else (true, {"data_read": read})
    words = f"Image {index}: a {true} read " + ("rightly" if read == true else f"as {read}")
    read_as = el("span", f"read {read}", class_="is" if read == true else "read")
    odds = el("span", f"{read}: {chance(probabilities[read])} % · {other}: {chance(probabilities[other])} %")
    mark = el("span", "doubtful label", class_="doubt") if doubtful else None
    text = el(
        "div",
        el("p", el("span", f"is {true}", class_="is"), " ", read_as, el("small", f"#{index}")),
        _bars(probabilities, true, read),
        el("p", odds, mark, class_="odds"),
    )
    return el("li", ink_picture(image, words), text, data_true=true, **carried)


def _bars(probabilities: NDArray[np.floating[Any]], true: int, read: int) -> Html:
    classes = {read: "read", true: "true"}
    bars = [
        el(
            "i",
            el("b", digit),
            class_=classes.get(digit),
            style=f"--p:{100 * float(p):.3g}",
            title=f"{digit}: {chance(p)} %",
        )
        for digit, p in enumerate(probabilities)
    ]
    said = ", ".join(f"{digit} {chance(p)} %" for digit, p in enumerate(probabilities) if p >= 0.0005)
    return el("div", *bars, class_="odds-bars", role="img", aria_label=f"Probabilities: {said}")
