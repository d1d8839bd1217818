"""The report of a run as a whole page."""

from __future__ import annotations

from math import log1p

import numpy as np
from numpy.typing import NDArray

from tenfold.evaluate.curves import Curves
from tenfold.evaluate.evaluation import Evaluation
from tenfold.evaluate.figures.filters import filter_images
from tenfold.evaluate.mistakes import frequent_pairs, mistakes
from tenfold.evaluate.report_page.accuracy_chart import accuracy_chart
from tenfold.evaluate.report_page.cards import card_list, pair_cards
from tenfold.evaluate.report_page.errors_chart import error_rates_chart, error_shares_chart
from tenfold.evaluate.report_page.known_figures import known_figures
from tenfold.evaluate.report_page.reliability_chart import confidence_chart, reliability_chart
from tenfold.evaluate.report_page.report_data import ReportData, recipe_rows
from tenfold.evaluate.report_page.training_chart import accuracy_curves, loss_curves
from tenfold.evaluate.scores import Calibration, Scores
from tenfold.evaluate.stacks import (
    error_shares_by_actual,
    error_shares_by_predicted,
    stacks_by_actual,
    stacks_by_predicted,
)
from tenfold.evaluate.summary import weakest
from tenfold.evaluate.wording import count, nats, percent, plural, points, seconds
from tenfold.pages import Html, render
from tenfold.pages.images import ink_picture, ink_row, signed_picture

SAMPLES, FILTERS, PAIR_LIMIT, EXAMPLES = 24, 32, 24, 6
CONFUSED = (4, 9)  # two digits that are easily confused
_HERE = "evaluate/report_page"


def report_document(data: ReportData) -> str:
    """The report as HTML, the same text for the same data."""
    words = {function.__name__: function for function in (count, nats, percent, plural, points, seconds)}
    values = {
        "title": f"{data.title} – tenfold report",
        "data": data,
        "evaluation": data.evaluation,
        "scores": data.evaluation.scores,
        "run": data.evaluation.run,
        **words,
        **_summary(data.evaluation),
        **_training(data),
        **_error_charts(data.evaluation.scores),
        **_tables(data),
        **_examples(data),
        **_pictures(data),
    }
    return render(
        f"{_HERE}/report.html.jinja", values, styles=(f"{_HERE}/report.css",), script=f"{_HERE}/report.js"
    )


def _summary(evaluation: Evaluation) -> dict[str, object]:
    """The accuracy and what it can be compared with, and the key figures that need some work."""
    known = known_figures(evaluation)
    return {
        "known": known,
        "accuracy": accuracy_chart(evaluation.scores.share, known),
        "weakest": weakest(evaluation),
        "speed": _speed(evaluation),
    }


def _speed(evaluation: Evaluation) -> str | None:
    """Images predicted in a second, with two figures."""
    if evaluation.predict_seconds is None:
        return None
    rate = evaluation.scores.share.images / max(evaluation.predict_seconds, 1e-9)
    return f"{float(f'{rate:.2g}'):,.0f}"


def _training(data: ReportData) -> dict[str, object]:
    curves, chosen = data.curves, data.evaluation.run.chosen_epoch
    return {
        "accuracy_curves": accuracy_curves(curves.accuracy, chosen),
        "loss_curves": loss_curves(curves.loss, chosen),
        "watched": {one.part for one in curves.accuracy if one.watched},
        "epochs": _epochs_table(curves),
    }


def _error_charts(scores: Scores) -> dict[str, object]:
    """Error rates and shares of all errors, by the digit written and by the digit read."""
    matrix, overall = scores.matrix, 1 - scores.share.accuracy
    written, read = error_shares_by_actual(matrix), error_shares_by_predicted(matrix)
    return {
        "written_rates": error_rates_chart(stacks_by_actual(matrix), "read as", overall),
        "read_rates": error_rates_chart(stacks_by_predicted(matrix), "really", overall),
        "written": written[0],
        "read": read[0],
        "written_shares": error_shares_chart(written, "read as") if scores.share.wrong else None,
        "read_shares": error_shares_chart(read, "really") if scores.share.wrong else None,
    }


def _tables(data: ReportData) -> dict[str, object]:
    """Digits, confusions, calibration, and the facts of the run."""
    scores = data.evaluation.scores
    return {
        "digit_rows": _digit_rows(scores),
        "depth": _depth(scores.matrix),
        "pairs": _pairs(data),
        "reliability": reliability_chart(scores.calibration),
        "confidence": confidence_chart(scores.calibration),
        "worst_bin": _worst_bin(scores.calibration),
        "made": _made(data.evaluation),
        "recipe": recipe_rows(data.recipe),
    }


def _examples(data: ReportData) -> dict[str, object]:
    """Predictions as cards; two digits that are easily confused have a list of their own."""
    has_both = data.probabilities.shape[1] > max(CONFUSED)
    return {
        "errors": card_list("wrong", data),
        "between": pair_cards(data, CONFUSED, PAIR_LIMIT) if has_both else None,
        "uncertain": card_list("uncertain", data),
        "right": card_list("right", data),
    }


