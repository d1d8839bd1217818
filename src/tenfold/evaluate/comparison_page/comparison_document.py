"""The whole page of a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tenfold import metrics
from tenfold.errors import ShapeError
from tenfold.evaluate.comparison import (
    Comparison,
    ModelResults,
    Pair,
    differs,
    three_accuracies,
    verdict,
    warnings,
)
from tenfold.evaluate.comparison.compare import knows_doubtful, started
from tenfold.evaluate.comparison.evidence import evidence, label_rows, seed_rows
from tenfold.evaluate.comparison.tables import runs_of
from tenfold.evaluate.comparison_page.cost_chart import Cost, cost_chart
from tenfold.evaluate.comparison_page.difference_chart import difference_chart
from tenfold.evaluate.comparison_page.error_axis import colour
from tenfold.evaluate.comparison_page.misread import galleries
from tenfold.evaluate.comparison_page.overlap_chart import overlap_chart
from tenfold.evaluate.comparison_page.runs_chart import means_chart, runs_chart
from tenfold.evaluate.evaluation import Labelled
from tenfold.evaluate.tables.overview import times_texts
from tenfold.evaluate.tables.runs import EXPLAINED
from tenfold.evaluate.wording import count, p_value, percent, plural, points
from tenfold.files import storage, write_atomically
from tenfold.pages import render

PAGE = "comparison.html"
PICTURES, FEWER = 40, 16  # of each kind, where there are few pairs and many
FEW = 3
SEEDS = 20  # pairs of runs that a table has room for
_HERE = "evaluate/comparison_page"


def comparison_document(comparison: Comparison, test: Labelled | None, command: str) -> str:
    """The comparison as HTML, the same text for the same figures.

    Parameters
    ----------
    comparison : Comparison
    test : Labelled or None
        The test images, to show those that were misread.
    command : str
        The command that makes the page again.

    Raises
    ------
    ShapeError
        If these are not as many images as were evaluated.
    """
    _check(comparison, test)
    models = comparison.models
    names = [one.name for one in models]
    more = f" and {len(models) - 2} more" if len(models) > 2 else ""
    words = (count, differs, p_value, plural, points, runs_of, verdict)
    values = {function.__name__: function for function in words} | {
        "title": f"{names[0]} and {names[1]}{more} – tenfold comparison",
        "comparison": comparison,
        "models": models,
        "sentence": _sentence(verdict(comparison.pairs[0])),
        "warnings": warnings(models),
        "pairs": [_pair(comparison, pair, test) for pair in comparison.pairs],
        "command": command,
        "doubtful": knows_doubtful(models),
        "made": _made(models),
        **_models(models),
    }
    return render(f"{_HERE}/comparison.html.jinja", values, styles=(f"{_HERE}/comparison.css",))


def write_comparison(comparison: Comparison, test: Labelled | None, out: Path | str, command: str) -> Path:
    """Write ``comparison.html`` into a folder and return its path.

    Raises
    ------
    ShapeError
        If these are not the test images that the models were evaluated on.
    StorageError
        If the folder cannot be written.
    """
    return write_page(Path(out) / PAGE, comparison_document(comparison, test, command))


def write_page(path: Path, page: str) -> Path:
    """Write a page and make its folder; a character that UTF-8 lacks is written by its number."""
    with storage(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, page.encode("utf-8", errors="xmlcharrefreplace"))
    return path


def _models(models: Sequence[ModelResults]) -> dict[str, object]:
    """The models, each by itself: figures, runs, costs."""
    return {
        "rows": [_row(i, one, doubtful=knows_doubtful(models)) for i, one in enumerate(models)],
        "explained": EXPLAINED,
        "runs": runs_chart(models),
        "means": means_chart(models),
        "costs": [cost_chart(models, cost) for cost in (TRAINING_TIME, PARAMETERS)],
        "without_parameters": [one.name for one in models if one.parameters is None],
        "untimed": [one.name for one in models if one.timed is None],
    }


def _check(comparison: Comparison, test: Labelled | None) -> None:
    images = comparison.models[0].trials[0].images
    if test is not None and (len(test.labels) != images or test.images.dtype != np.uint8):
        raise ShapeError(
            f"comparison: expected the {images} test images as uint8, got {len(test.labels)} as "
            f"{test.images.dtype}; pass those that the models were evaluated on"
        )


def _row(i: int, one: ModelResults, *, doubtful: bool) -> tuple[str, str, list[str]]:
    """A model's colour, its name and its figures; those of other labels only where these are known."""
    accuracies = one.accuracies
    deviation = f"{100 * float(np.std(accuracies, ddof=1)):.3f}" if len(accuracies) > 1 else "-"
    cells = [
        count(len(one.trials)),
        *(percent(value, 3) for value in list(three_accuracies(one).values())[: 3 if doubtful else 1]),
        deviation,
        *times_texts(one.timed),
        count(one.parameters),
    ]
    return colour(i), one.name, cells


