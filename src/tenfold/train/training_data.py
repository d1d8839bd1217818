"""Training images and labels on the device of the parameters, whichever that is."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np

from tenfold.backend.arrays import Array, asarray_like, namespace, to_numpy
from tenfold.nn import Sequential
from tenfold.nn.losses import labels_within
from tenfold.train.executor import HostArray


@dataclass(frozen=True)
class TrainingData:
    """Images and labels that stay where the network computes, so that only the order is sent for each part.

    Attributes
    ----------
    host : (array, array, array or None)
        Images, labels and the images' weights as they were given.
    arrays : list of array
        The same on the device of the parameters, without weights if there are none. Bytes stay bytes.
    low, high : int
        The least and the largest label.
    """

    host: tuple[HostArray, HostArray, HostArray | None]
    arrays: list[Array]
    low: int
    high: int

    def beside(
        self, network: Sequential, images: HostArray, labels: HostArray, weights: HostArray | None
    ) -> TrainingData:
        """Return these data if they are what is given; otherwise send what is given to the network."""
        given, there = (images, labels, weights), self.arrays[0]
        like = next(iter(network.params.values()), images)
        here = all(one is other for one, other in zip(given, self.host, strict=True))
        if here and namespace(like) is namespace(there) and like.device == there.device:
            return self
        arrays = [asarray_like(array, like) for array in given if array is not None]
        return TrainingData(given, arrays, int(labels.min()), int(labels.max()))

    @property
    def on_host(self) -> bool:
        """Whether the arrays are NumPy's, so that to look at a number takes no time."""
        return isinstance(self.arrays[0], np.ndarray)

    def places(self, order: HostArray) -> Array:
        """Return the order on the device of the images."""
        return asarray_like(order, self.arrays[0])

    def minibatch(self, places: Array) -> list[Array]:
        """Return the images, the labels and, if there are any, the weights at some places."""
        return [namespace(array).take(array, places, axis=0) for array in self.arrays]

    def known_labels(self, labels: Array) -> AbstractContextManager[None]:
        """Return a context in which losses know the range of these labels, which are some of all."""
        return labels_within(labels, self.low, self.high)

    def correct(self, answers: Sequence[Array], order: HostArray) -> HostArray:
        """Return how many answers were right in each minibatch; those on a device are read at once."""
        sizes = [answer.shape[0] for answer in answers]
        if not sizes:
            return np.zeros(0, np.int64)
        given = to_numpy(answers[0] if len(answers) == 1 else namespace(*answers).concat(answers))
        right = given == self.host[1][order[: len(given)]]
        return np.add.reduceat(right, np.cumsum([0, *sizes[:-1]]), dtype=np.int64)


_NOTHING = np.zeros((0, 0, 0), np.uint8), np.zeros(0, np.int64)
NO_DATA = TrainingData((*_NOTHING, None), [*_NOTHING], 0, 0)
