"""The sections about what was found: training, digits, confusion, reliability."""

from __future__ import annotations

from tenfold.evaluate.mistakes import frequent_pairs
from tenfold.evaluate.page.digits_chart import digits_chart
from tenfold.evaluate.page.error_shares_chart import error_shares_chart
from tenfold.evaluate.page.markup import Html, el, join
from tenfold.evaluate.page.reliability_chart import confidence_chart, reliability_chart
from tenfold.evaluate.page.report_data import ReportData, Section
from tenfold.evaluate.page.tables import confusion_table, digits_table, epochs_table
from tenfold.evaluate.page.training_chart import accuracy_curves, loss_curves
from tenfold.evaluate.stacks import (
    error_shares_by_actual,
    error_shares_by_predicted,
    stacks_by_actual,
    stacks_by_predicted,
)
from tenfold.evaluate.wording import percent, plural


def training(data: ReportData) -> Section | None:
    """Accuracy and loss by epoch, where there is a history."""
    if not data.curves:
        return None
    chosen = data.evaluation.run.chosen_epoch
    note = f" The upright line marks epoch {chosen}, whose weights were kept." if chosen is not None else ""
    return Section(
        "training",
        "Training",
        join(
            [
                el(
                    "p",
                    "Epoch by epoch. The scale of accuracy widens towards 100 %, that of loss is logarithmic."
                    + note
                    + _watched_note(data),
                    class_="lead",
                ),
                el(
                    "div",
                    _figure("Accuracy", accuracy_curves(data.curves.accuracy, chosen)),
                    _figure("Loss, in nats", loss_curves(data.curves.loss, chosen)),
                    class_="two",
                ),
                el("details", el("summary", "The same in numbers"), epochs_table(data.curves)),
            ]
        ),
    )


def _watched_note(data: ReportData) -> str:
    """Say what watched images are, where there are any."""
    watched = {one.part for one in data.curves.accuracy if one.watched}
    if not watched:
        return ""
    note = " Watched images were evaluated after each epoch, and nothing was chosen by them."
    if "test" in watched:
        note += " The test images are among them: they were read after each epoch, not once."
    if "train" in watched:
        note += (
            " On the training images, the dashed line is the mean during the epoch, with dropout and "
            "augmentation where there are any; the watched one is of all of them after it, without."
        )
    return note


def digits(data: ReportData) -> Section:
    """Bars by digit, and the same in numbers."""
    matrix = data.evaluation.scores.matrix
    written, read = stacks_by_actual(matrix), stacks_by_predicted(matrix)
    overall = data.evaluation.accuracy
    panels = [
        _figure(
            "Of each digit written: right, and what the rest was read as",
            digits_chart(written, 0.0, "read as", overall),
        ),
        _figure(
            "Of each digit read: right, and what the rest really was",
            digits_chart(read, 0.0, "really", overall),
        ),
        _figure("Written, the scale from 90 %", digits_chart(written, 0.9, "read as", overall)),
        _figure("Read, the scale from 90 %", digits_chart(read, 0.9, "really", overall)),
    ]
    key = el(
        "p",
        el("span", class_="key right"),
        "right ",
        el("span", class_="key wrong"),
        "errors, each piece marked with the other digit where it fits; the most frequent stands lowest. "
        "↓ marks a digit that is right less often than the scale begins: its bar is cut off. ",
        el("span", class_="key line"),
        f"the dashed line is the accuracy over all images, {percent(overall)}",
        class_="lead",
    )
    numbers = el("details", el("summary", "The same in numbers"), digits_table(data.evaluation.scores))
    return Section("digits", "Digit by digit", join([key, el("div", *panels, class_="two"), numbers]))


def error_shares(data: ReportData) -> Section | None:
    """Which digit makes most of all errors."""
    matrix = data.evaluation.scores.matrix
    written, read = error_shares_by_actual(matrix), error_shares_by_predicted(matrix)
    if written[0].images == 0:
        return None
    total = data.evaluation.scores.share.wrong
    lead = el(
        "p",
        el("b", written[0].digit),
        f" is misread most often: {percent(written[0].share, 1)} of {plural(total, 'error')}. ",
        el("b", read[0].digit),
        f" is the most frequent wrong reading: {percent(read[0].share, 1)}. "
        "Each piece is marked with the other digit where it fits.",
        class_="lead",
    )
    panels = [
        _figure("By digit written, and what it was read as", error_shares_chart(written, "read as")),
        _figure("By digit read, and what it really was", error_shares_chart(read, "really")),
    ]
    return Section("shares", "Share of errors", join([lead, el("div", *panels, class_="two")]))


def confusion(data: ReportData) -> Section:
    """The confusion matrix and its most frequent errors."""
    matrix = data.evaluation.scores.matrix
    pairs = frequent_pairs(matrix)
    items = [
        el("li", el("b", true), " read as ", el("b", read), f": {plural(n, 'time')}")
        for true, read, n in pairs
    ]
    aside = (
        join([el("h3", "Most frequent errors"), el("ol", *items, class_="pairs")])
        if items
        else el("p", "Nothing was confused.", class_="note")
    )
    return Section(
        "confusion", "Confusion", el("div", confusion_table(matrix), el("div", aside), class_="beside")
    )


def reliability(data: ReportData) -> Section:
    """Is confidence to be believed?"""
    found = data.evaluation.scores.calibration
    gaps = [
        (abs(a - c), n)
        for a, c, n in zip(found.accuracy, found.confidence, found.counts, strict=True)
        if a is not None and c is not None
    ]
    _, worst = max(gaps)
    lead = el(
        "p",
        "On the diagonal, what is said with 90 % confidence is right 90 % of the time; above it the "
        "predictor is too modest, below it too sure. The expected error is "
        f"{percent(found.expected_error)}. The largest, {percent(found.maximum_error)}, is that of a bin "
        f"with {plural(worst, 'prediction')}. Hollow dots stand for fewer than ten predictions, "
        "and say little.",
        class_="lead",
    )
    return Section(
        "reliability",
        "Reliability",
        join(
            [
                lead,
                el(
                    "div",
                    _figure("Accuracy by confidence", reliability_chart(found)),
                    _figure("How many predictions, by confidence", confidence_chart(found)),
                    class_="two",
                ),
            ]
        ),
    )


def _figure(caption: str, drawing: Html) -> Html:
    return el("figure", el("figcaption", caption), drawing)
