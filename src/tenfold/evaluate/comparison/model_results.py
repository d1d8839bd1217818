"""A model's trials on one set of test images, the input of a comparison."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenfold.errors import DataError
from tenfold.metrics import CORRECTED
from tenfold.quoting import message
from tenfold.train.former_names import figures_today
from tenfold.zoo import PublishedRun, Times


@dataclass(frozen=True)
class Result:
    """The figures of one training run on the test images.

    Attributes
    ----------
    seed : int
    images : int
        Test images.
    accuracy : float
        With the labels as given.
    accuracy_corrected, accuracy_without_doubtful : float or None
        With the labels corrected that readers corrected, and with the doubtful ones left out; ``None`` where
        that is not known, as on other images than MNIST's.
    train_seconds, predict_seconds : float or None
        While it ran next to other work: they do not measure speed. ``None`` if they are not known.
    wrong : tuple of int
        Indices of the test images that were misread.
    wrong_corrected : tuple of int, or None
        Which of the ten images whose labels are corrected were misread by the corrected ones; ``None`` where
        that is not known.
    protocol_gain : float or None
        Gain in accuracy from choosing on the test images; ``None`` if nothing was chosen there.
    loss : float or None
        Mean loss on the test images, in nats.
    epochs, best_epoch : int or None
        How many were run, and whose weights were kept, from 1.
    """

    seed: int
    images: int
    accuracy: float
    accuracy_corrected: float | None
    accuracy_without_doubtful: float | None
    train_seconds: float | None
    predict_seconds: float | None
    wrong: tuple[int, ...]
    wrong_corrected: tuple[int, ...] | None = None
    protocol_gain: float | None = None
    loss: float | None = None
    epochs: int | None = None
    best_epoch: int | None = None

    @property
    def errors(self) -> int:
        """How many images were misread."""
        return len(self.wrong)

    def flags(self) -> NDArray[np.bool_]:
        """Which images were misread, ``(images,)``."""
        found = np.zeros(self.images, dtype=np.bool_)
        found[list(self.wrong)] = True
        return found

    def flags_corrected(self) -> NDArray[np.bool_]:
        """Which images of MNIST were misread by the corrected labels, ``(images,)``, where that is known."""
        found = self.flags()
        found[list(CORRECTED)] = False
        found[list(self.wrong_corrected or ())] = True
        return found


@dataclass(frozen=True)
class ModelResults:
    """A model with its trials, sorted by seed.

    Attributes
    ----------
    name, protocol : str
    parameters : int or None
        ``None`` where the model keeps its training images instead.
    dataset, dataset_sha256 : str
        The data of training and evaluation.
    trials : tuple of Result
        At least one.
    deterministic : bool
        Whether its training is deterministic, so that every seed gives the same trial.
    chooses : bool
        Whether anything is chosen on images apart from those trained on, so that the protocol matters.
    published : tuple of PublishedRun
        The runs that the authors of the model report.
    timed : Times or None
        How long it takes on a quiet machine, where that was measured.
    start : str or None
        The run that the network continued from, or ``"shipped"``; ``"given"`` if it had weights already.
    digits : bool
        Whether the images are digits, as far as is known.
    """

    name: str
    protocol: str
    parameters: int | None
    dataset: str
    dataset_sha256: str
    trials: tuple[Result, ...]
    deterministic: bool = False
    chooses: bool = True
    published: tuple[PublishedRun, ...] = ()
    timed: Times | None = None
    start: str | None = None
    digits: bool = True

    @property
    def accuracies(self) -> NDArray[np.float64]:
        """Accuracy of each trial, labels as given."""
        return np.array([trial.accuracy for trial in self.trials])

    @property
    def choices_under(self) -> str:
        """The protocol, or "either" if nothing is chosen."""
        return self.protocol if self.chooses else "either"

    def misread(self) -> NDArray[np.float64]:
        """Share of the trials that misread each test image, ``(n,)``."""
        share: NDArray[np.float64] = np.mean([trial.flags() for trial in self.trials], axis=0)
        return share

    def mean(self, figure: Callable[[Result], float | None]) -> float | None:
        """Mean of a figure over the trials; ``None`` where one of them has none."""
        found = [value for value in map(figure, self.trials) if value is not None]
        return fmean(found) if len(found) == len(self.trials) else None


def from_ledger(found: Any, where: str, *, deterministic: bool = False, chooses: bool = True) -> ModelResults:
    """Read a model's trials.

    Parameters
    ----------
    found : object
        The content of a file of the ledger.
    where : str
        Its name, for errors.
    deterministic, chooses : bool
        As in `ModelResults`.

    Raises
    ------
    DataError
        If it was not written by trials, or its trials are of different data.
    """
    try:
        trials = tuple(sorted(map(_trial, found["trials"]), key=lambda trial: trial.seed))
        data = {(one["dataset"], one["dataset_sha256"], one["images"]) for one in found["trials"]}
        if len(data) != 1:
            raise ValueError(f"trials on {len(data)} data sets")
        [(dataset, sha256, _)] = data
        return ModelResults(
            str(found["model"]),
            str(found["protocol"]),
            None if found["parameters"] is None else int(found["parameters"]),
            str(dataset),
            str(sha256),
            trials,
            deterministic,
            chooses,
        )
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
        raise DataError(
            f"{where}: expected trials on one data set, got something else ({message(error)}); "
            "run them: tenfold trials NAME"
        ) from error


def _trial(found: Mapping[str, Any]) -> Result:
    found = figures_today(found)
    wrong_corrected = found.get("wrong_corrected")
    trial = Result(
        seed=int(found["seed"]),
        images=int(found["images"]),
        accuracy=float(found["accuracy"]),
        accuracy_corrected=_maybe(found["accuracy_corrected"]),
        accuracy_without_doubtful=_maybe(found["accuracy_without_doubtful"]),
        train_seconds=float(found["train_seconds"]),
        predict_seconds=float(found["predict_seconds"]),
        wrong=_indices(found["wrong"]),
        wrong_corrected=None if wrong_corrected is None else _indices(wrong_corrected),
        protocol_gain=_maybe(found.get("protocol_gain")),
        loss=_maybe(found.get("loss")),
        epochs=_whole(found.get("epochs")),
        best_epoch=_whole(found.get("best_epoch")),
    )
    if not (0 <= trial.accuracy <= 1 and trial.images > 0 and isfinite(float(found["train_seconds"]))):
        raise ValueError(f"accuracy {trial.accuracy} of {trial.images} images")
    inside = not trial.wrong or 0 <= trial.wrong[0] <= trial.wrong[-1] < trial.images
    if not inside or len(trial.wrong) != round((1 - trial.accuracy) * trial.images):
        raise ValueError(f"{len(trial.wrong)} misread images at an accuracy of {trial.accuracy}")
    known = CORRECTED.keys() if trial.images == 10_000 else set()
    if not known >= set(trial.wrong_corrected or ()):
        raise ValueError(f"images {trial.wrong_corrected}, whose labels are not corrected")
    return trial


def _indices(found: Any) -> tuple[int, ...]:
    if not isinstance(found, list):
        raise ValueError("no list of the images misread")
    return tuple(sorted({int(index) for index in found}))


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)


def _maybe(value: Any) -> float | None:
    return None if value is None else float(value)