def _epochs_table(curves: Curves) -> tuple[list[str], list[list[object]]]:
    """Heads and rows: the figures of each epoch."""
    columns = {
        "Learning rate": {epoch: f"{rate:.3g}" for epoch, rate in curves.learning_rate},
        **{f"{one.label}: accuracy": {e: percent(x) for e, x in one.points} for one in curves.accuracy},
        **{f"{one.label}: loss": {e: nats(x) for e, x in one.points} for one in curves.loss},
    }
    epochs = sorted({epoch for column in columns.values() for epoch in column})
    rows = [[epoch, *(column.get(epoch, "-") for column in columns.values())] for epoch in epochs]
    return ["Epoch", *columns], rows


def _digit_rows(scores: Scores) -> list[list[object]]:
    matrix = scores.matrix
    right, written, read = np.diagonal(matrix), matrix.sum(axis=1), matrix.sum(axis=0)
    return [
        [
            digit,
            count(int(written[digit])),
            count(int(written[digit] - right[digit])),
            percent(scores.recall[digit]),
            count(int(read[digit] - right[digit])),
            percent(scores.precision[digit]),
        ]
        for digit in range(len(matrix))
    ]


def _worst_bin(found: Calibration) -> int:
    """Predictions in the bin whose confidence and accuracy differ most."""
    bins = zip(found.accuracy, found.confidence, found.counts, strict=True)
    return max((abs(a - c), n) for a, c, n in bins if a is not None and c is not None)[1]


def _depth(matrix: NDArray[np.int64]) -> list[list[int]]:
    """How deep the colour of each cell is, in per cent: it grows with the logarithm of the errors."""
    wrong = matrix - np.diag(np.diagonal(matrix))
    most = log1p(max(int(wrong.max()), 1))
    return [[round(100 * log1p(int(n)) / most) for n in row] for row in wrong]


def _pairs(data: ReportData) -> list[tuple[int, int, int, Html]]:
    """The most frequent errors: the digit written, the digit read, how many, and the worst of them."""
    found = []
    for true, read, n in frequent_pairs(data.evaluation.scores.matrix):
        index = mistakes(data.labels, data.probabilities, true=(true,), predicted=(read,))[:EXAMPLES]
        found.append((true, read, n, ink_row(data.images[index], f"{true} read as {read}")))
    return found


def _pictures(data: ReportData) -> dict[str, object]:
    """Images of the data, and what the model holds of them."""
    return {"samples": _samples(data), "means": _means(data), "filters": _filters(data)}


def _samples(data: ReportData) -> list[tuple[int, Html | None]]:
    """The first images of each digit; ``None`` where the data have none."""
    index = [np.flatnonzero(data.labels == digit)[:SAMPLES] for digit in range(data.probabilities.shape[1])]
    return [
        (
            digit,
            ink_row(data.images[some], f"{plural(len(some), 'image')} of the digit {digit}")
            if len(some)
            else None,
        )
        for digit, some in enumerate(index)
    ]


def _means(data: ReportData) -> list[tuple[str, Html]]:
    """The mean image of each digit, where the model has them."""
    if data.means is None:
        return []
    pixels = np.rint(255 * np.clip(data.means, 0, 1)).astype(np.uint8)
    return [(str(digit), ink_picture(mean, f"Mean image of {digit}")) for digit, mean in enumerate(pixels)]


def _filters(data: ReportData) -> tuple[list[tuple[str, Html]], int]:
    """The first filters of the first layer, where there are some, and how many there are in all."""
    if data.weight is None:
        return [], 0
    pictures = filter_images(data.weight)
    shown = [(str(i), signed_picture(one, f"Filter {i}")) for i, one in enumerate(pictures[:FILTERS])]
    return shown, len(pictures)


def _made(evaluation: Evaluation) -> dict[str, str]:
    """The facts of the run that are known."""
    run, where = evaluation.run, evaluation.environment
    first = "" if run.train_first is None else "the first "
    facts = {
        "model": run.model,
        "data": evaluation.dataset,
        "evaluated on": evaluation.split,
        "protocol": run.protocol,
        "seed": None if run.seed is None else str(run.seed),
        "training images": None if run.train_images is None else f"{first}{count(run.train_images)}",
        "epochs": None if run.epochs is None else count(run.epochs),
        "epoch kept": None if run.chosen_epoch is None else str(run.chosen_epoch),
        "training": None if run.train_seconds is None else seconds(run.train_seconds),
        "prediction": None if evaluation.predict_seconds is None else seconds(evaluation.predict_seconds),
        "processor": f"{where.machine}, {plural(where.cores, 'core')}",
        "system": where.system,
        "versions": ", ".join(f"{name} {version}" for name, version in where.versions),
        "commit": run.commit,
    }
    return {name: value for name, value in facts.items() if value is not None}
