"""What the ledger keeps of one trial."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tenfold.runs.judging import Judged
    from tenfold.runs.record import Record


def trial_figures(
    record: Record,
    judged: Judged,
    digest: str,
) -> dict[str, Any]:
    """Return a finished run's figures.

    Parameters
    ----------
    record : Record
        What the run says of itself.
    judged : Judged
        Its evaluation on the test images.
    digest : str
        Of what was trained, see `tenfold.zoo.digest`.
    """
    evaluation, probabilities, images = judged
    share = evaluation.scores.share
    return {
        "seed": record.seed,
        "protocol": record.protocol,
        "digest": digest,
        "parameters": record.parameters,
        "split": _split(record, share.images),
        "epochs": record.train_epochs,
        "epochs_planned": record.recipe.get("epochs"),
        "best_epoch": record.chosen_epoch,
        "images": share.images,
        "accuracy": share.accuracy,
        "accuracy_corrected": evaluation.corrected and evaluation.corrected.accuracy,
        "accuracy_without_doubtful": evaluation.without_doubtful and evaluation.without_doubtful.accuracy,
        "interval": list(share.interval),
        "loss": evaluation.loss,
        "protocol_gain": protocol_gain(record),
        "wrong": wrong(probabilities, images.labels),
        "wrong_corrected": evaluation.corrected and wrong_corrected(probabilities),
        "train_seconds": record.train_seconds,
        "predict_seconds": evaluation.predict_seconds,
        **{
            key: getattr(record, key)
            for key in ("machine", "versions", "commit", "dataset", "dataset_sha256")
        },
        **({} if record.source is None else {"source": dict(record.source)}),
    }


def protocol_gain(record: Record) -> float | None:
    """Return the effect of choosing the epoch on the test images.

    It is the test accuracy of the epoch that was chosen there, less that of the last epoch, which one would
    have ended with. None where no epoch was chosen on test images.
    """
    if record.choice is None or record.choice.set != "test" or record.chosen_epoch is None:
        return None
    recipe = record.recipe
    if recipe["choose"] == "last" and recipe["early_stopping"] is None:
        return None
    accuracies = [row.validation_accuracy for row in record.epochs if row.validation_accuracy is not None]
    gain = accuracies[record.chosen_epoch - 1] - accuracies[-1]
    return round(float(gain), 9)  # a multiple of one image's share, without the subtraction's rounding


def _split(record: Record, test_images: int) -> dict[str, int | None]:
    """Return how many images were used for what, and the seed that drew those that were held out."""
    choice = record.choice
    held_out = choice.images if choice is not None and choice.set == "validation" else 0
    return {
        "train": record.train_images,
        "validation": held_out,
        "test": test_images,
        "seed": record.seed if held_out else None,
    }


def wrong(probabilities: NDArray[Any], labels: NDArray[np.int64]) -> list[int]:
    """Return the indices of the test images that were read wrongly, in the order of the test set."""
    indices: list[int] = (probabilities.argmax(axis=1) != labels).nonzero()[0].tolist()
    return indices


def wrong_corrected(probabilities: NDArray[Any]) -> list[int]:
    """Return which of the ten corrected images of MNIST were not read as their corrected label says."""
    from tenfold.metrics import CORRECTED

    return [index for index, digit in CORRECTED.items() if int(probabilities[index].argmax()) != digit]
