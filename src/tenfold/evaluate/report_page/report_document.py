"""The report of a run as a whole page."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tenfold.evaluate.curves import Curves
from tenfold.evaluate.evaluation import Evaluation
from tenfold.evaluate.figures.filters import filter_images
from tenfold.evaluate.report_page.accuracy_chart import accuracy_chart
from tenfold.evaluate.report_page.cards import card_list, fits_bars, fits_boxes, pair_cards
from tenfold.evaluate.report_page.confusion_tables import (
    IN_MATRIX,
    class_rows,
    confusion_matrix,
    frequent_errors,
    pair_rows,
    worst_rows,
)
from tenfold.evaluate.report_page.errors_chart import (
    MOST,
    error_rates_chart,
    error_shares_chart,
    fits_columns,
    fits_numbers,
)
from tenfold.evaluate.report_page.known_figures import known_figures
from tenfold.evaluate.report_page.reliability_chart import confidence_chart, reliability_chart
from tenfold.evaluate.report_page.report_data import ReportData, recipe_rows
from tenfold.evaluate.report_page.training_chart import accuracy_curves, loss_curves
from tenfold.evaluate.scores import Calibration
from tenfold.evaluate.stacks import (
    error_shares_by_actual,
    error_shares_by_predicted,
    stacks_by_actual,
    stacks_by_predicted,
)
from tenfold.evaluate.summary import weakest
from tenfold.evaluate.wording import count, nats, percent, plural, points, seconds
from tenfold.pages import Html, render
from tenfold.pages.images import image_picture, image_row, row_length, signed_picture

SAMPLES, FILTERS, PAIR_LIMIT = 24, 32, 24
SAMPLED = 60  # classes that are shown
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
        "classes": data.evaluation.classes,
        **words,
        **_summary(data.evaluation),
        **_training(data),
        **_error_charts(data.evaluation),
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


def _error_charts(evaluation: Evaluation) -> dict[str, object]:
    """Error rates and shares of all errors, by the true class and by the predicted one."""
    scores, classes = evaluation.scores, evaluation.classes
    counts, overall = scores.counts, 1 - scores.share.accuracy
    actual, predicted = error_shares_by_actual(counts), error_shares_by_predicted(counts)
    as_, really = f"{classes.verb} as", "really"
    return {
        "columns": fits_columns(classes),
        "numbered": fits_numbers(classes),
        "most_bars": MOST,
        "actual_rates": error_rates_chart(stacks_by_actual(counts), as_, overall, classes),
        "predicted_rates": error_rates_chart(stacks_by_predicted(counts), really, overall, classes),
        "actual": actual[0],
        "predicted": predicted[0],
        "actual_shares": error_shares_chart(actual, as_, classes) if scores.share.wrong else None,
        "predicted_shares": error_shares_chart(predicted, really, classes) if scores.share.wrong else None,
    }


def _tables(data: ReportData) -> dict[str, object]:
    """Classes, confusions, calibration, and the facts of the run."""
    scores, classes = data.evaluation.scores, data.evaluation.classes
    return {
        "class_rows": class_rows(scores, classes),
        "matrix": confusion_matrix(scores.counts),
        "in_matrix": IN_MATRIX,
        "pairs": frequent_errors(data),
        "pair_rows": pair_rows(scores.counts, classes),
        "every_pair": len(scores.confused),
        "worst_rows": worst_rows(scores, classes),
        "reliability": reliability_chart(scores.calibration),
        "confidence": confidence_chart(scores.calibration),
        "worst_bin": _worst_bin(scores.calibration),
        "made": _made(data.evaluation),
        "recipe": recipe_rows(data.recipe),
    }


def _examples(data: ReportData) -> dict[str, object]:
    """Predictions as cards; two digits that are easily confused have a list of their own."""
    classes = data.evaluation.classes
    return {
        "bars": fits_bars(classes),
        "boxes": fits_boxes(classes),
        "confused": data.evaluation.scores.matrix[CONFUSED, CONFUSED[::-1]].tolist()
        if classes.digits
        else None,
        "errors": card_list("wrong", data),
        "between": pair_cards(data, CONFUSED, PAIR_LIMIT) if classes.digits else None,
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


def _worst_bin(found: Calibration) -> int:
    """Predictions in the bin whose confidence and accuracy differ most."""
    bins = zip(found.accuracy, found.confidence, found.counts, strict=True)
    return max((abs(a - c), n) for a, c, n in bins if a is not None and c is not None)[1]


def _pictures(data: ReportData) -> dict[str, object]:
    """Images of the data, and what the model holds of them."""
    colour = data.weight is not None and data.images.ndim == 4
    return {
        "samples": _samples(data),
        "means": _means(data),
        "filters": _filters(data),
        "colour_filters": colour,
    }


def _samples(data: ReportData) -> list[tuple[str, Html | None]]:
    """The first images of each class; ``None`` where the data have none."""
    classes = data.evaluation.classes
    each = row_length(data.images.shape[1:], max(8, min(SAMPLES, 10 * SAMPLES // len(classes))))
    found: list[tuple[str, Html | None]] = []
    for index, name in enumerate(classes.names[:SAMPLED]):
        some = np.flatnonzero(data.labels == index)[:each]
        alt = f"{plural(len(some), 'image')} of the {classes.noun} {name}"
        found.append((name, image_row(data.images[some], alt) if len(some) else None))
    return found


def _means(data: ReportData) -> list[tuple[str, Html]]:
    """The mean image of each class, where the model has them."""
    if data.means is None:
        return []
    pixels, names = np.rint(255 * np.clip(data.means, 0, 1)).astype(np.uint8), data.evaluation.classes.names
    return [
        (name, image_picture(mean, f"Mean image of {name}"))
        for name, mean in zip(names[:SAMPLED], pixels, strict=False)
    ]


def _filters(data: ReportData) -> tuple[list[tuple[str, Html]], int]:
    """The first filters of the first layer, where there are some, and how many there are in all."""
    if data.weight is None:
        return [], 0
    pictures = filter_images(data.weight, data.images.shape[1:])
    shown = [(str(i), _filter(one, f"Filter {i}")) for i, one in enumerate(pictures[:FILTERS])]
    return shown, len(pictures)


def _filter(weights: NDArray[np.float64], alt: str) -> Html:
    """Weights ``(h, w)`` in blue and orange, or of three colours ``(h, w, 3)`` as these, about grey."""
    if weights.ndim == 2:
        return signed_picture(weights, alt)
    return image_picture(np.rint(127.5 * (1 + weights)).astype(np.uint8), alt)


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
        "trained on": run.device,
        "processor": f"{where.machine}, {plural(where.cores, 'core')}",
        "system": where.system,
        "versions": ", ".join(f"{name} {version}" for name, version in where.versions),
        "commit": run.commit,
    }
    return {name: value for name, value in facts.items() if value is not None}
