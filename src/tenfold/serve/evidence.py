"""Which ink speaks for an answer: what the network says when parts of the image are erased."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tenfold.data import SIDE
from tenfold.predict.recogniser import Predictions, Recogniser

_SIZE, _STEP = 7, 3  # pixels; (28 - 7) / 3 + 1 = 8 windows a side
_CORNERS = range(0, SIDE - _SIZE + 1, _STEP)
_WINDOWS = [np.s_[top : top + _SIZE, left : left + _SIZE] for top in _CORNERS for left in _CORNERS]
_COVERED = np.zeros((SIDE, SIDE))  # by how many windows a pixel is covered
for _window in _WINDOWS:
    _COVERED[_window] += 1
_LEAST = 1e-9  # a probability below this counts as this
_DECIMALS = 3


def evidence(recogniser: Recogniser, images: NDArray[np.uint8], found: Predictions) -> NDArray[np.float64]:
    """Return how much each pixel speaks for the likeliest digit: (n, 28, 28) in -1..1.

    Windows of 7 x 7 pixels are erased one after the other. Where the logarithm of the digit's probability
    falls, the ink there speaks for the digit; where it rises, against it. A pixel with ink has the mean of
    its windows, a pixel without ink 0; the largest of an image is 1 or -1.

    Parameters
    ----------
    recogniser : Recogniser
    images : uint8 (n, 28, 28)
    found : Predictions
        Of these images.

    References
    ----------
    M. Zeiler, R. Fergus, "Visualizing and Understanding Convolutional Networks" (2014), arXiv:1311.2901,
    section 4.2.
    """
    digit = found.probabilities.argmax(axis=1)  # (n,)
    before = _score(found, digit)
    sums = np.zeros(images.shape)
    erased, of, windows = [], [], []
    for i, image in enumerate(images):
        for window in _WINDOWS:
            if image[window].any():
                erased.append(image.copy())
                erased[-1][window] = 0
                of.append(i)
                windows.append(window)
    if erased:
        after = _score(recogniser.predict(np.stack(erased)), digit[of])
        for i, window, fall in zip(of, windows, before[of] - after, strict=True):
            sums[i][window] += fall
    means = np.where(images > 0, sums / _COVERED, 0.0)
    most = np.abs(means).max(axis=(1, 2), keepdims=True, initial=0.0)
    return np.asarray(np.round(means / np.where(most > 0, most, 1), _DECIMALS))


def _score(found: Predictions, digit: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return the logarithm of the probability that an image shows this digit, for each image."""
    p = found.probabilities[np.arange(len(digit)), digit] * (1 - found.none)
    return np.asarray(np.log(np.maximum(p, _LEAST)))
