"""Networks with the interface of the zoo."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from tenfold import checkpoint
from tenfold.backend.arrays import Array, to_numpy
from tenfold.data import Augmenter, Dataset
from tenfold.errors import ConfigError, ShapeError
from tenfold.habits import keywords
from tenfold.nn import OpenSetCrossEntropy, Sequential, Tanh, softmax
from tenfold.train import Recipe, executor_for, fit
from tenfold.zoo.adapted import adapted
from tenfold.zoo.cached_executor import CachedExecutor
from tenfold.zoo.model import Model
from tenfold.zoo.model_input import as_images, named, shape_words
from tenfold.zoo.open_set import OpenSetCalibration
from tenfold.zoo.protocols import hold_out

if TYPE_CHECKING:
    from tenfold.checkpoint import RunLock
    from tenfold.nn import LayerRow
    from tenfold.train import Callback, CheckpointEvery, HeldOut, History
    from tenfold.train.executor import ExecutorFactory

SMALL = 0.05  # smaller outputs are not used as probabilities directly


class NetworkModel(Model):
    """A network with its recipe.

    Parameters
    ----------
    name : str
        Name in the zoo, or your own.
    network : Sequential
        Takes images (h, w, c), of digits (28, 28, 1); gives (k,), a number for each class.
    recipe : Recipe, optional
        How to train it; not needed to predict.
    calibration : OpenSetCalibration, optional
        Temperature and threshold, for a network that was trained to reject images without a digit.
    """

    family: ClassVar[str] = "network"

    def __init__(
        self,
        name: str,
        network: Sequential,
        recipe: Recipe | None = None,
        calibration: OpenSetCalibration | None = None,
    ) -> None:
        super().__init__(name)
        self.network = network
        self.recipe = recipe
        self.without_recipe = ""  # the reason, where it is not simply missing
        self.calibration = calibration
        self._executor = CachedExecutor()

    @property
    def n_parameters(self) -> int:
        """Trainable numbers."""
        return self.network.n_parameters

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Height, width and channels of its images."""
        return self.network.input_shape

    @property
    def classes(self) -> int:
        """The number of its classes."""
        return self.network.output_shape[-1]

    def adapted(self, classes: int, input_shape: tuple[int, ...]) -> Self:
        """Return the untrained network for other classes and images; see `Model.adapted`."""
        with naming(self.name):
            network = adapted(self.network, classes, input_shape)
        if network is self.network:
            return self
        if self.recipe is not None and _for_digits_only(self.recipe):
            raise ConfigError(
                f"{self.name}: expected digits of 28 x 28, the only ones that its augmentation draws, got "
                f"{classes} classes of {shape_words(input_shape)}; use another network"
            )
        return type(self)(self.name, network, self.recipe)

    def fit(
        self,
        train: Dataset,
        *,
        validation: Dataset | None = None,
        seed: int = 0,
        out: Path | str | None = None,
        lock: RunLock | None = None,
        resume: bool = False,
        held_out: HeldOut = "validation",
        watch: Mapping[str, Dataset] | None = None,
        evaluate_train: bool = False,
        callbacks: Sequence[Callback] = (),
        checkpoints: CheckpointEvery | None = None,
        initialise: bool = True,
        executor: ExecutorFactory = executor_for,
    ) -> History:
        """Train by the recipe.

        A network with the loss `OpenSetCrossEntropy` gets the temperature 1 and the threshold 0.5 if it has
        no calibration; `tenfold.predict.calibrating.calibrate` chooses better ones.

        Parameters
        ----------
        train : Dataset
        validation : Dataset, optional
            Images for the recipe's choices. If they are missing and the recipe makes choices, a sixth of
            ``train`` is held out, stratified by class.
        seed : int
            For initialisation, order and all other random numbers; the same seed gives the same bits.
        out : path, optional
            Folder for checkpoints.
        lock, resume, held_out, watch, evaluate_train, callbacks, checkpoints, initialise, executor : optional
            As in `tenfold.fit`.

        Returns
        -------
        History
            One row for each epoch.

        Raises
        ------
        ConfigError, DivergedError, CheckpointError, BusyError
            If there is no recipe, the loss is no longer finite, or the folder cannot be used.
        """
        recipe = self.known_recipe()
        if validation is None and self.chooses:
            train, validation = hold_out(train, seed)
        history = fit(
            self.network,
            recipe,
            train,
            validation,
            seed=seed,
            out=out,
            lock=lock,
            resume=resume,
            held_out=held_out,
            watch=watch,
            evaluate_train=evaluate_train,
            callbacks=callbacks,
            checkpoints=checkpoints,
            initialise=initialise,
            executor=executor,
        )
        self.class_names = named(train)
        if self.calibration is None and isinstance(recipe.loss, OpenSetCrossEntropy):
            self.calibration = OpenSetCalibration(temperature=1.0, threshold=0.5)
        return history

    def known_recipe(self) -> Recipe:
        """Return the recipe.

        Raises
        ------
        ConfigError
            If there is none.
        """
        if self.recipe is None:
            why = self.without_recipe or "pass recipe=Recipe(...)"
            raise ConfigError(f"{self.name}: expected a recipe, found none; {why}")
        return self.recipe

    @property
    def chooses(self) -> bool:
        """Whether the recipe makes a choice that needs images of its own."""
        return self.recipe is not None and self.recipe.validates

    def predict_proba(self, images: NDArray[Any]) -> NDArray[np.float64]:
        """Return the probability of each class, float64 ``(n, k)``; see `Model.predict_proba`."""
        outputs = self.logits(images)  # (n, k)
        if self.calibration is not None:
            return self.calibration.probabilities(outputs)
        *_, last = self.network.layers.values()
        if isinstance(last, Tanh):  # bounded: fitted to one-hot labels, and not logits
            return indicator_probabilities(outputs)
        probabilities: NDArray[np.float64] = softmax(outputs)
        return probabilities

    def logits(self, images: NDArray[Any]) -> NDArray[np.float64]:
        """Return the network's outputs, float64 ``(n, k)``, for images that `predict_proba` takes."""
        images = as_images(images, self.input_shape)
        if len(images) == 0:
            return np.zeros((0, *self.network.output_shape))
        outputs = self._executor.logits(self.network, images)
        return np.asarray(outputs, dtype=np.float64)

    def rows(self) -> list[LayerRow]:
        """Return a row for each layer."""
        return self.network.rows()

    @keywords(example="model.save('models/mine')")
    def save(self, folder: Path | str) -> Path:
        """Write weights and architecture to a new folder; see `Model.save`."""
        header, tensors = self.saved()
        return checkpoint.save(Path(folder), tensors, self.header() | header)

    def saved(self) -> tuple[dict[str, Any], dict[str, Mapping[str, NDArray[Any]]]]:
        """Return the content that `save` writes: a header of JSON values, and named arrays by file.

        Raises
        ------
        ConfigError
            If the network has no values yet.
        """
        if self.network.dtype is None:
            raise ConfigError(
                f"{self.name}: expected a trained network, got one without values; call fit first"
            )
        header: dict[str, Any] = {"network": self.network.config()}
        if self.calibration is not None:
            header["calibration"] = self.calibration.to_dict()
        tensors: dict[str, Mapping[str, NDArray[Any]]] = {"weights": _on_host(self.network.params)}
        if self.network.state:
            tensors["statistics"] = _on_host(self.network.state)
        return header, tensors


