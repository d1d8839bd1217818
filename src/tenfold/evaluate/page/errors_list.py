"""Wrong predictions as cards: the image, what it is, what it was read as, and all ten probabilities."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenfold.evaluate.page.markup import Html, el
from tenfold.evaluate.page.pictures import ink_picture
from tenfold.evaluate.wording import chance


def error_cards(
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


def error_filter(digits: int, shown: int, every: int) -> Html:
    """Two choices, by digit written and by digit read; hidden where scripts do not run."""

    def choice(name: str, text: str) -> Html:
        options = [
            el("option", "any", value=""),
            *(el("option", digit, value=str(digit)) for digit in range(digits)),
        ]
        return el("label", text, " ", el("select", *options, id=name))

    scope = f"all {every:,}" if shown == every else f"{shown:,} of {every:,} errors are in this page"
    return el(
        "form",
        choice("pick-true", "Digit written"),
        choice("pick-read", "Digit read"),
        el("button", "Show all", type="button", id="show-all"),
        el("output", scope, id="error-count", for_="pick-true pick-read"),
        id="error-filter",
        class_="filter",
        hidden=True,
    )


def _card(
    index: int, image: NDArray[np.uint8], true: int, probabilities: NDArray[np.floating[Any]], doubtful: bool
) -> Html:
    read = int(np.argmax(probabilities))
    is_, read_as = el("span", f"is {true}", class_="is"), el("span", f"read {read}", class_="read")
    odds = el("span", f"{read}: {chance(probabilities[read])} % · {true}: {chance(probabilities[true])} %")
    mark = el("span", "doubtful label", class_="doubt") if doubtful else None
    text = el(
        "div",
        el("p", is_, " ", read_as, el("small", f"#{index}")),
        _bars(probabilities, true, read),
        el("p", odds, mark, class_="odds"),
    )
    picture = ink_picture(image, f"Image {index}: a {true} read as {read}")
    return el("li", picture, text, data_true=true, data_read=read)


def _bars(probabilities: NDArray[np.floating[Any]], true: int, read: int) -> Html:
    classes = {true: "true", read: "read"}
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
