"""A network of the zoo, or one of the user's own, as a scikit-learn classifier."""

from __future__ import annotations

import sys
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from tenfold.data import SIDE, Dataset
from tenfold.errors import ConfigError, ShapeError
from tenfold.estimator.image_canvas import Size, as_images, as_rows, on_canvas, size_of_row, takes_canvas
from tenfold.estimator.pixel_scale import Scale, learn_scale
from tenfold.estimator.zoo_network import Given, held_out, network_and_recipe
from tenfold.nn import Sequential
from tenfold.train import History, PlainLines, Recipe, executor_for, fit
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

    def __init__(
        self,
        network: Given = "lenet5",
        *,
        epochs: int | None = None,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        validation_fraction: float | None = None,
        warm_start: bool = False,
        random_state: int | np.random.RandomState | None = None,
        verbose: bool = False,
    ) -> None:
        self.network = network
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.validation_fraction = validation_fraction
        self.warm_start = warm_start
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X: Any, y: Any) -> TenfoldClassifier:
        """Train.

        Parameters
        ----------
        X : array or data frame (n, features), array (n, h, w) or (n, h, w, c), or list of images
        y : array (n,)
            Labels of any kind, of at least two classes.

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
        rows, size, y = self._training_samples(X, y, reset=not goes_on)
        classes, labels = np.unique(y, return_inverse=True)
        if len(classes) < 2:
            raise ConfigError(
                f"expected at least 2 classes, got 1 class, {classes[0]}; add samples of another"
            )
        own = self._takes_own_size(size)
        h, w, *c = size if own else (SIDE, SIDE)
        model, recipe = network_and_recipe(
            self.network, len(classes), (h, w, *(c or [1])), self.epochs, self.batch_size, self.learning_rate
        )
        network = model.network
        if self.validation_fraction == 0:
            recipe = recipe.without_choices()
        if goes_on:
            self._copy_weights(network, classes)
        scale = self.scale_ if goes_on else learn_scale(rows)
        data = Dataset(self._images(scale.pixels(rows), size), labels, "samples", len(classes))
        history = self._train(network, recipe, data, initialise=not goes_on)
        self.classes_, self.image_size_, self.scale_ = classes, size, scale
        self.model_ = NetworkModel(model.name, network, recipe)
        self.history_, self.n_iter_ = history.to_dicts(), len(history)
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
        check_is_fitted(self)
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

    def _training_samples(self, X: Any, y: Any, *, reset: bool) -> tuple[NDArray[Any], Size, NDArray[Any]]:
        rows, size = as_rows(X)
        rows, y = validate_data(self, rows, y, reset=reset)
        check_classification_targets(y)
        if reset:
            return rows, size or size_of_row(rows.shape[1]), y
        self._check_same_size(size)
        return rows, self.image_size_, y

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

    def _train(self, network: Sequential, recipe: Recipe, data: Dataset, *, initialise: bool) -> History:
        seed = _seed(self.random_state)
        train, validation = held_out(data, recipe, self.validation_fraction, seed)
        return fit(
            network,
            recipe,
            train,
            validation,
            seed=seed,
            progress=PlainLines(sys.stderr) if self.verbose else None,
            executor=partial(executor_for, deterministic=True),  # the same bits however many jobs there are
            initialise=initialise,
        )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags


def _seed(random_state: int | np.random.RandomState | None) -> int:
    """Return the seed of a training; without a state a new one, not from NumPy's global generator."""
    if random_state is None:
        return int(np.random.default_rng().integers(2**31 - 1))
    return int(check_random_state(random_state).randint(2**31 - 1))
