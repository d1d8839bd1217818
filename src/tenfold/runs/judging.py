"""The evaluation of a run on the test images, once, and its report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tenfold.backend.arrays import to_numpy
from tenfold.data import ARRAYS, NAMES, TTA, check_tta
from tenfold.errors import ConfigError, DataError
from tenfold.machine import commit
from tenfold.predict import find_run
from tenfold.runs.models import network_option
from tenfold.runs.record import Record

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenfold.data import Corpus, Dataset
    from tenfold.evaluate import Evaluation, Run
    from tenfold.train import Recipe
    from tenfold.zoo import Model

NAMED = NAMES

Load = Callable[[str | None], "Corpus"]
"""Loads the data that a name or a path stands for."""


class Judged(NamedTuple):
    """An evaluation, the probabilities (n, k) that it is of, and the images with the model's labels."""

    evaluation: Evaluation
    probabilities: NDArray[np.floating[Any]]
    images: Dataset


def judge(model: Model, record: Record, corpus: Corpus, *, tta: TTA | None = None) -> Judged:
    """Return the evaluation on the test images, with test-time augmentation if it is asked for.

    Raises
    ------
    ConfigError
        If the run learnt from these images too.
    """
    if record.train_on == "all":
        raise unmeasured(record)
    return judge_images(model, record, corpus.test, corpus.split, tta=tta)


def judge_images(
    model: Model, record: Record | None, images: Dataset, split: str, *, tta: TTA | None = None
) -> Judged:
    """Return the evaluation on any images with labels; ``split`` says what they are.

    Without a record, nothing is known of the model's training.

    Raises
    ------
    ShapeError, RangeError
        If they have another shape or other classes than the model's.
    """
    from tenfold.evaluate import Run, evaluate, timed
    from tenfold.zoo.matched_classes import of_its_classes

    images = of_its_classes(model, images)
    asked = check_tta(tta)
    predictor = model.predict_proba if asked is None else asked.predictor(model.predict_proba)
    probabilities, seconds = timed(predictor, images.images)
    run = _run(model, record) if record is not None else Run(model.name, parameters=model.n_parameters)
    evaluation = evaluate(probabilities, images, run, split=split, predict_seconds=seconds)
    return Judged(evaluation, probabilities, images)


def _run(model: Model, record: Record) -> Run:
    from tenfold.evaluate import Run

    return Run(
        model=record.model,
        protocol=record.protocol,
        seed=record.seed,
        parameters=model.n_parameters,
        train_images=record.train_images,
        train_first=record.train_first,
        epochs=record.train_epochs,
        chosen_epoch=record.chosen_epoch,
        train_seconds=record.train_seconds,
        device=record.device,
        commit=commit(),
    )


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


def same_data(record: Record, source: str | None, load: Load, option: str = "--data") -> Corpus:
    """Return the data that a run was trained on, from where they were or from ``source``.

    Errors name ``option``, by which ``source`` can be given.

    Raises
    ------
    DataError
        If they are not there, or have changed.
    """
    if source is None and record.dataset_origin == ARRAYS:
        raise DataError(
            f"expected the images of the run, which were given as arrays and are not stored, got none; name "
            f"them with {option}, or in Python pass them: run.evaluate((X, y))"
        )
    corpus = load(source or _data(record))
    check_data(record, corpus, option)
    return corpus


def check_data(record: Record, corpus: Corpus, option: str) -> None:
    """Raise DataError if these are not the data that a run was trained on."""
    if not learnt_from(record, corpus):
        raise DataError(
            f"{corpus.origin}: expected the {record.dataset} images that the run was trained on, "
            f"found others ({corpus.name}); give the right data with {option}"
        )


def learnt_from(record: Record, corpus: Corpus) -> bool:
    """Return whether these are the data that a run was trained on."""
    found = corpus.train.sha256 if record.train_on == "images" else corpus.sha256
    return found == record.dataset_sha256


def _data(record: Record) -> str:
    """Return what ``--data`` was, or a path to the same images."""
    return str(record.dataset if record.dataset in NAMED else record.dataset_origin)