def _sentence(words: str) -> str:
    """A verdict as a sentence; a model's name keeps its first letter."""
    return f"{words[:1].upper() + words[1:] if words.startswith('no ') else words}."


def _made(models: Sequence[ModelResults]) -> dict[str, str]:
    """The runs that were compared, and their data."""
    rows = {
        one.name: f"{one.protocol} protocol, {plural(len(one.trials), 'run')}, "
        f"seeds {', '.join(str(trial.seed) for trial in one.trials)}"
        + ("" if one.start is None else f", {started(one)}")
        for one in models
    }
    return rows | {"data": f"{models[0].dataset}, SHA-256 {models[0].dataset_sha256[:16]}…"}


def _pair(comparison: Comparison, pair: Pair, test: Labelled | None) -> dict[str, object]:
    """Everything about two models."""
    places = {one.name: place for place, one in enumerate(comparison.models)}
    a, b = (comparison.models[places[name]] for name in (pair.a, pair.b))
    pairs = len(comparison.pairs)
    kinds = colour(places[pair.a]), colour(places[pair.b])
    return {
        "pair": pair,
        "runs": (len(a.trials), len(b.trials)),
        "difference": difference_chart(pair),
        "overlap": overlap_chart((pair.a, pair.b), pair.images.shares, kinds, pair.misread),
        "evidence": evidence(pair, pairs),
        "labels": label_rows(pair, a, b),
        "seeds": seed_rows(pair) if len(pair.seeds) <= SEEDS else None,
        "is_mnist": test is not None and metrics.is_mnist_test(test.labels),
        "galleries": [] if test is None else galleries(a, b, test, PICTURES if pairs <= FEW else FEWER),
    }


def _short_seconds(duration: float) -> str:
    """A duration in one unit, for an axis."""
    for unit, name in ((3600, "h"), (60, "min"), (1, "s")):
        if duration >= unit:
            return f"{duration / unit:.3g} {name}"
    return f"{1000 * duration:.3g} ms"


def _short_count(number: float) -> str:
    """A count for an axis: 61,706, or 1.2 million."""
    return f"{number / 1e6:.3g} million" if number >= 1e6 else f"{number:,.0f}"


TRAINING_TIME = Cost(
    "training time",
    lambda one: None if one.timed is None else one.timed.train.median,
    _short_seconds,
    (
        *(1, 60, 3600, 10, 600, 36_000, 0.1, 0.01, 0.001, 360_000),
        *(2, 5, 20, 30, 120, 300, 1200, 1800, 7200, 18_000, 72_000, 180_000),
    ),
)
PARAMETERS = Cost(
    "parameters",
    lambda one: None if one.parameters is None else float(one.parameters),
    _short_count,
    tuple(step * 10.0**power for step in (1, 3, 2, 5) for power in range(2, 10)),
)
