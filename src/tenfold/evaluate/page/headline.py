"""The top of the page: what was measured, on what, how well, and how sure that is."""

from __future__ import annotations

from tenfold.evaluate.evaluation import Evaluation
from tenfold.evaluate.page.accuracy_chart import accuracy_chart
from tenfold.evaluate.page.markup import Html, el
from tenfold.evaluate.page.report_data import ReportData
from tenfold.evaluate.scores import Share
from tenfold.evaluate.summary import weakest
from tenfold.evaluate.wording import count, nats, percent, plural, seconds

_SAMPLE = (
    "Measured on a sample of 5,000 images, not on the 10,000 test images of MNIST. These figures must not be "
    "compared with published ones."
)
_PUBLISHED = (
    "Choices were made as the authors of the published figure made them, some of them on the test images."
)
_HELD_OUT = (
    "These data have no test set with labels. A seventh of the labelled images was held out of the "
    "training to measure on. Of images without labels, no accuracy can be given."
)


def masthead(data: ReportData) -> Html:
    """Title, what was measured on what, warnings, and the accuracy with its interval."""
    evaluation = data.evaluation
    share = evaluation.scores.share
    interval = f"95 % interval {percent(share.interval.low)} to {percent(share.interval.high)} (Wilson)"
    sure = [
        accuracy_chart(share),
        el("p", interval, class_="soft"),
        _other_labels(evaluation.corrected, "With ten test labels corrected"),
        _other_labels(evaluation.without_doubtful, "With the 15 doubtful test labels left out"),
    ]
    return el(
        "header",
        el("p", "tenfold report", class_="eyebrow"),
        el("h1", data.title),
        _chips(data),
        *_warnings(data),
        el("div", _accuracy(share, evaluation.split), el("div", *sure), class_="headline"),
    )


def key_figures(data: ReportData) -> Html:
    """Tiles with one figure each and a line that says what it means."""
    tiles = [
        el("div", el("dt", name), el("dd", figure, class_="figure"), el("dd", note, class_="soft"))
        for name, figure, note in _quality(data.evaluation) + _effort(data.evaluation)
    ]
    return el("dl", *tiles, class_="tiles")


def _accuracy(share: Share, split: str) -> Html:
    number, unit = percent(share.accuracy).split(" ")
    unseen, small = el("span", "Accuracy ", class_="unseen"), el("span", " " + unit, class_="unit")
    verdict = f" {split} images read wrongly." if share.wrong else f" {split} images wrong."
    return el(
        "div",
        el("p", unseen, number, small, class_="big"),
        el("p", el("strong", f"{share.wrong:,} of {share.images:,}"), verdict, class_="verdict"),
    )


def _quality(evaluation: Evaluation) -> list[tuple[str, str, str]]:
    scores = evaluation.scores
    digit, lowest = weakest(evaluation)
    behind = f"recall {percent(lowest)}, {100 * scores.imbalance.spread:.2f} points behind the best"
    worst = f"expected; the worst bin is off by {percent(scores.calibration.maximum_error)}"
    return [
        ("Mean loss", f"{nats(scores.loss)} nats", _loss_note(scores.ruled_out)),
        ("Macro recall", percent(scores.macro_recall), "every digit counts the same"),
        ("Penalised", percent(scores.imbalance.penalised), "macro recall less the deviation between digits"),
        ("Weakest digit", str(digit), behind),
        ("Calibration error", percent(scores.calibration.expected_error), worst),
    ]


def _effort(evaluation: Evaluation) -> list[tuple[str, str, str]]:
    run, images = evaluation.run, evaluation.scores.share.images
    tiles = []
    if evaluation.predict_seconds is not None:
        rate = _rounded(images / max(evaluation.predict_seconds, 1e-9))
        note = f"for {plural(images, 'image')}, {rate} a second"
        tiles.append(("Prediction", seconds(evaluation.predict_seconds), note))
    if run.train_seconds is not None:
        note = plural(run.epochs, "epoch") if run.epochs is not None else "in all"
        which = "" if run.train_first is None else "the first "
        over = f" over {which}{plural(run.train_images, 'image')}" if run.train_images is not None else ""
        tiles.append(("Training", seconds(run.train_seconds), note + over))
    if run.parameters is not None:
        tiles.append(("Parameters", count(run.parameters), "trained numbers"))
    return tiles


def _chips(data: ReportData) -> Html:
    evaluation, run = data.evaluation, data.evaluation.run
    chips = [
        ("model", run.model),
        ("data", evaluation.dataset),
        ("measured on", f"{evaluation.split}, {plural(evaluation.scores.share.images, 'image')}"),
    ]
    if run.protocol is not None:
        chips.append(("protocol", run.protocol))
    if run.seed is not None:
        chips.append(("seed", str(run.seed)))
    return el("ul", *(el("li", el("span", name), " ", value) for name, value in chips), class_="chips")


def _warnings(data: ReportData) -> list[Html]:
    evaluation = data.evaluation
    found = []
    if evaluation.dataset == "mnist-5k":
        found.append(("mnist-5k", _SAMPLE))
    if evaluation.split == "held-out":
        found.append(("held-out", _HELD_OUT))
    elif evaluation.split != "test":
        text = f"Measured on {evaluation.split} images, on which choices may have been made."
        found.append((evaluation.split, text))
    if evaluation.run.protocol == "published":
        found.append(("published protocol", _PUBLISHED))
    return [el("p", el("strong", name), " ", text, class_="warning", role="note") for name, text in found]


def _other_labels(share: Share | None, how: str) -> Html | None:
    if share is None:
        return None
    errors = f"{plural(share.wrong, 'error')} in {share.images:,}"
    return el("p", f"{how}: {percent(share.accuracy)}, {errors}", class_="soft")


def _loss_note(ruled_out: int) -> str:
    if ruled_out:
        return f"{plural(ruled_out, 'true digit')} ruled out, at 36.04 nats each"
    return "surprise at the true digit"


def _rounded(rate: float) -> str:
    return f"{float(f'{rate:.2g}'):,.0f}"