def report_folder(run: Path, out: Path | None) -> Path:
    """Return where the report of a run goes: into its own folder, unless another is named.

    Raises
    ------
    CheckpointError, ConfigError
        If there is no such run, or none is named for one that comes with tenfold.
    """
    if find_run(run) != run and out is None:
        raise ConfigError(f"{run}: expected a folder for its report, got none; name one with --out")
    return out or run


def report(model: Model, record: Record, judged: Judged, out: Path) -> Path:
    """Write the report into a folder and return the path of its page."""
    from tenfold.evaluate import write_report

    evaluation, probabilities, images = judged
    dataset = evaluation.dataset if record.train_on == "images" else record.dataset
    by_hand = _by_hand(record)
    return write_report(
        evaluation,
        images.images,
        images.labels,
        probabilities,
        title=f"{record.model} on {dataset}",
        out=out,
        history=epochs_of(record),
        layers=model.rows() or None,
        recipe=record.recipe or None,
        weight=_first_weight(model),
        means=_means(model),
        command=_command(record, evaluation) if by_hand is None else None,
        made=by_hand,
    )


def _command(record: Record, evaluation: Evaluation) -> str:
    """Return what repeats the run: the command, or the call in Python of a network of one's own."""
    from tenfold.evaluate import reproduce_command

    data = _data(record)
    if record.made_by == "python":
        images = ".train" if record.train_on == "images" else ""
        return f"model.fit(tenfold.load_corpus({data!r}){images}, seed={record.seed})  # in Python"
    return reproduce_command(
        evaluation, data=data, start=record.start, watch=record.watch, network=network_option(record.source)
    )


def _by_hand(record: Record) -> str | None:
    """Return in words how ``fit`` made a run; ``None`` where a command or a call repeats it."""
    if record.made_by != "python":
        return None
    from tenfold.evaluate.wording import plural

    named = _took_named_data(record)
    if named and record.start is None:
        return None
    origin = f"of {record.dataset}" if named else "given there"
    start = "" if record.start is None else ", from the weights that the network had"
    chosen = "" if record.choice is None else f", with {record.choice.images:,} {record.choice.set} images"
    images = plural(record.train_images, "image")
    return f"Trained in Python on {images} {origin}{chosen}{start}, seed {record.seed}."


def _took_named_data(record: Record) -> bool:
    """Return whether ``fit`` was given the data that the record names, and nothing else to choose on.

    What ``fit`` holds out to choose on by itself, it takes from the training images, a share that is fixed.
    """
    from tenfold.data import load_corpus
    from tenfold.zoo.protocols import HELD_OUT

    try:
        named = load_corpus(_data(record), download=False)
    except DataError:
        return False
    recipe = recipe_of(record)
    held_out = round(len(named.train) * HELD_OUT) if recipe is None or recipe.validates else 0
    chosen_on = 0 if record.choice is None else record.choice.images
    same = record.train_images + chosen_on == len(named.train) and chosen_on in (0, held_out)
    return learnt_from(record, named) and same


def recipe_of(record: Record) -> Recipe | None:
    """Return the recipe of a run; ``None`` where it has parts of the user's own, which no name stands for."""
    from tenfold.train import Recipe

    try:
        return Recipe.from_config(record.recipe)
    except ValueError:
        return None


def epochs_of(record: Record) -> list[dict[str, Any]]:
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
    weights = (array for name, array in model.network.params.items() if name.endswith(".weight"))
    first = next(weights, None)
    pixels = int(np.prod(model.network.input_shape))
    seen = first is not None and (first.ndim == 4 or (first.ndim == 2 and len(first) == pixels))
    return to_numpy(first) if seen else None


def _means(model: Model) -> NDArray[Any] | None:
    """Return the mean image of each class (k, h, w), where the model holds them and they are grey."""
    from tenfold.zoo import ClassicalModel

    if not isinstance(model, ClassicalModel) or "means" not in model.state:
        return None
    h, w, c = model.input_shape
    return model.state["means"].reshape(-1, h, w) if c == 1 else None
