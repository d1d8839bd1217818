"""What a network of the user's own answers in Python, trained or not: figures, tables, pictures."""

from __future__ import annotations

from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenfold import zoo
from tenfold.data import TTA, Dataset, as_pixels, check_tta
from tenfold.errors import ConfigError
from tenfold.habits import NotHere, keywords, no_attribute, refusing
from tenfold.nn.checks import TOLERANCE
from tenfold.quoting import quoted
from tenfold.runs.arguments import Data, labelled
from tenfold.runs.examples import Examples, Which, examples_of
from tenfold.runs.habits import ASK_OPTIONS, MODEL_NAMES
from tenfold.runs.summary import Summary

if TYPE_CHECKING:
    from tenfold.evaluate import Evaluation


class NetworkFace(zoo.NetworkModel):
    """A network with its recipe, and what can be asked of it.

    Attributes
    ----------
    class_names : tuple of str
        The names of the classes that it was trained on; empty if they have none.
    """

    class_names: tuple[str, ...] = ()

    if not TYPE_CHECKING:  # a type checker knows what there is
        load = NotHere("write tenfold.load_model(folder)")
        open = NotHere("write tenfold.load_model(folder)")

        def __getattr__(self, name: str) -> Any:
            raise no_attribute(self, name, MODEL_NAMES, dir(type(self)))

        __call__ = refusing("expected a method, got a call of the model; write model.predict(images)")

    @keywords(ASK_OPTIONS, example="model.logits(images)")
    def logits(self, images: ArrayLike | Dataset) -> NDArray[np.float64]:
        """Return the network's outputs, float64 ``(n, k)``, for images that `predict_proba` takes."""
        return super().logits(_images(images))

    @keywords(ASK_OPTIONS, example="model.predict_proba(images)")
    def predict_proba(self, images: ArrayLike | Dataset, *, tta: TTA | None = None) -> NDArray[np.float64]:
        """Return the probability of each class.

        Parameters
        ----------
        images : array, list, DataFrame or Dataset
            (n, h, w), (n, h, w, c), or (n, pixels) of square grey images: from 0 to 255, or floats from 0
            to 1.
        tta : TTA, optional
            Test-time augmentation: the mean over shifted copies of each image, see `tenfold.data.TTA`.

        Returns
        -------
        float64 (n, k)
            Each row adds up to 1.
        """
        given = _images(images)
        asked = check_tta(tta)
        return super().predict_proba(given) if asked is None else asked.mean(super().predict_proba, given)

    @keywords(ASK_OPTIONS, example="model.predict(images)")
    def predict(self, images: ArrayLike | Dataset, *, tta: TTA | None = None) -> NDArray[np.int64]:
        """Return the likeliest class of each image, int64 ``(n,)``, counted from 0; ``tta`` as above."""
        return np.asarray(np.argmax(self.predict_proba(images, tta=tta), axis=1), np.int64)

    @keywords(ASK_OPTIONS, example="model.evaluate(images, labels)")
    def evaluate(self, data: Data, labels: ArrayLike | None = None, *, tta: TTA | None = None) -> Evaluation:
        """Evaluate the network on images with labels.

        Parameters
        ----------
        data : Dataset, Corpus, str, path, or array
            Data with labels (of a corpus the test images), or images for ``labels``.
        labels : array, optional
        tta : TTA, optional
            Test-time augmentation, see `tenfold.data.TTA`.

        Examples
        --------
        >>> import tenfold
        >>> model = tenfold.build("nn1l")
        >>> model.network.initialise(0)
        >>> model.evaluate(np.zeros((2, 28, 28), np.uint8), [3, 8]).scores.share.images
        2
        """
        from tenfold.evaluate import Run, evaluate

        images = labelled(data, labels, self)
        predictor = partial(self.predict_proba, tta=check_tta(tta))
        return evaluate(predictor, images, Run(self.name, parameters=self.n_parameters))

    @keywords(ASK_OPTIONS, example="model.score(images, labels)")
    def score(self, data: Data, labels: ArrayLike | None = None, *, tta: TTA | None = None) -> float:
        """Return the accuracy on images with labels, 0 to 1; as for `evaluate`."""
        images = labelled(data, labels, self)
        return float((self.predict(images, tta=tta) == images.labels).mean())

    @keywords(ASK_OPTIONS)
    def examples(
        self,
        which: Which = "worst",
        data: Data | None = None,
        labels: ArrayLike | None = None,
        *,
        n: int = 16,
    ) -> Examples:
        """Return the worst, best or least certain predictions, with their images; see `Examples`."""
        images = labelled(data, labels, self)
        return examples_of(images, self.predict_proba(images), which, n)

    def summary(self) -> Summary:
        """Return the layers as a table: ``print(model.summary())``."""
        return Summary(self.name, tuple(self.rows()))

    def _repr_html_(self) -> str:
        return self.summary()._repr_html_()


def _images(images: ArrayLike | Dataset) -> NDArray[Any]:
    """Return images as an array; lists, data frames and rows of pixels are converted."""
    if isinstance(images, Dataset):
        return images.images
    if isinstance(images, (str, PurePath)):
        raise ConfigError(
            f"images: expected an array, got {quoted(images)}; write tenfold.load_corpus(...).test.images, "
            f"or on the command line: tenfold predict {images} --run RUN"
        )
    if not isinstance(images, np.ndarray) or images.ndim == 2:
        return as_pixels(images)
    from_0_to_255 = images.dtype.kind == "f" and images.size > 0 and float(images.max()) > 1 + TOLERANCE
    return as_pixels(images) if from_0_to_255 else images  # bytes, and floats from 0 to 1
