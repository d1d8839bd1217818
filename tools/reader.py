"""Train the built-in network, evaluate it, and write its model card: `make reader`.

An interrupted training is resumed. ``--card`` only writes the model card, from ``results/reader.json``.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from tenfold.checkpoint import dump_json, read_json, write_atomically
from tenfold.data import Chain, Dataset, Negatives, load_corpus, split
from tenfold.evaluate.environment import environment
from tenfold.files import TEMPORARY
from tenfold.machine import commit
from tenfold.metrics import corrected, reliability, undoubted
from tenfold.predict.calibrating import augmented, calibrate
from tenfold.predict.reader_recipe import (
    NAME,
    SEED,
    VALIDATION,
    finishing_recipes,
    reader_augmentation,
    reader_network,
    reader_recipe,
)
from tenfold.predict.recogniser import SHIPPED, Recogniser
from tenfold.train import PlainLines
from tenfold.zoo import NetworkModel
from tenfold.zoo.open_set import OpenSetCalibration

ROOT = Path(__file__).parent.parent
RESULTS, CARD = ROOT / "results" / "reader.json", ROOT / "docs" / "model-card.md"
TEMPLATE = Path(__file__).parent / "model_card.md"
SURE = 0.95
AIM = 0.997  # of the test images, with the original labels
_CALIBRATION_SEED, _JUDGING_SEED = 1, 2  # for altering the validation images


def main() -> None:
    """Train, calibrate, evaluate; or only write the card."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=Path, default=ROOT / "runs", metavar="FOLDER")
    options.add_argument("--card", action="store_true", help="only write the model card")
    chosen = options.parse_args()
    if not chosen.card:
        make(chosen.runs)
    write_atomically(CARD, card(read_json(RESULTS)).encode())


def make(runs: Path) -> None:
    """Train, calibrate on validation images, read the test images once, put the network into the package."""
    corpus = load_corpus("mnist")
    train, validation = split(corpus.train, (len(corpus.train) - VALIDATION, VALIDATION), SEED)
    model = NetworkModel(NAME, reader_network(), reader_recipe())
    stages = [stage(model, train, validation, runs / "reader", SEED)]
    for number, recipe in enumerate(finishing_recipes(), start=1):
        model.recipe, run = recipe, runs / f"reader-finish-{number}"
        stages.append(stage(model, train, validation, run, SEED + number, initialise=False))
    model.calibration = calibrate(model, validation, reader_augmentation(), seed=_CALIBRATION_SEED)
    figures = figures_of(model, model.calibration, stages, validation, corpus.test)
    put(model, figures, SHIPPED, RESULTS)


def put(model: NetworkModel, figures: dict[str, Any], folder: Path, results: Path) -> None:
    """Write figures and network; the old network stays until the new one is complete."""
    new, old = (folder.with_name(f"{TEMPORARY}{which}-{folder.name}") for which in ("new", "old"))
    for left_over in (new, old):
        shutil.rmtree(left_over, ignore_errors=True)
    model.save(new)
    write_atomically(results, dump_json(figures))
    if folder.exists():
        folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def stage(
    model: NetworkModel, train: Dataset, validation: Dataset, run: Path, seed: int, *, initialise: bool = True
) -> dict[str, Any]:
    """Train with the model's recipe, or resume; return the record of the training."""
    history = model.fit(
        train,
        validation=validation,
        seed=seed,
        out=run,
        resume=run.exists(),
        callbacks=[PlainLines(sys.stderr)],
        initialise=initialise,
    )
    return {
        "images": len(train),
        "seed": seed,
        "epochs": len(history.rows),
        "seconds": round(sum(row.train_seconds for row in history.rows)),
        "recipe": None if model.recipe is None else model.recipe.config(),
    }


def figures_of(
    model: NetworkModel,
    calibration: OpenSetCalibration,
    stages: list[dict[str, Any]],
    validation: Dataset,
    test: Dataset,
) -> dict[str, Any]:
    """Return the record of the network."""
    found, recogniser = environment(), Recogniser.of(model)
    return {
        "network": model.name,
        "parameters": model.n_parameters,
        "weights_bytes": sum(array.nbytes for array in model.network.params.values()),
        "data": "mnist",
        "stages": stages,
        "calibration": asdict(calibration),
        "validation": on_validation(recogniser, validation),
        "test": on_test(recogniser, test),
        "machine": f"{found.machine}, {found.cores} core{'s' * (found.cores != 1)}",
        "system": found.system,
        "versions": dict(found.versions),
        "commit": commit(),
    }


