"""A run judged on the test images, once, and its report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tenfold.errors import ConfigError, DataError
from tenfold.machine import commit
from tenfold.runs.record import Record

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tenfold.data import Corpus, Dataset
    from tenfold.evaluate import Evaluation
    from tenfold.zoo import Model

NAMED = ("mnist", "mnist-5k")

Load = Callable[[str], "Corpus"]
"""Loads the data that a name or a path stands for."""


class Judged(NamedTuple):
    """An evaluation, and the probabilities (n, k) that it is of."""

    evaluation: Evaluation
    probabilities: NDArray[np.floating[Any]]


def judge(model: Model, record: Record, corpus: Corpus) -> Judged:
    """Return the evaluation on the test images.

    Raises
    ------
    ConfigError
        If the run learnt from these images too.
    """
    from tenfold.evaluate import Run, evaluate, timed

    if record.train_on == "all":
        raise unmeasured(record)
    test = corpus.test
    probabilities, seconds = timed(model.predict_proba, test.images)
    run = Run(
        model=record.model,
        protocol=record.protocol,
        seed=record.seed,
        parameters=model.n_parameters,
        train_images=record.train_images,
        train_first=record.train_first,
        epochs=record.train_epochs,
        chosen_epoch=record.chosen_epoch,
        train_seconds=record.train_seconds,
        commit=commit(),
    )
    found = evaluate(probabilities, test, run, split=corpus.split, predict_seconds=seconds)
    return Judged(found, probabilities)


def unmeasured(record: Record) -> ConfigError:
    """Return the error for a run that learnt from every image, so that none is left to measure it on."""
    return ConfigError(
        f"{record.model} on {record.dataset}: expected a run that left images out to be "
        "measured on, got one that learnt from all; train it without --all-images to measure it"
    )


def up_to(record: Record, epoch: int) -> Record:
    """Return what a run would say of itself if it had ended with an epoch, and its weights."""
    epochs = record.epochs[:epoch]
    seconds = sum(row.train_seconds for row in epochs)
    return replace(record, epochs=epochs, chosen_epoch=epoch, train_seconds=seconds)


def same_data(record: Record, source: str | None, load: Load) -> Corpus:
    """Return the data that a run was trained on, from where they were or from ``source``.

    Raises
    ------
    DataError
        If they are not there, or have changed.
    """
    name = record.dataset
    corpus = load(source or _data(record))
    found = corpus.train.sha256 if record.train_on == "images" else corpus.sha256
    if found != record.dataset_sha256:
        raise DataError(
            f"{corpus.origin}: expected the {name} images that the run was trained on, found others "
            f"({corpus.name}); name theirs with --data"
        )
    return corpus


def _data(record: Record) -> str:
    """Return what ``--data`` was, or a path to the same images."""
    return str(record.dataset if record.dataset in NAMED else record.dataset_origin)


def report(
    model: Model,
    record: Record,
    judged: Judged,
    test: Dataset,
    out: Path,
) -> Path:
    """Write the report into a folder and return the path of its page."""
    from tenfold.evaluate import reproduce_command, write_report

    evaluation, probabilities = judged
    return write_report(
        evaluation,
        test.images,
        test.labels,
        probabilities,
        title=f"{record.model} on {record.dataset}",
        out=out,
        history=_history(record),
        layers=model.rows() or None,
        recipe=record.recipe or None,
        weight=_first_weight(model),
        means=_means(model),
        command=reproduce_command(evaluation, data=_data(record), start=record.start, watch=record.watch),
    )


def _history(record: Record) -> list[dict[str, Any]]:
    """Return the epochs; what the published protocol chose on is called by its name, the test images."""
    on_test = record.choice is not None and record.choice.set == "test"
    return [
        {
            (key.replace("validation", "test") if on_test else key): value
            for key, value in row.to_dict().items()
        }
        for row in record.epochs
    ]


def _first_weight(model: Model) -> NDArray[Any] | None:
    from tenfold.zoo import NetworkModel

    if not isinstance(model, NetworkModel):
        return None
    return next((array for name, array in model.network.params.items() if name.endswith(".weight")), None)


def _means(model: Model) -> NDArray[Any] | None:
    """Return the mean image of each digit (10, 28, 28), where the model holds them."""
    from tenfold.zoo import ClassicalModel

    if not isinstance(model, ClassicalModel) or "means" not in model.state:
        return None
    return model.state["means"].reshape(-1, 28, 28)
