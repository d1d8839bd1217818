"""The report of a run: one HTML file, the same pictures as PNG, the figures as JSON, the errors as CSV."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tenfold.evaluate import figures
from tenfold.evaluate.curves import curves
from tenfold.evaluate.evaluation import Evaluation
from tenfold.evaluate.mistakes import mistakes_csv
from tenfold.evaluate.report_page import ReportData, report_document
from tenfold.evaluate.wording import command as command_line
from tenfold.files import make_subfolder, storage, write_atomically
from tenfold.nn import LayerRow

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def write_report(
    evaluation: Evaluation,
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    probabilities: NDArray[np.floating[Any]],
    *,
    title: str,
    out: Path | str,
    history: Sequence[Mapping[str, object]] | None = None,
    layers: Sequence[LayerRow] | None = None,
    recipe: Mapping[str, object] | None = None,
    weight: NDArray[np.floating[Any]] | None = None,
    means: NDArray[np.floating[Any]] | None = None,
    command: str | None = None,
    made: str | None = None,
) -> Path:
    """Write ``report.html``, ``evaluation.json``, ``errors.csv`` and ``figures/*.png`` into a run's folder.

    Each file is written under another name and moved into place, the report last.

    Parameters
    ----------
    evaluation : Evaluation
        From `evaluate`, of these images.
    images : uint8 (n, h, w) or (n, h, w, c)
        What was predicted; of grey ones, ink high.
    labels : int64 (n,)
        True classes.
    probabilities : floats (n, k)
        What the predictor gave.
    title : str
        Heading; any text, it is escaped.
    out : path
        The run's folder; made if it is not there.
    history : sequence of mappings, optional
        One record an epoch, see `curves`; absent for models without epochs.
    layers : sequence of LayerRow, optional
        A network's ``rows()``.
    recipe : mapping, optional
        Settings, nested or not, as a recipe's ``config()`` gives them.
    weight : floats (kh, kw, c_in, c_out) or (h * w * c, c_out), optional
        Of the layer that sees the image, to show its filters.
    means : floats (k, h, w) or (k, h, w, c), optional
        Mean image of each class, ink 0 to 1, as naive Bayes holds them.
    command : str, optional
        What repeats the run; built from the run's facts where not given.
    made : str, optional
        How the run was made, in words, where no command repeats it.

    Returns
    -------
    Path
        Of ``report.html``.

    Raises
    ------
    ShapeError
        If the arrays are not those that were evaluated.
    StorageError
        If the folder cannot be written, or ``figures`` in it is a link.
    """
    material = ReportData(
        title=title,
        evaluation=evaluation,
        images=images,
        labels=labels,
        probabilities=probabilities,
        curves=curves(history or ()),
        layers=layers or (),
        recipe=recipe or {},
        weight=weight,
        means=means,
        command=command or reproduce_command(evaluation),
        made=made,
    )
    folder = Path(out)
    with storage(folder):
        folder.mkdir(parents=True, exist_ok=True)
    _write_pictures(material, folder / "figures")
    _write_data(material, folder)
    return _write_page(material, folder / "report.html")


def reproduce_command(
    evaluation: Evaluation,
    *,
    data: str | None = None,
    start: str | None = None,
    watch: str | None = None,
    network: str | None = None,
) -> str:
    """The command that trains and evaluates the same model on the same data from the same seed.

    Parameters
    ----------
    evaluation : Evaluation
        Its run's facts become options.
    data : str, optional
        Where the images are; the data's name unless given.
    start : str, optional
        The run that the network continued from, or ``"shipped"``.
    watch : str, optional
        What was watched, where that took images from the training.
    network : str, optional
        The file of the user's own with the network, and its function.
    """
    run = evaluation.run
    options = {
        "--network": network,
        "--data": data or evaluation.dataset,
        "--from": start,
        "--epochs": run.epochs,
        "--seed": run.seed,
        "--protocol": run.protocol,
        "--watch": watch,
    }
    name = [] if network else [run.model]
    return command_line("tenfold", "train", *name, options=options)


def _write_pictures(material: ReportData, folder: Path) -> None:
    make_subfolder(folder)
    subject = f"{material.evaluation.run.model} · {material.evaluation.dataset}"
    for name, draw in _drawings(material).items():
        write_atomically(folder / f"{name}.png", figures.png(figures.signed(draw(), subject)))


def _write_data(material: ReportData, folder: Path) -> None:
    """Write what programs read: the mistakes and every figure."""
    evaluation = material.evaluation
    names = evaluation.run.model, evaluation.dataset
    table = mistakes_csv(*names, material.labels, material.probabilities, evaluation.classes)
    write_atomically(folder / "errors.csv", table.encode("utf-8", errors="backslashreplace"))
    write_atomically(folder / "evaluation.json", evaluation.to_json().encode("utf-8"))


def _write_page(material: ReportData, path: Path) -> Path:
    # A lone surrogate, as in a badly decoded file name, has no UTF-8; HTML has a character for it.
    write_atomically(path, report_document(material).encode("utf-8", errors="xmlcharrefreplace"))
    return path


def _drawings(material: ReportData) -> dict[str, Callable[[], Figure]]:
    """Name of each picture and how to draw it; only those that there is something for."""
    scores, classes = material.evaluation.scores, material.evaluation.classes
    shown = material.images, material.labels, material.probabilities
    drawings: dict[str, Callable[[], Figure]] = {
        "samples": lambda: figures.sample_images(material.images, material.labels, classes=classes),
        classes.nouns: lambda: figures.digit_accuracy(scores.counts, classes),
        "error-shares": lambda: figures.error_shares(scores.counts, classes),
        "confusion": lambda: figures.confusion(scores.counts, classes),
        "reliability": lambda: figures.reliability_diagram(scores.calibration),
        "errors": lambda: figures.predictions("wrong", *shown, classes=classes),
        "right": lambda: figures.predictions("right", *shown, classes=classes),
        "uncertain": lambda: figures.predictions("uncertain", *shown, classes=classes),
    }
    if classes.digits:
        drawings["errors-4-9"] = lambda: figures.wrong_predictions(
            *shown, true=(4, 9), predicted=(4, 9), title="4 read as 9 or 9 as 4"
        )
    if material.curves:
        drawings["training"] = lambda: figures.training_curves(material.curves)
    if material.means is not None:
        means = material.means
        drawings["means"] = lambda: figures.class_means(means, classes)
    if material.weight is not None:
        weight = material.weight
        drawings["filters"] = lambda: figures.first_layer_filters(weight, material.images.shape[1:])
    return drawings
