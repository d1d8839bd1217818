"""A network of the zoo, or one of the user's own, as a scikit-learn classifier."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from tenfold.data import SIDE, Dataset
from tenfold.errors import ConfigError, ShapeError
from tenfold.estimator.continuing import ContinuingExecutors
from tenfold.estimator.image_canvas import Size, as_images, as_rows, on_canvas, size_of_row, takes_canvas
from tenfold.estimator.pixel_scale import Scale, learn_scale
from tenfold.estimator.samples import Samples, all_classes, names_of, weighted_samples
from tenfold.estimator.zoo_network import Given, held_out, network_and_recipe, of_one_call
from tenfold.habits import each, keywords
from tenfold.nn import Sequential
from tenfold.train import History, PlainLines, Recipe, fit
from tenfold.train.callbacks import CallbackLike
from tenfold.zoo import NetworkModel


class TenfoldClassifier(ClassifierMixin, BaseEstimator):
    """A network of the zoo, or one of your own, as a scikit-learn classifier.

    Each sample becomes an image, grey or in colour. Bytes are pixels, 0 to 255, of digits ink high. Other
    numbers, all in 0..255, are pixels too, on one scale up to 1, or up to the largest of the training samples
    if that is above 1. If there are numbers outside 0..255, each feature is scaled from its smallest to its
    largest value. All pixels are rounded to 256 levels; values outside the training samples' range are
    clipped. A row becomes the smallest square image that has room for it. For a network of the zoo, a grey
    image below 28 x 28 pixels is enlarged by a whole factor and centred; a larger one, or one in colour,
    stays, and the network's layers take its size.

    Parameters
    ----------
    network : str, Sequential, NetworkModel or callable
        A network's name in the zoo, see `tenfold.models`; your own network, of which a new one with new
        weights is trained; or a function ``build(classes, input_shape)`` that returns it, for images (h, w,
        c). The layers take the size of the images, and the last one gets an output for each class. A network
        without a recipe has that of ``Recipe(10)``.
    epochs : int, optional
        Passes over the training samples; the default of this and the next options is the recipe's value.
    batch_size : int, optional
        Samples in a minibatch.
    learning_rate : float, optional
        Of the optimiser; the recipe's schedule multiplies it.
    validation_fraction : float, optional
        The share of the samples that is held out for the recipe's choices: the best epoch, when to stop. By
        default a sixth, if the recipe makes choices. With 0, there are no choices: all samples are used in
        all epochs, and the last weights are kept.
    class_weight : "balanced", dict or None
        A factor for the loss of the samples of each class, by its label; classes that are not named have 1.
        "balanced" makes each class count as much as the others, however many samples it has.
    callbacks : sequence of Callback or function, optional
        As in `tenfold.fit`: told after each epoch, and may stop the training.
    warm_start : bool
        Whether `fit` continues with the weights and the scale of the last `fit`.
    random_state : int, RandomState instance or None
        For initial weights, order, dropout and the held-out samples. The same number gives the same bits
        on any number of cores.
    verbose : bool
        Whether to write a line for each epoch to stderr.

    Attributes
    ----------
    classes_ : array (k,)
        The labels, sorted.
    n_features_in_ : int
        Numbers in a sample: 784 for images of 28 x 28, 3072 for colour images of 32 x 32.
    feature_names_in_ : array of str
        The columns' names, if the training samples were a data frame with names.
    model_ : NetworkModel
        The trained network, to be saved or exported.
    history_ : list of dict
        The figures of each epoch: loss, accuracy, learning rate and so on.
    n_iter_ : int
        How many epochs were done.
    image_size_ : tuple of int
        Height and width of a sample's image; of one in colour, also its channels.
    scale_ : Bytes or Range
        The scale from a sample's numbers to pixels.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.model_selection import train_test_split
    >>> images, labels = load_digits(return_X_y=True)  # (1797, 64), 0 to 16
    >>> train, test, train_labels, test_labels = train_test_split(images, labels, random_state=0)
    >>> classifier = TenfoldClassifier("nn2l", epochs=10, random_state=0).fit(train, train_labels)
    >>> bool(classifier.score(test, test_labels) > 0.9)
    True
    """

    classes_: NDArray[Any]
    model_: NetworkModel
    scale_: Scale
    image_size_: Size

    @keywords(
        each(
            {
                "lr learning_rate_init": "write learning_rate=1e-3",
                "max_iter n_epochs max_epochs": "write epochs=20",
                "hidden_layer_sizes activation": "give a network: TenfoldClassifier(network)",
                "solver optimizer loss alpha": "give a model: TenfoldClassifier(tenfold.Model(network, ...))",
                "validation_split": "write validation_fraction=0.1",
                "early_stopping": "write validation_fraction=0.1: the recipe says when to stop",
                "seed": "write random_state=0",
                "n_jobs device": "leave it out",
                "model": "write TenfoldClassifier('lenet5')",
            }
        )
    )
    def __init__(
        self,
        network: Given = "lenet5",
        *,
        epochs: int | None = None,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        validation_fraction: float | None = None,
        class_weight: Literal["balanced"] | Mapping[Any, float] | None = None,
        callbacks: Sequence[CallbackLike] | None = None,
        warm_start: bool = False,
        random_state: int | np.random.RandomState | None = None,
        verbose: bool = False,
    ) -> None:
        self.network = network
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.validation_fraction = validation_fraction
        self.class_weight = class_weight
        self.callbacks = callbacks
        self.warm_start = warm_start
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> TenfoldClassifier:
        """Train.

        Parameters
        ----------
        X : array or data frame (n, features), array (n, h, w) or (n, h, w, c), or list of images
        y : array (n,)
            Labels of any kind, of at least two classes.
        sample_weight : array (n,), optional
            A factor for the loss of each sample, at least 0. Only the ratios count: together with
            ``class_weight`` the factors are scaled to a mean of 1. A sample with 0 is left out.

        Returns
        -------
        TenfoldClassifier
            Itself.

        Raises
        ------
        ConfigError, RangeError, ShapeError
            If a parameter, the samples or the labels cannot be used.
        DivergedError
            If the loss is no longer finite.
        """
        goes_on = self.warm_start and hasattr(self, "model_")
        samples = self._training_samples(X, y, sample_weight, reset=not goes_on)
        classes = np.unique(samples.y)
        if len(classes) < 2:
            raise ConfigError(
                f"expected at least 2 classes, got 1 class, {classes[0]}; add samples of another"
                f"{'' if sample_weight is None and self.class_weight is None else ' with a weight above 0'}"
            )
        model, recipe = self._model(samples.size, classes)
        if self.validation_fraction == 0:
            recipe = recipe.without_choices()
        if goes_on:
            self._copy_weights(model.network, classes)
        scale = self.scale_ if goes_on else learn_scale(samples.rows)
        seed = _seed(self.random_state)
        train, validation = held_out(
            self._dataset(samples, scale, classes), recipe, self.validation_fraction, seed
        )
        history = self._train(model.network, recipe, train, validation, seed, initialise=not goes_on)
        self.classes_, self.image_size_, self.scale_ = classes, samples.size, scale
        self.model_ = NetworkModel(model.name, model.network, recipe)
        self.model_.class_names = names_of(classes)
        self.history_, self.n_iter_ = history.to_dicts(), len(history)
        return self

    def partial_fit(
        self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None
    ) -> TenfoldClassifier:
        """Train one epoch on these samples, from where the last call ended.

        The learning rate is constant, no sample is held out for choices, and the optimiser keeps its state.
        The scale from numbers to pixels is that of the first call: give it samples with the whole range.
        A call with fewer samples than a minibatch is one minibatch.

        Parameters
        ----------
        X, y, sample_weight : as in `fit`
            A call may lack samples of some classes.
        classes : array (k,), optional
            All labels that will come; needed in the first call.

        Returns
        -------
        TenfoldClassifier
            Itself.

        Raises
        ------
        ConfigError, RangeError, ShapeError
            If classes are missing or differ from those of the first call, a label is not among them, or the
            samples cannot be used.
        DivergedError
            If the loss is no longer finite.
        """
        first = not hasattr(self, "model_")
        samples = self._training_samples(X, y, sample_weight, reset=first)
        known = all_classes(None if first else self.classes_, classes, samples.y)
        built, recipe = self._model(samples.size, known)
        scale = learn_scale(samples.rows) if first else self.scale_
        done, rows = (0, []) if first else (self.n_iter_, self.history_)
        model = built if first else self.model_
        seed = (_seed(self.random_state) + done) % 2**31  # other draws in each call
        train = self._dataset(samples, scale, known)
        recipe = of_one_call(recipe, len(train), model.network.least_images)
        history = self._train(model.network, recipe, train, None, seed, initialise=first, continues=True)
        self.classes_, self.image_size_, self.scale_ = known, samples.size, scale
        self.model_ = NetworkModel(model.name, model.network, recipe)
        self.model_.class_names = names_of(known)
        self.n_iter_ = done + 1
        self.history_ = [*rows, *(row | {"epoch": self.n_iter_} for row in history.to_dicts())]
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the probability of each class, float64 (n, k), in the order of ``classes_``.

        Parameters
        ----------
        X : as in `fit`

        Raises
        ------
        ShapeError, RangeError
            If the samples differ in kind from the training samples.
        """
        check_is_fitted(self, "model_")  # a fit that failed has left other attributes
        rows, size = as_rows(X)
        rows = validate_data(self, rows, reset=False)
        self._check_same_size(size)
        return self.model_.predict_proba(self._images(self.scale_.pixels(rows), self.image_size_))

    def predict_log_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the logarithms of `predict_proba`; minus infinity where a probability is 0."""
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the likeliest label of each sample, shape (n,); of equals, the first."""
        best = self.predict_proba(X).argmax(axis=1)
        return np.asarray(self.classes_[best])

    def _training_samples(self, X: Any, y: Any, sample_weight: Any, *, reset: bool) -> Samples:
        rows, size = as_rows(X)
        rows, y = validate_data(self, rows, y, reset=reset)
        check_classification_targets(y)
        if not reset:
            self._check_same_size(size)
        whole = (size or size_of_row(rows.shape[1])) if reset else self.image_size_
        return weighted_samples(rows, whole, y, sample_weight, self.class_weight)

    def _model(self, size: Size, classes: NDArray[Any]) -> tuple[NetworkModel, Recipe]:
        h, w, *c = size if self._takes_own_size(size) else (SIDE, SIDE)
        return network_and_recipe(
            self.network, len(classes), (h, w, *(c or [1])), self.epochs, self.batch_size, self.learning_rate
        )

    def _dataset(self, samples: Samples, scale: Scale, classes: NDArray[Any]) -> Dataset:
        images = self._images(scale.pixels(samples.rows), samples.size)
        labels = np.searchsorted(classes, samples.y)
        weights = None if samples.weights is None else samples.weights.astype(np.float32)
        return Dataset(images, labels, "samples", len(classes), weights=weights)

    def _takes_own_size(self, size: Size) -> bool:
        """Return whether the network takes the images as they are, not on 28 x 28 pixels."""
        return not isinstance(self.network, str) or not takes_canvas(size)

    def _images(self, rows: NDArray[np.uint8], size: Size) -> NDArray[np.uint8]:
        images = as_images(rows, size)
        return images if self._takes_own_size(size) else on_canvas(images)

    def _check_same_size(self, size: Size | None) -> None:
        """Refuse images of another size than the training images; rows have no size."""
        if size is not None and size != self.image_size_:
            raise ShapeError(f"expected images of {self.image_size_}, as in fit, got {size}; resize them")

    def _copy_weights(self, network: Sequential, classes: NDArray[Any]) -> None:
        """Copy the weights of the last fit into a network."""
        same = network.config() == self.model_.network.config()
        if not same or not np.array_equal(classes, self.classes_):
            raise ConfigError(
                f"warm_start: expected the network {self.model_.name!r} and the classes of the last fit, "
                f"{self.classes_}, got {self.network!r} and {classes}; set warm_start=False"
            )
        network.load(self.model_.network.params, self.model_.network.state)

    def _train(
        self,
        network: Sequential,
        recipe: Recipe,
        train: Dataset,
        validation: Dataset | None,
        seed: int,
        *,
        initialise: bool,
        continues: bool = False,
    ) -> History:
        executors = ContinuingExecutors(getattr(self, "_optimizer_state", None) if continues else None)
        history = fit(
            network,
            recipe,
            train,
            validation,
            seed=seed,
            callbacks=self.callbacks or (),
            progress=PlainLines(sys.stderr) if self.verbose else None,
            executor=executors,
            initialise=initialise,
        )
        self._optimizer_state = executors.state
        return history

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags


def _seed(random_state: int | np.random.RandomState | None) -> int:
    """Return the seed of a training; without a state a new one, not from NumPy's global generator."""
    if random_state is None:
        return int(np.random.default_rng().integers(2**31 - 1))
    return int(check_random_state(random_state).randint(2**31 - 1))
