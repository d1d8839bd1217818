"""A model's probabilities for images of its shape, and its doubt."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tenfold.data import SIDE
from tenfold.zoo import Model, NetworkModel, load_model

if TYPE_CHECKING:
    from tenfold.train import Executor

THRESHOLD = 0.5
"""The doubt above which an image is rejected, for models without their own threshold."""

SHIPPED = Path(__file__).parent / "shipped"
"""The folder of the built-in network."""


@dataclass(frozen=True)
class Predictions:
    """A recogniser's results for ``n`` images.

    Attributes
    ----------
    probabilities : float64 (n, k)
        Of each class, given that it is one of them, such as a digit; each row adds up to 1.
    doubt : float64 (n,)
        In 0..1: the probability that the best class is wrong, or that it is none of them.
    """

    probabilities: NDArray[np.float64]
    doubt: NDArray[np.float64]

    @property
    def none(self) -> NDArray[np.float64]:
        """The probability that an image shows none of the classes, such as no digit: float64 (n,), in 0..1.

        It is the part of the doubt that is not about which class: ``1 - doubt = (1 - none) * best``.
        """
        best = self.probabilities.max(axis=1, initial=0.0)
        found: NDArray[np.float64] = np.clip(1 - (1 - self.doubt) / np.maximum(best, 1e-300), 0.0, 1.0)
        return found


@dataclass(frozen=True)
class Recogniser:
    """A model with a threshold of doubt, above which images are rejected.

    Do not train the model afterwards: its executor is created only once.

    Attributes
    ----------
    model : Model
    threshold : float
        In 0..1; an image with a larger doubt is rejected.
    """

    model: Model
    threshold: float = THRESHOLD

    @classmethod
    def of(cls, model: Model) -> Recogniser:
        """Return a recogniser with the model's own threshold, if it has one."""
        calibration = model.calibration if isinstance(model, NetworkModel) else None
        return cls(model) if calibration is None else cls(model, calibration.threshold)

    @property
    def reads_digits(self) -> bool:
        """Whether the model takes grey images of 28 x 28 and knows the ten digits, and so reads pictures."""
        model = self.model
        return not model.class_names and (model.classes, model.input_shape) == (10, (SIDE, SIDE, 1))

    @property
    def refuses(self) -> bool:
        """Whether the model was calibrated to reject images of no digit, such as halves of one."""
        return isinstance(self.model, NetworkModel) and self.model.calibration is not None

    def predict(self, images: NDArray[Any]) -> Predictions:
        """Return probabilities and doubts.

        Parameters
        ----------
        images : uint8 (n, h, w) or (n, h, w, c)
            Of the model's shape; digits are ink high, centred and scaled like MNIST.

        Returns
        -------
        Predictions
        """
        if isinstance(self.model, NetworkModel) and self.model.calibration is not None and len(images):
            from tenfold.zoo.model_input import as_images

            calibration = self.model.calibration
            logits = self._executor.logits(as_images(images, self.model.input_shape)).astype(
                np.float64
            )  # (n, k)
            return Predictions(*calibration.predictions(logits))
        probabilities = self.model.predict_proba(images)  # (n, k)
        return Predictions(probabilities, 1 - probabilities.max(axis=1, initial=0.0))

    @property
    def _executor(self) -> Executor:
        """The network's executor; `predict_proba` would compare all weights first, which takes longer."""
        made = vars(self)  # not a cached_property: in Python 3.11 that holds a lock, even over a fork
        if "_made" not in made:
            made["_made"] = self._new_executor()
        found: Executor = made["_made"]
        return found

    def _new_executor(self) -> Executor:
        from tenfold.nn import OpenSetCrossEntropy
        from tenfold.optim import SGD
        from tenfold.train import executor_for

        return executor_for(self.model.network, OpenSetCrossEntropy(), SGD(0.0))  # type: ignore[attr-defined]


@cache
def shipped() -> Recogniser:
    """Return the built-in network, without training or download.

    Raises
    ------
    CheckpointError
        If its files are missing or damaged.
    """
    return Recogniser.of(load_model(SHIPPED))
