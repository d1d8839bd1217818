"""The evaluation as a few lines for the terminal, in ASCII of our own so that any locale can show them."""

from __future__ import annotations

from tenfold.evaluate.classes import Classes
from tenfold.evaluate.evaluation import Evaluation
from tenfold.evaluate.scores import Share
from tenfold.evaluate.stacks import error_shares_by_actual
from tenfold.evaluate.wording import count, nats, percent, plural, seconds


def summary_lines(evaluation: Evaluation) -> list[str]:
    """Return the figures, the data they are of, and their uncertainty.

    Returns
    -------
    list of str
        Lines without line ends; names of runs and data sets are shown with control characters escaped.
    """
    scores, run = evaluation.scores, evaluation.run
    images = plural(scores.share.images, "image")
    rows = {
        "accuracy": _accuracy(scores.share),
        "10 corrected": _accuracy(evaluation.corrected) if evaluation.corrected else None,
        "15 left out": _accuracy(evaluation.without_doubtful) if evaluation.without_doubtful else None,
        "loss": _loss(evaluation),
        "macro recall": f"{percent(scores.macro_recall)}   penalised for imbalance "
        f"{percent(scores.imbalance.penalised)}",
        f"weakest {evaluation.classes.noun}": _weakest(evaluation),
        "most errors": _most_errors(evaluation),
        "calibration": f"expected error {percent(scores.calibration.expected_error)}, "
        f"maximum {percent(scores.calibration.maximum_error)}",
        "time": _times(evaluation),
        "parameters": None if run.parameters is None else count(run.parameters),
    }
    head = f"{_shown(run.model)} on {_shown(evaluation.dataset)}, {images} ({_shown(evaluation.split)})"
    return [head, *(f"  {name:<14} {text}" for name, text in rows.items() if text is not None)]


def weakest(evaluation: Evaluation) -> tuple[int, float]:
    """The class with the lowest recall, the first of equals, and that recall."""
    known = [(value, index) for index, value in enumerate(evaluation.scores.recall) if value is not None]
    value, index = min(known)
    return index, value


def _times(evaluation: Evaluation) -> str | None:
    times = {"training": evaluation.run.train_seconds, "prediction": evaluation.predict_seconds}
    told = [f"{what} {seconds(value)}" for what, value in times.items() if value is not None]
    return ", ".join(told) or None


def _accuracy(share: Share) -> str:
    return (
        f"{percent(share.accuracy)}   95 % interval {percent(share.interval.low)} to "
        f"{percent(share.interval.high)}   {share.wrong:,} of {share.images:,} wrong"
    )


def _loss(evaluation: Evaluation) -> str:
    missed = evaluation.scores.ruled_out
    note = f"   ({_true(missed, evaluation.classes)} ruled out, counted as 36.04 nats each)" if missed else ""
    return f"{nats(evaluation.loss)} nats{note}"


def _true(number: int, classes: Classes) -> str:
    """So many true classes."""
    return plural(number, f"true {classes.noun}", f"true {classes.nouns}")


def _weakest(evaluation: Evaluation) -> str:
    index, value = weakest(evaluation)
    return (
        f"{_shown(evaluation.classes[index])}, recall {percent(value)}   "
        f"spread between {evaluation.classes.nouns} {100 * evaluation.scores.imbalance.spread:.2f} points"
    )


def _most_errors(evaluation: Evaluation) -> str | None:
    """The class that most errors are made with, as the true class."""
    first, *_ = error_shares_by_actual(evaluation.scores.counts)
    if first.images == 0:
        return None
    name, wrong = _shown(evaluation.classes[first.index]), evaluation.scores.share.wrong
    return f"{name}, {first.images:,} of {wrong:,} ({percent(first.share, 1)})"


def _shown(name: str) -> str:
    """Control characters escaped, so that a name cannot steer the terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in name)
