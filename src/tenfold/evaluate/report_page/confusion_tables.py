"""What is confused with what: a matrix, or the most frequent confusions of more classes than fit into one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log1p

from tenfold.evaluate.classes import Classes
from tenfold.evaluate.mistakes import mistakes
from tenfold.evaluate.report_page.report_data import ReportData
from tenfold.evaluate.scores import Scores
from tenfold.evaluate.wording import count, percent
from tenfold.metrics import ClassCounts
from tenfold.pages import Html
from tenfold.pages.images import image_row

IN_MATRIX = 60  # classes
NARROW = 12  # classes of a matrix that has room for other things next to it
PAIRS, WORST = 50, 30  # rows of the tables in place of a matrix
CLASS_ROWS = 300  # of the table of classes
FREQUENT, EXAMPLES = 5, 6


@dataclass(frozen=True)
class Matrix:
    """The confusion matrix of so few classes that it can be read.

    Attributes
    ----------
    rows : tuple of tuple of (int, int)
        For each true class and predicted class, the images and how deep the colour is, in per cent: it grows
        with the logarithm of the errors.
    """

    rows: tuple[tuple[tuple[int, int], ...], ...]

    @property
    def narrow(self) -> bool:
        """Whether there is room for other things next to it."""
        return len(self.rows) <= NARROW


def confusion_matrix(counts: ClassCounts) -> Matrix | None:
    """Return the matrix; ``None`` of too many classes."""
    if counts.classes > IN_MATRIX:
        return None
    cells = counts.matrix.tolist()
    most = log1p(max((n for _, _, n in counts.pairs.tolist()), default=1))
    return Matrix(
        tuple(
            tuple((n, 0 if i == j else round(100 * log1p(n) / most)) for j, n in enumerate(row))
            for i, row in enumerate(cells)
        )
    )


def pair_rows(counts: ClassCounts, classes: Classes) -> list[Sequence[str]]:
    """Return the most frequent errors: both classes, how many, and their share of the true class's images."""
    return [
        (classes[true], classes[read], count(n), percent(n / int(counts.actual[true]), 1))
        for true, read, n in counts.pairs[:PAIRS].tolist()
    ]


def class_rows(scores: Scores, classes: Classes) -> list[Sequence[str]]:
    """Return a row for each class; of very many, for those with the lowest recall."""
    counts = scores.counts
    order = list(range(len(classes)))
    if len(order) > CLASS_ROWS:
        order = worst_classes(scores)[:CLASS_ROWS]
    return [_class_row(i, scores, counts, classes) for i in order]


def worst_classes(scores: Scores) -> list[int]:
    """Return the classes that occur, those with the lowest recall first."""
    recall = scores.recall
    found = [(value, i) for i, value in enumerate(recall) if value is not None]
    return [i for _, i in sorted(found)]


def worst_rows(scores: Scores, classes: Classes) -> list[Sequence[str]]:
    """Return the classes with the lowest recall: name, images, missed ones, recall."""
    counts = scores.counts
    return [_class_row(i, scores, counts, classes)[:4] for i in worst_classes(scores)[:WORST]]


def _class_row(i: int, scores: Scores, counts: ClassCounts, classes: Classes) -> Sequence[str]:
    right, actual, predicted = (int(each[i]) for each in (counts.right, counts.actual, counts.predicted))
    return (
        *(classes[i], count(actual), count(actual - right), percent(scores.recall[i])),
        *(count(predicted - right), percent(scores.precision[i])),
    )


def frequent_errors(data: ReportData) -> list[tuple[str, str, int, Html]]:
    """The most frequent errors: the true class, the predicted one, how many, and the worst of them."""
    found, classes = [], data.evaluation.classes
    for true, read, n in data.evaluation.scores.counts.pairs[:FREQUENT].tolist():
        index = mistakes(data.labels, data.probabilities, true=(true,), predicted=(read,))[:EXAMPLES]
        alt = f"{classes[true]} {classes.verb} as {classes[read]}"
        found.append((classes[true], classes[read], n, image_row(data.images[index], alt)))
    return found