def _on_host(arrays: Mapping[str, Array]) -> dict[str, NDArray[Any]]:
    return {name: to_numpy(array) for name, array in arrays.items()}


@contextmanager
def naming(model: str) -> Iterator[None]:
    """In a ``with`` block, errors of a network's layers name the model."""
    try:
        yield
    except (ConfigError, ShapeError) as error:
        raise type(error)(f"{model}: {error}") from error


def _for_digits_only(recipe: Recipe) -> bool:
    """Return whether a recipe draws digits, or trains to reject images without one."""
    augmentation = recipe.augmentation
    drawn = isinstance(augmentation, Augmenter) and augmentation.digits_only
    return drawn or isinstance(recipe.loss, OpenSetCrossEntropy)


def indicator_probabilities(outputs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return probabilities from outputs that were fitted to one-hot labels by squared error.

    The least squared error is at the probabilities. Outputs below 0.05 are replaced by an exponential with
    the same slope there, so that they stay positive; then all are divided by their sum. The order of the
    outputs does not change.

    Parameters
    ----------
    outputs : float64 array, shape (n, k)
        At least one of each row not far below 0, as for rows that add up to 1 or outputs of a tanh.

    Returns
    -------
    float64 array, shape (n, k)

    Examples
    --------
    >>> indicator_probabilities(np.array([[0.8, 0.2, -1.0]])).round(3)
    array([[0.8, 0.2, 0. ]])
    """
    tail = SMALL * np.exp(np.minimum(outputs, SMALL) / SMALL - 1)
    positive = np.where(outputs > SMALL, outputs, tail)
    probabilities: NDArray[np.float64] = positive / positive.sum(axis=1, keepdims=True)
    return probabilities
