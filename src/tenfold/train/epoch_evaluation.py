"""The evaluation after an epoch: on the held-out images, and on watched images."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from tenfold.data import Dataset
from tenfold.errors import ConfigError
from tenfold.nn import Loss
from tenfold.quoting import quoted
from tenfold.train.definition import ignore_float_warnings
from tenfold.train.executor import Executor, HostArray
from tenfold.train.history import EpochMetrics, HeldOut
from tenfold.train.progress import Progress

TRAIN = "train"
"""The name of the training images among the watched ones."""

_AT_ONCE = 2000  # images between two checks for signals: about a second in the largest networks
_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")


class EpochEvaluator:
    """Evaluates a network on images, a part at a time; the results do not depend on the parts.

    Parameters
    ----------
    executor : Executor
    loss : Loss
    progress : Progress
        It gets the logits, for callbacks.
    between : callable
        Called between two parts; an error that it raises ends the evaluation.
    """

    def __init__(
        self, executor: Executor, loss: Loss, progress: Progress, between: Callable[[], None]
    ) -> None:
        self._executor, self._loss = executor, loss
        self._progress, self._between = progress, between

    def validation(self, data: Dataset | None) -> tuple[float | None, float | None]:
        """Return accuracy and loss on the held-out images; None for both without any."""
        if data is None:
            return None, None
        self._progress.held_out_logits = logits = self._logits(data)
        return self._figures(logits, data.labels)

    def watched(self, watch: Mapping[str, Dataset]) -> tuple[dict[str, EpochMetrics], float]:
        """Return accuracy and loss on watched images by name, and the seconds that this took."""
        if not watch:
            return {}, 0.0
        began, found = time.perf_counter(), {}
        for name, data in watch.items():
            self._progress.watched_logits[name] = logits = self._logits(data)
            accuracy, loss = self._figures(logits, data.labels)
            found[name] = EpochMetrics(accuracy, loss if np.isfinite(loss) else None)
        return found, time.perf_counter() - began

    def _logits(self, data: Dataset) -> HostArray:
        parts: list[HostArray] = []
        for at in range(0, len(data), _AT_ONCE):
            if parts:
                self._between()
            parts.append(self._executor.logits(data.take(slice(at, at + _AT_ONCE))))
        return np.concatenate(parts).astype(np.float64)  # (n, k)

    def _figures(self, logits: HostArray, labels: HostArray) -> tuple[float, float]:
        """Return accuracy and mean loss, which may not be finite."""
        accuracy = float(np.mean(self._loss.answers(logits) == labels))
        with ignore_float_warnings():
            return accuracy, float(self._loss.forward(logits, labels)[0])


def watched_datasets(
    watch: Mapping[str, Dataset] | None,
    train: Dataset,
    validation: Dataset | None,
    held_out: HeldOut,
    *,
    evaluate_train: bool,
) -> Mapping[str, Dataset]:
    """Return the images to watch by name, with the training images if they are to be evaluated.

    Raises
    ------
    ConfigError
        If a name cannot be a column's, or other images of the run have it.
    """
    watch = dict(watch or {})
    for name in watch:
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise ConfigError(
                f"watch: expected names of small letters, digits and hyphens, got {quoted(name)}; "
                "use one like test"
            )
        if name == TRAIN:
            raise ConfigError("watch: expected a name other than 'train'; use evaluate_train=True instead")
        if validation is not None and name == held_out:
            raise ConfigError(
                f"watch: expected a name other than {name!r}, the name of the held-out images; "
                "these are evaluated after each epoch anyway"
            )
    own = {TRAIN: train} if evaluate_train else {}
    return MappingProxyType(own | watch)


def watched_test_notice(watch: Mapping[str, Dataset], protocol: str) -> str | None:
    """Return the notice for test images that are watched under the honest protocol; otherwise None."""
    if "test" not in watch or protocol != "honest":
        return None
    return (
        "test images are watched: they are evaluated after each epoch, not once at the end; no choice of the "
        "run depends on them"
    )
