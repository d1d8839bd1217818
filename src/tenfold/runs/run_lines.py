"""A run in words: before it begins, and when it is done."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from tenfold.evaluate import summary_lines
from tenfold.evaluate.wording import seconds
from tenfold.runs.event_files import how_to_look
from tenfold.zoo import of_digits
from tenfold.zoo.classical import DIGITS
from tenfold.zoo.model_input import DIGIT, shape_words

if TYPE_CHECKING:
    from tenfold.runs.job import Job
    from tenfold.runs.pipeline import Finished
    from tenfold.runs.record import Record

UNMEASURED = (
    "accuracy not measured, no report: the run learnt from every labelled image; "
    "without --all-images the same model is measured"
)


def before(job: Job) -> list[str]:
    """Say what is trained and how, and where it can be watched; the first line is the most important."""
    board = None if job.tensorboard is None else f"watch it with {how_to_look(job.tensorboard)}"
    return [_opening(job), *filter(None, (adapted(job), _watching(job), board))]


def after(done: Finished) -> list[str]:
    """Say what came of a training, and where it is."""
    figures = [UNMEASURED] if done.judged is None else summary_lines(done.judged.evaluation)
    return [*figures, _closing(done.record)]


def _opening(job: Job) -> str:
    """Say what is trained, and on what."""
    n, first = len(job.corpus.train), job.entry.first
    images = (
        f"{n:,} training images"
        if first is None or first >= n
        else f"the first {first:,} of {n:,} training images"
    )
    data = f"{job.corpus.name} ({images}, {job.corpus.origin})"
    mixed = ", with as many images of MNIST" if of_digits(job.corpus.train) else ""
    start = "" if job.start is None else f", fine-tuned from {job.start}{mixed}"
    return f"{job.entry.name} on {data}, seed {job.seed}, {job.protocol} protocol{start}"


def adapted(job: Job) -> str | None:
    """Say for which images a model is built, where they are not ten digits of MNIST's shape."""
    data = job.corpus.train
    if (data.classes, data.image_shape) == (DIGITS, DIGIT):
        return None
    return f"{job.entry.name} for {data.classes:,} classes and images of {shape_words(data.image_shape)}"


def _watching(job: Job) -> str | None:
    """Say which images are evaluated after each epoch for looking alone."""
    names = ["training images"] if job.evaluate_train else []
    if job.watches == "validation":
        names.append("validation images (a sixth of the training images, which are not trained on)")
    elif job.watches == "test":
        names.append("test images")
    return f"watching {' and '.join(names)} after each epoch; no choice depends on them" if names else None


def next_steps(folder: Path) -> str:
    """Say what can be done with a finished run."""
    run = shlex.quote(str(folder))
    steps = f"predict FILE --run {run}", f"evaluate {run} --show wrong", f"serve --run {run}"
    return "next: " + ", ".join(f"`tenfold {step}`" for step in steps)


def _closing(record: Record) -> str:
    """Say where a finished run is, and which weights it has."""
    where = f"run {record.run}"
    if record.report is not None:
        where += f", report {record.report}"
    if record.device is not None:
        where += f", trained on {record.device}"
    if record.watched:
        where += f"; watching took {seconds(record.watch_seconds)}"
    if record.chosen_epoch is None:
        return where
    chosen = f"weights of epoch {record.chosen_epoch} of {len(record.epochs)}"
    if record.choice is not None:
        chosen += f", chosen on {record.choice.set} images"
    return f"{where}; {chosen}"