def on_validation(recogniser: Recogniser, validation: Dataset) -> dict[str, Any]:
    """Return the figures on validation images: unchanged, altered, and made into images without a digit."""
    _, *rest = reader_augmentation().steps
    negatives = {
        "no_digit": Chain([Negatives(share=1.0), *rest]),
        "no_digit_as_made": Chain([Negatives(share=1.0)]),
    }
    images, labels = augmented(validation, Chain(rest), _JUDGING_SEED)
    figures = {
        "as_they_are": judged(recogniser, validation.images, validation.labels),
        "altered": judged(recogniser, images, labels),
    }
    for name, augmentation in negatives.items():
        images, _ = augmented(validation, augmentation, _JUDGING_SEED)
        doubt = recogniser.predict(images).doubt
        figures[name] = {
            "refused": float(np.mean(doubt > recogniser.threshold)),
            "sure": float(np.mean(doubt < 1 - SURE)),
        }
    return figures


def on_test(recogniser: Recogniser, test: Dataset) -> dict[str, Any]:
    """Return the figures on the test images, which are read here and nowhere else."""
    right = recogniser.predict(test.images).probabilities.argmax(axis=1)
    keep = undoubted()
    return judged(recogniser, test.images, test.labels) | {
        "accuracy_ten_corrected": float(np.mean(right == corrected(test.labels))),
        "accuracy_fifteen_left_out": float(np.mean((right == test.labels)[keep])),
    }


def judged(recogniser: Recogniser, images: Any, labels: Any) -> dict[str, Any]:
    """Return the figures on images that show digits."""
    predictions = recogniser.predict(images)
    right = predictions.probabilities.argmax(axis=1) == labels
    named = predictions.doubt <= recogniser.threshold
    sure = predictions.doubt < 1 - SURE
    return {
        "images": len(labels),
        "accuracy": float(np.mean(right)),
        "calibration_error": reliability(labels, predictions.probabilities).expected_error,
        "refused": float(np.mean(~named)),
        "wrong_among_named": float(np.mean(~right[named])),
        "sure_and_wrong": float(np.mean(sure & ~right)),
    }


def card(figures: dict[str, Any]) -> str:
    """Return the model card."""
    test, validation, stages = figures["test"], figures["validation"], figures["stages"]
    calibration = figures["calibration"]
    return TEMPLATE.read_text(encoding="utf-8").format(
        name=figures["network"],
        parameters=figures["parameters"],
        megabytes=figures["weights_bytes"] / 1e6,
        train_images=stages[0]["images"],
        validation_images=validation["as_they_are"]["images"],
        epochs=" + ".join(str(each["epochs"]) for each in stages),
        minutes=sum(each["seconds"] for each in stages) / 60,
        machine=figures["machine"],
        commit=figures["commit"],
        table=_table(test, validation["as_they_are"], validation["altered"]),
        aim=_aim(test["accuracy"], test["images"]),
        temperature=calibration["temperature"],
        threshold=calibration["threshold"],
        refused=_percent(validation["no_digit"]["refused"]),
        refused_plain=_percent(validation["no_digit_as_made"]["refused"]),
        sure=_percent(validation["no_digit"]["sure"]),
        sure_limit=SURE,
    )


def _table(*columns: dict[str, Any]) -> str:
    """Return the card's rows: test images, validation images, altered validation images."""
    rows = [
        ("digits right, original labels", "accuracy"),
        ("digits right, ten labels corrected", "accuracy_ten_corrected"),
        ("digits right, fifteen doubtful images left out", "accuracy_fifteen_left_out"),
        ("digits rejected", "refused"),
        ("errors among the digits that are not rejected", "wrong_among_named"),
        (f"errors with a confidence above {SURE:.2f}", "sure_and_wrong"),
        ("expected calibration error", "calibration_error"),
    ]
    return "\n".join(
        f"| {words} | {' | '.join(_percent(column.get(name)) for column in columns)} |"
        for words, name in rows
    )


def _aim(accuracy: float, images: int) -> str:
    missing = round((AIM - accuracy) * images)
    return "it was reached" if missing <= 0 else f"it was missed by {missing} images"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.2f} %"


if __name__ == "__main__":
    main()
